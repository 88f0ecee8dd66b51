// What answered when a TLS handshake failed: another kind of server, or IRC without TLS?
import { createConnection } from "node:net";
import { isIrcOpening } from "../opening.js";
import type { ConnectFailure } from "../status.js";
import type { ServerRequest } from "../transport.js";
import { socketFailure } from "./socket-failure.js";
import { isTlsAnswer, tlsTap } from "./tls-tap.js";

const MAX_SEEN_BYTES = 512;

/** Why the handshake that ended with `error` failed. Connects once more to see what the server says to a ClientHello. */
export async function diagnoseTls(error: Error, request: ServerRequest): Promise<ConnectFailure> {
  const seen = await answerToClientHello(request);
  const detail = `TLS handshake failed: ${error.message}`;
  if (seen.length === 0) {
    // Nothing was said, so all there is to go by is how the connection ended.
    const failure = socketFailure(error);
    return failure.code === "lost"
      ? { code: "lost", detail }
      : { code: "not-a-chat-server", detail };
  }
  if (isTlsAnswer(seen)) return { code: "not-a-chat-server", detail };
  return { code: looksLikeIrc(seen) ? "tls-not-supported" : "not-a-chat-server", detail };
}

/** Whether a server's first bytes are a line of IRC. */
function looksLikeIrc(bytes: Uint8Array): boolean {
  const [line = ""] = Buffer.from(bytes).toString("latin1").split(/\r?\n/);
  return isIrcOpening(line);
}

/** The first bytes a server sends after our ClientHello; none when it stays silent or cannot be reached. */
function answerToClientHello(request: ServerRequest): Promise<Uint8Array> {
  const { host, address, timing, signal } = request;
  return new Promise((resolve) => {
    const socket = createConnection({ host, port: address.port });
    const { tls } = tlsTap(socket);
    const finish = (seen: Uint8Array) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      socket.destroy();
      tls.destroy();
      resolve(seen);
    };
    const giveUp = () => {
      finish(new Uint8Array());
    };
    const timer = setTimeout(giveUp, timing.handshakeTimeoutMs);
    signal.addEventListener("abort", giveUp);
    tls.on("error", () => undefined);
    socket.on("error", giveUp).on("close", giveUp);
    socket.once("data", (chunk: Buffer) => {
      finish(chunk.subarray(0, MAX_SEEN_BYTES));
    });
  });
}
