// Ten quick calls. What the clock says, what was right and what it is worth, the server tells; this page shows it.
import { keys } from "./site.js";
import { Caller, HEADER, Voice } from "./quick-sound.js";

const main = document.getElementById("main");
const at = (id) => document.getElementById(id);
const csrf = document.querySelector("meta[name=csrf]").content;
const pressed = (id) => at(id).ariaPressed === "true";
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const answers = [...document.querySelectorAll(".answers button")];
const caller = new Caller();
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
let round = null; // the state of the round as the server last told it
let began = null; // when its clock starts, in this page's time; null without a clock
let ticking = null;
let said = new Set();
let busy = false;

const voice = new Voice({
  hearing: () => (at("hearing").textContent = "Hearing you…"),
  unclear: (text) => (at("hearing").textContent = `Heard: “${text}”. Say a number, one to four, or more words: “refer to the council”.`),
  answered: (text) => {
    at("hearing").textContent = `Heard: “${text}”`;
    look();
  },
  failed: (why) => {
    trouble(why);
    voiceOn(false);
  },
});

/* --- the server --- */

async function ask(path, body) {
  const how = body === undefined ? {} : { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", "x-csrf-token": csrf } };
  const answer = await fetch(path, how);
  if (answer.redirected || !answer.ok) {
    const error = new Error(answer.redirected ? "Your session is over: sign in again." : await answer.text());
    error.status = answer.status;
    throw error;
  }
  return answer;
}

async function told(path, body) {
  const state = await (await ask(path, body)).json();
  const clock = state.call?.clock;
  began = clock === null || clock === undefined ? null : performance.now() - clock * 1000;
  return (round = state);
}

const here = (rest = "") => `/quick/rounds/${round.round}${rest}`;

/** Do something that asks the server; one at a time, and what went wrong is said. */
async function doing(work) {
  if (busy) return;
  busy = true;
  trouble("");
  try {
    await work();
  } catch (error) {
    if (error.status === 409 && round) await told(here()).then(draw, () => {});
    else {
      if (main.dataset.state === "ringing") drawTold(round.given.at(-1)); // the same call can be tried again
      trouble(error instanceof TypeError ? "The server cannot be reached. Try again." : error.message);
    }
  } finally {
    busy = false;
  }
}

function trouble(text) {
  at("trouble").textContent = text;
}

/* --- the round --- */

function begin(seed) {
  return doing(async () => {
    await caller.unlock();
    await told("/quick/rounds", { seed: seed || null, clocked: !at("unclocked").checked });
    noteSeed();
    if (round.call.note) draw();
    else await ring();
  });
}

/** Let the next caller speak, or hear the rest of the one who does. */
async function ring() {
  const place = round.place;
  show("play");
  tell({ state: "ringing", text: "A call is coming in…" });
  drawCall();
  const sound = await (await ask(here(`/calls/${place}/ring`), {})).arrayBuffer();
  const silent = sound.byteLength <= HEADER;
  const playing = caller.play(sound);
  await told(here());
  if (round.place !== place) return draw();
  tell({ state: "speaking", text: "The caller is speaking" });
  drawCall();
  const shown = silent && round.call.speaks > 0; // nobody could speak it
  if (shown) caption(true);
  if (voice.on) voice.open(here(`/calls/${place}/voice`));
  const wait = shown || !(await playing) ? round.call.speaks : 0;
  setTimeout(() => heard(place), wait * 1000);
}

/** The caller was heard to the end. */
function heard(place) {
  if (main.dataset.state !== "speaking" || round.place !== place) return;
  tell({ state: "clock", text: "Decide" });
  answers.forEach((button) => (button.disabled = false));
  if (document.activeElement === document.body) document.querySelector(".answers").focus({ preventScroll: true });
  said = new Set();
  voice.listen();
  ticking = requestAnimationFrame(tick);
}

function left() {
  return began === null ? null : Math.max(0, Math.min(round.seconds, round.seconds - (performance.now() - began) / 1000));
}

function tick() {
  const seconds = left();
  if (main.dataset.state !== "clock" || seconds === null) return;
  const whole = Math.ceil(seconds);
  if (at("left").textContent !== String(whole)) {
    at("left").textContent = whole;
    at("bar").style.transform = `scaleX(${whole / round.seconds})`;
  }
  if (!calm.matches) at("bar").style.transform = `scaleX(${seconds / round.seconds})`;
  document.querySelector(".fuse").classList.toggle("short", seconds <= 4);
  if (seconds <= round.seconds / 2) speak("half", `${Math.round(round.seconds / 2)} seconds left`);
  if (seconds > 0) ticking = requestAnimationFrame(tick);
  else if (voice.hearing && !said.has("wait")) {
    said.add("wait"); // what is being said was begun in time: let it be understood first
    setTimeout(() => main.dataset.state === "clock" && give(null), 3000);
  } else give(null);
}

/** Spoken by a screen reader, once for each call. */
function speak(moment, text) {
  if (said.has(moment)) return;
  said.add(moment);
  at("spoken").textContent = text;
}

function give(decision) {
  if (main.dataset.state !== "clock") return;
  doing(async () => {
    answers.forEach((button) => button.classList.toggle("given", button.dataset.decision === decision));
    await told(here(`/calls/${round.place}/answer`), { decision });
    draw();
  });
}

async function look() {
  await told(here()).then(draw, (error) => trouble(error.message));
}

/** Show the round as it stands: what came of the last call, or the end. */
function draw() {
  caller.stop();
  voice.close();
  cancelAnimationFrame(ticking);
  show("play");
  if (round.call?.rung) ring().catch((error) => trouble(error.message)); // a page that was loaded again in mid-call
  else drawTold(round.given.at(-1));
}

/** What came of the last call, and what there is to know before the next. */
function drawTold(last) {
  if (last) drawAnswer(last);
  else tell({ state: "told", text: "Ready for the first call" });
  at("told-answer").hidden = !last;
  at("next-note").hidden = !round.call?.note;
  at("next-note").textContent = `Before the next call, a content note: ${round.call?.note}`;
  at("next").firstChild.textContent = round.over ? "How it went " : last ? "Next call " : "Take the call ";
  drawTally();
  at("next").focus({ preventScroll: true });
  at("told").scrollIntoView({ block: "nearest", behavior: "instant" });
}

function drawAnswer(last) {
  tell({ state: "told", text: `${last.verdict} ${last.points ? `${last.points} points.` : ""}` });
  const tag = at("verdict");
  tag.className = `tag ${last.rating}`;
  tag.textContent = last.verdict;
  at("points").textContent = `Your answer: ${last.answer}. +${last.points}${last.streak > 1 ? `, ${last.streak} in a row` : ""}`;
  at("told-title").textContent = `${last.title}:`;
  at("told-right").textContent = `${last.right}.`;
  at("told-why").textContent = last.why;
  at("told-text").textContent = last.text;
}

function next() {
  if (main.dataset.state !== "told") return;
  if (round.over) return summary();
  doing(async () => {
    await caller.unlock();
    await ring();
  });
}

function summary() {
  show("summary");
  main.dataset.state = "over";
  at("total").textContent = round.score;
  at("of-most").textContent = `of ${round.most} points`;
  const best = keepBest();
  at("came-to").textContent = `${round.right} of ${round.calls} right, at best ${round.best_streak} in a row. ${best}`;
  at("advice").replaceChildren(...round.advice.map((text) => item(text)));
  at("link").value = `${location.origin}/quick/${round.seed}`;
  if (LOOPBACK.includes(location.hostname)) at("copied").textContent = `This link works on this computer. Elsewhere: rightcall quick --seed ${round.seed}`;
  at("list").replaceChildren(...round.given.map((one) => item(`${one.verdict} ${one.title}: ${one.right}. ${one.why}`)));
  at("summary-title").focus();
}

function item(text) {
  const made = document.createElement("li");
  made.textContent = text;
  return made;
}

/* --- the best score: an account's is the server's, a guest's is this browser's --- */

function kept(name, usual) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? usual;
  } catch {
    return usual;
  }
}

