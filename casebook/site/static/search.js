"use strict";
// Search in the index of the site: every word of the query must begin a word of an entry; titles count more.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const words = (text) => plain(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
const LIMIT = 60;

const entries = window.casebookIndex.map(([kind, title, address, text]) => ({
  kind, title, address, text, inTitle: words(title), inText: words(text),
}));

function score(entry, query) {
  let total = 0;
  for (const word of query) {
    if (entry.inTitle.includes(word)) total += 12;
    else if (entry.inTitle.some((one) => one.startsWith(word))) total += 8;
    else if (entry.inText.includes(word)) total += 3;
    else if (entry.inText.some((one) => one.startsWith(word))) total += 1;
    else return 0;
  }
  return total + (entry.kind === "Case" || entry.kind === "Person" ? 1 : 0);
}

function excerpt(entry, query) {
  const text = plain(entry.text);
  const at = Math.max(0, Math.min(...query.map((word) => text.indexOf(word)).filter((place) => place >= 0), text.length) - 60);
  const start = at && at < entry.text.length ? entry.text.indexOf(" ", at) + 1 : 0;
  const piece = entry.text.slice(start, start + 180);
  return (start ? "… " : "") + piece + (start + 180 < entry.text.length ? " …" : "");
}

function show(text) {
  const query = words(text);
  const found = query.length
    ? entries.map((entry) => [score(entry, query), entry]).filter(([points]) => points).sort((a, b) => b[0] - a[0])
    : [];
  const items = found.slice(0, LIMIT).map(([, entry]) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const about = document.createElement("span");
    link.href = entry.address;
    link.textContent = entry.title;
    about.className = "quiet";
    about.textContent = ` ${entry.kind}. ${excerpt(entry, query)}`;
    item.append(link, about);
    return item;
  });
  document.getElementById("the-results").replaceChildren(...items);
  document.getElementById("the-found").textContent = !query.length ? ""
    : found.length > LIMIT ? `${found.length} found, the best ${LIMIT} shown` : `${found.length} found`;
}

const field = document.getElementById("the-query");
field.value = new URLSearchParams(location.search).get("q") || "";
field.addEventListener("input", () => show(field.value));
field.form.addEventListener("submit", (event) => event.preventDefault());
field.focus();
show(field.value);
