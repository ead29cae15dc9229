"use strict";
// The explorer: rows are filtered, sorted, drawn, and given as CSV and as the Python lines that load the same.
// A filter on dates or numbers keeps a row whose bounds allow it, as the Python lines do.
const tables = window.casebookTables;
const $ = (id) => document.getElementById(`the-${id}`);
const EMPTY = "no value";
const state = {};

const table = () => tables.find((one) => one.name === state.table);
const place = (name) => table().columns.findIndex((column) => column.name === name);
const column = (name) => table().columns[place(name)];
const cellOf = (row, name) => row.cells[place(name)];
const wordsOf = (name, value) => {
  const choice = (column(name).choices || []).find((one) => one.v === value);
  return choice ? choice.t : value;
};
const textOf = (cell, name) => ("m" in cell ? cell.m : cell.t || wordsOf(name, cell.v));

// The choices, kept in the address: ?table=channels&show=a,b&sort=-start&f.result=x|y&f.start=1990..1995
function read() {
  const given = new URLSearchParams(location.search);
  state.table = tables.some((one) => one.name === given.get("table")) ? given.get("table") : tables[tables.length - 1].name;
  const names = table().columns.map((one) => one.name);
  state.columns = (given.get("show") || "").split(",").filter((name) => names.includes(name));
  if (!state.columns.length) state.columns = [...table().first];
  const sort = given.get("sort") || "";
  state.sort = names.includes(sort.replace(/^-/, "")) ? { name: sort.replace(/^-/, ""), down: sort.startsWith("-") } : null;
  state.alleged = given.get("alleged") === "yes";
  state.view = given.get("draw") || "";
  state.filters = {};
  for (const [key, text] of given) {
    const name = key.slice(2);
    if (key.startsWith("f.") && names.includes(name)) state.filters[name] = parse(column(name).kind, text);
  }
}

function parse(kind, text) {
  if (kind === "category") return { values: text.split("|").filter(Boolean) };
  if (kind === "text") return { part: text };
  const [from, to] = text.split("..");
  return { from: from || "", to: to || "" };
}

const written = (kind, filter) =>
  kind === "category" ? filter.values.join("|") : kind === "text" ? filter.part : `${filter.from}..${filter.to}`;

function write() {
  const told = new URLSearchParams({ table: state.table });
  if (state.columns.join() !== table().first.join()) told.set("show", state.columns.join());
  if (state.sort) told.set("sort", (state.sort.down ? "-" : "") + state.sort.name);
  if (state.alleged) told.set("alleged", "yes");
  if (state.view) told.set("draw", state.view);
  for (const [name, filter] of Object.entries(state.filters)) {
    const text = written(column(name).kind, filter);
    if (text && text !== "..") told.set(`f.${name}`, text);
  }
  try {
    history.replaceState(null, "", `?${told}`);
  } catch { /* some browsers keep the address of a page from a folder as it is */ }
}

// Days as YYYY-MM-DD: what is not one is as if nothing was asked.
const DAY = /^-?\d{4}(-\d{2}(-\d{2})?)?$/;
const day = (text, last) =>
  !DAY.test(text) ? null : text.length === 10 ? text : text.length === 7 ? end(text, last) : `${text}-${last ? "12-31" : "01-01"}`;
const end = (month, last) => (last ? new Date(Date.UTC(+month.slice(0, 4), +month.slice(5), 0)).toISOString().slice(0, 10) : `${month}-01`);
const number = (text) => (text === "" || Number.isNaN(+text) ? null : +text);
const limits = (name, filter) =>
  column(name).kind === "date" ? [day(filter.from, false), day(filter.to, true)] : [number(filter.from), number(filter.to)];

