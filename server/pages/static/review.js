// A review: every decision is a small form; its answer is the same page, of which the changed parts are taken over.
import { clock, keys } from "./site.js";

const LEAD = 2; // seconds before a verdict's evidence from which it is played
const SILENT = 0.02; // of full scale: quieter than anybody speaks
const byId = (id) => document.getElementById(id);
const all = (what) => [...document.querySelectorAll(what)];
const sound = byId("sound");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const open = byId("main").dataset.mode !== "closed";
let current = null; // the criterion of the verdict that the keys are about
let turn = null; // the moment of the trainee's turn that E corrects
let loud = null; // per column of the waveform, whether anybody is heard; null until it is wanted

// --- sound --------------------------------------------------------------------------------------------------------

function go(seconds) {
  if (!sound) return;
  sound.currentTime = Math.max(0, seconds);
  follow();
}

function toggle() {
  if (!sound) return;
  if (sound.paused) sound.play().catch(() => problem("The sound cannot be played. Load the page again; if that does not help, review by the transcript."));
  else sound.pause();
}

function follow() {
  const at = sound.currentTime;
  byId("at").textContent = clock(at);
  byId("place").value = at;
  byId("place").setAttribute("aria-valuetext", clock(at));
  const rows = all(".talk li:not(.comment)");
  const now = sound.paused ? null : rows.findLast((row) => Number(row.dataset.at) <= at + 0.05);
  rows.forEach((row) => row.classList.toggle("now", row === now));
  if (now && !calm.matches) now.scrollIntoView({ block: "nearest" });
  if (!sound.paused && byId("skip").checked) skip(at);
}

function skip(at) {
  if (!loud?.length) return;
  const here = Math.floor((at / sound.duration) * loud.length);
  const next = loud.indexOf(true, here);
  const to = ((next < 0 ? loud.length : next) / loud.length) * sound.duration - 0.3;
  if (to - at > 1) sound.currentTime = to;
}

async function silences() {
  if (loud || !byId("skip").checked) return;
  const answer = await fetch(byId("sound").src.replace(/recording$/, "timeline"));
  const { wave } = answer.ok ? await answer.json() : {};
  loud = wave ? wave.peaks[0].map((_, at) => wave.peaks.some((lane) => lane[at][1] - lane[at][0] > SILENT)) : [];
}

// --- verdicts -----------------------------------------------------------------------------------------------------

const verdicts = () => all(".verdicts > li");
const chosen = () => verdicts().find((one) => one.dataset.criterion === current);

function choose(verdict, { cue = true } = {}) {
  if (!verdict) return;
  current = verdict.dataset.criterion;
  verdicts().forEach((one) => one.classList.toggle("current", one === verdict));
  verdict.focus({ preventScroll: true });
  verdict.scrollIntoView({ block: "nearest" });
  const moments = [...verdict.querySelectorAll(".moment")];
  highlight(moments);
  turn = moments.find((one) => one.dataset.who === "trainee")?.dataset.at ?? null;
  if (cue && moments.length) go(Number(moments[0].dataset.at) - LEAD);
}

function highlight(moments) {
  all(".talk li.evidence").forEach((row) => row.classList.remove("evidence"));
  all(".said mark").forEach((mark) => mark.replaceWith(mark.textContent));
  const rows = moments.map((moment) => lit(moment)).filter(Boolean);
  rows[0]?.scrollIntoView({ block: "nearest" });
}

function lit(moment) {
  const { at, who } = moment.dataset;
  const side = who === "trainee" || who === "caller" ? who : "call";
  const rows = all(`.talk li.${side}`);
  const near = rows.reduce((best, row) => (away(row, at) < away(best, at) ? row : best), rows[0]);
  if (!near || away(near, at) > 3) return null;
  near.classList.add("evidence");
  mark(near.querySelector(".said"), moment.parentElement.querySelector("q").textContent);
  return near;
}

const away = (row, at) => Math.abs(Number(row.dataset.at) - Number(at));

function mark(said, quote) {
  const text = said.textContent;
  const from = text.indexOf(quote);
  if (from < 0 || quote === text) return;
  const ink = document.createElement("mark");
  ink.textContent = quote;
  said.replaceChildren(text.slice(0, from), ink, text.slice(from + quote.length));
}

function move(by) {
  const list = verdicts();
  const at = list.indexOf(chosen());
  choose(list[Math.max(0, Math.min(list.length - 1, at + by))]);
}

function act(name) {
  const button = chosen()?.querySelector(`[data-act=${name}]`);
  if (button?.disabled) problem(button.title);
  else button?.click();
}