/** Ten calls are new once only, whether or not they were played to the end. */
function noteSeed() {
  const known = kept("quick-seeds", []);
  localStorage.setItem("quick-fresh", JSON.stringify(known.includes(round.seed) ? "" : round.round));
  localStorage.setItem("quick-seeds", JSON.stringify([...new Set([...known, round.seed])].slice(-500)));
}

function keepBest() {
  let best = round.best;
  if (main.dataset.guest) {
    best = kept("quick-best", null);
    if (kept("quick-fresh", "") === round.round) {
      best = Math.max(best ?? 0, round.score);
      localStorage.setItem("quick-best", best);
    }
  }
  if (best === null || best === undefined) return "";
  return best === round.score ? "That is your best so far." : `Your best is ${best}.`;
}

function showBest() {
  const best = main.dataset.guest ? kept("quick-best", null) : round?.best;
  if (best === null || best === undefined) return;
  at("best").hidden = false;
  at("best").querySelector("strong").textContent = best;
}

/* --- what is to be seen --- */

function show(section) {
  for (const id of ["start", "play", "summary"]) at(id).hidden = id !== section;
  at("tally").hidden = section === "start";
}

function tell({ state, text }) {
  main.dataset.state = state;
  at("state").textContent = text;
  at("told").hidden = state !== "told";
  if (state !== "clock") answers.forEach((button) => (button.disabled = true));
  document.querySelector(".fuse").classList.toggle("off", state !== "clock" || round.seconds === null);
}

