"use strict";
// Search in the index of the site with MiniSearch: every word of the query must begin a word of an entry, or differ from
// it by a slip; titles count more. The index comes in parts, each a script, when something is first looked for.
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
const entries = [];
const field = document.getElementById("the-query");
const parts = field.dataset.parts.split(" ").filter(Boolean);
let begun = false;

function add(part) {
  const more = part.map(([kind, title, address, text], at) => ({ id: entries.length + at, kind, title, address, text }));
  entries.push(...more);
  engine.addAll(more);
}

function load() {
  const address = parts[0];
  if (!address) return;
  const script = document.createElement("script");
  const next = () => {
    parts.shift();
    show();
    load();
  };
  script.addEventListener("load", () => {
    add(window.casebookIndex);
    next();
  });
  script.addEventListener("error", next);
  script.src = address;
  document.head.append(script);
}

function excerpt(entry, query) {
  const text = plain(entry.text);
  const at = Math.max(0, Math.min(...query.map((word) => text.indexOf(word)).filter((place) => place >= 0), text.length) - 60);
  const start = at && at < entry.text.length ? entry.text.indexOf(" ", at) + 1 : 0;
  const piece = entry.text.slice(start, start + 180);
  return (start ? "… " : "") + piece + (start + 180 < entry.text.length ? " …" : "");
}

function show() {
  const query = words(field.value);
  if (query.length && !begun) {
    begun = true;
    load();
  }
  const found = engine.search(field.value).map((result) => entries[result.id]);
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
    : parts.length ? "Searching …"
    : found.length > LIMIT ? `${found.length} found, the best ${LIMIT} shown` : `${found.length} found`;
}

field.value = new URLSearchParams(location.search).get("q") || "";
field.addEventListener("input", show);
field.form.addEventListener("submit", (event) => event.preventDefault());
field.focus();
show();
