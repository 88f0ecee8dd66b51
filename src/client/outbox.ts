// What we have said and the server has not confirmed yet. An item leaves only by confirmation, refusal or the person's wish.
import { CAP } from "../irc/caps.js";
import { message, type Message } from "../irc/message.js";
import { TAG } from "../irc/tags.js";
import { utf8Length } from "../irc/utf8.js";
import type { MessageEntry } from "./model.js";

export interface Outgoing {
  /** The id of its entry, its `+parley/id` and its label: the same at every attempt. */
  readonly id: string;
  /** Where its entry stands. */
  readonly buffer: string;
  /** Whom it is sent to: mostly the buffer's name, but `@#room` for the operators of #room. */
  readonly target: string;
  readonly form: MessageEntry["form"];
  readonly text: string;
  /** The conversation it was typed in, where that is another one: it is told there as well if this fails. */
  readonly typedIn?: string | undefined;
}

/** Something that was sent, and how. */
export interface SentItem extends Outgoing {
  readonly sent: Sent;
}

interface Item extends Outgoing {
  /** Undefined while it waits. */
  readonly sent: Sent | undefined;
  /** What became of it when a connection ended with it on its way; undefined: no server has had it. */
  readonly lost: Lost | undefined;
  /** How often the server has closed the connection while this was on its way. */
  readonly closures: number;
}

/** It was on its way when a connection ended: it may have arrived. */
interface Lost {
  /** When it was first sent, in milliseconds since the epoch. */
  readonly since: number;
  /** When it may be sent again: always, or where it is stored once; otherwise only history can tell what became of it. */
  readonly repeats: "always" | "where stored once" | "never";
}

export interface Sent {
  /** When, in milliseconds since the epoch. */
  readonly at: number;
  /** The target at that time: people change nicks. */
  readonly to: string;
  /** Its place among all that was sent. */
  readonly order: number;
  readonly lines: number;
  readonly bytes: number;
  /** The server has to answer with our label, by an echo or otherwise. */
  readonly isLabeled: boolean;
  /** It carries our id, by which it is known again. */
  readonly hasId: boolean;
  /** The server was to echo it, as far as it echoes what is for such a target. */
  readonly hasEcho: boolean;
  /** When the server is asked about it, in milliseconds since the epoch. */
  readonly askAt: number;
  /** The number of the question that was sent behind it. */
  readonly asked: number | undefined;
}

export interface OutboxPort {
  /** Sends the lines of one message, or returns false; then `pump()` is due when there is room. @throws RangeError */
  readonly say: (lines: readonly Message[]) => boolean;
  readonly send: (message: Message) => void;
  readonly caps: () => ReadonlySet<string>;
  /** Whether the server stores what has our id once, however often it is sent. */
  readonly storesOnce: () => boolean;
  /** Whether the server can be asked what was said. */
  readonly hasHistory: () => boolean;
  readonly now: () => number;
  /** The next place among all that is sent. */
  readonly nextOrder: () => number;
  /** Whether messages for `item` have to wait: we are not connected, not in the channel yet, or catching up. */
  readonly isBlocked: (item: Outgoing) => boolean;
  readonly isDirect: (item: Outgoing) => boolean;
  /** What is to be sent in the place of `item`: itself, or the messages it takes on this connection. */
  readonly fit: (item: Outgoing) => readonly Outgoing[];
  /** The lines that carry `item`. `reference` is a batch's that no other has had. */
  readonly encode: (item: Outgoing, tags: Message["tags"], reference: string) => readonly Message[];
  /** Sends PING with this token; a connection on which nothing at all comes back has to end. */
  readonly ask: (token: string) => void;
  /** It was taken: nothing was said against it. */
  readonly onSent: (item: SentItem) => void;
  /** The server has had it, and owes an answer that did not come. */
  readonly onUnanswered: (item: Outgoing) => void;
  /** An earlier connection may have taken it, and nothing has shown that it did. */
  readonly onUnsettled: (item: Outgoing) => void;
  /** It cannot stand on a line. */
  readonly onImpossible: (item: Outgoing, error: RangeError) => void;
}

/** How a connection ended. */
export type Ending = "lost" | "closed" | "flood";

