// IRC lines on a TCP or TLS stream.
import type { Socket } from "node:net";
import { LineFramer } from "../irc/framer.js";
import type { ConnectionDetails } from "./status.js";
import type { Transport, TransportEvents } from "./transport.js";

/** Far above what any specification allows, far below what would hurt. */
export const MAX_RECEIVED_LINE_BYTES = 65_536;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const latin1 = new TextDecoder("latin1");

/** Old networks still carry Latin-1; a line that is no UTF-8 is read as that rather than dropped. */
export function decodeLine(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return latin1.decode(bytes);
  }
}

export class LineSocket implements Transport {
  private readonly framer = new LineFramer({
    maxLineBytes: MAX_RECEIVED_LINE_BYTES,
    decode: decodeLine,
  });
  private isEnded = false;
  private endDetail = "connection closed";

  constructor(
    private readonly socket: Socket,
    readonly details: ConnectionDetails,
    private readonly events: TransportEvents,
  ) {
    socket.on("data", (chunk: Buffer) => {
      this.receive(chunk);
    });
    socket.on("error", (error) => {
      this.endDetail = error.message;
    });
    socket.on("close", () => {
      this.end();
    });
  }

  private receive(chunk: Buffer): void {
    for (const frame of this.framer.push(chunk)) {
      if (this.isEnded) return;
      if (frame.kind === "line") this.events.onLine(frame.text);
    }
    if (!this.isEnded) this.events.onChunkEnd();
  }

  private end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.events.onEnd(this.endDetail);
  }

  send(line: string): void {
    if (!this.isEnded) this.socket.write(`${line}\r\n`);
  }

  async close(graceMs: number): Promise<void> {
    this.isEnded = true;
    if (this.socket.closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.socket.destroy(), graceMs);
      this.socket.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      this.socket.end();
      // What still comes is of no interest, but must be read for the end to be seen.
      this.socket.resume();
    });
  }

  destroy(): void {
    this.isEnded = true;
    this.socket.destroy();
  }
}
