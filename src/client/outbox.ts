// What we have said and the server has not confirmed yet. An item leaves only by confirmation, refusal or the person's wish.
import { message, type Message } from "../irc/message.js";
import { TAG } from "../irc/tags.js";
import type { MessageEntry } from "./model.js";

export interface Outgoing {
  /** The id of its entry, its `+parley/id` and its label: the same at every attempt. */
  readonly id: string;
  readonly target: string;
  readonly form: MessageEntry["form"];
  readonly text: string;
}

interface Item extends Outgoing {
  /** Undefined while it waits. */
  readonly sent: Sent | undefined;
}

interface Sent {
  readonly lines: number;
  /** When the server is asked about it, in milliseconds since the epoch. */
  readonly askAt: number;
  /** The number of the question that was sent behind it. */
  readonly asked: number | undefined;
}

export interface OutboxPort {
  readonly send: (message: Message) => void;
  readonly caps: () => ReadonlySet<string>;
  readonly now: () => number;
  /** Whether messages to `target` have to wait: we are not connected, not in the channel yet, or catching up. */
  readonly isBlocked: (target: string) => boolean;
  /** What is to be sent in the place of `item`: itself, or the messages it takes on this connection. */
  readonly fit: (item: Outgoing) => readonly Outgoing[];
  /** The lines that carry `item`. `reference` is a batch's that no other has had. */
  readonly encode: (item: Outgoing, tags: Message["tags"], reference: string) => readonly Message[];
  /** Sends PING with this token; a connection on which nothing at all comes back has to end. */
  readonly ask: (token: string) => void;
  readonly onSent: (item: Outgoing) => void;
  /** The server has had it, and said nothing to it. */
  readonly onUnanswered: (item: Outgoing) => void;
}

/**
 * So many lines are on their way at once, or one message if that has more: a long paste neither trips flood control nor
 * overruns a queue.
 */
const MAX_IN_FLIGHT = 16;
/** Flood control may let lines through one by one: so many take one `answerTimeoutMs` more. */
const LINES_PER_TIMEOUT = 4;
const ACK_PREFIX = "parley-sent-";
const LATE_PREFIX = "parley-late-";

export class Outbox {
  private items: Item[] = [];
  private acks = 0;
  private questions = 0;
  /** Until the oldest of what is on its way is late. */
  private patience: NodeJS.Timeout | undefined;
  private batches = 0;

  constructor(
    private readonly port: OutboxPort,
    /** When the server is asked about a message it has not answered. */
    private readonly answerTimeoutMs: number,
  ) {}

  get size(): number {
    return this.items.length;
  }

  /** Whether something waits for a target of which `isTarget` is true. */
  has(isTarget: (target: string) => boolean): boolean {
    return this.items.some((item) => isTarget(item.target));
  }

  /** Empties it. */
  takeAll(): Outgoing[] {
    const all = this.items;
    this.items = [];
    clearTimeout(this.patience);
    return all;
  }

  add(item: Outgoing): void {
    this.items.push({ ...item, sent: undefined });
  }

  remove(id: string): void {
    this.items = this.items.filter((item) => item.id !== id);
  }

  /** Nothing of what is on its way will be answered on this connection: all of it has to be said again. */
  disconnected(): void {
    clearTimeout(this.patience);
    this.items = this.items.map((item) => ({ ...item, sent: undefined }));
  }

  /** The person we talk to has another nick now. */
  rename(isSame: (target: string) => boolean, target: string): void {
    this.items = this.items.map((item) => (isSame(item.target) ? { ...item, target } : item));
  }

  /** Drops what `isDone` says has arrived. */
  prune(isDone: (item: Outgoing) => boolean): void {
    this.items = this.items.filter((item) => !isDone(item));
  }