/**
 * So much is on its way at once, or one message if that is more: a long paste neither trips flood control nor overruns the
 * queue of a server that reads slowly.
 */
const MAX_LINES_IN_FLIGHT = 16;
const MAX_BYTES_IN_FLIGHT = 8_000;
const MAX_BYTES_UNANNOUNCED = 2_000;
/** Flood control may let lines through one by one: so many take one `answerTimeoutMs` more. */
const LINES_PER_TIMEOUT = 4;
/** Where only answers to PING confirm messages, there is one behind so many lines. */
const LINES_PER_QUESTION = 4;
/** A message that was on its way when the server closed so many connections is not sent again. */
const MAX_CLOSURES = 3;
const NOT_SENT = { sent: undefined, lost: undefined, closures: 0 } as const;
const TOKEN_PREFIX = "parley-sent-";

export class Outbox {
  private items: Item[] = [];
  private questions = 0;
  /** Until the oldest of what is on its way is late. */
  private patience: ReturnType<typeof setTimeout> | undefined;
  private batches = 0;
  private isPumping = false;

  constructor(
    private readonly port: OutboxPort,
    /** When the server is asked about a message it has not answered. */
    private readonly answerTimeoutMs: number,
    /** Whether the server says how much it takes at once. */
    private readonly hasAnnouncedLimits: () => boolean,
  ) {}

  /** All that is not confirmed, oldest first. */
  get unconfirmed(): readonly Outgoing[] {
    return this.items;
  }

  /** How many questions have been sent. */
  get asked(): number {
    return this.questions;
  }

  /** Whether something waits for which `isMeant` is true. */
  has(isMeant: (item: Outgoing) => boolean): boolean {
    return this.items.some(isMeant);
  }

  /** What is on its way, oldest first. */
  get inFlight(): readonly SentItem[] {
    return this.items.filter(isSent);
  }

  /** What earlier connections may have taken, with the time at which it was first sent. */
  get unsettled(): readonly (Outgoing & { readonly since: number })[] {
    return this.items.flatMap((item) =>
      item.sent === undefined && item.lost !== undefined ? { ...item, since: item.lost.since } : [],
    );
  }

  /** Empties it. */
  takeAll(): Outgoing[] {
    const all = this.items;
    this.items = [];
    clearTimeout(this.patience);
    return all;
  }

  /** Takes out what waits to be sent. */
  takeWaiting(): Outgoing[] {
    const waiting = this.items.filter((item) => !isSent(item));
    this.items = this.items.filter(isSent);
    return waiting;
  }

  add(item: Outgoing): void {
    this.items.push({ ...item, ...NOT_SENT });
  }

  remove(id: string): void {
    this.items = this.items.filter((item) => item.id !== id);
  }

  /**
   * Nothing of what is on its way will be answered on this connection. It is kept where the next one can tell what became of
   * it, or can be sent it again. Returns the rest, and what has ended too many connections.
   */
  disconnected(ending: Ending): Outgoing[] {
    clearTimeout(this.patience);
    const given: Item[] = [];
    const kept: Item[] = [];
    for (const item of this.items) {
      const closures = item.closures + (item.sent !== undefined && ending !== "lost" ? 1 : 0);
      const { sent } = item;
      const lost = sent === undefined ? item.lost : this.lostBy(ending, item, sent);
      const isHopeless = sent !== undefined && lost?.repeats === "never" && !this.port.hasHistory();
      const list = isHopeless || closures >= MAX_CLOSURES ? given : kept;
      list.push({ ...item, closures, lost, sent: undefined });
    }
    this.items = kept;
    return given;
  }

  private lostBy(ending: Ending, { lost }: Item, sent: Sent): Lost {
    const since = lost?.since ?? sent.at;
    // A server that is flooded throws away what it has not read.
    if (ending === "flood") return { since, repeats: "always" };
    const isStoredOnce = sent.hasId && this.port.storesOnce();
    return { since, repeats: isStoredOnce ? "where stored once" : "never" };
  }

  /** A conversation has another name. */
  rename(isOld: (name: string) => boolean, newName: string): void {
    this.items = this.items.map((item) => renamedItem(item, isOld, newName));
  }

