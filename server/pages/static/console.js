// The console: from "Go available" to the end of one call.
import { Clocks } from "./clocks.js";
import { Incident } from "./incident.js";
import { Line } from "./line.js";
import { Ringing } from "./ringing.js";
import { clock, keys } from "./site.js";
import { Sound } from "./sound.js";
import { listDevices, showLevel, soundCheck } from "./soundcheck.js";

const byId = (id) => document.getElementById(id);
const main = byId("main");
const { call, answer, location: where, decision } = main.dataset;
const clocks = new Clocks({ answer, location: where, decision }, byId("spoken"));
const ringing = new Ringing();
const incident = new Incident(byId("incident"), byId("saved"), (message) => line?.tell(message), `form of ${call}`);
const ASK_AGAIN = 6000; // ms after which the browser's question may have been overlooked
const examination = Boolean(main.dataset.examination);
let line = null;
let onFrame = null; // whoever listens to the microphone beside the call
let muted = false;
let held = false;
let wrapping = 0; // the timer of the form after the call

const sound = new Sound({
  heard: (buffer) => {
    showLevel(buffer);
    onFrame?.(buffer);
  },
  lost: (text) => trouble(text),
});

const SHOWN = { idle: ["go"], checking: [], available: [], ringing: ["answer"], live: ["mute", "hold", "hang-up"], wrapping: ["done"], over: [] };
const TITLES = { idle: "Not available", checking: "Sound check", available: "Available", ringing: "Incoming call", live: "In call", wrapping: "Finish the form", over: "Call over" };

function state(name) {
  main.dataset.state = name;
  byId("state").textContent = TITLES[name];
  document.title = `${TITLES[name]} · Right Call`;
  for (const id of ["go", "answer", "mute", "hold", "hang-up", "done"]) byId(id).hidden = !SHOWN[name].includes(id);
  byId("display").hidden = ["idle", "checking", "available"].includes(name);
  byId("keypad").hidden = name !== "live";
  byId("wrap-up").hidden = name !== "wrapping";
  byId("check").hidden = ["live", "ringing", "wrapping"].includes(name);
  byId("decisions").disabled = name !== "live";
  incident.enable(name === "live" || name === "wrapping");
}

const is = (...names) => names.includes(main.dataset.state);

function trouble(text) {
  byId("trouble").textContent = text;
}

// --- sound ------------------------------------------------------------------------------------------------------

async function openSound() {
  const waiting = setTimeout(() => trouble("Your browser is asking whether this page may use the microphone: look beside the address and allow it."), ASK_AGAIN);
  try {
    await sound.open(byId("microphone").value, byId("headphones").value);
    trouble("");
    await listDevices();
    return true;
  } catch (error) {
    trouble(error.message);
    return false;
  } finally {
    clearTimeout(waiting);
  }
}

async function check() {
  if (!is("idle")) return;
  state("checking");
  if (await openSound()) {
    await soundCheck(sound, (listener) => (onFrame = listener));
    localStorage.setItem("sound-checked", "yes");
  }
  state("idle");
  byId("go").focus();
}

for (const id of ["microphone", "headphones"]) {
  byId(id).addEventListener("change", () => sound.context && sound.choose(byId("microphone").value, byId("headphones").value).catch((error) => trouble(error.message)));
}
navigator.mediaDevices?.addEventListener?.("devicechange", () => listDevices());

// --- the call ---------------------------------------------------------------------------------------------------

async function goAvailable() {
  if (!is("idle")) return;
  state("available");
  if (!(await openSound())) return state("idle");
  line = new Line(call, sound, { message: told, state: lineState });
}

const LINE_SAYS = {
  open: () => {
    trouble("");
    incident.again();
  },
  away: () => trouble("The connection is away. The call waits ten seconds for it."),
  taken: () => finish("This call is open in another tab or window", "Go there to take it; this page can be closed."),
  closed: (reason) => finish("The line is dead", reason ? `${reason}.` : "The call could not be taken up again. What was said and written is kept."),
};

function lineState(name, reason) {
  LINE_SAYS[name](reason);
}

function takeUp() {
  if (!is("ringing")) return;
  line.tell({ type: "answer" });
  ringing.stop();
}

function live(message) {
  ringing.stop();
  sound.watch(false);
  state("live");
  clocks.stop("answer", message.rang_for);
  for (const name of ["location", "decision"]) if (clocks.rows[name].took === null) clocks.start(name, message.now ?? 0);
  if (!document.activeElement || document.activeElement === document.body) byId("incident").elements.location.focus();
}

