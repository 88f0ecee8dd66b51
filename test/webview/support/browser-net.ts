// What a session reaches servers with in a browser's page: the browser's own WebSocket. https://ircv3.net/specs/extensions/websocket
import { usesTls } from "../../../src/client/address.js";
import { ConnectError } from "../../../src/client/connect-error.js";
import { urlAuthority } from "../../../src/client/host.js";
import { MAX_UNREAD_BYTES } from "../../../src/client/limits.js";
import { LineFeed } from "../../../src/client/line-feed.js";
import type { ConnectionDetails } from "../../../src/client/status.js";
import {
  UNREAD_DETAIL,
  type Net,
  type Transport,
  type TransportEvents,
  type TransportRequest,
} from "../../../src/client/transport.js";

const TEXT = "text.ircv3.net";
const BINARY = "binary.ircv3.net";
const LINE_END = Uint8Array.of(0x0a);

export const browserNet: Net = {
  connect,
  checkClientCertificate: () => {
    throw new RangeError("a page has no certificate to show");
  },
};

function connect(request: TransportRequest): Promise<Transport> {
  const { address, host, timing, events, signal, onStep } = request;
  const { port, path, transport, fingerprint } = address;
  if ((transport !== "ws" && transport !== "wss") || fingerprint !== undefined)
    throw new ConnectError({ code: "unreachable", detail: "a page cannot connect that way" });
  onStep("connecting");
  const url = `${transport}://${urlAuthority(host, port)}${path}`;
  const socket = new WebSocket(url, [BINARY, TEXT]);
  socket.binaryType = "arraybuffer";
  return new Promise((resolve, reject) => {
    const settled = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.removeEventListener("close", onClose);
    };
    const fail = (error: ConnectError) => {
      settled();
      socket.close();
      reject(error);
    };
    const onAbort = () => {
      fail(new ConnectError({ code: "cancelled", detail: "cancelled" }));
    };
    // A page is not told why.
    const onClose = () => {
      fail(new ConnectError({ code: "unreachable", detail: "no WebSocket" }));
    };
    const timer = setTimeout(() => {
      fail(new ConnectError({ code: "silent", detail: "no WebSocket in time" }));
    }, timing.connectTimeoutMs);
    signal.addEventListener("abort", onAbort);
    socket.addEventListener("close", onClose);
    socket.addEventListener("open", () => {
      settled();
      resolve(new BrowserLines(socket, detailsOf(request), events));
    });
    if (signal.aborted) onAbort();
  });
}

class BrowserLines implements Transport {
  private readonly feed: LineFeed;
  private isEnded = false;

  constructor(
    private readonly socket: WebSocket,
    readonly details: ConnectionDetails,
    events: TransportEvents,
  ) {
    // A page cannot have the server wait.
    this.feed = new LineFeed({ pause: () => undefined, resume: () => undefined }, events);
    const encoder = new TextEncoder();
    socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
      const line = typeof data === "string" ? encoder.encode(data) : new Uint8Array(data);
      this.feed.push(line, LINE_END);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      this.isEnded = true;
      this.feed.end(`connection closed (${code}${reason === "" ? "" : `: ${reason}`})`);
    });
  }

  send(line: string): void {
    if (this.isEnded) return;
    this.socket.send(this.socket.protocol === BINARY ? new TextEncoder().encode(line) : line);
    if (this.socket.bufferedAmount <= MAX_UNREAD_BYTES) return;
    this.isEnded = true;
    this.socket.close();
    this.feed.end(UNREAD_DETAIL);
  }

  async close(graceMs: number): Promise<void> {
    this.destroy();
    if (this.socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.socket.addEventListener("close", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  destroy(): void {
    this.isEnded = true;
    this.feed.stop();
    this.socket.close();
  }
}

/** As much as a page is told. */
function detailsOf({ address, host }: TransportRequest): ConnectionDetails {
  const { port, transport } = address;
  return {
    host,
    port,
    localAddress: "?",
    remoteAddress: "?",
    transport,
    tlsVersion: usesTls(transport) ? "TLS" : undefined,
    cipher: undefined,
    fingerprint: undefined,
  };
}
