// One caller of a shift: its own sound and its own socket, so that a held caller stays on the line beside another.
import { Line } from "./line.js";
import { Sound } from "./sound.js";

export class Voice {
  /** `told(message)` has what the call says; `trouble(text)` what went wrong. */
  constructor(call, told, trouble) {
    Object.assign(this, { call, told, trouble, muted: false, held: false, over: false });
    this.sound = new Sound({ heard: () => {}, lost: trouble });
  }

  /** Open microphone and socket. Throws SoundError. */
  async open() {
    await this.sound.open();
    this.sound.watch(false);
    const { context, playback } = this.sound;
    this.ears = new GainNode(context);
    playback.disconnect();
    playback.connect(this.ears).connect(context.destination);
    this.line = new Line(this.call, this.sound, { message: (message) => this.heard(message), state: (name, reason) => this.state(name, reason) });
  }

  state(name, reason) {
    if (name === "open") this.told({ type: "connected" });
    else if (name === "away") this.trouble("The connection is away. The call waits ten seconds for it.");
    else this.end({ type: "failed", why: name === "taken" ? "This call is open in another tab or window." : reason || "The line is dead." });
  }

  heard(message) {
    if (message.type === "ringing" || (message.type === "state" && message.ringing)) this.tell({ type: "answer" });
    if (message.type === "state") this.hold(message.on_hold);
    if (message.type === "held") this.hold(message.on);
    if (["marked", "failed"].includes(message.type)) this.end(message);
    else this.told(message);
  }

  hold(on) {
    this.held = on;
    this.ears.gain.value = on ? 0 : 1;
    this.sound.mute(this.muted || on);
  }

  mute(on) {
    this.muted = on;
    this.sound.mute(on || this.held);
  }

  tell(object) {
    this.line?.tell(object);
  }

  end(message) {
    if (this.over) return;
    this.over = true;
    this.line?.close();
    this.sound.close().catch(() => {});
    this.told(message);
  }
}