  /** Drops what `isDone` says has arrived. */
  prune(isDone: (item: Outgoing) => boolean): void {
    this.items = this.items.filter((item) => !isDone(item));
  }

  /** Sends what may be sent, in order. */
  pump(): void {
    // What is sent may be refused at once, and then more of it may be sent.
    if (this.isPumping) return;
    this.isPumping = true;
    try {
      this.sendWaiting();
    } finally {
      this.isPumping = false;
    }
    this.watch();
  }

  private sendWaiting(): void {
    const load = { lines: 0, bytes: 0 };
    for (const { sent } of this.inFlight) {
      load.lines += sent.lines;
      load.bytes += sent.bytes;
    }
    let isFull = false;
    for (let at = 0; at < this.items.length; at++) {
      const item = this.items[at];
      if (item === undefined || item.sent !== undefined || this.port.isBlocked(item)) continue;
      if (!this.mayRepeat(item)) {
        this.items.splice(at--, 1);
        this.port.onUnsettled(item);
        continue;
      }
      const [first, ...rest] = this.port.fit(item);
      if (first === undefined) continue;
      if (rest.length > 0)
        this.items.splice(at, 1, ...[first, ...rest].map((piece) => ({ ...piece, ...NOT_SENT })));
      const outcome = this.sendOne(at, load);
      if (outcome === "impossible") at--;
      isFull = outcome === "full";
      if (isFull) break;
    }
    this.askBehind(isFull);
  }

  /** Whether no one would read a message twice that may have been taken. What history had to say of it has been heard. */
  private mayRepeat({ lost }: Item): boolean {
    if (lost === undefined || lost.repeats === "always") return true;
    return lost.repeats === "where stored once" && this.port.storesOnce();
  }

  private sendOne(at: number, load: { lines: number; bytes: number }) {
    const item = this.items[at];
    if (item === undefined) return "sent";
    const caps = this.port.caps();
    const isLabeled = caps.has(CAP.labeledResponse);
    const tags = new Map<string, string>();
    if (isLabeled) tags.set(TAG.label, item.id);
    const hasId = caps.has(CAP.messageTags);
    if (hasId) tags.set(TAG.id, item.id);
    const lines = this.port.encode(item, tags, `parley${++this.batches}`);
    const bytes = lines.reduce((sum, { params }) => sum + utf8Length(params.join(" ")) + 10, 0);
    const most = this.hasAnnouncedLimits() ? MAX_BYTES_IN_FLIGHT : MAX_BYTES_UNANNOUNCED;
    // A longer one goes when nothing else is on its way.
    const isTooMuch = load.lines + lines.length > MAX_LINES_IN_FLIGHT || load.bytes + bytes > most;
    if (load.lines > 0 && isTooMuch) return "full";
    try {
      if (!this.port.say(lines)) return "full";
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.remove(item.id);
      this.port.onImpossible(item, error);
      return "impossible";
    }
    load.lines += lines.length;
    load.bytes += bytes;
    const now = this.port.now();
    const askAt = now + this.answerTimeoutMs * (1 + load.lines / LINES_PER_TIMEOUT);
    const sent: Sent = {
      at: now,
      to: item.target,
      order: this.port.nextOrder(),
      lines: lines.length,
      bytes,
      isLabeled,
      hasId,
      hasEcho: caps.has(CAP.echoMessage),
      askAt,
      asked: undefined,
    };
    this.items[at] = { ...item, sent };
    return "sent";
  }

  /** Where nothing else will confirm what was sent, a question goes behind it, or behind several. */
  private askBehind(isFull: boolean): void {
    const unasked = this.inFlight.filter(
      (item) => item.sent.asked === undefined && !this.isEchoed(item),
    );
    const lines = unasked.reduce((sum, { sent }) => sum + sent.lines, 0);
    if (lines === 0 || (isFull && lines < LINES_PER_QUESTION)) return;
    this.askNow();
  }

  /** A question behind what was sent just now, be it no message. */
  askNow(): void {
    this.port.send(message("PING", [this.newQuestion()]));
  }

