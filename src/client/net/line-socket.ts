// IRC lines on a TCP or TLS stream.
import type { Socket } from "node:net";
import { MAX_UNREAD_BYTES } from "../limits.js";
import { LineFeed } from "../line-feed.js";
import type { ConnectionDetails } from "../status.js";
import { UNREAD_DETAIL, type Transport, type TransportEvents } from "../transport.js";

export class LineSocket implements Transport {
  private readonly feed: LineFeed;
  private isEnded = false;
  private endDetail = "connection closed";

  constructor(
    private readonly socket: Socket,
    readonly details: ConnectionDetails,
    events: TransportEvents,
  ) {
    this.feed = new LineFeed(socket, events);
    socket.on("data", (chunk: Buffer) => {
      this.feed.push(chunk);
    });
    socket.on("error", (error) => {
      this.endDetail = error.message;
    });
    socket.on("close", () => {
      this.isEnded = true;
      this.feed.end(this.endDetail);
    });
  }

  send(line: string): void {
    if (this.isEnded) return;
    this.socket.write(`${line}\r\n`);
    if (this.socket.writableLength <= MAX_UNREAD_BYTES) return;
    this.isEnded = true;
    this.endDetail = UNREAD_DETAIL;
    this.socket.destroy();
  }

  async close(graceMs: number): Promise<void> {
    this.isEnded = true;
    this.feed.stop();
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
    this.feed.stop();
    this.socket.destroy();
  }
}
