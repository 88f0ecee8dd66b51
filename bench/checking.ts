// Every delivery is checked. Receivers with the same capabilities get the same bytes, so one stream is read line by
// line, and all others are compared with it: that costs the load generator next to nothing.
import type { BenchClient } from "./client.js";
import { readPayload, type Payload } from "./payload.js";

const LF = 0x0a;
const NOTHING = Buffer.alloc(0);
const PING = /^(?::\S+ )?PING (\S+)/;
const MAX_SAMPLES = 5;

/** What went wrong; all zero in a run that counts. */
export class Faults {
  lost = 0;
  reordered = 0;
  garbled = 0;
  disconnected = 0;
  /** A few of the lines that were wrong, or what happened instead. */
  readonly samples: string[] = [];

  get total(): number {
    return this.lost + this.reordered + this.garbled + this.disconnected;
  }

  sample(text: string): void {
    if (this.samples.length < MAX_SAMPLES) this.samples.push(text.slice(0, 200));
  }
}

/** Cuts chunks into lines. */
export class Lines {
  private carry = NOTHING;

  constructor(private readonly takeLine: (line: Buffer) => void) {}

  get isEmpty(): boolean {
    return this.carry.length === 0;
  }

  take(chunk: Buffer): void {
    const bytes = this.isEmpty ? chunk : Buffer.concat([this.carry, chunk]);
    let start = 0;
    for (let lf = bytes.indexOf(LF); lf >= 0; lf = bytes.indexOf(LF, start)) {
      this.takeLine(bytes.subarray(start, lf + 1));
      start = lf + 1;
    }
    this.carry = start === bytes.length ? NOTHING : Buffer.from(bytes.subarray(start));
  }

  /** What has come of a line that is not whole yet; it is forgotten here. */
  drop(): Buffer {
    const { carry } = this;
    this.carry = NOTHING;
    return carry;
  }
}

/** Answers a server's PING; whether `line` was one. */
export function answerPing(client: BenchClient, line: Buffer): boolean {
  if (!line.includes("PING ")) return false;
  const token = PING.exec(line.toString("latin1"))?.[1];
  if (token !== undefined) client.send(`PONG ${token}\r\n`);
  return token !== undefined;
}

/** Knows which message of each sender has to come next. */
export class Sequence {
  private readonly next = new Map<number, number>();

  constructor(private readonly faults: Faults) {}

  /** What `line` carries, or undefined when it is none of the messages expected now. */
  accept(line: Buffer): Payload | undefined {
    const payload = readPayload(line);
    if (payload === undefined) {
      this.faults.garbled++;
      this.faults.sample(line.toString("latin1"));
      return undefined;
    }
    const expected = this.next.get(payload.sender) ?? 0;
    if (payload.number === expected) {
      this.next.set(payload.sender, expected + 1);
      return payload;
    }
    // A gap is counted as lost when all is over: the line may only be late, and then it is out of order.
    this.faults.reordered++;
    this.faults.sample(`${line.toString("latin1")} (number ${expected} expected)`);
    this.next.set(payload.sender, Math.max(expected, payload.number + 1));
    return undefined;
  }
}

/** What all receivers of one kind get, as far as any of them got it. */
export class RoomLog {
  length = 0;
  /** Where each line ends, and what `accept` gave for it. */
  readonly lineEnds: number[] = [];
  readonly lineIds: number[] = [];
  private bytes = Buffer.allocUnsafe(1 << 20);

  /**
   * `accept` gives a number to know a new line by, or undefined when the line is wrong. `isAside` takes the lines that one
   * receiver gets and the others need not, a PING at least.
   */
  constructor(
    private readonly accept: (line: Buffer) => number | undefined,
    readonly isAside: (client: BenchClient, line: Buffer) => boolean = answerPing,
  ) {}

  /** Whether `bytes` are what stands at `offset`. */
  has(bytes: Buffer, offset: number): boolean {
    const end = offset + bytes.length;
    return end <= this.length && this.bytes.compare(bytes, 0, bytes.length, offset, end) === 0;
  }

  /** Takes a line on, unless it is wrong. */
  append(line: Buffer): boolean {
    const id = this.accept(line);
    if (id === undefined) return false;
    while (this.length + line.length > this.bytes.length)
      this.bytes = Buffer.concat([this.bytes, Buffer.allocUnsafe(this.bytes.length)]);
    line.copy(this.bytes, this.length);
    this.length += line.length;
    this.lineEnds.push(this.length);
    this.lineIds.push(id);
    return true;
  }
}

/** What one receiver gets, compared with the log. */
export class RoomStream {
  private readonly lines = new Lines((line) => {
    this.takeLine(line);
  });

  constructor(
    private readonly client: BenchClient,
    readonly log: RoomLog,
    private readonly faults: Faults,
    /** How far into the log it has got. */
    public offset = 0,
  ) {}

  take(chunk: Buffer): void {
    if (this.lines.isEmpty && this.log.has(chunk, this.offset)) this.offset += chunk.length;
    else this.lines.take(chunk);
  }

  /** Takes a line, or the rest of one whose beginning was in a chunk that could be compared as a whole. */
  private takeLine(line: Buffer): void {
    if (this.log.has(line, this.offset)) {
      this.offset += line.length;
    } else if (this.log.isAside(this.client, line)) {
      return;
    } else if (this.offset === this.log.length) {
      // The log's own check has counted it when it is wrong.
      if (this.log.append(line)) this.offset += line.length;
    } else {
      const isMessage = readPayload(line) !== undefined;
      if (isMessage) this.faults.reordered++;
      else this.faults.garbled++;
      this.faults.sample(line.toString("latin1"));
    }
  }
}

/** What one of the senders gets: everything but its own, checked line by line. */
export class SenderStream {
  received = 0;
  private readonly sequence: Sequence;
  private readonly lines: Lines;

  constructor(client: BenchClient, faults: Faults, seen: (payload: Payload) => void) {
    this.sequence = new Sequence(faults);
    this.lines = new Lines((line) => {
      if (answerPing(client, line)) return;
      const payload = this.sequence.accept(line);
      if (payload === undefined) return;
      this.received++;
      seen(payload);
    });
  }

  take(chunk: Buffer): void {
    this.lines.take(chunk);
  }
}
