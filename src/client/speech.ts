// What we say: rows that are pending until the server has them, and may fail, be tried again or be taken away.
import type { Message } from "../irc/message.js";
import {
  ERR_CANNOTSENDTOCHAN,
  ERR_NEEDREGGEDNICK,
  ERR_NOSUCHCHANNEL,
  ERR_NOSUCHNICK,
  ERR_NOSUCHSERVER,
  ERR_NOTONCHANNEL,
  ERR_TOOMANYTARGETS,
} from "../irc/numerics.js";
import { TAG } from "../irc/tags.js";
import type { MessageEntry } from "./model.js";
import type { MultilineLimits } from "./multiline.js";
import { Outbox, type Outgoing } from "./outbox.js";
import { outgoingTexts, roomOnLine, wireMessages } from "./outgoing-text.js";
import type { StateDraft } from "./state-draft.js";
import { displayText } from "./text.js";
import { SEND_ERRORS } from "./texts.js";

export interface SpeechPort {
  readonly draft: StateDraft;
  readonly send: (message: Message) => void;
  /** Sends PING with this token; a connection on which nothing at all comes back has to end. */
  readonly ask: (token: string) => void;
  /** Whether what is said will be sent sooner or later. */
  readonly isRunning: () => boolean;
  /** Whether messages to `target` have to wait. */
  readonly isBlocked: (target: string) => boolean;
  /** How much one message may be; undefined: a line. */
  readonly multilineLimits: () => MultilineLimits | undefined;
  readonly answerTimeoutMs: number;
  readonly onChange: () => void;
}

/** Numerics that refuse a message when they name its target. */
const REFUSALS: ReadonlySet<string> = new Set([
  ERR_NOSUCHNICK,
  ERR_NOSUCHSERVER,
  ERR_NOSUCHCHANNEL,
  ERR_CANNOTSENDTOCHAN,
  ERR_TOOMANYTARGETS,
  ERR_NOTONCHANNEL,
  ERR_NEEDREGGEDNICK,
]);
const MAX_QUEUED_MESSAGES = 2_000;

export class Speech {
  private readonly outbox: Outbox;
  /** What was not sent, as it was, in case the person tries again. */
  private readonly failed = new Map<string, Outgoing>();

  constructor(private readonly port: SpeechPort) {
    const { draft, send, ask, isBlocked, answerTimeoutMs } = port;
    this.outbox = new Outbox(
      {
        send,
        ask,
        isBlocked,
        caps: () => draft.get().caps,
        now: draft.context.now,
        fit: (item) => this.fit(item),
        encode: (item, tags, reference) =>
          wireMessages(item, tags, this.roomFor(item.target, item.form), reference),
        onSent: ({ target, id }) => {
          draft.changeMessage(target, id, { status: "sent", error: undefined });
          port.onChange();
        },
        onUnanswered: (item) => {
          this.fail(item, SEND_ERRORS.noAnswer);
        },
      },
      answerTimeoutMs,
    );
  }

  /** Says `text` in a buffer that is there, in as many messages as it takes. */
  say(target: string, text: string, form: MessageEntry["form"]): void {
    const { draft } = this.port;
    for (const piece of this.texts(target, text, form)) {
      const item = { id: draft.context.newId(), target, form, text: piece };
      draft.addEntry(target, this.pendingEntry(item));
      this.queue(item);
    }
    this.pump();
  }

  private texts(target: string, text: string, form: MessageEntry["form"]): string[] {
    return outgoingTexts(text, form, this.roomFor(target, form), this.port.multilineLimits());
  }

  private roomFor(target: string, form: MessageEntry["form"]): number {
    const { draft } = this.port;
    const { nick, isupport } = draft.get();
    const self = draft.user(nick);
    return roomOnLine(target, form, { nick, user: self?.user, host: self?.host }, isupport);
  }

  private pendingEntry({ id, text, form }: Outgoing): MessageEntry {
    const { draft } = this.port;
    return {
      kind: "message",
      id,
      msgid: undefined,
      time: draft.context.now(),
      nick: draft.get().nick,
      text: displayText(text),
      form,
      own: true,
      mention: false,
      status: "pending",
      error: undefined,
      address: undefined,
    };
  }

