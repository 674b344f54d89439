// The page's end of the call's socket; the socket itself is in `line-worker.js`.

export class Line {
  /** `message(object)`; `state("open" | "away" | "taken" | "closed", reason)`. */
  constructor(call, sound, { message, state }) {
    const tab = (sessionStorage.tab ??= crypto.randomUUID());
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.worker = new Worker("/static/line-worker.js");
    this.worker.onmessage = ({ data }) => (data.state ? state(data.state, data.reason) : message(data.message));
    sound.wire((ports) => this.worker.postMessage(ports, Object.values(ports)));
    this.worker.postMessage({ address: `${scheme}://${location.host}/calls/${call}/line?tab=${tab}` });
  }

  tell(object) {
    this.worker.postMessage({ tell: object });
  }

  close() {
    this.worker.postMessage({ close: true });
  }
}
