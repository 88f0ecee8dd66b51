// When lines may leave: no faster than the server takes them, and what matters most first.
import { FLOOD_TOKEN, isupportNumber, type Isupport } from "../irc/isupport.js";
import { formatMessage, message, type Message } from "../irc/message.js";
import { utf8Length } from "../irc/utf8.js";
import type { Command } from "./open-commands.js";

/** How fast a server takes lines. Each line costs time; what is owed may grow to a burst. */
export interface Pace {
  /** The price of a line. 0: the server has no limits. */
  readonly lineMs: number;
  /** What each full `PRICED_BYTES` of a line cost on top. */
  readonly bytesMs: number;
  readonly burstMs: number;
}

const PRICED_BYTES = 120;

const MAX_LINE_MS = 10_000;
/** Some of what a server allows is left for clocks that disagree. */
const SHARE_OF_BURST = 0.9;

/**
 * The pace of a server that announces these ISUPPORT parameters. One that says nothing is met with the pace of RFC 2813 §5.8:
 * a line every two seconds, and ten seconds in advance. `slowdown` is more than 1 after the server has closed connections
 * because of floods.
 */
export function paceOf(isupport: Isupport, careful: Pace, slowdown: number): Pace {
  const pace = slowdown > 1 ? careful : (announcedPace(isupport.get(FLOOD_TOKEN)) ?? careful);
  return { ...pace, lineMs: pace.lineMs * slowdown, bytesMs: pace.bytesMs * slowdown };
}

function announcedPace(token: string | undefined): Pace | undefined {
  if (token === "") return { lineMs: 0, bytesMs: 0, burstMs: 0 };
  const match = /^([1-9][0-9]{0,5}),([1-9][0-9]{0,5})$/.exec(token ?? "");
  if (match === null) return undefined;
  const lineMs = Math.min(1_000 / Number(match[2]), MAX_LINE_MS);
  return { lineMs, bytesMs: 0, burstMs: lineMs * Number(match[1]) * SHARE_OF_BURST };
}

/** Each connection that a server closes because of a flood makes the next one this much slower, up to a limit. */
const SLOWDOWN = 2;
const MAX_SLOWDOWN = 8;

export function slower(slowdown: number): number {
  return Math.min(slowdown * SLOWDOWN, MAX_SLOWDOWN);
}

const FLOOD_REASON =
  /flood|\b(?:recv|send|receive|input)[ -]?(?:q|queue|buffer)|too fast|too many (?:lines|commands|messages|bytes)|rate.?limit|throttl|slow down/i;

/** Whether an ERROR with this text says that we have sent, or asked for, too much. */
export function isFloodReason(text: string): boolean {
  return FLOOD_REASON.test(text);
}

/** `now`: at once. `next`: in order, when there is room. `later`: when there is nothing better to send. */
export type Lane = "now" | "next" | "later";

/** Questions and notes that no one waits for. */
const LATER = new Set(["WHO", "MONITOR", "METADATA", "MARKREAD"]);
const NOW = new Set(["PING", "PONG", "QUIT", "CAP", "AUTHENTICATE"]);

function laneOf(command: string): Lane {
  return NOW.has(command) ? "now" : LATER.has(command) ? "later" : "next";
}

export interface PacerPort {
  /** `command` is what the line says, unless a person said it. */
  readonly write: (line: string, command: Command | undefined) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly pace: () => Pace;
  readonly isupport: () => Isupport;
  /** There is room for what a `say()` that returned false wanted to send. */
  readonly onRoom: () => void;
}

interface Waiting {
  readonly line: Command;
  readonly text: string;
}

/** So many lines wait at most in each lane; what a server makes us send beyond that is dropped. */
const MAX_WAITING = 2_000;
/** While someone talks, every so many lines one of those that can wait goes as well. */
const TALK_PER_LATER = 4;
/** The lines of a batch are one message: servers that take them count them for less. */
const BATCH_LINES_PER_LINE = 5;
/** For each so many channels a JOIN counts as one more line. */
const JOINS_PER_LINE = 4;