function keeps(row, name, filter) {
  const cell = cellOf(row, name), kind = column(name).kind;
  if (kind === "category") return !filter.values.length || filter.values.includes("v" in cell ? cell.v : EMPTY);
  if (kind === "text") return !filter.part || (cell.v || "").toLowerCase().includes(filter.part.toLowerCase());
  const [from, to] = limits(name, filter);
  if (from === null && to === null) return true;
  if (!("v" in cell)) return false;
  const read = kind === "number" ? (text) => (text === null ? null : +text) : (text) => text;
  const [low, high] = (cell.b || [cell.v, cell.v]).map(read);
  return !(from !== null && high !== null && high < from) && !(to !== null && low !== null && low > to);
}

function key(row, name) {
  const cell = cellOf(row, name), kind = column(name).kind;
  if (!("v" in cell)) return null;
  if (kind === "number") return +cell.v;
  if (kind === "date") return (cell.b && cell.b.find(Boolean)) || cell.v;
  if (column(name).ordered) return column(name).choices.findIndex((one) => one.v === cell.v);
  return textOf(cell, name).toLowerCase();
}

function chosen() {
  const rows = table().rows.filter((row) =>
    (state.alleged || !row.alleged) && Object.entries(state.filters).every(([name, filter]) => keeps(row, name, filter)));
  if (!state.sort) return rows;
  const { name, down } = state.sort;
  const [full, bare] = [rows.filter((row) => key(row, name) !== null), rows.filter((row) => key(row, name) === null)];
  return [...d3.sort(full, (a, b) => (down ? d3.descending : d3.ascending)(key(a, name), key(b, name))), ...bare];
}

// The rows, each name a link to its page and each value a link to its evidence.
function rows(found) {
  const wide = d3.select($("rows"));
  wide.selectAll("*").remove();
  wide.append("caption").attr("class", "unseen").text(`${table().title}, with the columns chosen`);
  const heads = wide.append("thead").append("tr");
  heads.append("th").attr("scope", "col").text(table().one);
  for (const name of state.columns) {
    const sorted = state.sort && state.sort.name === name;
    const head = heads.append("th").attr("scope", "col");
    if (sorted) head.attr("aria-sort", state.sort.down ? "descending" : "ascending");
    head.append("button").attr("type", "button").attr("class", "sorter").text(column(name).title)
      .on("click", () => {
        state.sort = sorted && state.sort.down ? null : { name, down: Boolean(sorted) };
        show();
        document.querySelectorAll(".sorter")[state.columns.indexOf(name)].focus();
      })
      .append("span").attr("aria-hidden", "true").text(!sorted ? "" : state.sort.down ? " ▼" : " ▲");
  }
  const lines = wide.append("tbody").selectAll("tr").data(found).join("tr");
  const names = lines.append("th").attr("scope", "row");
  names.append("a").attr("href", (row) => row.to).text((row) => row.name);
  names.filter((row) => row.alleged).append("span").attr("class", "grade low").text("alleged");
  for (const name of state.columns) {
    const cells = lines.append("td").attr("class", column(name).kind);
    cells.each(function (row) {
      const cell = cellOf(row, name), text = textOf(cell, name), here = d3.select(this);
      const said = cell.e ? here.append("a").attr("href", `${row.to}#${name}`) : here.append("span");
      said.attr("class", "v" in cell ? null : "none").text(text);
      const spread = column(name).kind === "number" && cell.b && cell.b[0] !== cell.b[1];
      if (spread) here.append("span").attr("class", "quiet").text(` (${cell.b[0] ?? "?"} to ${cell.b[1] ?? "?"})`);
      if (cell.r) here.append("span").attr("class", "quiet").text(cell.r.length < 3 ? ` or ${cell.r.join(", ")}` : ` or ${cell.r.length} other readings`);
    });
  }
}

// The choices as controls.
function options(select, choices, value) {
  select.replaceChildren(...choices.map(([key, text]) => new Option(text, key, false, key === value)));
}

