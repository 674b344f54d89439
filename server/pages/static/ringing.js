// The console's ring: the United Kingdom's cadence, quiet, and silenced at once when the call is answered.
const ON = [0, 0.4, 0.6, 1.0]; // seconds of a three-second cycle: on, off, on, off

export class Ringing {
  start(context) {
    this.gain = new GainNode(context, { gain: 0 });
    this.tones = [400, 450].map((frequency) => new OscillatorNode(context, { frequency }));
    this.tones.forEach((tone) => tone.connect(this.gain).connect(context.destination));
    for (let cycle = 0; cycle < 20; cycle++) {
      ON.forEach((at, turn) => this.gain.gain.setValueAtTime(turn % 2 ? 0 : 0.05, context.currentTime + cycle * 3 + at));
    }
    this.tones.forEach((tone) => tone.start());
  }

  stop() {
    this.tones?.forEach((tone) => tone.stop());
    this.gain?.disconnect();
    this.tones = null;
  }
}
