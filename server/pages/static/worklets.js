// Runs beside the page, on the sound's own thread. Capture gives 20 ms frames of 16-bit samples at 16 kHz; playback
// takes the same and tells how many of them the loudspeaker has taken. `wire` is the port to the call's socket.
import { Resampler } from "./resample.js";

const RATE = 16000;
const FRAME = 320;
const REPORT = 640; // samples between two reports: 40 ms

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, RATE);
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
    this.muted = false;
    this.watched = false;
    this.wire = null;
    this.port.onmessage = ({ data }) => Object.assign(this, data);
  }

  process([[mono]]) {
    if (!mono) return true;
    for (const sample of this.resampler.push(mono)) {
      this.frame[this.filled++] = this.muted ? 0 : Math.max(-32768, Math.min(32767, Math.round(sample * 32768)));
      if (this.filled === FRAME) this.send();
    }
    return true;
  }

  send() {
    if (this.watched) this.port.postMessage(this.frame.buffer.slice(0));
    this.wire?.postMessage(this.frame.buffer, [this.frame.buffer]);
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
  }
}

class Playback extends AudioWorkletProcessor {
  /** `rate` of what comes in; `most` seconds that may wait: of more the oldest is left out. */
  constructor({ processorOptions: { rate = RATE, most = Infinity } = {} } = {}) {
    super();
    this.rate = rate;
    this.most = most * sampleRate;
    this.resampler = new Resampler(rate, sampleRate);
    this.empty(0);
    this.wire = null;
    this.port.onmessage = ({ data }) => this.told(data);
  }

  told(data) {
    if (data instanceof ArrayBuffer) this.take(data);
    else if (data.wire) (this.wire = data.wire).onmessage = (message) => this.told(message.data);
    else this.empty(data.epoch);
  }

  empty(epoch) {
    this.epoch = epoch;
    this.queue = [];
    this.place = 0;
    this.consumed = 0;
    this.reported = 0;
    this.resampler.reset();
  }

  take(buffer) {
    const samples = new Int16Array(buffer);
    const floats = new Float32Array(samples.length);
    for (let at = 0; at < samples.length; at++) floats[at] = samples[at] / 32768;
    const ready = this.resampler.push(floats);
    if (ready.length) this.queue.push(ready.slice());
    if (this.most < Infinity) this.shorten();
  }

  shorten() {
    let waiting = this.queue.reduce((sum, chunk) => sum + chunk.length, -this.place);
    while (waiting > this.most && this.queue.length > 1) {
      waiting -= this.queue.shift().length - this.place;
      this.place = 0;
    }
  }

  process(_inputs, [[output]]) {
    let filled = 0;
    while (filled < output.length && this.queue.length) {
      const chunk = this.queue[0];
      const count = Math.min(output.length - filled, chunk.length - this.place);
      output.set(chunk.subarray(this.place, this.place + count), filled);
      filled += count;
      this.place += count;
      if (this.place === chunk.length) {
        this.queue.shift();
        this.place = 0;
      }
    }
    this.consumed += filled;
    this.report();
    return true;
  }

  report() {
    const samples = Math.floor((this.consumed * this.rate) / sampleRate);
    const due = samples - this.reported >= REPORT || (!this.queue.length && samples > this.reported);
    if (!due) return;
    this.reported = samples;
    this.wire?.postMessage({ epoch: this.epoch, samples });
  }
}

registerProcessor("capture", Capture);
registerProcessor("playback", Playback);
