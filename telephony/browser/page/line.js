// The page's end of the line: protocol version 1 over one WebSocket. Knows nothing of sound hardware or of the screen.

const VERSION = 1;
const RATE = 16000;
// Frames that wait in the socket's buffer because the network is stuck; older speech is of no use to anyone.
const MOST_BUFFERED_BYTES = 64000;

/**
 * Open a call. `handlers` has welcome(), audio(ArrayBuffer), mark(name), clear(), caption(kind, text, details),
 * transfer(number, name), and over(reason, {number, name}), which is called exactly once.
 */
export function openLine({ language, microphone }, handlers) {
  const address = new URL("try/call", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  let done = false;
  let open = false;

  function over(reason, facts = {}) {
    if (done) return;
    done = true;
    handlers.over(reason, facts);
    socket.close(1000);
  }

  function send(message) {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }

  function receive(message) {
    switch (message.type) {
      case "welcome":
        open = true;
        handlers.welcome();
        break;
      case "mark": handlers.mark(message.name); break;
      case "clear": handlers.clear(); break;
      case "caption": handlers.caption(message.kind, message.text, message.details); break;
      case "transfer": handlers.transfer(message.number, message.name); break;
      case "refused": over(message.reason, message); break;
      case "error": over(message.reason, message); break;
      case "ended": over(message.reason, message); break;
    }
  }

  socket.onopen = () => send({ type: "hello", version: VERSION, rate: RATE, language, microphone });
  socket.onmessage = ({ data }) => {
    if (done) return;
    if (typeof data === "string") receive(JSON.parse(data));
    else handlers.audio(data);
  };
  socket.onclose = () => over("lost");
  socket.onerror = () => over("lost");

  return {
    frame(buffer) {
      if (open && socket.readyState === WebSocket.OPEN && socket.bufferedAmount < MOST_BUFFERED_BYTES) {
        socket.send(buffer);
      }
    },
    key: (digit) => send({ type: "key", digit }),
    text: (text) => send({ type: "text", text }),
    played: (name) => send({ type: "mark", name }),
    hangUp() {
      send({ type: "hang_up" });
      over("caller_hung_up");
    },
  };
}
