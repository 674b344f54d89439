// Microphone and headphones: opened, watched, and explained when they are not to be had.

const WANTED = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };

export class SoundError extends Error {}

/** What went wrong, and what to do, in the words of whoever sits there. */
export function explain(error) {
  if (!window.isSecureContext || !navigator.mediaDevices) {
    return `Browsers give the microphone only to pages on this very computer or over https. This page came from ${location.origin}: open http://localhost:${location.port || 80} on the computer that runs Right Call, or ask your administrator for its https address.`;
  }
  const said = {
    NotAllowedError: "The browser was not allowed to use the microphone. Click the padlock or the microphone sign beside the page's address, allow the microphone, and try again.",
    NotFoundError: "There is no microphone on this computer. Plug in a headset and try again.",
    NotReadableError: "The microphone is in use by another program, or its plug is loose. Close the other program and try again.",
    OverconstrainedError: "The microphone that was chosen is not there any more. Choose another.",
  };
  return said[error.name] ?? `The sound could not be opened: ${error.message}`;
}

export class Sound {
  /** `heard(buffer)` for each 20 ms of the microphone while it is watched; `lost(text)` when the microphone goes. */
  constructor({ heard, lost }) {
    Object.assign(this, { heard, lost, watched: true, muted: false });
  }

  async open(microphone = "", headphones = "") {
    if (!window.isSecureContext || !navigator.mediaDevices) throw new SoundError(explain({}));
    this.context ??= new AudioContext({ latencyHint: "interactive" });
    await this.context.resume();
    if (!this.playback) {
      await this.context.audioWorklet.addModule("/static/worklets.js");
      this.playback = new AudioWorkletNode(this.context, "playback", { numberOfInputs: 0, outputChannelCount: [1] });
      this.playback.connect(this.context.destination);
    }
    await this.choose(microphone, headphones);
  }

  /** Take these devices from now on. */
  async choose(microphone, headphones) {
    if (headphones && this.context.setSinkId) await this.context.setSinkId(headphones).catch(() => {});
    const audio = microphone ? { ...WANTED, deviceId: { exact: microphone } } : WANTED;
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio });
    } catch (error) {
      throw new SoundError(explain(error));
    }
    this.release();
    this.stream = stream;
    stream.getAudioTracks()[0].addEventListener("ended", () => this.lost("The microphone was unplugged or taken away. Plug it in again or choose another: the call goes on."));
    this.source = this.context.createMediaStreamSource(stream);
    this.capture = new AudioWorkletNode(this.context, "capture", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    this.capture.port.onmessage = ({ data }) => this.heard(data);
    this.capture.port.postMessage({ muted: this.muted, watched: this.watched });
    this.source.connect(this.capture);
    this.connect?.({ capture: channel(this.capture) });
  }

  /** From now on sound goes through the ports that `connect` is given, `capture` anew for each microphone. */
  wire(connect) {
    this.connect = connect;
    connect({ playback: channel(this.playback), capture: channel(this.capture) });
  }

  /** Whether the page sees the microphone's sound too. */
  watch(on) {
    this.watched = on;
    this.capture?.port.postMessage({ watched: on });
  }

  mute(on) {
    this.muted = on;
    this.capture?.port.postMessage({ muted: on });
  }

  play(buffer) {
    this.playback.port.postMessage(buffer, [buffer]);
  }

  flush(epoch) {
    this.playback.port.postMessage({ epoch });
  }

  release() {
    this.source?.disconnect();
    this.stream?.getTracks().forEach((track) => track.stop());
  }

  async close() {
    this.release();
    await this.context?.close();
    this.context = this.playback = this.connect = undefined;
  }
}

function channel(node) {
  const { port1, port2 } = new MessageChannel();
  node.port.postMessage({ wire: port1 }, [port1]);
  return port2;
}

/** The devices as [microphones, headphones]; their names are known once the microphone was allowed. */
export async function devices() {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return ["audioinput", "audiooutput"].map((kind) => all.filter((one) => one.kind === kind && one.deviceId && one.deviceId !== "default"));
}

/** The loudness of 16-bit samples, in dB below full scale; and whether they are cut off at the top. */
export function loudness(buffer) {
  const samples = new Int16Array(buffer);
  let sum = 0;
  let clipped = false;
  for (const sample of samples) {
    sum += sample * sample;
    clipped ||= Math.abs(sample) > 32600;
  }
  return { level: 10 * Math.log10(sum / samples.length / 32768 ** 2 + 1e-9), clipped };
}