  /** What was said for another connection may be more than this one takes at once: then it becomes several messages. */
  private fit(item: Outgoing): readonly Outgoing[] {
    const { draft } = this.port;
    const texts = this.texts(item.target, item.text, item.form);
    if (texts.length < 2) return [item];
    const pieces = texts.map((text, i) => ({
      ...item,
      text,
      id: i === 0 ? item.id : draft.context.newId(),
    }));
    draft.replaceEntry(
      item.target,
      item.id,
      pieces.map((piece) => this.pendingEntry(piece)),
    );
    return pieces;
  }

  private queue(item: Outgoing): void {
    if (!this.port.isRunning()) this.fail(item, SEND_ERRORS.notConnected);
    else if (this.outbox.size >= MAX_QUEUED_MESSAGES) this.fail(item, SEND_ERRORS.tooMany);
    else this.outbox.add(item);
  }

  private fail(item: Outgoing, error: string): void {
    this.failed.set(item.id, item);
    this.port.draft.changeMessage(item.target, item.id, { status: "failed", error });
    this.port.onChange();
  }

  /** Says a failed message again, with the same id: a server that has it after all stores it only once. */
  retry(buffer: string, id: string): void {
    const { draft } = this.port;
    const item = this.failed.get(id);
    const entry = draft.entry(buffer, id);
    if (item === undefined || entry?.kind !== "message" || entry.status !== "failed") return;
    this.failed.delete(id);
    draft.changeMessage(buffer, id, { status: "pending", error: undefined });
    this.queue({ ...item, target: draft.buffer(buffer)?.name ?? item.target });
    this.pump();
  }

  /** Takes a message that was not sent off the screen. */
  discard(buffer: string, id: string): void {
    const entry = this.port.draft.entry(buffer, id);
    if (entry?.kind !== "message" || entry.status === "sent") return;
    this.failed.delete(id);
    this.outbox.remove(id);
    this.port.draft.removeEntry(buffer, id);
  }

  /** Nobody wants to see a buffer any more: what waits for it is dropped. */
  forget(buffer: string): void {
    const isHere = ({ target }: Outgoing) => this.port.draft.isSame(target, buffer);
    this.outbox.prune(isHere);
    for (const item of [...this.failed.values()]) if (isHere(item)) this.failed.delete(item.id);
  }

  isWaitingFor(name: string): boolean {
    return this.outbox.has((target) => this.port.draft.isSame(target, name));
  }

  /** Sends what may be sent. */
  pump(): void {
    this.outbox.pump();
    this.port.onChange();
  }

  /** What is on its way has to be said again on the next connection. */
  disconnected(): void {
    this.outbox.disconnected();
  }

  /** Nobody will send it any more: it stays on the screen as not sent, to be tried again by hand. */
  failAll(): void {
    for (const item of this.outbox.takeAll()) this.fail(item, SEND_ERRORS.notConnected);
  }

  renamed(nick: string, newNick: string): void {
    this.outbox.rename((target) => this.port.draft.isSame(target, nick), newNick);
  }

  /** Whatever the state shows as sent, or no longer shows, needs no sending. */
  settle(): void {
    const { draft } = this.port;
    this.outbox.prune(({ target, id }) => {
      const entry = draft.entry(target, id);
      return entry?.kind !== "message" || entry.status === "sent";
    });
    this.pump();
  }

  /** Whether `line` is the answer to something we said. */
  takeAnswer(line: Message): boolean {
    const label = line.tags.get(TAG.label);
    if (line.command === "PONG") return this.outbox.takePong(line.params.at(-1) ?? "");
    if (line.command !== "ACK") return this.takeRefusal(line, label);
    if (label !== undefined) this.outbox.takeAcknowledged(label);
    return true;
  }

  private takeRefusal(line: Message, label: string | undefined): boolean {
    const isNumeric = /^[45][0-9]{2}$/.test(line.command);
    const isFail =
      line.command === "FAIL" && /^(?:PRIVMSG|NOTICE|BATCH)$/.test(line.params[0] ?? "");
    if (!isNumeric && !isFail) return false;
    if (label === undefined && isNumeric && !REFUSALS.has(line.command)) return false;
    const { draft } = this.port;
    const context = line.params.slice(1, -1);
    const isOfBatch = isFail && line.params[0] === "BATCH";
    const item = this.outbox.takeRefused(label, ({ target }, lines) =>
      isOfBatch ? lines > 1 : context.some((param) => draft.isSame(param, target)),
    );
    if (item === undefined) return false;
    if (line.command === ERR_NOSUCHNICK && draft.user(item.target) !== undefined)
      draft.updateUser(item.target, { online: false });
    this.fail(item, displayText(line.params.at(-1) ?? ""));
    this.outbox.pump();
    return true;
  }
}
