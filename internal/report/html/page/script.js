// The list of calls: filters, search, order and details. Texts only reach the page as text
// nodes. Without this script the page shows the worst calls.
(() => {
"use strict";

const $ = (id) => document.getElementById(id);

function element(tag, className, ...children) {
  const e = document.createElement(tag);
  if (className) e.className = className;
  e.append(...children.filter((c) => c !== ""));
  return e;
}

const sign = (name) => use("sign " + name, name);

function use(className, name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "#" + name);
  svg.append(use);
  return svg;
}

// Theme: the system's until the reader chooses one.

function theme() {
  const root = document.documentElement, button = $("theme");
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const name = () => { button.textContent = dark() ? "Light" : "Dark"; };
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("agent-gate-theme", root.dataset.theme); } catch { /* no storage */ }
    name();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  name();
}

theme();

// A link to a gate opens it.

function follow() {
  const gate = document.getElementById(location.hash.slice(1));
  if (gate?.matches("details.gate")) gate.open = true;
}

addEventListener("hashchange", follow);
follow();
for (const list of document.querySelectorAll("ol.calls")) present(list.id.slice(0, -"list".length), list);

// Shows one list of calls: a page has one, or one for each gate, with the gate's name before its ids.

function present(scope, list) {
const $ = (id) => document.getElementById(scope + id);
const data = JSON.parse($("data").textContent);
const { calls, outcomes, tones, of, groups, sides, who, executions } = data;

// A text is a string where it first occurs and from then on the number of that string, counting
// from 1. Texts are read in the order they were written, and stored once.
const strings = [""];
{
  const places = new Map([["", 0]]), numbered = [0];
  const place = (text) => {
    if (typeof text === "number") return numbered[text];
    if (!places.has(text)) places.set(text, strings.push(text) - 1);
    numbered.push(places.get(text));
    return places.get(text);
  };
  const read = (texts, ...at) => { for (const i of at) if (texts[i] !== undefined) texts[i] = place(texts[i]); };
  calls.forEach((c, i) => {
    c.place = i;
    read(c, "s", "r", "m");
    for (const fact of c.i || []) read(fact, 0, 1);
    for (const result of c.e || []) read(result, 0, 2, 3);
    if (c.t) read(c.t, "x", "m");
    for (const turn of c.t?.t || []) read(turn, 1, 2, 3);
    for (const track of c.t?.a || []) read(track, 0, 1);
  });
}

// Filters of the list.
const chips = [
  { key: "all", name: "All", fits: () => true },
  ...groups.map(({ key, name, of }) => ({ key, name, group: true, fits: (c) => of.includes(c.o) })),
  ...outcomes.map((name, o) => ({ key: name, name, fits: (c) => c.o === o })),
  { key: "low", name: "Pulled a criterion down", fits: (c) => c.l },
  { key: "flaky", name: "Flaky", fits: (c) => c.f },
];

const missingLast = (value) => (a, b) => {
  const x = value(a), y = value(b);
  if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? Infinity : -Infinity;
  return x - y;
};
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const orders = {
  worst: { name: "Worst first", compare: (a, b) => a.place - b.place },
  outcome: { name: "Outcome", compare: (a, b) => a.o - b.o },
  scenario: { name: "Scenario", compare: (a, b) => rank[a.s] - rank[b.s] },
  score: { name: "Score", compare: missingLast((c) => c.n) },
  duration: { name: "Duration", compare: missingLast((c) => c.d), down: true },
};

const start = { outcome: "all", scenario: "", eval: "", q: "", order: "worst", down: false };
let state = { ...start };
let matching = calls;
let rendered = 0;
const first = 50, chunk = 100, many = 1000;

// Names to choose from, in order, as indexes of strings.
const unique = (places) => [...new Set(places)].sort((a, b) => collator.compare(strings[a], strings[b]));
const scenarios = unique(calls.map((c) => c.s));
const evals = unique(calls.flatMap((c) => (c.e || []).map((e) => e[0])));
const rank = [];
scenarios.forEach((place, i) => { rank[place] = i; });
const bad = tones.indexOf("bad"), missing = tones.indexOf("warning");

// Which strings contain a word, determined once per word instead of once per call.
let folded;
function holding(word) {
  folded ??= strings.map((s) => s.toLowerCase());
  const found = new Uint8Array(folded.length);
  folded.forEach((s, i) => { if (s.includes(word)) found[i] = 1; });
  return found;
}

function search(q) {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return () => true;
  const terms = words.map((word) => ({ word, found: holding(word) }));
  return (c) => terms.every(({ word, found }) =>
    found[c.s] || found[c.r] || c.id.includes(word) || outcomes[c.o].includes(word) ||
    (c.i || []).some((f) => found[f[1]]) ||
    (c.e || []).some((e) => found[e[0]] || found[e[2]] || found[e[3]]) ||
    (c.t?.t || []).some((t) => found[t[1]]));
}

function select() {
  const chip = chips.find((c) => c.key === state.outcome) || chips[0];
  const scenario = scenarios.find((s) => strings[s] === state.scenario);
  const wanted = evals.find((e) => strings[e] === state.eval);
  const found = search(state.q);
  matching = calls.filter((c) => chip.fits(c) &&
    (scenario === undefined || c.s === scenario) &&
    (wanted === undefined || (c.e || []).some((e) => e[0] === wanted && (e[1] === bad || e[1] === missing))) &&
    found(c));
  const { compare } = orders[state.order];
  matching.sort((a, b) => {
    const d = compare(a, b);
    if (Math.abs(d) === Infinity) return d > 0 ? 1 : -1; // unknown values come last in either direction
    return (state.down ? -d : d) || a.place - b.place;
  });
}

// A row is the same as the template "call"; its details are created when it is opened.

function row(c) {
  const outcome = element("span", "c-outcome", element("span", "pill " + of[c.o], sign(of[c.o]), outcomes[c.o]),
    c.l ? element("span", "tag", "pulled down") : "",
    c.a === 1 ? "" : element("span", "tag", (c.f ? "flaky, " : "") + c.a + " attempts"));
  const score = c.n === undefined
    ? element("span", "c-score n", element("span", "unit", "no score"))
    : element("span", "c-score n", element("span", "unit", "score "), String(c.n));
  const line = element("span", "call", outcome,
    element("code", "c-id", c.id.slice(0, 8)),
    element("span", "c-scenario", strings[c.s]),
    score,
    element("span", "c-duration n", c.d === undefined ? "" : c.d + " s"),
    element("span", "c-remark", strings[c.r]));
  const details = element("details", "", element("summary", "", line));
  details.dataset.id = c.id;
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) {
      details.append(detail(c));
      // What a reason quotes comes into sight; only the transcript scrolls.
      const turns = details.querySelector(".talk ol"), quoted = turns?.querySelector(".quoted");
      if (quoted) turns.scrollTop = quoted.offsetTop - turns.offsetTop - turns.clientHeight / 3;
    }
    remember(details.open ? c.id : "");
  });
  return element("li", "", details);
}