const TOLD = {
  ringing: () => ring(),
  state: (all) => {
    incident.fill(all.form);
    byId("transcript")?.replaceChildren();
    all.rows.forEach(row);
    byId("decided").replaceChildren();
    all.decisions.forEach(decided);
    if (all.ringing) ring();
    if (all.answered) live(all);
    Object.entries(all.clocks).forEach(([name, at]) => clocks.stop(name, at));
    if (all.on_hold) TOLD.held({ on: true });
    TOLD.listened({ by: all.listened ?? [] });
    if (all.wrap_up) wrapUp(all.wrap_up);
  },
  answered: (message) => live(message),
  saved: ({ n, at }) => incident.saved(n, at),
  not_saved: () => incident.notSaved(),
  row,
  partial: ({ text }) => byId("partial") && (byId("partial").textContent = text),
  notice: ({ text }) => trouble(text),
  listened: ({ by }) => (byId("listened").textContent = by.length ? `${by.join(" and ")} ${by.length === 1 ? "is" : "are"} listening to this call.` : ""),
  decided,
  held: ({ on }) => {
    held = on;
    byId("hold").setAttribute("aria-pressed", String(on));
    sound.mute(muted || held);
    byId("state").textContent = on ? "On hold" : TITLES[main.dataset.state];
  },
  clock: ({ name, at }) => clocks.stop(name, at),
  prompt: ({ text, options }) => (byId("prompt").textContent = `${text} ${options.join(", ")}`),
  wrap_up: ({ seconds }) => seconds && wrapUp(seconds),
  over: () => finish("The call is over", examination ? "It is being handed in." : "It is being marked."),
  marked: ({ url }) => marked(url),
  failed: ({ why }) => finish("There is no call", why),
};

function told(message) {
  TOLD[message.type]?.(message);
}

function ring() {
  if (!is("available")) return;
  state("ringing");
  clocks.start("answer");
  ringing.start(sound.context);
  byId("answer").focus();
}

function row({ who, text, at }) {
  const made = document.createElement("p");
  made.className = who;
  made.textContent = `${clock(at)} ${who === "trainee" ? "You: " : who === "caller" ? "Caller: " : ""}${text}`;
  byId("transcript").append(made);
  byId("transcript").scrollTop = byId("transcript").scrollHeight;
  if (who === "trainee") byId("partial").textContent = "";
}

function decided({ at, text, how }) {
  const made = document.createElement("li");
  made.textContent = `${clock(at)} ${text} (${how})`;
  byId("decided").append(made);
}

// The caller has gone; the form stays open for a while.
function wrapUp(seconds) {
  const ends = performance.now() + seconds * 1000;
  state("wrapping");
  clocks.stopAll();
  sound.release();
  byId("spoken").textContent = `The caller has gone. The form stays open for ${Math.round(seconds)} seconds.`;
  clearInterval(wrapping);
  wrapping = setInterval(() => countDown((ends - performance.now()) / 1000), 250);
  countDown(seconds);
}

function countDown(left) {
  byId("wrap-left").textContent = clock(left);
  byId("done").firstChild.textContent = `Done, ${clock(left)} left `; // on a small screen it is all that stays in sight
  if (left <= 10 && !byId("spoken").textContent.startsWith("10")) byId("spoken").textContent = "10 seconds left for the form";
  if (left <= 1) incident.goAll(); // what is still being typed goes out before the door closes
}

function done() {
  if (!is("wrapping")) return;
  incident.goAll();
  line.tell({ type: "done" });
}

function finish(title, text) {
  clearInterval(wrapping);
  ringing.stop();
  state("over");
  clocks.stopAll();
  sound.release();
  byId("over-title").textContent = title;
  byId("over-text").textContent = text;
  if (!byId("over").open) byId("over").showModal();
}

function marked(url) {
  incident.forget();
  line.close();
  sound.close();
  byId("over-text").textContent = examination ? "It has been handed in." : "It has been marked.";
  byId("to-debrief").href = url;
  byId("to-debrief").hidden = false;
  byId("to-debrief").focus();
}

// --- what the trainee does --------------------------------------------------------------------------------------

function mute() {
  if (!is("live")) return;
  muted = !muted;
  byId("mute").setAttribute("aria-pressed", String(muted));
  byId("mute").firstChild.textContent = muted ? "Muted " : "Mute ";
  sound.mute(muted || held);
}

function hangUp() {
  if (is("live")) incident.goAll();
  if (is("live")) line.tell({ type: "hang_up" });
}

function captions() {
  if (examination) return; // nothing is sent that could be shown
  const on = byId("transcript").hidden;
  byId("transcript").hidden = byId("partial").hidden = !on;
  byId("captions").setAttribute("aria-pressed", String(on));
  byId("captions").firstChild.textContent = on ? "Hide " : "Show ";
}

const DOES = {
  go: goAvailable,
  answer: takeUp,
  mute,
  hold: () => is("live") && line.tell({ type: "hold", on: !held }),
  "hang-up": hangUp,
  done,
  try: check,
  captions,
};
for (const [id, does] of Object.entries(DOES)) byId(id)?.addEventListener("click", does);

byId("keypad").addEventListener("click", ({ target }) => target.dataset.key && line.tell({ type: "key", key: target.dataset.key }));
byId("decisions").addEventListener("click", ({ target }) => {
  const { decision: chosen, grade } = target.dataset;
  if (!chosen) return;
  line.tell({ type: "decide", decision: chosen, grade: grade ?? null, agency: chosen === "refer" ? byId("agency").value : null });
});

keys({
  F2: () => (is("idle") ? goAvailable() : takeUp()),
  "Shift+F2": () => (is("wrapping") ? done() : hangUp()),
  F4: mute,
  F8: () => is("live") && byId("decisions").querySelector("button").focus(),
  F9: () => is("live") && DOES.hold(),
  t: captions,
});

// Who has been here before and has allowed the microphone needs no second click.
state("idle");
listDevices().catch(() => {});
if (localStorage.getItem("sound-checked") && navigator.userActivation?.hasBeenActive) goAvailable();
else byId("go").focus();
