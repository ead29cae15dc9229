"use strict";
// Search in the index of the site with MiniSearch: every word of the query must begin a word of an entry, or differ from
// it by a slip; titles count more.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const words = (text) => plain(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
const LIMIT = 60;
const engine = new MiniSearch({
  fields: ["title", "text"],
  tokenize: words,
  searchOptions: {
    boost: { title: 5 },
    combineWith: "AND",
    prefix: true,
    boostDocument: (id) => (["Case", "Person"].includes(entries[id].kind) ? 2 : 1),
    fuzzy: (term) => (term.length > 4 ? 1 : false),
    weights: { prefix: 0.5, fuzzy: 0.1 },
  },
});
const entries = window.casebookIndex.map(([kind, title, address, text], id) => ({ id, kind, title, address, text }));
engine.addAll(entries);

function excerpt(entry, query) {
  const text = plain(entry.text);
  const at = Math.max(0, Math.min(...query.map((word) => text.indexOf(word)).filter((place) => place >= 0), text.length) - 60);
  const start = at && at < entry.text.length ? entry.text.indexOf(" ", at) + 1 : 0;
  const piece = entry.text.slice(start, start + 180);
  return (start ? "… " : "") + piece + (start + 180 < entry.text.length ? " …" : "");
}

function show(text) {
  const query = words(text);
  const found = engine.search(text).map((result) => entries[result.id]);
  const items = found.slice(0, LIMIT).map((entry) => {
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