export class Pacer {
  private readonly next: Waiting[] = [];
  private readonly later: Waiting[] = [];
  /** When all that was sent will be paid for. */
  private paidAt = 0;
  /** The price of what a `say()` wanted to send. */
  private wanted: number | undefined;
  private talked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isFlushDue = false;
  private isClosed = false;

  constructor(private readonly port: PacerPort) {}

  /** Sends `line`, which reads `text`, when its turn comes. @throws RangeError for one that cannot stand on a line */
  send(line: Command, text = formatMessage(line)): void {
    const lane = laneOf(line.command);
    if (lane === "now") {
      this.port.write(text, line);
      // A server that asks much must not make us silent.
      this.charge(this.price([line]), this.port.pace().burstMs);
      return;
    }
    this.enqueue(lane === "next" ? this.next : this.later, { line, text });
    // Several JOINs of the same moment become one line.
    if (MERGED.has(line.command)) this.flushSoon();
    else this.flush();
  }

  private enqueue(queue: Waiting[], added: Waiting): void {
    // What is asked already need not be asked twice.
    if (queue === this.later && queue.some(({ text }) => text === added.text)) return;
    if (queue.length < MAX_WAITING) queue.push(added);
  }

  /**
   * Sends what a person said, all its lines together, if there is room. Otherwise returns false and calls `onRoom` when there
   * is. @throws RangeError
   */
  say(lines: readonly Message[]): boolean {
    const texts = lines.map((line) => formatMessage(line));
    const price = this.price(lines);
    if (this.next.length > 0 || !this.isLaterPatient() || !this.hasRoom(price)) {
      this.wanted = price;
      if (!this.isFlushDue) this.arm();
      return false;
    }
    this.talked++;
    for (const text of texts) this.port.write(text, undefined);
    this.charge(price, Infinity);
    return true;
  }

  /** No more of it: the connection is gone. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.next.length = 0;
    this.later.length = 0;
  }

  private isLaterPatient(): boolean {
    return this.later.length === 0 || this.talked < TALK_PER_LATER;
  }

  private price(lines: readonly Message[]): number {
    const { lineMs, bytesMs } = this.port.pace();
    const [first] = lines;
    if (first === undefined || lineMs === 0) return 0;
    if (lines.length > 1) return lineMs * (1 + lines.length / BATCH_LINES_PER_LINE);
    const targets = first.command === "JOIN" ? (first.params[0] ?? "").split(",").length : 1;
    const bytes = utf8Length(formatMessage({ ...first, tags: new Map() }));
    return (
      lineMs * Math.ceil(targets / JOINS_PER_LINE) + Math.floor(bytes / PRICED_BYTES) * bytesMs
    );
  }

  private get owed(): number {
    return Math.max(0, this.paidAt - this.port.now());
  }

  private charge(price: number, most: number): void {
    this.paidAt = this.port.now() + Math.max(this.owed, Math.min(this.owed + price, most));
  }

  /** What has no room in a burst goes when nothing is owed. */
  private hasRoom(price: number): boolean {
    return this.waitFor(price) <= 0;
  }

  private waitFor(price: number): number {
    const { owed } = this;
    return Math.min(owed, owed + price - this.port.pace().burstMs);
  }

  private flushSoon(): void {
    if (this.isFlushDue) return;
    this.isFlushDue = true;
    queueMicrotask(() => {
      this.isFlushDue = false;
      this.flush();
    });
  }

  private flush(): void {
    if (this.isFlushDue) return;
    while (!this.isClosed && this.step());
    this.arm();
  }

  /** Sends the next thing there is room for. Returns whether there was one. */
  private step(): boolean {
    if (this.next.length > 0) return this.shift(this.next);
    if (this.wanted !== undefined && this.isLaterPatient()) {
      if (!this.hasRoom(this.wanted)) return false;
      this.wanted = undefined;
      this.port.onRoom();
      return true;
    }
    if (!this.shift(this.later)) return false;
    this.talked = 0;
    return true;
  }

