// The call's socket, on a thread of its own: a page that is busy drawing must not make the caller stutter. Sound goes
// straight between the socket and the sound's thread. The socket is taken up again when the network was away.

const KEEP_TRYING = 12000; // ms; the server gives the call up after ten seconds
const AGAIN_AFTER = 400;
const TAKEN = 4409;
const REFUSED = [1008, 1009, 4410];
const MOST_BUFFERED = 64000; // bytes that may wait for a slow network before sound is left out

let address = "";
let socket = null;
let playback = null;
let done = false;
let awaySince = null;

const open = () => socket?.readyState === WebSocket.OPEN;

function connect() {
  socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    awaySince = null;
    postMessage({ state: "open" });
  };
  socket.onmessage = ({ data }) => (data instanceof ArrayBuffer ? playback.postMessage(data, [data]) : told(JSON.parse(data)));
  socket.onclose = ({ code, reason }) => closed(code, reason);
}

function told(message) {
  if (message.type === "flush") playback.postMessage({ epoch: message.epoch });
  else postMessage({ message });
}

function closed(code, reason) {
  if (done) return;
  awaySince ??= Date.now();
  const over = Date.now() - awaySince > KEEP_TRYING;
  if (code === TAKEN || REFUSED.includes(code) || over) {
    done = true;
    postMessage({ state: code === TAKEN ? "taken" : "closed", reason: over ? "The network did not come back" : reason });
    return;
  }
  postMessage({ state: "away" });
  setTimeout(connect, AGAIN_AFTER);
}

const DOES = {
  capture: (port) => (port.onmessage = ({ data }) => open() && socket.bufferedAmount < MOST_BUFFERED && socket.send(data)),
  playback: (port) => {
    playback = port;
    port.onmessage = ({ data }) => open() && socket.send(JSON.stringify({ type: "played", ...data }));
  },
  address: (given) => {
    address = given;
    connect();
  },
  tell: (message) => open() && socket.send(JSON.stringify(message)),
  close: () => {
    done = true;
    socket?.close();
  },
};

onmessage = ({ data }) => Object.entries(data).forEach(([name, value]) => DOES[name](value));
