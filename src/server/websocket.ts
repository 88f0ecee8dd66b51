// IRC over WebSocket. https://ircv3.net/specs/extensions/websocket
import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { WebSocketServer, type RawData, type WebSocket } from "ws";
import { MAX_CLIENT_TAG_DATA_BYTES, MAX_LINE_BYTES } from "../irc/limits.js";
import type { Connection, ConnectionInfo } from "./connection.js";
import type { Transport } from "./transport.js";
import { isForeignPage } from "./web-origin.js";

const BINARY = "binary.ircv3.net";
const TEXT = "text.ircv3.net";
const CRLF = Buffer.from("\r\n");
// One line each; twice the longest valid one, so that what is a little too long hears 417 rather than a broken link.
const MAX_PAYLOAD_BYTES = 2 * (MAX_CLIENT_TAG_DATA_BYTES + 2 + MAX_LINE_BYTES);
// Each keeps in memory all that came with it, pings and pongs as well, until the last one is there.
const MAX_FRAGMENTS = 16;

const FOREIGN_PAGE =
  "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n" +
  "Pages of other sites can connect from this computer only if the server has a password.\n";

type Open = (transport: Transport, socket: Socket, kind: ConnectionInfo["kind"]) => Connection;

/** Turns HTTP upgrades into connections. */
export class WebSocketGate {
  private readonly server: WebSocketServer;

  constructor(
    http: HttpServer,
    private readonly open: Open,
    private readonly onError: (connection: Connection, error: Error) => void,
    /** Whether a password keeps out whom no one let in. */
    hasPassword: boolean,
  ) {
    this.server = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_PAYLOAD_BYTES,
      maxFragments: MAX_FRAGMENTS,
      // No one can send a small frame that unpacks into a huge one.
      perMessageDeflate: false,
      clientTracking: false,
      handleProtocols: (offered) => {
        for (const protocol of offered)
          if (protocol === TEXT || protocol === BINARY) return protocol;
        return false;
      },
    });
    http.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
      if (!hasPassword && isForeignPage(request)) {
        socket.end(FOREIGN_PAGE);
        return;
      }
      this.server.handleUpgrade(request, socket, head, (webSocket) => {
        this.accept(webSocket, socket);
      });
    });
  }

  close(): void {
    this.server.close();
  }

  private accept(webSocket: WebSocket, socket: Socket): void {
    const kind = socket instanceof TLSSocket ? "secure WebSocket" : "WebSocket";
    const transport = new WebSocketTransport(webSocket, socket);
    const connection = this.open(transport, socket, kind);
    let messageBytes = 0;
    webSocket.on("message", (data: RawData) => {
      // The framer wants the line's end that WebSocket leaves out.
      const line = Buffer.concat([asBuffer(data), CRLF]);
      messageBytes += line.length;
      connection.receive(line);
    });
    // After the messages it brought: pings and pongs, too, are to be paid for.
    socket.on("data", (chunk: Buffer) => {
      connection.weigh(chunk.length - messageBytes);
      messageBytes = 0;
    });
    webSocket.on("error", (error) => {
      this.onError(connection, error);
    });
    webSocket.on("close", () => {
      connection.lost("Connection closed");
    });
  }
}

/** One frame for each line. */
class WebSocketTransport implements Transport {
  private readonly binary: boolean;

  constructor(
    private readonly webSocket: WebSocket,
    private readonly socket: Socket,
  ) {
    this.binary = webSocket.protocol === BINARY;
  }

  get pendingBytes(): number {
    return this.webSocket.bufferedAmount;
  }

  write(lines: Buffer): void {
    this.socket.cork();
    let start = 0;
    for (let end = lines.indexOf(CRLF); end >= 0; end = lines.indexOf(CRLF, start)) {
      this.webSocket.send(lines.subarray(start, end), { binary: this.binary });
      start = end + CRLF.length;
    }
    this.socket.uncork();
  }

  end(): void {
    this.webSocket.close();
  }

  destroy(): void {
    this.webSocket.terminate();
  }

  pause(): void {
    this.webSocket.pause();
  }

  resume(): void {
    this.webSocket.resume();
  }

  onceDrained(listener: () => void): void {
    this.socket.once("drain", listener);
  }
}

function asBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