  private shift(queue: Waiting[]): boolean {
    mergeFirst(queue, this.port.isupport());
    const [first] = queue;
    if (first === undefined) return false;
    const price = this.price([first.line]);
    if (!this.hasRoom(price)) return false;
    queue.shift();
    this.port.write(first.text, first.line);
    this.charge(price, Infinity);
    return true;
  }

  /** Waits for room for what comes next. */
  private arm(): void {
    clearTimeout(this.timer);
    if (this.isClosed) return;
    const [first] = this.next.length > 0 ? this.next : this.later;
    const talk = this.next.length === 0 && this.isLaterPatient() ? this.wanted : undefined;
    const price = talk ?? (first === undefined ? undefined : this.price([first.line]));
    if (price === undefined) return;
    this.timer = setTimeout(
      () => {
        this.flush();
      },
      Math.max(1, Math.ceil(this.waitFor(price))),
    );
  }
}

// ---- several lines in one

const MERGED = new Set(["JOIN", "MONITOR"]);
/** Fewer are sent as they are. */
const LEAST_MERGED = 3;
const MAX_MERGED_BYTES = 400;
/** As many channels in one JOIN as servers that announce nothing are known to take. */
const DEFAULT_JOINS = 10;
const MOST_JOINS = 40;
const MAX_MONITORS = 40;

/** Makes one line of the first of `queue` and those behind it that can go with it, if they are several. */
function mergeFirst(queue: Waiting[], isupport: Isupport): void {
  const [first] = queue;
  if (first === undefined || !MERGED.has(first.line.command)) return;
  let { line } = first;
  let count = 1;
  for (let next = queue[count]; next !== undefined; next = queue[++count]) {
    const merged = merge(line, next.line, isupport);
    if (merged === undefined) break;
    line = merged;
  }
  if (count >= LEAST_MERGED) queue.splice(0, count, { line, text: formatMessage(line) });
}

/** One line that does what `a` and `b` do; undefined where there is none. */
function merge(a: Command, b: Command, isupport: Isupport): Command | undefined {
  if (a.command !== b.command || a.tags.size > 0 || b.tags.size > 0) return undefined;
  if (a.typedIn !== b.typedIn) return undefined;
  const merged =
    a.command === "JOIN"
      ? mergeJoins(a.params, b.params, maxJoins(isupport))
      : a.command === "MONITOR"
        ? mergeMonitors(a.params, b.params)
        : undefined;
  if (merged === undefined || utf8Length(merged.join(" ")) > MAX_MERGED_BYTES) return undefined;
  return { ...message(a.command, merged), typedIn: a.typedIn };
}

function maxJoins(isupport: Isupport): number {
  const announced = /(?:^|,)JOIN:([0-9]*)(?:,|$)/i.exec(isupport.get("TARGMAX") ?? "")?.[1];
  if (announced === "") return MOST_JOINS;
  const max = Number(announced ?? isupportNumber(isupport, "MAXTARGETS", DEFAULT_JOINS));
  return Math.min(Math.max(max, 1), MOST_JOINS);
}

/** Keys belong to the channels in their order, so channels with a key come first. */
function mergeJoins(
  a: readonly string[],
  b: readonly string[],
  max: number,
): readonly string[] | undefined {
  const [names, keys] = [split(a[0]), split(a[1])];
  const [added, addedKeys] = [split(b[0]), split(b[1])];
  if (names.length + added.length > max || names.includes("0") || added.includes("0"))
    return undefined;
  const all = [
    ...names.slice(0, keys.length),
    ...added.slice(0, addedKeys.length),
    ...names.slice(keys.length),
    ...added.slice(addedKeys.length),
  ];
  const allKeys = [...keys, ...addedKeys];
  return [all.join(","), ...(allKeys.length === 0 ? [] : [allKeys.join(",")])];
}

function mergeMonitors(a: readonly string[], b: readonly string[]): readonly string[] | undefined {
  const [sign = "", names] = a;
  if (sign !== b[0] || !/^[+-]$/.test(sign)) return undefined;
  const all = [...split(names), ...split(b[1])];
  return all.length > MAX_MONITORS ? undefined : [sign, all.join(",")];
}

function split(list: string | undefined): string[] {
  return list === undefined || list === "" ? [] : list.split(",");
}
