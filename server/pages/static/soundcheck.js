// Ten seconds before the first call: does the microphone hear, and do the headphones sound?
import { devices, loudness } from "./sound.js";

const HEAR = 5; // seconds of listening, then as many of playing it back
const byId = (id) => document.getElementById(id);

export async function listDevices() {
  const [microphones, headphones] = await devices();
  fill(byId("microphone"), microphones, "The usual one");
  fill(byId("headphones"), headphones, "The usual ones");
}

function fill(select, found, usual) {
  const chosen = select.value;
  select.replaceChildren(new Option(usual, ""), ...found.map((one, at) => new Option(one.label || `Device ${at + 1}`, one.deviceId)));
  select.value = found.some((one) => one.deviceId === chosen) ? chosen : "";
}

export function showLevel(buffer) {
  byId("level").value = loudness(buffer).level;
}

/** Hear the trainee for some seconds, say how it was, and play it back. `frames` gives each 20 ms as they come. */
export async function soundCheck(sound, frames) {
  const said = byId("verdict");
  said.textContent = "Say: police emergency, what is the address?";
  const heard = [];
  await new Promise((done) => {
    const end = performance.now() + HEAR * 1000;
    frames((buffer) => {
      heard.push(buffer.slice(0));
      if (performance.now() >= end) done();
    });
    setTimeout(done, HEAR * 1000 + 500);
  });
  frames(null);
  const verdict = judge(heard);
  said.textContent = `${verdict} Now you hear yourself.`;
  sound.flush(0);
  heard.forEach((buffer) => sound.play(buffer));
  await new Promise((done) => setTimeout(done, HEAR * 1000));
  said.textContent = `${verdict} If you did not hear yourself, choose other headphones.`;
}

function judge(heard) {
  if (!heard.length) return "Nothing came from the microphone: choose another.";
  const levels = heard.map((buffer) => loudness(buffer));
  const loudest = levels.map(({ level }) => level).sort((a, b) => b - a)[Math.floor(levels.length / 20)];
  if (loudest < -70) return "The microphone is silent: it may be muted on the headset.";
  if (loudest < -42) return "You are too quiet: bring the microphone nearer.";
  if (levels.filter(({ clipped }) => clipped).length > 5) return "You are too loud: move the microphone away a little.";
  return "Your voice is clear.";
}