function detail(c) {
  const fact = (name, value) => element("div", "", element("dt", "", name), element("dd", "", value));
  const box = element("div", "detail", element("dl", "",
    fact("Call", element("code", "", c.id)), ...(executions.length ? [fact("Execution", link(executions[c.x || 0]))] : []), ...(c.i || []).map((f) => fact(strings[f[0]], strings[f[1]]))));
  box.append(element("div", "beside",
    element("div", "", c.e && !c.m ? evalTable(c.e) : element("p", "note", c.m ? strings[c.m] : "No eval ran on this call.")),
    c.t ? talk(c.t) : ""));
  return box;
}

function link([name, url], ...rest) {
  if (!url) return name;
  const a = element("a", "", name, ...rest);
  a.href = url;
  a.rel = "noreferrer";
  return a;
}

function evalTable(all) {
  const head = (name) => { const th = element("th", "", name); th.scope = "col"; return th; };
  const rows = all.map(([name, tone, result, reason]) => {
    const th = element("th", "", strings[name]);
    th.scope = "row";
    return element("tr", "", th,
      element("td", "", element("span", "pill " + tones[tone], tones[tone] === "neutral" ? "" : sign(tones[tone]), strings[result])),
      element("td", "", strings[reason]));
  });
  return element("table", "",
    element("thead", "", element("tr", "", head("Eval"), head("Result"), head("Reason"))),
    element("tbody", "", ...rows));
}

