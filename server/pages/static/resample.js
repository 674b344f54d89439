// A streaming change of sample rate with a low-pass (windowed sinc): speech above the new half rate would fold back.
const PHASES = 128;
const ZEROS = 12; // zero crossings on each side: about 60 dB in the stop band

function kernel(cutoff, half) {
  const table = new Float32Array((PHASES + 1) * half * 2);
  for (let phase = 0; phase <= PHASES; phase++) {
    let sum = 0;
    for (let tap = 0; tap < half * 2; tap++) {
      const x = tap - half + 1 - phase / PHASES;
      const sinc = x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x);
      const window = Math.abs(x) >= half ? 0 : 0.42 + 0.5 * Math.cos((Math.PI * x) / half) + 0.08 * Math.cos((2 * Math.PI * x) / half);
      sum += table[phase * half * 2 + tap] = sinc * window;
    }
    for (let tap = 0; tap < half * 2; tap++) table[phase * half * 2 + tap] /= sum;
  }
  return table;
}

export class Resampler {
  constructor(from, to) {
    this.step = from / to;
    this.same = from === to;
    const stretch = Math.max(1, this.step);
    this.half = Math.ceil(ZEROS * stretch);
    this.table = kernel((0.5 / stretch) * 0.94, this.half);
    this.reset();
  }

  reset() {
    this.held = new Float32Array(this.half * 2 - 1); // the past, silent at first
    this.at = this.half - 1; // where in `held` the next sample lies
  }

  /** Take samples; returns the new ones that they complete. */
  push(samples) {
    if (this.same) return samples;
    const all = new Float32Array(this.held.length + samples.length);
    all.set(this.held);
    all.set(samples, this.held.length);
    const out = new Float32Array(Math.max(0, Math.ceil((all.length - this.half - this.at) / this.step)));
    let count = 0;
    while (Math.floor(this.at) + this.half < all.length && count < out.length) {
      out[count++] = this.one(all, this.at);
      this.at += this.step;
    }
    const drop = Math.max(0, Math.floor(this.at) - this.half + 1);
    this.held = all.slice(drop);
    this.at -= drop;
    return out.subarray(0, count);
  }

  one(all, at) {
    const whole = Math.floor(at);
    const row = Math.round((at - whole) * PHASES) * this.half * 2;
    const first = whole - this.half + 1;
    let sum = 0;
    for (let tap = 0; tap < this.half * 2; tap++) sum += all[first + tap] * this.table[row + tap];
    return sum;
  }
}
