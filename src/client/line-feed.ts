// Hands over the lines that arrive, a little at a time: whatever a server sends, the editor has its turn in between.
import { MAX_INTAKE_MS } from "./limits.js";
import { LineReader } from "./line-reader.js";
import type { TransportEvents } from "./transport.js";
import { inNextTurn } from "./turns.js";

/** What the bytes come from. While it is paused it reads nothing more, and the server has to wait. */
export interface ByteSource {
  pause(): unknown;
  resume(): unknown;
}

export class LineFeed {
  private readonly reader = new LineReader();
  private readonly chunks = new Queue<Uint8Array>();
  /** Of a chunk that has been read. */
  private readonly lines = new Queue<string>();
  /** Set from the first line of a turn of the event loop to the end of that turn: more than its share of the time it must not have. */
  private isInTurn = false;
  private ending: string | undefined;
  private isStopped = false;

  constructor(
    private readonly source: ByteSource,
    private readonly events: TransportEvents,
  ) {}

  /** These bytes have arrived. They must not be changed afterwards. */
  push(...chunks: readonly Uint8Array[]): void {
    if (this.isStopped) return;
    this.chunks.add(chunks);
    // A stream may have many chunks in one turn.
    if (!this.isInTurn) this.handOver();
    else this.source.pause();
  }

  /** No more will come. Who listens hears of it after the last line. */
  end(detail: string): void {
    if (this.isStopped) return;
    this.ending = detail;
    if (!this.isWaiting) this.finish(detail);
  }

  /** No one listens any more. */
  stop(): void {
    this.isStopped = true;
    this.chunks.clear();
    this.lines.clear();
  }

  private get isWaiting(): boolean {
    return !this.lines.isEmpty || !this.chunks.isEmpty;
  }

  private handOver(): void {
    const end = performance.now() + MAX_INTAKE_MS;
    this.isInTurn = true;
    inNextTurn(() => {
      this.endTurn();
    });
    do {
      const line = this.nextLine();
      if (line !== undefined) this.events.onLine(line);
      if (this.isStopped) return;
    } while (this.isWaiting && performance.now() < end);
    this.events.onChunkEnd();
    if (this.isWaiting) this.source.pause();
    else if (this.ending !== undefined) this.finish(this.ending);
  }

  /** Undefined where a chunk completes no line. */
  private nextLine(): string | undefined {
    const chunk = this.lines.isEmpty ? this.chunks.take() : undefined;
    if (chunk !== undefined) this.lines.add(this.reader.push(chunk));
    return this.lines.take();
  }

  private endTurn(): void {
    this.isInTurn = false;
    if (this.isStopped) return;
    if (this.isWaiting) this.handOver();
    else this.source.resume();
  }

  private finish(detail: string): void {
    this.stop();
    this.events.onEnd(detail);
  }
}

/** First in, first out. Taking one out costs the same however many there are. */
class Queue<T> {
  private items: T[] = [];
  private next = 0;

  get isEmpty(): boolean {
    return this.next >= this.items.length;
  }

  add(items: readonly T[]): void {
    if (this.isEmpty) this.clear();
    for (const item of items) this.items.push(item);
  }

  take(): T | undefined {
    return this.items[this.next++];
  }

  clear(): void {
    this.items = [];
    this.next = 0;
  }
}
