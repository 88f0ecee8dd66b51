// IRC over WebSocket, on a stream that is already connected and, for wss, already checked.
// https://ircv3.net/specs/extensions/websocket
import type { Socket } from "node:net";
import WebSocket from "ws";
import { ConnectError } from "../connect-error.js";
import { urlAuthority } from "../host.js";
import { MAX_UNREAD_BYTES, MAX_WEBSOCKET_MESSAGE_BYTES } from "../limits.js";
import { LineFeed } from "../line-feed.js";
import type { ConnectFailure, ConnectionDetails } from "../status.js";
import {
  UNREAD_DETAIL,
  type Transport,
  type TransportEvents,
  type TransportRequest,
} from "../transport.js";

const TEXT = "text.ircv3.net";
const BINARY = "binary.ircv3.net";
const LINE_END = Buffer.from("\n");

/** What gateways answer while the server behind them is not there. */
const NOT_THERE_STATUS: ReadonlySet<number> = new Set([502, 503, 504]);
const TOO_MANY_REQUESTS = 429;

/** @throws ConnectError */
export function openWebSocket(
  stream: Socket,
  details: ConnectionDetails,
  { address, host, timing, events, signal }: TransportRequest,
): Promise<Transport> {
  const authority = urlAuthority(host, address.port);
  // Always "ws:" here: encryption, where there is any, is the stream's.
  const socket = new WebSocket(`ws://${authority}${address.path}`, [TEXT, BINARY], {
    createConnection: () => stream,
    maxPayload: MAX_WEBSOCKET_MESSAGE_BYTES,
    // A letter cut in two costs that letter, not the connection.
    skipUTF8Validation: true,
    // A message of a chat gains nothing by it, and a bomb needs it.
    perMessageDeflate: false,
    // Pings are answered below, for as long as someone reads the answers.
    autoPong: false,
  });
  // A server older than the specification chooses no subprotocol, and speaks text. The library would refuse it, so the choice
  // is made before it looks.
  socket.once("upgrade", ({ headers }) => {
    if (headers["sec-websocket-protocol"] !== BINARY) headers["sec-websocket-protocol"] = TEXT;
  });
  return new Promise((resolve, reject) => {
    const settled = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    const fail = (error: Error) => {
      settled();
      socket.off("open", onOpen);
      socket.on("error", () => undefined);
      socket.terminate();
      reject(error);
    };
    const onAbort = () => {
      fail(new ConnectError({ code: "cancelled", detail: "cancelled" }));
    };
    const onError = (error: Error) => {
      fail(new ConnectError({ code: "not-a-chat-server", detail: error.message }));
    };
    socket.once("unexpected-response", (_request, response) => {
      fail(new ConnectError(refusal(response.statusCode ?? 0)));
    });
    const onOpen = () => {
      settled();
      socket.off("error", onError);
      resolve(new WebSocketLines(socket, details, events));
    };
    const timer = setTimeout(() => {
      const detail = `connected, but no WebSocket within ${timing.handshakeTimeoutMs} ms`;
      fail(new ConnectError({ code: "silent", detail }));
    }, timing.handshakeTimeoutMs);
    signal.addEventListener("abort", onAbort);
    socket.once("error", onError).once("open", onOpen);
    if (signal.aborted) onAbort();
  });
}

function refusal(status: number): ConnectFailure {
  const detail = `the WebSocket was refused with HTTP status ${status}`;
  if (NOT_THERE_STATUS.has(status)) return { code: "unreachable", detail };
  return { code: status === TOO_MANY_REQUESTS ? "throttled" : "not-a-chat-server", detail };
}

class WebSocketLines implements Transport {
  private readonly feed: LineFeed;
  private readonly isBinary: boolean;
  private isEnded = false;
  private fault: string | undefined;

  constructor(
    private readonly socket: WebSocket,
    readonly details: ConnectionDetails,
    events: TransportEvents,
  ) {
    this.feed = new LineFeed(socket, events);
    this.isBinary = socket.protocol === BINARY;
    socket.on("message", (data: Buffer) => {
      this.receive(data);
    });
    socket.on("error", (error) => {
      this.fault = error.message;
    });
    socket.on("close", (code, reason) => {
      this.isEnded = true;
      this.feed.end(this.fault ?? closeDetail(code, reason.toString()));
    });
    socket.on("ping", (data: Buffer) => {
      if (this.isEnded) return;
      this.socket.pong(data);
      this.checkUnread();
    });
  }

  private receive(data: Buffer): void {
    // The line's end is not part of the message, and does no harm where it is.
    this.feed.push(data, LINE_END);
  }

  send(line: string): void {
    if (this.isEnded) return;
    this.socket.send(line, { binary: this.isBinary });
    this.checkUnread();
  }

  private checkUnread(): void {
    if (this.socket.bufferedAmount <= MAX_UNREAD_BYTES) return;
    this.isEnded = true;
    this.fault = UNREAD_DETAIL;
    this.socket.terminate();
  }

  async close(graceMs: number): Promise<void> {
    this.isEnded = true;
    this.feed.stop();
    if (this.socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.socket.terminate();
      }, graceMs);
      this.socket.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      this.socket.close(1000);
    });
  }

  destroy(): void {
    this.isEnded = true;
    this.feed.stop();
    this.socket.terminate();
  }
}

/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
function closeDetail(code: number, reason: string): string {
  return `connection closed (${code}${reason === "" ? "" : `: ${reason}`})`;
}