  /** Sends what may be sent, in order. */
  pump(): void {
    let inFlight = this.items.reduce((lines, { sent }) => lines + (sent?.lines ?? 0), 0);
    let hasSent = false;
    for (let at = 0; at < this.items.length && inFlight < MAX_IN_FLIGHT; at++) {
      const item = this.items[at];
      if (item === undefined || item.sent !== undefined || this.port.isBlocked(item.target))
        continue;
      const pieces = this.port.fit(item);
      const [first = item] = pieces;
      if (pieces.length > 1)
        this.items.splice(at, 1, ...pieces.map((piece) => ({ ...piece, sent: undefined })));
      const lines = this.linesOf(first);
      // A longer one goes when nothing else is on its way.
      if (inFlight > 0 && inFlight + lines.length > MAX_IN_FLIGHT) break;
      inFlight += lines.length;
      const askAt = this.port.now() + this.answerTimeoutMs * (1 + inFlight / LINES_PER_TIMEOUT);
      this.items[at] = { ...first, sent: { lines: lines.length, askAt, asked: undefined } };
      for (const line of lines) this.port.send(line);
      hasSent = true;
    }
    // Where nothing echoes, an answer to what was sent behind the messages shows that they were taken.
    if (hasSent && !this.port.caps().has("echo-message"))
      this.port.send(message("PING", [ACK_PREFIX + String(++this.acks)]));
    this.watch();
  }

  private linesOf(item: Outgoing): readonly Message[] {
    const caps = this.port.caps();
    const tags = new Map<string, string>();
    if (caps.has("labeled-response")) tags.set(TAG.label, item.id);
    if (caps.has("message-tags")) tags.set(TAG.id, item.id);
    return this.port.encode(item, tags, `parley${++this.batches}`);
  }

  /** Takes in the answer to a PING. Returns whether it was one of ours. */
  takePong(token: string): boolean {
    if (token.startsWith(LATE_PREFIX)) {
      this.giveUp(Number(token.slice(LATE_PREFIX.length)));
      return true;
    }
    if (!token.startsWith(ACK_PREFIX)) return false;
    // Of several PINGs only the last one stands behind everything that is on its way.
    if (token === ACK_PREFIX + String(this.acks)) this.confirmAllSent();
    return true;
  }

  private confirmAllSent(): void {
    const sent = this.items.filter((item) => item.sent !== undefined);
    this.items = this.items.filter((item) => item.sent === undefined);
    for (const item of sent) this.port.onSent(item);
    this.pump();
  }

  /** The item a refusal speaks of: the one of its label, else the oldest on its way that `isMeant`. It is taken out. */
  takeRefused(
    label: string | undefined,
    isMeant: (item: Outgoing, lines: number) => boolean,
  ): Outgoing | undefined {
    const item = this.items.find(
      (candidate) =>
        candidate.sent !== undefined &&
        (label === undefined ? isMeant(candidate, candidate.sent.lines) : candidate.id === label),
    );
    if (item !== undefined) this.remove(item.id);
    return item;
  }

  /** The item of this label, which the server says it has taken. */
  takeAcknowledged(label: string): void {
    const item = this.items.find((candidate) => candidate.id === label);
    if (item === undefined) return;
    this.remove(label);
    this.port.onSent(item);
  }

  /** Waits until something has been on its way for too long. */
  private watch(): void {
    clearTimeout(this.patience);
    const oldest = this.items.find(({ sent }) => sent !== undefined && sent.asked === undefined);
    if (oldest?.sent === undefined) return;
    const wait = oldest.sent.askAt - this.port.now();
    this.patience = setTimeout(
      () => {
        this.askAboutLate(oldest.id);
      },
      Math.max(wait, 0),
    );
  }

  private askAboutLate(id: string): void {
    if (this.items.some((item) => item.id === id)) {
      const question = ++this.questions;
      this.items = this.items.map((item) =>
        item.sent === undefined
          ? item
          : { ...item, sent: { ...item.sent, asked: item.sent.asked ?? question } },
      );
      this.port.ask(LATE_PREFIX + String(question));
    }
    this.watch();
  }

  /**
   * Servers take line after line: who answers a question has had what was sent before it, and will not answer that any
   * more. Without an answer the connection is dead, and all of it goes again on the next one.
   */
  private giveUp(question: number): void {
    const isLate = ({ sent }: Item) => sent?.asked !== undefined && sent.asked <= question;
    const late = this.items.filter(isLate);
    this.items = this.items.filter((item) => !isLate(item));
    for (const item of late) this.port.onUnanswered(item);
    this.pump();
  }
}
