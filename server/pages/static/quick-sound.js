// The caller's voice out, and the player's voice in, for the quick calls.
import { explain, Sound } from "./sound.js";

export const HEADER = 44; // bytes of a WAV file that holds nothing
const UNLOCKED_WITHIN = 1000; // ms; a machine without a loudspeaker may never answer

/** Plays one WAV after the other. Browsers allow sound once somebody has touched the page: call `unlock` then. */
export class Caller {
  unlock() {
    this.context ??= new AudioContext();
    return Promise.race([this.context.resume(), new Promise((done) => setTimeout(done, UNLOCKED_WITHIN))]);
  }

  /** Play a WAV; true once it was heard to the end, false where there was nothing or it may not sound. */
  async play(wav) {
    this.stop();
    if (wav.byteLength <= HEADER) return false; // decoding takes the buffer away
    this.context ??= new AudioContext();
    const buffer = await this.context.decodeAudioData(wav);
    if (this.context.state !== "running") return false;
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.context.destination);
    this.source = source;
    return new Promise((done) => {
      source.onended = () => done(this.source === source);
      source.start();
    });
  }

  stop() {
    const source = this.source;
    this.source = null;
    source?.stop();
  }
}

/** The microphone to the server's recogniser, while a call waits for its answer. */
export class Voice {
  constructor(told) {
    this.told = told;
    this.on = false;
    this.hearing = false;
    this.listening = false;
    this.sound = new Sound({ heard: (frame) => this.send(frame), lost: (why) => told.failed(why) });
  }

  /** Raises an error that says what to do where there is no microphone to be had. */
  async openMicrophone() {
    if (!window.isSecureContext || !navigator.mediaDevices) throw new Error(explain({}));
    await this.sound.open();
    this.on = true;
  }

  open(path) {
    this.close();
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
    socket.onmessage = ({ data }) => this.take(JSON.parse(data));
    this.socket = socket;
  }

  /** From now on what is said is an answer. */
  listen() {
    this.listening = true;
  }

  send(frame) {
    if (this.listening && this.socket?.readyState === WebSocket.OPEN) this.socket.send(frame);
  }

  take(message) {
    this.hearing = message.type === "hearing";
    if (message.type === "hearing") this.told.hearing();
    else if (message.type === "failed") this.told.failed(message.why);
    else this.told[message.type]?.(message.text);
  }

  close() {
    this.hearing = this.listening = false;
    this.socket?.close();
    this.socket = null;
  }

  off() {
    this.on = false;
    this.close();
    return this.sound.close();
  }
}
