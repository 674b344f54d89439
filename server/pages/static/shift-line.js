// The shift's own socket: who waits, what is known, and what is written. Taken up again when the network was away.

const AGAIN_AFTER = 500;
const REFUSED = [1008, 1009, 4410];

export class ShiftLine {
  /** `message(object)`; `state("open" | "away" | "closed", reason)`. */
  constructor(shift, { message, state }) {
    Object.assign(this, { message, state, done: false });
    this.address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/shift/${shift}/line`;
    this.connect();
  }

  connect() {
    this.socket = new WebSocket(this.address);
    this.socket.onopen = () => this.state("open");
    this.socket.onmessage = ({ data }) => this.message(JSON.parse(data));
    this.socket.onclose = ({ code, reason }) => this.closed(code, reason);
  }

  closed(code, reason) {
    if (this.done) return;
    if (REFUSED.includes(code)) return this.state("closed", reason);
    this.state("away");
    setTimeout(() => this.connect(), AGAIN_AFTER);
  }

  tell(object) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(object));
  }

  close() {
    this.done = true;
    this.socket.close();
  }
}