function controls() {
  options($("table"), tables.map((one) => [one.name, one.title]), state.table);
  options($("filter"), [["", "by …"], ...table().columns.filter((one) => !(one.name in state.filters)).map((one) => [one.name, one.title])], "");
  $("alleged").checked = state.alleged;
  $("alleged").parentElement.hidden = !table().rows.some((row) => row.alleged);
  const boxes = table().columns.map((one) => checkbox(one.title, state.columns.includes(one.name), (on) => {
    const wanted = new Set(state.columns);
    if (on) wanted.add(one.name); else wanted.delete(one.name);
    state.columns = table().columns.map((each) => each.name).filter((name) => wanted.has(name));
    show();
  }));
  $("columns").replaceChildren($("columns").firstElementChild, ...boxes);
  $("filters").replaceChildren(...Object.keys(state.filters).map(filterOf));
}

function checkbox(text, checked, changed) {
  const label = document.createElement("label"), box = document.createElement("input");
  box.type = "checkbox";
  box.checked = checked;
  box.addEventListener("change", () => changed(box.checked));
  label.append(box, ` ${text}`);
  return label;
}

function field(text, value, changed, hint) {
  const label = document.createElement("label"), input = document.createElement("input");
  input.value = value;
  input.placeholder = hint;
  input.addEventListener("input", () => changed(input.value.trim()));
  label.append(`${text} `, input);
  return label;
}

function filterOf(name) {
  const filter = state.filters[name], kind = column(name).kind;
  const set = document.createElement("fieldset"), legend = document.createElement("legend"), drop = document.createElement("button");
  legend.textContent = column(name).title;
  drop.type = "button";
  drop.textContent = "Remove";
  drop.setAttribute("aria-label", `Remove the filter by ${column(name).title}`);
  drop.addEventListener("click", () => {
    delete state.filters[name];
    controls();
    show();
    $("filter").focus();
  });
  set.append(legend);
  if (kind === "category") {
    const used = new Set(table().rows.map((row) => cellOf(row, name).v ?? EMPTY));
    const choices = [...column(name).choices, { v: EMPTY, t: EMPTY }].filter((one) => used.has(one.v));
    set.append(...choices.map((one) => checkbox(one.t, filter.values.includes(one.v), (on) => {
      filter.values = on ? [...filter.values, one.v] : filter.values.filter((value) => value !== one.v);
      show();
    })));
  } else if (kind === "text") {
    set.append(field("contains", filter.part, (text) => { filter.part = text; show(); }, ""));
  } else {
    const hint = kind === "date" ? "1962, 1962-10 or 1962-10-27" : "";
    set.append(
      field(kind === "date" ? "not before" : "at least", filter.from, (text) => { filter.from = text; show(); }, hint),
      field(kind === "date" ? "not after" : "at most", filter.to, (text) => { filter.to = text; show(); }, hint));
  }
  set.append(drop);
  return set;
}

// The same in Python.
const quoted = (text) => JSON.stringify(text);

function condition(name, filter) {
  const kind = column(name).kind, of = (which) => `rows[${quoted(which)}]`;
  if (kind === "category") {
    const values = filter.values.filter((value) => value !== EMPTY).map((value) => (column(name).boolean ? (value === "yes" ? "True" : "False") : quoted(value)));
    const parts = values.length ? [`${of(name)}.isin([${values.join(", ")}])`] : [];
    if (filter.values.includes(EMPTY)) parts.push(`${of(name)}.isna()`);
    return parts.length > 1 ? `(${parts.join(" | ")})` : parts[0];
  }
  if (kind === "text") return filter.part ? `${of(name)}.str.contains(${quoted(filter.part)}, case=False, regex=False, na=False)` : undefined;
  const [from, to] = limits(name, filter);
  const [low, high] = column(name).bounds || [name, name];
  const value = (limit) => (kind === "date" ? quoted(limit) : limit);
  const parts = [];
  if (from !== null) parts.push(`~(${of(high)} < ${value(from)}).fillna(False)`);
  if (to !== null) parts.push(`~(${of(low)} > ${value(to)}).fillna(False)`);
  return parts.length ? [`${of(name)}.notna()`, ...parts].join(" & ") : undefined;
}

