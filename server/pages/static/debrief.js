// The debrief: one timeline of both voices; every moment can be heard.
import { clock, keys } from "./site.js";

const LEAD = 2; // seconds before a verdict's evidence from which it is played
const byId = (id) => document.getElementById(id);
const main = byId("main");
const sound = byId("sound");
const canvas = byId("wave");
const seek = byId("seek");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const verdicts = [...document.querySelectorAll(".verdicts li")];
const talk = [...document.querySelectorAll(".talk li")];
let shown = { seconds: 0, wave: null, facts: [], events: [] };
let current = -1;

const length = () => shown.wave?.seconds || shown.seconds || 1;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// --- drawing ----------------------------------------------------------------------------------------------------

const LANE = 48;
const MARKS = 96; // where the lanes end and the marks begin
const HEIGHT = 194;

function draw() {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  canvas.width = width * ratio;
  canvas.height = HEIGHT * ratio;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.font = "12px system-ui, sans-serif";
  ["--lane-you", "--lane-caller"].forEach((name, lane) => wave(pen, lane, colour(name), width));
  FACT_ROWS.forEach((row, place) => factRow(pen, row, place, width));
  shown.events.forEach((event) => mark(pen, event, width));
  axis(pen, width);
  playhead(pen, width);
}

function axis(pen, width) {
  const step = [5, 10, 15, 30, 60, 120, 300].find((seconds) => (seconds / length()) * width > 50) ?? 600;
  pen.fillStyle = colour("--quiet");
  pen.textAlign = "center";
  for (let at = step; at < length() - step / 4; at += step) pen.fillText(clock(at), (at / length()) * width, HEIGHT - 3);
}

function wave(pen, lane, ink, width) {
  const middle = lane * LANE + LANE / 2;
  pen.strokeStyle = colour("--edge");
  pen.strokeRect(0, middle, width, 0);
  const columns = shown.wave?.peaks[lane] ?? [];
  pen.fillStyle = ink;
  columns.forEach(([low, high], at) => {
    const top = middle - Math.sqrt(Math.max(0, high)) * (LANE / 2 - 1);
    const foot = middle + Math.sqrt(Math.max(0, -low)) * (LANE / 2 - 1);
    pen.fillRect((at / columns.length) * width, top, Math.max(1, width / columns.length - 0.3), Math.max(0.5, foot - top));
  });
}

const FACT_ROWS = [
  ["asked", ["asked"], "--lane-you"],
  ["told", ["told"], "--lane-caller"],
  ["read back", ["read_back_right", "read_back_wrong"], "--green"],
  ["recorded", ["recorded"], "--amber"],
];
const ROW = 13;

function factRow(pen, [title, kinds, ink], place, width) {
  const top = MARKS + 6 + place * ROW;
  pen.fillStyle = colour("--edge");
  pen.fillRect(0, top + ROW / 2, width, 0.5);
  for (const { at, kind } of shown.facts.flatMap((fact) => fact.points).filter((point) => kinds.includes(point.kind))) {
    pen.fillStyle = colour(kind === "read_back_wrong" ? "--red" : ink);
    const x = (at / length()) * width;
    if (kind === "read_back_wrong") pen.fillText("×", x - 3, top + ROW - 2);
    else pen.fillRect(x - 2, top + 2, 5, ROW - 4);
  }
  pen.fillStyle = colour("--quiet");
  pen.textAlign = "left";
  pen.fillText(title, 2, top + ROW - 3);
}

function mark(pen, { at, kind }, width) {
  const signs = { decision: "▼", event: "◆", hold: "‖", trouble: "!", end: "■" };
  pen.fillStyle = colour(kind === "trouble" ? "--red" : "--ink");
  pen.textAlign = "center";
  pen.fillText(signs[kind] ?? "·", (at / length()) * width, MARKS + 74);
}

function playhead(pen, width) {
  pen.fillStyle = colour("--ink");
  pen.fillRect((sound.currentTime / length()) * width - 1, 0, 2, HEIGHT);
}

// --- hearing ----------------------------------------------------------------------------------------------------

function go(seconds, play = true) {
  sound.currentTime = Math.max(0, Math.min(length(), seconds));
  if (play && sound.src) sound.play();
  follow();
}

function follow() {
  const at = sound.currentTime;
  byId("at").textContent = clock(at);
  seek.setAttribute("aria-valuenow", Math.round(at));
  seek.setAttribute("aria-valuetext", clock(at));
  const now = talk.findLast((row) => Number(row.dataset.at) <= at + 0.05);
  talk.forEach((row) => row.classList.toggle("now", row === now && !sound.paused));
  draw();
  if (!sound.paused && !calm.matches) requestAnimationFrame(follow);
}

function playing() {
  byId("play").textContent = sound.paused ? "Play" : "Pause";
  byId("play").setAttribute("aria-pressed", String(!sound.paused));
  follow();
}

const toggle = () => sound.src && (sound.paused ? sound.play() : sound.pause());

function verdict(by) {
  verdicts[current]?.classList.remove("current");
  current = Math.max(0, Math.min(verdicts.length - 1, current + by));
  const chosen = verdicts[current];
  chosen.classList.add("current");
  chosen.focus({ preventScroll: true });
  chosen.scrollIntoView({ block: "nearest" });
  const moment = chosen.querySelector(".moment");
  if (moment) go(Number(moment.dataset.at) - LEAD);
}

["play", "pause", "ended", "seeked"].forEach((name) => sound.addEventListener(name, playing));
sound.addEventListener("timeupdate", () => calm.matches && follow());
sound.addEventListener("error", () => {
  byId("play").disabled = true;
  byId("play").textContent = "No sound";
});
byId("play").addEventListener("click", toggle);
byId("speed").addEventListener("change", ({ target }) => (sound.playbackRate = Number(target.value)));
canvas.addEventListener("click", ({ offsetX }) => go((offsetX / canvas.clientWidth) * length()));
main.addEventListener("click", ({ target }) => target.classList.contains("moment") && go(Number(target.dataset.at) - LEAD / 2));
seek.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -10, PageUp: 10, Home: -1e9, End: 1e9 };
  if (!(event.key in steps)) return;
  event.preventDefault();
  go(sound.currentTime + steps[event.key], !sound.paused);
});
addEventListener("resize", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
keys({
  " ": toggle,
  ArrowLeft: () => go(sound.currentTime - 5, !sound.paused),
  ArrowRight: () => go(sound.currentTime + 5, !sound.paused),
  j: () => verdict(1),
  k: () => verdict(-1),
  t: () => byId("again").requestSubmit(),
});

const answer = await fetch(`/calls/${main.dataset.call}/timeline`);
if (answer.ok) shown = await answer.json();
draw();