function talk({ t: turns, x: note, m: measured, a: tracks }) {
  const box = element("div", "talk", element("h3", "", "Transcript"));
  if (measured || tracks) {
    const listen = (tracks || []).flatMap(([name, url], i) => [i ? ", " : "", link([strings[name], strings[url]], use("out", "out"))]);
    box.append(element("p", "heard", measured ? element("span", "", strings[measured]) : "",
      tracks ? element("span", "", "Listen: ", ...listen) : ""));
  }
  if (turns) {
    const list = element("ol", "", ...turns.map(([side, text, at, by]) => element("li", sides[side] + (by ? " quoted" : ""),
      element("span", "who", who[side], ...(at ? [" ", element("span", "at", strings[at])] : [])),
      element("p", "", strings[text]),
      by ? element("span", "by", strings[by]) : "")));
    list.tabIndex = 0;
    list.setAttribute("aria-label", "Transcript");
    box.append(list);
  }
  if (note) box.append(element("p", "note", strings[note]));
  return box;
}

const counted = (n) => n + (n === 1 ? " call" : " calls");

function extend(size) {
  const next = matching.slice(rendered, rendered + size);
  rendered += next.length;
  list.append(...next.map(row));
  const rest = matching.length - rendered;
  $("more").hidden = rest === 0;
  $("next").textContent = `Show ${Math.min(chunk, rest)} more`;
  $("rest").textContent = `Show ${Math.min(many, rest)} more`;
  $("rest").hidden = rest <= chunk;
}

function show() {
  select();
  rendered = 0;
  list.replaceChildren();
  extend(first);
  $("empty").hidden = matching.length > 0;
  const all = matching.length === calls.length;
  const order = orders[state.order];
  const by = state.order === "worst" ? (state.down ? "best first" : "worst first")
    : `by ${order.name.toLowerCase()}, ${state.down ? "descending" : "ascending"}`;
  $("shown").textContent = (all ? counted(calls.length) : `${matching.length} of ${counted(calls.length)}`) + ", " + by;
  for (const b of $("outcome").children) b.setAttribute("aria-pressed", String(b.value === state.outcome));
  for (const b of $("columns").querySelectorAll("button")) {
    const on = b.value === state.order;
    b.dataset.way = on ? (state.down ? "down" : "up") : "";
    b.setAttribute("aria-pressed", String(on));
  }
  $("scenario").value = state.scenario;
  $("eval").value = state.eval;
  $("order").value = state.order + (state.down ? "-down" : "");
  if ($("search").value !== state.q) $("search").value = state.q;
}

// The URL contains the choices, so that it can be sent to a colleague.

const prefix = `#${scope}calls?`;
function remember(call) {
  const p = new URLSearchParams();
  for (const key of Object.keys(start)) if (state[key] !== start[key]) p.set(key, state[key]);
  if (call) p.set("call", call);
  const q = p.toString();
  try { history.replaceState(null, "", q ? prefix + q : `#${scope}calls`); } catch { /* in a sandbox */ }
}

function set(change) {
  state = { ...state, ...change };
  show();
  remember("");
}

// A link to a call may leave out the gate, and all but the first eight letters of the id.
const known = (id) => id?.length >= 8 ? calls.findIndex((c) => c.id.startsWith(id)) : -1;

function restore() {
  const p = new URLSearchParams(location.hash.slice(location.hash.indexOf("?") + 1));
  if (!location.hash.startsWith(prefix) && !(location.hash.startsWith("#calls?") && known(p.get("call")) >= 0)) return;
  state = { ...start };
  for (const key of Object.keys(start)) if (p.has(key)) state[key] = key === "down" ? p.get(key) === "true" : p.get(key);
  if (!orders[state.order]) state.order = start.order;
  show();
  const id = p.get("call");
  const place = matching.indexOf(calls[known(id)]);
  unfold();
  if (place < 0) {
    $("calls").scrollIntoView();
    if (id) $("shown").textContent = `Call ${id.slice(0, 8)} is not among these`;
    return;
  }
  if (rendered <= place) extend(place + 1 - rendered);
  const details = list.children[place].firstElementChild;
  details.open = true;
  details.scrollIntoView();
}

// A gate may be folded.
function unfold() {
  const gate = list.closest("details.gate");
  if (gate) gate.open = true;
}

// Controls.

function option(value, name) {
  const o = element("option", "", name);
  o.value = value;
  return o;
}

