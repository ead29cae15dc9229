"use strict";
// A link to a value opens its evidence, also in browsers that do not do so by themselves, and a value that is opened
// puts its own address in the address bar; printing opens all.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = target && target.closest("details");
  if (details && !details.open) {
    details.open = true;
    target.scrollIntoView({ block: "center" });
  }
}
let opened = null;
document.addEventListener("click", (event) => {
  const summary = event.target.closest("summary");
  if (summary && !summary.parentElement.open) {
    history.replaceState(null, "", `#${summary.nextElementSibling.id}`);
  }
});
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const details of opened) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of opened || []) details.open = false;
});
addEventListener("hashchange", reveal);
reveal();
