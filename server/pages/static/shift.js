// The shift: who waits on the left, the contact that is open in the middle, incidents and decisions on the right.
import { Ringing } from "./ringing.js";
import { ContactPanel } from "./shift-contact.js";
import { ShiftLine } from "./shift-line.js";
import { clock, keys } from "./site.js";
import { Sound } from "./sound.js";

const byId = (id) => document.getElementById(id);
const main = byId("main");
const RINGS = 2900; // ms: no sound goes on longer than three seconds by itself
const LONG_HOLD = 60; // seconds after which a held caller is pointed out
const panels = new Map();
let shift = null; // what the server last said
let received = 0;
let chosen = null;
let line = null;
let bell = null; // a context for the ring, while no call has one
const ringing = new Ringing();

const now = () => (shift?.began && !shift.closed ? shift.now + (performance.now() - received) / 1000 : (shift?.now ?? 0));
const contact = (id) => shift?.contacts.find((one) => one.id === id);
const open = () => (shift?.contacts ?? []).filter((one) => ["open", "held"].includes(one.state));
const taken = () => (shift?.contacts ?? []).filter((one) => panels.has(one.id));
const title = (one) => `${one.name[0].toUpperCase()}${one.name.slice(1)} ${one.number}`;
const trouble = (text) => (byId("trouble").textContent = text);
const tell = (object) => line?.tell(object);

// --- on duty ----------------------------------------------------------------------------------------------------

async function go() {
  if (main.dataset.state !== "idle") return;
  main.dataset.state = "opening";
  const sound = new Sound({ heard: () => {}, lost: trouble });
  try {
    await sound.open(); // asked for once, so that no caller waits for the browser's question
    await sound.close();
    trouble("");
  } catch (error) {
    main.dataset.state = "idle";
    return trouble(error.message);
  }
  bell = new AudioContext();
  line = new ShiftLine(main.dataset.shift, { message: told, state: lineState });
}

function lineState(name, reason) {
  if (name === "open") {
    trouble("");
    tell({ type: "begin" });
  } else if (name === "away") trouble("The connection is away. The shift goes on; this page is trying again.");
  else finish(reason || "The connection was closed.");
}

function finish(text) {
  main.dataset.state = "over";
  ringing.stop();
  if (text) byId("over-text").textContent = text;
  byId("to-debrief").hidden = false;
  if (!byId("over").open) byId("over").showModal();
}

// --- what the server says ---------------------------------------------------------------------------------------

const TOLD = {
  shift: (all) => {
    const before = shift;
    shift = all;
    received = performance.now();
    if (all.began && main.dataset.state !== "over") main.dataset.state = "on";
    byId("go").hidden = all.began;
    byId("leave").hidden = !all.began || Boolean(all.closed);
    for (const one of all.contacts) if (one.call && !panels.has(one.id)) makePanel(one);
    for (const one of all.contacts) panels.get(one.id)?.update({ ...one, title: title(one) });
    if (all.trouble) trouble(all.trouble);
    announce(before, all);
    draw();
    if (all.closed && !byId("over").open) byId("over").showModal();
  },
  contact: ({ contact: id, message, over }) => panels.get(id)?.told(message, over),
  failed: ({ why }) => finish(why),
  marked: ({ url }) => {
    byId("over-text").textContent = "It has been marked.";
    byId("to-debrief").href = url;
    line.close();
    finish("");
    byId("to-debrief").focus();
  },
};

function told(message) {
  TOLD[message.type]?.(message);
}

function makePanel(one) {
  const panel = new ContactPanel({ ...one, title: title(one) }, tell, { trouble, changed: drawIncidents, draft: `form of ${main.dataset.shift}` });
  panels.set(one.id, panel);
  panel.box.hidden = true;
  byId("contacts").append(panel.box);
  if (["open", "held"].includes(one.state)) {
    panel.open();
    choose(one.id, true);
  }
}

