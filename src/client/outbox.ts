// What we have said and the server has not confirmed yet. An item leaves only by confirmation, refusal or the person's wish.
import { message, type Message } from "../irc/message.js";
import { TAG } from "../irc/tags.js";

export interface Outgoing {
  /** The id of its entry, its `+parley/id` and its label: the same at every attempt. */
  readonly id: string;
  readonly target: string;
  readonly command: "PRIVMSG" | "NOTICE";
  /** As it goes over the wire. */
  readonly text: string;
}

interface Item extends Outgoing {
  readonly sentAt: number | undefined;
}

export interface OutboxPort {
  readonly send: (message: Message) => void;
  readonly caps: () => ReadonlySet<string>;
  readonly now: () => number;
  /** Whether messages to `target` have to wait: we are not connected, not in the channel yet, or catching up. */
  readonly isBlocked: (target: string) => boolean;
  readonly onSent: (item: Outgoing) => void;
  readonly onUnanswered: (item: Outgoing) => void;
}

/** So many messages are on their way at once: a long paste neither trips flood control nor overruns a queue. */
const MAX_IN_FLIGHT = 16;
const ACK_PREFIX = "parley-sent-";

export class Outbox {
  private items: Item[] = [];
  private acks = 0;

  constructor(
    private readonly port: OutboxPort,
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
    return all;
  }

  add(item: Outgoing): void {
    this.items.push({ ...item, sentAt: undefined });
  }

  remove(id: string): void {
    this.items = this.items.filter((item) => item.id !== id);
  }

  /** Nothing of what is on its way will be answered on this connection: all of it has to be said again. */
  disconnected(): void {
    this.items = this.items.map((item) => ({ ...item, sentAt: undefined }));
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
    const inFlight = this.items.filter((item) => item.sentAt !== undefined).length;
    const next = this.items
      .filter((item) => item.sentAt === undefined && !this.port.isBlocked(item.target))
      .slice(0, Math.max(0, MAX_IN_FLIGHT - inFlight));
    if (next.length === 0) return;
    const sentAt = this.port.now();
    const ids = new Set(next.map((item) => item.id));
    this.items = this.items.map((item) => (ids.has(item.id) ? { ...item, sentAt } : item));
    for (const item of next) this.port.send(this.messageOf(item));
    // Where nothing echoes, an answer to what was sent behind the messages shows that they were taken.
    if (!this.port.caps().has("echo-message"))
      this.port.send(message("PING", [ACK_PREFIX + String(++this.acks)]));
  }

  private messageOf(item: Outgoing): Message {
    const caps = this.port.caps();
    const tags = new Map<string, string>();
    if (caps.has("labeled-response")) tags.set(TAG.label, item.id);
    if (caps.has("message-tags")) tags.set(TAG.id, item.id);
    return message(item.command, [item.target, item.text], undefined, tags);
  }

  /** Takes in the answer to the newest PING sent behind messages. Returns whether it was one of ours. */
  takePong(token: string): boolean {
    if (!token.startsWith(ACK_PREFIX)) return false;
    // Of several PINGs only the last one stands behind everything that is on its way.
    if (token === ACK_PREFIX + String(this.acks)) this.confirmAllSent();
    return true;
  }

  private confirmAllSent(): void {
    const sent = this.items.filter((item) => item.sentAt !== undefined);
    this.items = this.items.filter((item) => item.sentAt === undefined);
    for (const item of sent) this.port.onSent(item);
    this.pump();
  }

  /** The item a refusal speaks of: the one of its label, else the oldest on its way to `target`. It is taken out. */
  takeRefused(
    label: string | undefined,
    isTarget: (target: string) => boolean,
  ): Outgoing | undefined {
    const item = this.items.find(
      (candidate) =>
        candidate.sentAt !== undefined &&
        (label === undefined ? isTarget(candidate.target) : candidate.id === label),
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

  /** Gives up what has been on its way for too long on a connection that is otherwise alive. */
  expire(): void {
    const limit = this.port.now() - this.answerTimeoutMs;
    const isLate = (item: Item) => item.sentAt !== undefined && item.sentAt <= limit;
    const late = this.items.filter(isLate);
    if (late.length === 0) return;
    this.items = this.items.filter((item) => !isLate(item));
    for (const item of late) this.port.onUnanswered(item);
    this.pump();
  }
}