function python(found) {
  const lines = ["import casebook", "", `rows = casebook.load(${quoted(state.table)}${state.alleged ? ", alleged=True" : ""})`];
  for (const [name, filter] of Object.entries(state.filters)) {
    const asked = condition(name, filter);
    if (asked) lines.push(`rows = rows[${asked}]`);
  }
  lines.push(`rows[${JSON.stringify(state.columns).replaceAll(",", ", ")}]  # ${found.length} rows`);
  return lines.join("\n");
}

function csv(found) {
  const head = [table().key, "name", ...state.columns];
  const lines = found.map((row) => [row.id, row.name, ...state.columns.map((name) => cellOf(row, name).v ?? "")]);
  return d3.csvFormatRows([head, ...lines]);
}

// The figures: what ran when, how long something took, how often each category occurs.
const LOOK = { fontSize: "13px", fontFamily: "inherit", background: "transparent", overflow: "visible" };
const SURE = "var(--sure)", POSSIBLE = "var(--possible)";
const MOST = 60;
const DURATIONS = [1, 7, 30, 365, 3653, 36525], NAMES = ["1 day", "1 week", "1 month", "1 year", "10 years", "100 years"];

function views() {
  const names = table().columns.map((one) => one.name);
  const found = names.includes("start") && names.includes("end") ? [["when", "When they ran"]] : [];
  for (const one of table().columns) if (one.kind === "number" && one.bounds) found.push([`long:${one.name}`, one.title]);
  for (const one of table().columns) if (one.kind === "category" && one.name !== "case_id") found.push([`share:${one.name}`, `How often: ${one.title.toLowerCase()}`]);
  return found;
}

const date = (text) => (text ? new Date(`${text}T00:00:00Z`) : null);
const shorten = (text) => (text.length > 34 ? `${text.slice(0, 32)}…` : text);

function when(found) {
  const drawn = found.filter((row) => "v" in cellOf(row, "start") || "v" in cellOf(row, "end")).slice(0, MOST);
  const spans = drawn.flatMap((row) => {
    const [a, b] = (cellOf(row, "start").b || [null, null]).map(date), [c, d] = (cellOf(row, "end").b || [null, null]).map(date);
    const name = row.id, whole = { name, from: a || b, to: d || c, kind: POSSIBLE }, sure = { name, from: b, to: c, kind: SURE };
    return [whole, ...(b && c && b <= c ? [sure] : [])].filter((span) => span.from && span.to);
  });
  return {
    said: `${drawn.length} of ${found.length} rows from their start to their end; faint where it may have been running.`,
    marks: [
      Plot.ruleY(spans, { y: "name", x1: "from", x2: "to", stroke: "kind", strokeWidth: 9 }),
      Plot.dot(spans.filter((span) => +span.from === +span.to), { y: "name", x: "from", fill: "kind", r: 4.5 }),
    ],
    x: { type: "utc", label: null }, drawn,
  };
}

function long(found, name) {
  const full = found.filter((row) => cellOf(row, name).b), drawn = full.slice(0, MOST);
  const spans = drawn.map((row) => {
    const [low, high] = cellOf(row, name).b.map((text) => (text === null ? null : +text));
    return { name: row.id, low: Math.max(low ?? 0.5, 0.5), high: Math.max(high ?? low, 0.5), open: high === null };
  });
  const left = found.length - full.length;
  return {
    said: `${column(name).title} of ${drawn.length} rows: strong up to the least that the dates allow, faint up to the most` +
      `${left ? `; ${left} of ${found.length} have no value` : ""}.`,
    marks: [
      Plot.gridX(DURATIONS),
      Plot.axisX(DURATIONS, { anchor: "top", text: (days) => NAMES[DURATIONS.indexOf(days)], label: null }),
      Plot.ruleY(spans, { y: "name", x1: 0.5, x2: "low", stroke: SURE, strokeWidth: 9 }),
      Plot.ruleY(spans, { y: "name", x1: "low", x2: "high", stroke: POSSIBLE, strokeWidth: 9 }),
      Plot.text(spans.filter((span) => span.high <= 0.5), { y: "name", x: "high", text: () => "less than a day", dx: 4, textAnchor: "start" }),
      Plot.text(spans.filter((span) => span.open), { y: "name", x: "high", text: () => "or longer", dx: 4, textAnchor: "start" }),
    ],
    x: { type: "log", axis: null }, drawn,
  };
}

