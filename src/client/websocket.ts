// IRC over WebSocket, on a stream that is already connected and, for wss, already checked.
// https://ircv3.net/specs/extensions/websocket
import type { Socket } from "node:net";
import WebSocket from "ws";
import { ConnectError } from "./connect-error.js";
import { MAX_RECEIVED_LINE_BYTES, decodeLine } from "./line-socket.js";
import type { ConnectionDetails } from "./status.js";
import type { Transport, TransportEvents, TransportRequest } from "./transport.js";

const SUBPROTOCOLS = ["text.ircv3.net", "binary.ircv3.net"];

/** @throws ConnectError */
export function openWebSocket(
  stream: Socket,
  details: ConnectionDetails,
  { address, host, timing, events, signal }: TransportRequest,
): Promise<Transport> {
  const authority = `${host.includes(":") ? `[${host}]` : host}:${address.port}`;
  // Always "ws:" here: encryption, where there is any, is the stream's.
  const socket = new WebSocket(`ws://${authority}${address.path}`, SUBPROTOCOLS, {
    createConnection: () => stream,
    maxPayload: MAX_RECEIVED_LINE_BYTES,
    // A message of a chat gains nothing by it, and a bomb needs it.
    perMessageDeflate: false,
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

class WebSocketLines implements Transport {
  private isEnded = false;
  private endDetail = "connection closed";

  constructor(
    private readonly socket: WebSocket,
    readonly details: ConnectionDetails,
    private readonly events: TransportEvents,
  ) {
    socket.on("message", (data: Buffer) => {
      this.receive(data);
    });
    socket.on("error", (error) => {
      this.endDetail = error.message;
    });
    socket.on("close", () => {
      if (this.isEnded) return;
      this.isEnded = true;
      this.events.onEnd(this.endDetail);
    });
  }

  private receive(data: Buffer): void {
    if (this.isEnded) return;
    // One message is one line; a server that adds the line's end, or glues two, does no harm.
    for (const line of decodeLine(data).split(/[\r\n]+/)) if (line !== "") this.events.onLine(line);
    this.events.onChunkEnd();
  }

  send(line: string): void {
    if (!this.isEnded) this.socket.send(line);
  }

  async close(graceMs: number): Promise<void> {
    this.isEnded = true;
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
    this.socket.terminate();
  }
}