  /** Whether an echo is to be expected. Without labels, services and the like have none. */
  private isEchoed(item: SentItem): boolean {
    if (!this.port.caps().has(CAP.echoMessage)) return false;
    return item.sent.isLabeled || !this.port.isDirect(item);
  }

  /** The token of a question behind all that is on its way. */
  private newQuestion(): string {
    const question = ++this.questions;
    this.items = this.items.map((item) =>
      item.sent === undefined
        ? item
        : { ...item, sent: { ...item.sent, asked: item.sent.asked ?? question } },
    );
    return TOKEN_PREFIX + String(question);
  }

  /** What confirms messages has changed: what is on its way may not get the answer it was to get. */
  capsChanged(): void {
    const caps = this.port.caps();
    if (caps.has(CAP.echoMessage) && caps.has(CAP.labeledResponse)) return;
    const isAffected = ({ sent }: SentItem) => sent.isLabeled || sent.asked === undefined;
    if (!this.inFlight.some(isAffected)) return;
    this.releaseFromLabel(() => true);
    this.port.send(message("PING", [this.newQuestion()]));
  }

  private releaseFromLabel(isMeant: (item: SentItem) => boolean): void {
    this.items = this.items.map((item) =>
      isSent(item) && isMeant(item) ? { ...item, sent: { ...item.sent, isLabeled: false } } : item,
    );
  }

  /** The server has answered the message of this label with something that is neither an echo nor a refusal. */
  answered(label: string): void {
    const item = this.inFlight.find(({ id }) => id === label);
    if (item?.sent.isLabeled !== true) return;
    this.releaseFromLabel(({ id }) => id === label);
    if (item.sent.asked === undefined) this.port.send(message("PING", [this.newQuestion()]));
  }

  /**
   * Takes in the answer to a PING. Servers take line after line: what was sent before the question they have had, and will say
   * nothing against any more. Returns the question's number, or undefined when it was none of ours.
   */
  takePong(token: string): number | undefined {
    if (!token.startsWith(TOKEN_PREFIX)) return undefined;
    const question = Number(token.slice(TOKEN_PREFIX.length));
    if (!(question <= this.questions)) return 0;
    const isOver = (item: Item) => item.sent?.asked !== undefined && item.sent.asked <= question;
    const over = this.items.filter(isOver).filter(isSent);
    this.items = this.items.filter((item) => !isOver(item));
    const hasEcho = this.port.caps().has(CAP.echoMessage);
    for (const item of over) {
      if (item.sent.isLabeled && hasEcho) this.port.onUnanswered(item);
      else this.port.onSent(item);
    }
    this.pump();
    return question;
  }

  /** The item of this label, which the server says it has taken. */
  takeAcknowledged(label: string): void {
    const item = this.inFlight.find((candidate) => candidate.id === label);
    if (item === undefined) return;
    this.remove(label);
    this.port.onSent(item);
  }

  /** Waits until something has been on its way for too long. */
  private watch(): void {
    clearTimeout(this.patience);
    const oldest = this.inFlight.find(({ sent }) => sent.asked === undefined);
    if (oldest === undefined) return;
    const wait = oldest.sent.askAt - this.port.now();
    this.patience = setTimeout(
      () => {
        this.askAboutLate(oldest.id);
      },
      Math.max(wait, 0),
    );
  }

  /** Without an answer to this the connection is dead, and the next one shows what became of it. */
  private askAboutLate(id: string): void {
    if (this.items.some((item) => item.id === id)) this.port.ask(this.newQuestion());
    this.watch();
  }
}

/** `item` after a conversation got another name. What was said to a part of it, or by way of a service, keeps its target. */
export function renamedItem<T extends Outgoing>(
  item: T,
  isOld: (name: string) => boolean,
  newName: string,
): T {
  const typedIn = item.typedIn !== undefined && isOld(item.typedIn) ? newName : item.typedIn;
  if (!isOld(item.buffer)) return { ...item, typedIn };
  const target = isOld(item.target) ? newName : item.target;
  return { ...item, typedIn, buffer: newName, target };
}

function isSent(item: Item): item is Item & SentItem {
  return item.sent !== undefined;
}