function change(result) {
  const panel = chosen()?.querySelector(".change");
  if (!panel) return act(result);
  panel.open = true;
  const radio = panel.querySelector(result ? `[value=${result}]` : "input[type=radio]:not(:disabled)");
  if (result && !radio.disabled) radio.checked = true;
  (result ? panel.querySelector("[name=reason]") : radio).focus();
}

// --- saying it to the server --------------------------------------------------------------------------------------

const problem = (text) => (byId("problem").textContent = text);

async function send(form, submitter) {
  byId("saved")?.replaceChildren("Saving…");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, submitter)) });
    if (!answer.ok) throw new Error(await answer.text());
    problem("");
    return answer;
  } catch (error) {
    byId("saved")?.replaceChildren("Not saved");
    problem(error instanceof TypeError ? "The server cannot be reached: nothing was saved. Try again." : error.message);
    return null;
  }
}

async function swap(form, submitter) {
  const after = form.closest(".verdicts > li")?.dataset.criterion;
  const answer = await send(form, submitter);
  if (!answer) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const places = all(".pane").map((pane) => pane.scrollTop);
  ["work", "foot"].forEach((id) => byId(id).replaceWith(document.importNode(fresh.getElementById(id), true)));
  all(".pane").forEach((pane, at) => (pane.scrollTop = places[at]));
  if (after && submitter?.value !== "undo") advance(after);
  else choose(first(chosen()), { cue: false });
}

/** That verdict while it waits, else the first that does. */
function first(verdict) {
  if (verdict?.classList.contains("waiting")) return verdict;
  return verdicts().find((one) => one.classList.contains("waiting")) ?? verdict ?? verdicts()[0];
}

function advance(after) {
  const list = verdicts();
  const at = list.findIndex((one) => one.dataset.criterion === after);
  const waiting = [...list.slice(at + 1), ...list.slice(0, at)].find((one) => one.classList.contains("waiting"));
  if (waiting) choose(waiting);
  else {
    choose(list[at], { cue: false });
    document.querySelector("#sign button")?.focus();
  }
}

async function sign() {
  const answer = byId("sign") && (await send(byId("sign")));
  if (answer) location.assign(answer.url);
}

function edit() {
  const rows = all(".talk li.trainee");
  const row = rows.find((one) => turn !== null && away(one, turn) < 0.2) ?? rows[0];
  const panel = row?.querySelector(".edit");
  if (!panel) return;
  panel.open = true;
  panel.querySelector("textarea").focus();
}

function remark() {
  if (!byId("comment")) return;
  const form = byId("comment");
  form.elements.moment.value = (sound?.currentTime ?? 0).toFixed(1);
  form.elements.text.focus();
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "sign" && !("swap" in event.target.dataset)) return;
  event.preventDefault();
  if (event.target.id === "sign") sign();
  else swap(event.target, event.submitter);
});
document.addEventListener("click", ({ target }) => {
  const row = target.closest(".talk li.trainee");
  if (row) turn = row.dataset.at;
  if (target.classList.contains("moment")) {
    go(Number(target.dataset.at) - LEAD / 4);
    if (sound?.paused) toggle();
  } else if (!target.closest("button, a, input, summary, label, textarea, select")) {
    choose(target.closest(".verdicts > li"));
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey && open) {
    event.preventDefault();
    sign();
  } else if (event.key === "Escape" && event.target.matches("input, textarea, select")) {
    event.target.closest("details")?.removeAttribute("open");
    choose(chosen() ?? verdicts()[0], { cue: false });
  }
});
if (sound) {
  ["timeupdate", "seeked", "ended"].forEach((name) => sound.addEventListener(name, follow));
  ["play", "pause"].forEach((name) =>
    sound.addEventListener(name, () => {
      byId("play").textContent = sound.paused ? "Play" : "Pause";
      byId("play").setAttribute("aria-pressed", String(!sound.paused));
    }),
  );
  sound.addEventListener("error", () => {
    byId("play").disabled = true;
    byId("play").textContent = "No sound";
  });
  byId("play").addEventListener("click", toggle);
  byId("place").addEventListener("input", ({ target }) => go(Number(target.value)));
  byId("speed").addEventListener("change", ({ target }) => (sound.playbackRate = Number(target.value)));
  byId("skip").addEventListener("change", silences);
}
keys({
  " ": toggle,
  ArrowLeft: () => go(sound?.currentTime - 5),
  ArrowRight: () => go(sound?.currentTime + 5),
  j: () => move(1),
  k: () => move(-1),
  ...(open && {
    a: () => act("agree"),
    c: () => change(),
    n: () => act("none"),
    1: () => change("met"),
    2: () => change("partial"),
    3: () => change("unmet"),
    u: () => byId("undo").requestSubmit(),
    e: edit,
    m: remark,
  }),
});
choose(first());
