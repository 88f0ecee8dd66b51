// Hands over the lines that have arrived, a little at a time: whatever a server sends, the editor has its turn in between.
import { MAX_INTAKE_MS } from "./limits.js";
import type { TransportEvents } from "./transport.js";

/** What the lines come from. While it is paused it reads nothing more, and the server has to wait. */
export interface LineSource {
  pause(): unknown;
  resume(): unknown;
}

export class LineFeed {
  private lines: readonly string[] = [];
  private next = 0;
  private turn: NodeJS.Immediate | undefined;
  private ending: string | undefined;
  private isStopped = false;

  constructor(
    private readonly source: LineSource,
    private readonly events: TransportEvents,
  ) {}

  /** These lines arrived together. */
  push(lines: readonly string[]): void {
    if (this.isStopped) return;
    this.lines = this.turn === undefined ? lines : [...this.lines.slice(this.next), ...lines];
    this.next = 0;
    if (this.turn === undefined) this.handOver();
  }

  /** No more will come. Who listens hears of it after the last line. */
  end(detail: string): void {
    if (this.isStopped) return;
    this.ending = detail;
    if (this.turn === undefined) this.finish(detail);
  }

  /** No one listens any more. */
  stop(): void {
    this.isStopped = true;
    this.lines = [];
    clearImmediate(this.turn);
  }

  private handOver(): void {
    const end = performance.now() + MAX_INTAKE_MS;
    this.turn = undefined;
    do {
      const line = this.lines[this.next++];
      if (line !== undefined) this.events.onLine(line);
      if (this.isStopped) return;
    } while (this.next < this.lines.length && performance.now() < end);
    this.events.onChunkEnd();
    if (this.next < this.lines.length) this.goOnLater();
    else if (this.ending !== undefined) this.finish(this.ending);
    else this.source.resume();
  }

  private goOnLater(): void {
    this.source.pause();
    this.turn = setImmediate(() => {
      this.handOver();
    });
  }

  private finish(detail: string): void {
    this.stop();
    this.events.onEnd(detail);
  }
}
