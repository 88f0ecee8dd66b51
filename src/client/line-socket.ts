// IRC lines on a TCP or TLS stream.
import type { Socket } from "node:net";
import { LineReader } from "./line-reader.js";
import type { ConnectionDetails } from "./status.js";
import type { Transport, TransportEvents } from "./transport.js";

export class LineSocket implements Transport {
  private readonly reader = new LineReader();
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
    for (const line of this.reader.push(chunk)) {
      if (this.isEnded) return;
      this.events.onLine(line);
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
