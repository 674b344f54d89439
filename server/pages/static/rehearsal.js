// A call by typing: all lines go out each time, so that one can be taken back and a reload of the script is seen.
import { clock, keys } from "./site.js";

const byId = (id) => document.getElementById(id);
const main = byId("main");
const token = document.querySelector("meta[name=csrf]").content;
const RESULTS = { met: "yes", partial: "part", unmet: "no", unsure: "unsure", not_applicable: "n/a" };
const OUTCOMES = { passed: "passed", failed: "not passed", needs_assessor: "with an assessor" };
const WHO = { trainee: "you", caller: "caller", call: "" };
let seed = Number(main.dataset.seed);
let lines = [];
let over = false;
let busy = false;

const make = (name, text, kind = "") => Object.assign(document.createElement(name), { textContent: text, className: kind });

async function ask(wanted, end = false) {
  if (busy) return;
  busy = true;
  const form = new URLSearchParams({ seed, ...(end ? { end: "yes" } : {}) });
  for (const line of wanted) form.append("lines", line);
  try {
    const answer = await fetch(`/shelf/${main.dataset.name}/rehearsal`, { method: "POST", body: form, headers: { "x-csrf-token": token } });
    if (!answer.ok) throw new Error(await answer.text());
    show(await answer.json(), wanted);
  } catch (error) {
    byId("wrong").textContent = `That did not work: ${error.message}. What you typed is kept.`;
  } finally {
    busy = false;
  }
}

function show(call, wanted) {
  byId("wrong").textContent = call.error ? `${call.error}.` : "";
  if (!call.error) lines = wanted;
  if (!call.error) byId("line").value = "";
  over = call.over;
  byId("talk").replaceChildren(...call.rows.map(row));
  byId("talk").parentElement.scrollTop = byId("talk").scrollHeight;
  byId("undo").disabled = !lines.length && !over;
  byId("line").disabled = byId("end").disabled = over;
  marks(call.sheet);
  if (!over) byId("line").focus();
}

function row({ at, who, text }) {
  const made = make("li", "", who);
  made.append(make("span", clock(at), "figures quiet"), make("span", WHO[who], "quiet"), make("span", text));
  return made;
}

function marks(sheet) {
  byId("marks").hidden = !sheet;
  if (!sheet) return;
  byId("marks-title").textContent = `${Math.round(sheet.score)} of 100, ${OUTCOMES[sheet.outcome]}`;
  const critical = sheet.critical.map((name) => make("p", `Critical failure: ${name}`, "critical"));
  byId("verdicts").replaceChildren(...sheet.verdicts.map(verdict));
  byId("said").replaceChildren(...critical, make("p", sheet.decision));
  byId("marks-title").focus();
}

function verdict({ title, result, points, of, why }) {
  const made = make("li", "", result);
  const head = make("div", "", "heading");
  head.append(make("span", RESULTS[result], `tag ${result}`), make("h3", title), make("span", result === "not_applicable" ? "" : `${points}/${of}`, "number"));
  made.append(head, make("p", why));
  return made;
}

byId("typing").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!over) ask([...lines, byId("line").value]);
});
byId("undo").addEventListener("click", () => ask(lines.slice(0, -1)));
byId("end").addEventListener("click", () => ask(lines, true));
byId("anew").addEventListener("click", () => {
  seed = 1 + Math.floor(Math.random() * 9999);
  byId("seed").textContent = seed;
  lines = [];
  ask([]);
});
keys({ r: () => byId("line").focus() });
ask([]);