function button(value, name, ...rest) {
  const b = element("button", "", name, ...rest);
  b.type = "button";
  b.value = value;
  return b;
}

// A group that equals one of its outcomes, or a smaller group, has no chip of its own.
for (const chip of chips) chip.n = calls.filter(chip.fits).length;
for (const [i, chip] of chips.entries()) {
  const alike = chip.group && chips.slice(i + 1).find((o) => o.n === chip.n && calls.every((c) => !o.fits(c) || chip.fits(c)));
  if (chip.key !== "all" && (chip.n === 0 || alike || (chip.n === calls.length && !chip.group))) {
    chip.off = true;
    chip.alike = alike;
    continue;
  }
  const b = button(chip.key, chip.name[0].toUpperCase() + chip.name.slice(1), element("b", "", String(chip.n)));
  b.addEventListener("click", () => set({ outcome: chip.key }));
  $("outcome").append(b);
}

$("outcome").hidden = $("outcome").children.length < 2;
list.closest("section").querySelector(".tools").hidden = calls.length < 2;
if (calls.some((c) => c.t)) $("search").placeholder = $("search").placeholder.replace("eval", "eval, transcript");

$("scenario").append(option("", "All scenarios"), ...scenarios.map((s) => option(strings[s], strings[s])));
$("eval").append(option("", "All evals"), ...evals.map((e) => option(strings[e], "Failed or missing: " + strings[e])));
$("scenario").parentElement.hidden = scenarios.length < 2;
$("eval").parentElement.hidden = evals.length === 0;
for (const key of ["scenario", "eval"]) $(key).addEventListener("change", (e) => set({ [key]: e.target.value }));

for (const [key, order] of Object.entries(orders)) {
  $("order").append(option(key + (order.down ? "-down" : ""), order.name), option(key + (order.down ? "" : "-down"), order.name + ", reversed"));
}
$("order").addEventListener("change", (e) => {
  const [order, way] = e.target.value.split("-");
  set({ order, down: way === "down" });
});

const columns = [["outcome", "Outcome"], ["", "Call"], ["scenario", "Scenario"], ["score", "Score"], ["duration", "Duration"], ["worst", "Why"]];
for (const [key, name] of columns) {
  if (!key) { $("columns").append(element("span", "c-id", name)); continue; }
  const b = button(key, name);
  b.className = "c-" + (key === "worst" ? "remark" : key);
  b.addEventListener("click", () => set(state.order === key ? { down: !state.down } : { order: key, down: !!orders[key].down }));
  $("columns").append(b);
}

$("search").addEventListener("input", (e) => set({ q: e.target.value }));
$("search").addEventListener("keydown", (e) => { if (e.key === "Escape") set({ q: "" }); });
$("reset").addEventListener("click", () => set(start));
for (const [id, size] of [["next", chunk], ["rest", many]]) {
  $(id).addEventListener("click", () => {
    const at = rendered;
    extend(size);
    list.children[at]?.querySelector("summary").focus();
  });
}

document.addEventListener("click", (e) => {
  const a = e.target.closest?.("a.jump");
  if (!a || a.hash !== `#${scope}calls`) return;
  e.preventDefault();
  let chip = chips.find((c) => c.key === a.dataset.outcome);
  while (chip?.alike) chip = chip.alike;
  const outcome = chip && !chip.off ? chip.key : "all";
  set({ ...start, outcome, scenario: a.dataset.scenario, eval: a.dataset.eval });
  $("calls").scrollIntoView();
  list.querySelector("summary")?.focus({ preventScroll: true });
});

document.addEventListener("keydown", (e) => {
  const typing = e.target.closest?.("input, select, textarea");
  if (e.key === "/" && !typing && !e.ctrlKey && !e.metaKey && !e.altKey && list === document.querySelector("ol.calls")) {
    e.preventDefault();
    unfold();
    $("calls").scrollIntoView();
    $("search").focus({ preventScroll: true });
  }
  const summary = e.target.closest?.("ol.calls summary");
  if (summary && list.contains(summary) && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
    const li = summary.closest("li");
    const next = e.key === "ArrowDown" ? li.nextElementSibling : li.previousElementSibling;
    if (next) { e.preventDefault(); next.querySelector("summary").focus(); }
  }
});

addEventListener("hashchange", restore);
show();
restore();
}
})();
