// The live board: the server sends the newest state, the page shows it in place; and the sound of one call at a time.
import { clock, keys } from "./site.js";

const byId = (id) => document.getElementById(id);
const list = byId("calls");
const rows = new Map(); // call -> its row
let context = null;
let heard = null; // { call, socket, node } of the call that is listened to

const WHO = { trainee: "Trainee", caller: "Caller", call: "" };
const CLOCKS = { answer: "Answer", location: "Location", decision: "Decision" };
const make = (name, text, kind = "") => Object.assign(document.createElement(name), { textContent: text, className: kind });

// --- the calls --------------------------------------------------------------------------------------------------

function show({ calls, figures }) {
  for (const [name, value] of Object.entries(figures)) byId(name).textContent = value;
  byId("none").hidden = calls.length > 0;
  const there = new Set(calls.map((call) => call.call_id));
  for (const [id, row] of rows) {
    if (there.has(id)) continue;
    if (heard?.call === id) stop();
    row.remove();
    rows.delete(id);
  }
  for (const call of calls) fill(rows.get(call.call_id) ?? added(call), call);
}

function added(call) {
  const row = byId("row").content.firstElementChild.cloneNode(true);
  row.querySelector(".listen").addEventListener("click", () => toggle(call.call_id));
  row.dataset.call = call.call_id;
  rows.set(call.call_id, row);
  list.append(row);
  return row;
}

function fill(row, call) {
  const put = (name, text) => (row.querySelector(name).textContent = text);
  put(".line", call.line);
  row.querySelector(".line").className = `line n${call.line}`;
  put(".title", call.title);
  put(".phase", call.phase);
  put(".name", call.name || "no name");
  put(".by", `by ${call.handset}`);
  put(".now", clock(call.now));
  row.querySelector(".live-clocks").replaceChildren(...call.clocks.map(oneClock), make("span", call.decided, "decided"));
  row.querySelector(".last").replaceChildren(...call.rows.map(({ who, text }) => make("p", `${WHO[who] ? `${WHO[who]}: ` : ""}${text}`, who)));
  const others = call.listeners.length ? `${call.listeners.join(", ")} ${call.listeners.length === 1 ? "listens" : "listen"}. ` : "";
  put(".others", others + (call.tells ? "" : "The trainee is not shown who listens."));
  mark(row);
}

function oneClock({ name, seconds, stopped, late }) {
  const state = stopped ? (late ? "✗ late" : "✓") : late ? "✗ late" : "…";
  return make("span", `${CLOCKS[name]} ${clock(seconds)} ${state}`, late ? "late" : stopped ? "in-time" : "quiet");
}

const source = new EventSource("/board/events");
source.onmessage = ({ data }) => {
  byId("trouble").textContent = "";
  show(JSON.parse(data));
};
source.onerror = () => {
  if (source.readyState === EventSource.CLOSED) byId("trouble").textContent = "The board is no longer kept up to date: load this page again.";
};

// --- listening in -----------------------------------------------------------------------------------------------

function toggle(call) {
  const same = heard?.call === call;
  stop();
  if (!same) start(call).catch((error) => (byId("trouble").textContent = `The sound could not be opened: ${error.message}`));
}

async function start(call) {
  if (!context) {
    context = new AudioContext({ latencyHint: "interactive" });
    await context.audioWorklet.addModule("/static/worklets.js");
  }
  await context.resume();
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/board/${call}/listen`);
  socket.binaryType = "arraybuffer";
  const mine = (heard = { call, socket, node: null });
  socket.onmessage = ({ data }) => (data instanceof ArrayBuffer ? mine.node.port.postMessage(data, [data]) : (mine.node = player(JSON.parse(data).rate)));
  socket.onclose = () => heard === mine && stop();
  rows.forEach(mark);
}

function player(rate) {
  const options = { numberOfInputs: 0, outputChannelCount: [1], processorOptions: { rate, most: 1.0 } };
  const node = new AudioWorkletNode(context, "playback", options);
  node.connect(context.destination);
  return node;
}

function stop() {
  const mine = heard;
  heard = null;
  mine?.socket.close();
  mine?.node?.disconnect();
  rows.forEach(mark);
}

function mark(row) {
  const on = heard?.call === row.dataset.call;
  row.classList.toggle("current", on);
  const button = row.querySelector(".listen");
  button.setAttribute("aria-pressed", String(on));
  button.textContent = on ? "Stop listening" : "Listen in";
  button.setAttribute("aria-label", `${on ? "Stop listening" : "Listen in"} to ${row.querySelector(".name").textContent}`);
}

const at = () => [...list.children].findIndex((row) => row.contains(document.activeElement));
const move = (by) => list.children[(at() + by + list.children.length) % list.children.length]?.focus();
keys({ j: () => move(1), k: () => move(at() < 0 ? 0 : -1), l: () => (list.children[Math.max(0, at())] ? toggle(list.children[Math.max(0, at())].dataset.call) : null) });
addEventListener("pagehide", stop);