function share(found, name) {
  const choices = [...column(name).choices.map((one) => one.t), EMPTY];
  const counts = d3.rollup(found, (some) => some.length, (row) => ("v" in cellOf(row, name) ? textOf(cellOf(row, name), name) : EMPTY));
  const bars = choices.filter((text) => counts.has(text)).map((text) => ({ text, count: counts.get(text) }));
  return {
    said: `${column(name).title} in the ${found.length} rows.`,
    marks: [
      Plot.barX(bars, { y: "text", x: "count", fill: (bar) => (bar.text === EMPTY ? "var(--line)" : SURE) }),
      Plot.text(bars, { y: "text", x: "count", text: "count", dx: 5, textAnchor: "start" }),
    ],
    x: { axis: null }, bars: bars.map((bar) => bar.text),
  };
}

function draw(found) {
  const offered = views(), view = offered.some(([key]) => key === state.view) ? state.view : (offered[0] || [""])[0];
  options($("view"), offered, view);
  $("drawing").hidden = !found.length || !view;
  if ($("drawing").hidden) return;
  const [kind, name] = view.split(":");
  const { said, marks, x, drawn, bars } = kind === "when" ? when(found) : kind === "long" ? long(found, name) : share(found, name);
  const names = new Map((drawn || []).map((row) => [row.id, shorten(row.name)]));
  const domain = bars || [...names.keys()];
  const figure = Plot.plot({
    width: 900, height: 50 + domain.length * 22, marginLeft: 275, marginRight: 70, marginTop: 30, style: LOOK,
    x: { axis: "top", grid: kind === "when", ...x },
    y: { domain, label: null, tickFormat: (id) => names.get(id) || id, tickSize: 0 },
    marks: domain.length ? marks : [],
    ariaLabel: said,
  });
  figure.setAttribute("role", "img");
  for (const part of figure.querySelectorAll("g[aria-label]")) part.removeAttribute("aria-label");
  $("figure").replaceChildren(figure);
  const more = drawn && found.length > MOST ? ` The first ${MOST} rows are drawn; filter or sort to see others.` : "";
  $("caption").textContent = said + more;
}

let address = null;
function show() {
  write();
  const found = chosen();
  $("count").textContent = `${found.length} of ${table().rows.filter((row) => state.alleged || !row.alleged).length} ${table().title.toLowerCase()}`;
  rows(found);
  draw(found);
  $("python").textContent = python(found);
  if (address) URL.revokeObjectURL(address);
  address = URL.createObjectURL(new Blob([csv(found)], { type: "text/csv" }));
  $("csv").href = address;
  $("csv").download = `${state.table}.csv`;
}

$("choices").addEventListener("submit", (event) => event.preventDefault());
$("choices").addEventListener("reset", (event) => {
  event.preventDefault();
  history.replaceState(null, "", location.pathname);
  read();
  controls();
  show();
});
$("table").addEventListener("change", () => {
  Object.assign(state, { table: $("table").value, filters: {}, sort: null, view: "" });
  state.columns = [...table().first];
  controls();
  show();
});
$("filter").addEventListener("change", () => {
  const name = $("filter").value;
  if (!name) return;
  state.filters[name] = parse(column(name).kind, "");
  controls();
  show();
  $("filters").lastElementChild.querySelector("input").focus();
});
$("alleged").addEventListener("change", () => { state.alleged = $("alleged").checked; show(); });
$("view").addEventListener("change", () => { state.view = $("view").value; show(); });
read();
for (const id of ["choices", "taking"]) $(id).hidden = false;
controls();
show();
