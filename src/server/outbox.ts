// What waits to be written, shared between the connections it waits for.
//
// An outbox is one pointer into a tree of buffers. A broadcast moves every receiver from its node to that node's
// successor for the buffer, so receivers with the same pending bytes share one node, which is flattened once.

/** The bytes from the root of the tree down to here. */
export class OutboxNode {
  /** How many bytes a connection standing here has pending. */
  readonly bytes: number;
  // The first two successors are looked at first: a broadcast has few encodings, and its receivers take turns in which
  // they need.
  private first: OutboxNode | undefined;
  private second: OutboxNode | undefined;
  private others: Map<Buffer, OutboxNode> | undefined;
  private flat: Buffer | undefined;

  constructor(
    private readonly previous?: OutboxNode,
    private readonly buffer?: Buffer,
  ) {
    this.bytes = (previous?.bytes ?? 0) + (buffer?.length ?? 0);
  }

  /** A node one `buffer` further on for one connection alone. */
  alone(buffer: Buffer): OutboxNode {
    return new OutboxNode(this, buffer);
  }

  /** The node one `buffer` further on, the same for all who ask for it. */
  next(buffer: Buffer): OutboxNode {
    const { first, second } = this;
    if (first?.buffer === buffer) return first;
    if (second?.buffer === buffer) return second;
    const known = this.others?.get(buffer);
    if (known !== undefined) return known;
    const node = new OutboxNode(this, buffer);
    if (first === undefined) this.first = node;
    else if (second === undefined) this.second = node;
    else (this.others ??= new Map()).set(buffer, node);
    return node;
  }

  /** The pending bytes in one piece, made once however many ask. Without those in `lost`. */
  flatten(lost?: ReadonlySet<Buffer>): Buffer {
    return (this.flat ??= OutboxNode.join(this, lost));
  }

  private static join(last: OutboxNode, lost: ReadonlySet<Buffer> | undefined): Buffer {
    const { buffer, previous } = last;
    if (lost === undefined && buffer !== undefined && previous?.buffer === undefined) return buffer;
    const flat = Buffer.allocUnsafe(last.bytes);
    let start = flat.length;
    for (
      let node: OutboxNode | undefined = last;
      node?.buffer !== undefined;
      node = node.previous
    ) {
      if (lost?.has(node.buffer) === true) continue;
      start -= node.buffer.length;
      flat.set(node.buffer, start);
    }
    return flat.subarray(start);
  }
}

/** Something with an outbox: a connection. */
export interface Flushable {
  flush(lost: ReadonlySet<Buffer> | undefined): void;
}

/** How many sockets are written to before input is let in again. */
const FLUSHES_PER_TURN = 500;

/**
 * Writes each connection's outbox once per tick, which is two turns of the event loop, after what they brought was
 * stored: input → `commit()` → flush. So no one sees a message that a crash could still lose.
 */
export class OutputScheduler<T extends Flushable> {
  /** Where empty outboxes of this tick begin. */
  root = new OutboxNode();
  private dirty: T[] = [];
  private isScheduled = false;
  /** What could not be stored and still stands in some outbox. */
  private lost: Set<Buffer> | undefined;

  /** `commit` stores the tick's messages and returns the buffers of those it could not store. */
  constructor(private readonly commit: () => ReadonlySet<Buffer> | undefined) {}

  /** `connection` has its first pending bytes. */
  add(connection: T): void {
    this.dirty.push(connection);
    this.schedule();
  }

  /** There is something to store: it does not wait until someone hears of something. */
  wake(): void {
    this.schedule();
  }

  /** Everything that is pending is stored and written now. */
  flushAll(): void {
    while (this.dirty.length > 0) this.flushSome(this.dirty.length);
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    // The second turn lets in what has come during the first: those who speak in the same moment are written together,
    // which saves more than it delays.
    setImmediate(() => {
      setImmediate(() => {
        this.isScheduled = false;
        this.flushSome(FLUSHES_PER_TURN);
        if (this.dirty.length > 0) this.schedule();
      });
    });
  }

  private flushSome(count: number): void {
    const turn = this.dirty.length <= count ? this.dirty : this.dirty.slice(0, count);
    this.dirty = this.dirty.length <= count ? [] : this.dirty.slice(count);
    this.root = new OutboxNode();
    const lost = this.commit();
    if (lost !== undefined) this.lost = new Set([...(this.lost ?? []), ...lost]);
    for (const connection of turn) connection.flush(this.lost);
    if (this.dirty.length === 0) this.lost = undefined;
  }
}