function announce(before, after) {
  const waited = new Set(before?.waiting ?? []);
  const news = new Set((before?.news ?? []).map((one) => one.id));
  for (const id of after.waiting.filter((one) => !waited.has(one))) {
    const one = contact(id);
    const urgent = one.kind === "999";
    byId(urgent ? "alarm" : "spoken").textContent = `${title(one)} ${one.again ? "is back" : "waits"}`;
    if (one.voice) ring();
  }
  for (const one of after.news.filter((each) => !news.has(each.id))) byId("alarm").textContent = `Message about ${title(contact(one.about))}: ${one.text}`;
}

function ring() {
  ringing.stop();
  if (!bell || bell.state !== "running") return;
  ringing.start(bell);
  setTimeout(() => ringing.stop(), RINGS);
}

// --- drawing ----------------------------------------------------------------------------------------------------

/** Keep a list's items by their `data-id`, in this order, so that focus and scrolling stay where they are. */
function list(box, ids, make, fill) {
  const known = new Map([...box.children].map((item) => [item.dataset.id, item]));
  ids.forEach((id, place) => {
    const item = known.get(id) ?? Object.assign(make(id), {});
    item.dataset.id = id;
    known.delete(id);
    if (box.children[place] !== item) box.insertBefore(item, box.children[place] ?? null);
    fill(item, id);
  });
  known.forEach((item) => item.remove());
}

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function row(onClick) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.append(element("span", "line"), element("span", "what"), element("span", "time"));
  button.addEventListener("click", onClick);
  item.append(button);
  return item;
}

const LINES = { 999: "999", 101: "101", chat: "chat", report: "report" };

function badge(item, one) {
  const line_ = item.querySelector(".line");
  line_.textContent = LINES[one.kind];
  line_.className = `line n${one.kind}`;
}

function drawQueue() {
  const ids = shift?.waiting ?? [];
  byId("count").textContent = ids.length;
  byId("nobody").hidden = ids.length > 0;
  list(byId("queue"), ids, (id) => row(() => take(id)), (item, id) => {
    const one = contact(id);
    const waited = now() - one.since;
    badge(item, one);
    const what = item.querySelector(".what");
    const [first, second] = one.voice ? [one.display.number || "withheld", one.display.address || one.display.network] : [title(one), ""];
    const text = `${first}${one.again ? ", again" : ""}`;
    if (what.dataset.text !== text + second) {
      what.dataset.text = text + second;
      what.className = "what who-rings";
      what.replaceChildren(element("span", "", text), element("span", "quiet", second));
    }
    item.querySelector(".time").textContent = `${waited > one.target ? "late " : ""}${clock(waited)}`;
    item.querySelector("button").classList.toggle("late", waited > one.target);
  });
}

function drawIncidents() {
  if (!shift) return;
  const ids = taken().map((one) => one.id);
  byId("no-incidents").hidden = ids.length > 0;
  list(byId("incidents"), ids, (id) => row(() => choose(id)), (item, id) => {
    const one = contact(id);
    badge(item, one);
    const [name, grades] = [panels.get(id).summary || title(one), one.grades.at(-1) ?? "not graded"];
    const what = item.querySelector(".what");
    if (what.dataset.text !== name + grades) {
      what.dataset.text = name + grades;
      what.replaceChildren(element("strong", "", grades), element("span", "", name));
    }
    const time = item.querySelector(".time");
    const long = one.state === "held" && now() - one.held_since > LONG_HOLD;
    time.textContent = one.state === "held" ? `held ${long ? "long " : ""}${clock(now() - one.held_since)}` : one.state === "open" ? "open" : "over";
    time.classList.toggle("held-long", long);
    item.querySelector("button").setAttribute("aria-pressed", String(id === chosen));
  });
}