function drawCall() {
  const call = round.call;
  drawTally();
  at("left").textContent = round.seconds ?? "";
  at("bar").style.transform = "";
  document.querySelector(".fuse").classList.remove("short");
  at("spoken").textContent = at("hearing").textContent = "";
  answers.forEach((button) => button.classList.remove("given"));
  at("line").textContent = call.line;
  at("line").className = `line n${call.line}`;
  at("note").hidden = !call.note;
  at("note").textContent = call.note ? `Content note: ${call.note}` : "";
  caption(pressed("captions"));
}

/** What the caller says, for those who want to read it too. */
function caption(on) {
  at("caption").textContent = on ? (round?.call?.text ?? "") : "";
  at("caption").hidden = !at("caption").textContent;
}

function drawTally() {
  at("number").textContent = `${Math.min(round.place + (main.dataset.state === "told" ? 0 : 1), round.calls)} of ${round.calls}`;
  at("score").textContent = round.score;
  at("streak").textContent = round.streak;
}

function captionsOn(on) {
  at("captions").ariaPressed = String(on);
  localStorage.setItem("quick-captions", on ? "on" : "off");
  caption(on);
}

async function voiceOn(on) {
  at("by-voice").ariaPressed = String(on);
  if (!on) return voice.off();
  try {
    await voice.openMicrophone();
    if (["speaking", "clock"].includes(main.dataset.state)) voice.open(here(`/calls/${round.place}/voice`));
    if (main.dataset.state === "clock") voice.listen();
  } catch (error) {
    at("by-voice").ariaPressed = "false";
    trouble(error.message);
  }
}

async function copy() {
  at("link").select();
  try {
    await navigator.clipboard.writeText(at("link").value);
    at("copied").textContent = "Copied.";
  } catch {
    at("copied").textContent = "The link is selected: copy it with the browser's own command.";
  }
}

at("begin").addEventListener("click", () => begin(Number(main.dataset.seed)));
at("go-on").addEventListener("click", () => doing(async () => {
  await caller.unlock();
  await told(here());
  draw();
}));
at("again").addEventListener("click", () => begin(null));
at("next").addEventListener("click", next);
at("copy").addEventListener("click", copy);
at("captions").addEventListener("click", () => captionsOn(!pressed("captions")));
at("by-voice").addEventListener("click", () => voiceOn(!pressed("by-voice")));
answers.forEach((button) => button.addEventListener("click", () => give(button.dataset.decision)));
document.addEventListener("visibilitychange", () => {
  // Another tab may have gone on with the round meanwhile.
  const { state } = main.dataset;
  if (!document.hidden && (state === "told" || state === "clock")) {
    const place = round.place;
    told(here()).then(() => round.place !== place && draw(), () => {});
  }
});
keys({
  ...Object.fromEntries(answers.map((button, place) => [String(place + 1), () => give(button.dataset.decision)])),
  Enter: () => ({ idle: () => begin(Number(main.dataset.seed)), told: next, over: () => begin(null) })[main.dataset.state]?.(),
  c: () => captionsOn(!pressed("captions")),
  v: () => voiceOn(!pressed("by-voice")),
});

captionsOn(localStorage.getItem("quick-captions") === "on");
showBest();
if (main.dataset.round) {
  told(`/quick/rounds/${main.dataset.round}`).then(
    () => {
      at("go-on").hidden = round.over;
      at("go-on").focus();
    },
    () => {},
  );
}
