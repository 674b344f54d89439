// The call's socket: kept open, taken up again when the network was away for a few seconds.

const KEEP_TRYING = 12000; // the server gives the call up after ten seconds
const TAKEN = 4409;
const REFUSED = [1008, 1009, 4410];

export class Line {
  /** `sound(buffer)`, `message(object)`, `state("open" | "away" | "taken" | "closed", reason)`. */
  constructor(call, { sound, message, state }) {
    Object.assign(this, { sound, message, state });
    const tab = (sessionStorage.tab ??= crypto.randomUUID());
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.address = `${scheme}://${location.host}/calls/${call}/line?tab=${tab}`;
    this.done = false;
    this.connect();
  }

  connect() {
    const socket = (this.socket = new WebSocket(this.address));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.awaySince = null;
      this.state("open");
    };
    socket.onmessage = ({ data }) => (data instanceof ArrayBuffer ? this.sound(data) : this.message(JSON.parse(data)));
    socket.onclose = ({ code, reason }) => this.closed(code, reason);
  }

  closed(code, reason) {
    if (this.done) return;
    if (code === TAKEN || REFUSED.includes(code)) {
      this.done = true;
      this.state(code === TAKEN ? "taken" : "closed", reason);
      return;
    }
    this.awaySince ??= Date.now();
    if (Date.now() - this.awaySince > KEEP_TRYING) {
      this.done = true;
      this.state("closed", "the network did not come back");
      return;
    }
    this.state("away");
    setTimeout(() => this.connect(), 400);
  }

  get open() {
    return this.socket.readyState === WebSocket.OPEN;
  }

  voice(buffer) {
    if (this.open && this.socket.bufferedAmount < 64000) this.socket.send(buffer);
  }

  /** Whether it went out. */
  tell(object) {
    if (!this.open) return false;
    this.socket.send(JSON.stringify(object));
    return true;
  }

  close() {
    this.done = true;
    this.socket.close();
  }
}