function drawNews() {
  const news = shift?.news ?? [];
  byId("no-news").hidden = news.length > 0;
  const make = (id) => {
    const item = document.createElement("li");
    const button = element("button", "");
    button.type = "button";
    button.addEventListener("click", () => readNews(id));
    item.append(element("p", "quiet"), element("p", "text"), button);
    return item;
  };
  list(byId("news"), news.map((one) => one.id), make, (item, id) => {
    const one = news.find((each) => each.id === id);
    item.classList.toggle("unread", !one.read);
    if (item.dataset.drawn) return;
    item.dataset.drawn = "yes";
    const [from, text, button] = item.children;
    from.textContent = `${clock(one.at)} ${one.from}, about ${title(contact(one.about))}`;
    text.textContent = one.text;
    button.textContent = "Open the incident";
  });
}

function draw() {
  drawQueue();
  drawIncidents();
  drawNews();
  byId("none").hidden = chosen !== null;
  byId("decisions").disabled = chosen === null || Boolean(shift?.closed);
  byId("about").textContent = chosen ? title(contact(chosen)) : "";
  byId("state").textContent = !shift?.began ? "Not on duty" : shift.closed ? "Shift over" : open().length ? `${open().length} open` : "On duty";
  tick();
}

function tick() {
  if (!shift) return;
  const left = shift.seconds - now();
  byId("left").textContent = left >= 0 ? clock(left) : `+${clock(-left)}`;
  document.title = `${shift.waiting.length ? `(${shift.waiting.length}) ` : ""}Shift · Right Call`;
}

setInterval(() => {
  if (!shift?.began || shift.closed) return;
  drawQueue();
  drawIncidents();
  tick();
}, 500);

// --- what the trainee does --------------------------------------------------------------------------------------

function take(id) {
  if (contact(id)?.state === "waiting") tell({ type: "take", contact: id });
}

function choose(id, fresh = false) {
  chosen = id;
  panels.forEach((panel, one) => (panel.box.hidden = one !== id));
  if (shift) draw();
  const panel = panels.get(id);
  const first = panel.contact.kind === "chat" ? panel.find(".write textarea") : panel.box;
  if (fresh || !panel.box.contains(document.activeElement)) first.focus({ preventScroll: false });
}

function next() {
  const ids = open().map((one) => one.id).filter((id) => panels.has(id));
  const all = ids.length ? ids : taken().map((one) => one.id);
  if (all.length) choose(all[(all.indexOf(chosen) + 1) % all.length]);
}

function readNews(id) {
  const one = shift.news.find((each) => each.id === id);
  tell({ type: "read", news: id });
  choose(one.about);
  byId("decisions").querySelector("button").focus();
}

function nextNews() {
  const one = shift?.news.find((each) => !each.read) ?? shift?.news.at(-1);
  if (one) readNews(one.id);
}

function move(by) {
  const buttons = [...byId("queue").querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  buttons[(at + by + buttons.length) % buttons.length]?.focus();
}

byId("decisions").addEventListener("click", ({ target }) => {
  const { decision, grade } = target.dataset;
  if (!decision || !chosen) return;
  tell({ type: "decide", contact: chosen, decision, grade: grade ?? null, agency: decision === "refer" ? byId("agency").value : null });
});
byId("go").addEventListener("click", go);
byId("leave").addEventListener("click", () => byId("really").showModal());
byId("really").addEventListener("close", () => byId("really").returnValue === "yes" && tell({ type: "leave" }));

const current = () => panels.get(chosen);
keys({
  F2: () => (main.dataset.state === "idle" ? go() : shift?.waiting.length && take(shift.waiting[0])),
  "Shift+F2": () => current()?.end(),
  F4: () => current()?.mute(),
  F6: next,
  F7: nextNews,
  F8: () => chosen && byId("decisions").querySelector("button").focus(),
  F9: () => current()?.hold(),
  t: () => current()?.captions(),
  j: () => move(1),
  k: () => move(byId("queue").contains(document.activeElement) ? -1 : 0),
});

if (localStorage.getItem("sound-checked") && navigator.userActivation?.hasBeenActive) go();
else byId("go").focus();
