// What we say: rows that are pending until the server has them, and may fail, be tried again or be taken away.
import { CAP } from "../irc/caps.js";
import { FLOOD_TOKEN } from "../irc/isupport.js";
import { message, type Message } from "../irc/message.js";
import { ERR_NOSUCHNICK } from "../irc/numerics.js";
import { parseSource } from "../irc/source.js";
import { TAG } from "../irc/tags.js";
import { isChangedText } from "./changed-text.js";
import { MAX_REMEMBERED_UNSENT_BYTES, MAX_UNSENT_BYTES, UNSENT_OVERHEAD } from "./limits.js";
import type { ChatState, MessageEntry } from "./model.js";
import { cutsCode, type MultilineLimits } from "./multiline.js";
import {
  Outbox,
  renamedItem,
  type Ending,
  type Outgoing,
  type OutboxPort,
  type SentItem,
} from "./outbox.js";
import { OpenCommands, type Command, type OpenCommand } from "./open-commands.js";
import { outgoingTexts, roomOnLine, wireMessages } from "./outgoing-text.js";
import { RecentMessages, type RecentMessage } from "./recent-messages.js";
import type { Recipient } from "./recipients.js";
import type { UnsentMessage } from "./remembered.js";
import {
  canBeLate,
  canFollowAnswer,
  isNameless,
  namesTarget,
  refusalIn,
  type Refusal,
} from "./refusals.js";
import { replyText } from "./reply-texts.js";
import { SessionError } from "./session-error.js";
import { keepsHistory, type StateDraft } from "./state-draft.js";
import { addEvent, addInfo, learnSource } from "./state-entries.js";
import {
  confirmEntry,
  isToFormerSelf,
  messageEntry,
  statusPrefixField,
  wasSelf,
} from "./state-messages.js";
import { displayText, formattedText } from "./text.js";
import { COMMAND_INFO, QUEUE_ERRORS, SEND_ERRORS } from "./texts.js";

export interface SpeechPort extends Pick<OutboxPort, "say" | "send" | "ask"> {
  readonly draft: StateDraft;
  /** Whether what is said will be sent sooner or later. */
  readonly isRunning: () => boolean;
  /** Whether messages of `buffer` have to wait. */
  readonly isBlocked: (buffer: string) => boolean;
  /** How much one message may be; undefined: a line. */
  readonly multilineLimits: () => MultilineLimits | undefined;
  /** Whether the server says how much it takes at once. */
  readonly hasAnnouncedLimits: () => boolean;
  readonly answerTimeoutMs: number;
  readonly onChange: () => void;
  /** Something that was said has failed. */
  readonly onFailure: () => void;
}

/** What a line of the server answers. */
export interface Answer {
  /** It is about something we said, and shows there. */
  readonly isTaken: boolean;
  /** The conversation in which the person typed the command that it answers. */
  readonly typedIn?: string | undefined;
}

const TAKEN: Answer = { isTaken: true };
const NOT_TAKEN: Answer = { isTaken: false };

function answerTo(command: OpenCommand | undefined): Answer {
  return command === undefined ? NOT_TAKEN : { isTaken: false, typedIn: command.typedIn };
}

export class Speech {
  private readonly outbox: Outbox;
  /** What was not sent, as it was, in case the person tries again. */
  private readonly failed = new Map<string, Outgoing>();
  private readonly recent: RecentMessages;
  private readonly commands: OpenCommands;
  /** How many messages and commands have been sent. */
  private order = 0;

  constructor(private readonly port: SpeechPort) {
    const { draft, say, send, ask, isBlocked, answerTimeoutMs, hasAnnouncedLimits } = port;
    const { now } = draft.context;
    this.recent = new RecentMessages(now);
    this.commands = new OpenCommands(this.isSame, now);
    this.outbox = new Outbox(
      {
        say,
        send,
        ask,
        now,
        nextOrder: () => ++this.order,
        isBlocked: ({ buffer }) => isBlocked(buffer),
        isDirect: ({ buffer }) => draft.buffer(buffer)?.kind !== "channel",
        caps: () => draft.get().caps,
        storesOnce: () => storesOnce(draft.get()),
        hasHistory: () => keepsHistory(draft.get().caps),
        fit: (item) => this.fit(item),
        encode: (item, tags, reference) =>
          wireMessages(item, tags, this.roomFor(item.target, item.form), reference),
        onSent: (item) => {
          this.confirm(item);
        },
        onUnanswered: (item) => {
          this.fail(item, SEND_ERRORS.noAnswer);
        },
        onUnsettled: (item) => {
          this.fail(item, SEND_ERRORS.unconfirmed);
        },
        onImpossible: (item, error) => {
          this.fail(item, error.message);
        },
      },
      answerTimeoutMs,
      hasAnnouncedLimits,
    );
  }

  private readonly isSame = (a: string, b: string): boolean => this.port.draft.isSame(a, b);

  /** Whether there is room for what `text` becomes for all of these targets. @throws SessionError */
  checkRoom(targets: readonly string[], text: string, form: MessageEntry["form"]): void {
    const added = targets.flatMap((target) => this.texts(target, text, form));
    const size = sizeOfTexts(added);
    const unsent = [...this.outbox.unconfirmed, ...this.failed.values()];
    const isTooLong = size > MAX_UNSENT_BYTES;
    if (!isTooLong && size + sizeOfTexts(unsent.map((item) => item.text)) <= MAX_UNSENT_BYTES)
      return;
    const code = isTooLong ? "too-long" : "queue-full";
    throw new SessionError(code, QUEUE_ERRORS[code]);
  }

  /** Says `text` in a buffer that is there, in as many messages as it takes. */
  say(
    { target, buffer }: Recipient,
    text: string,
    form: MessageEntry["form"],
    typedIn = buffer,
  ): void {
    const { draft } = this.port;
    const elsewhere = this.isSame(typedIn, buffer) ? {} : { typedIn };
    for (const piece of this.texts(target, text, form)) {
      const item = { id: draft.context.newId(), buffer, target, form, text: piece, ...elsewhere };
      draft.addEntry(buffer, this.pendingEntry(item));
      this.queue(item);
    }
    this.pump();
  }

  private texts(target: string, text: string, form: MessageEntry["form"]): string[] {
    return outgoingTexts(text, form, this.roomFor(target, form), this.port.multilineLimits());
  }

  /** How many messages `text` takes, if a block of code in it would be cut; otherwise undefined. */
  messagesOfCutCode(target: string, text: string, form: MessageEntry["form"]): number | undefined {
    if (form === "action") return undefined;
    const limits = this.port.multilineLimits();
    if (!cutsCode(text, this.roomFor(target, form), limits)) return undefined;
    return this.texts(target, text, form).length;
  }

  private roomFor(target: string, form: MessageEntry["form"]): number {
    const { draft } = this.port;
    const { nick, isupport } = draft.get();
    const self = draft.user(nick);
    return roomOnLine(target, form, { nick, user: self?.user, host: self?.host }, isupport);
  }

  private pendingEntry({ id, target, text, form }: Outgoing): MessageEntry {
    const { draft } = this.port;
    const formatted = formattedText(text);
    return {
      kind: "message",
      id,
      msgid: undefined,
      time: draft.context.now(),
      nick: draft.get().nick,
      text: displayText(text),
      ...(formatted !== undefined && { formatted }),
      form,
      own: true,
      mention: false,
      status: "pending",
      error: undefined,
      address: undefined,
      ...statusPrefixField(draft, target),
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
      item.buffer,
      item.id,
      pieces.map((piece) => this.pendingEntry(piece)),
    );
    return pieces;
  }

  private queue(item: Outgoing): void {
    if (!this.port.isRunning()) this.fail(item, SEND_ERRORS.notConnected);
    else this.outbox.add(item);
  }

  private fail(item: Outgoing, error: string): void {
    const { draft } = this.port;
    const { id, buffer, typedIn, ...rest } = item;
    this.failed.set(id, { id, buffer, ...rest });
    draft.changeMessage(buffer, id, { status: "failed", error });
    if (typedIn !== undefined)
      addEvent(draft, typedIn, message("", []), {
        type: "error",
        code: "not-sent",
        text: SEND_ERRORS.elsewhere(buffer, error),
      });
    this.port.onChange();
    this.port.onFailure();
  }

  private confirm(item: SentItem): void {
    this.recent.add(item, false);
    this.port.draft.changeMessage(item.buffer, item.id, { status: "sent", error: undefined });
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
    const name = draft.buffer(buffer)?.name ?? item.buffer;
    this.queue({ ...item, buffer: name, target: item.target === item.buffer ? name : item.target });
    this.pump();
  }

  /** Takes a message that was not sent off the screen. Returns whether there was one. */
  discard(buffer: string, id: string): boolean {
    const entry = this.port.draft.entry(buffer, id);
    if (entry?.kind !== "message" || entry.status === "sent") return false;
    this.failed.delete(id);
    this.outbox.remove(id);
    this.port.draft.removeEntry(buffer, id);
    return true;
  }

  /** No one wants to see a buffer any more: what waits for it is dropped. */
  forget(buffer: string): void {
    const isHere = (item: Outgoing) => this.isSame(item.buffer, buffer);
    this.outbox.prune(isHere);
    for (const item of [...this.failed.values()]) if (isHere(item)) this.failed.delete(item.id);
  }

  /** By buffer (folded name), what the server does not have, as far as is known: the newest of it, oldest first. */
  unsent(): ReadonlyMap<string, readonly UnsentMessage[]> {
    const { draft } = this.port;
    const sent = new Set([...this.outbox.inFlight, ...this.outbox.unsettled].map(({ id }) => id));
    const found = new Map<string, UnsentMessage[]>();
    let room = MAX_REMEMBERED_UNSENT_BYTES;
    for (const item of [...this.failed.values(), ...this.outbox.unconfirmed].reverse()) {
      const { id, buffer, target, form, text } = item;
      const entry = draft.entry(buffer, id);
      if (entry?.kind !== "message" || entry.status === "sent") continue;
      room -= sizeOfTexts([text]);
      if (room < 0) break;
      const error =
        entry.error ?? (sent.has(id) ? SEND_ERRORS.unconfirmed : SEND_ERRORS.notConnected);
      const name = draft.fold(buffer);
      const message = { id, target, form, text, time: entry.time, error };
      found.set(name, [message, ...(found.get(name) ?? [])]);
    }
    return found;
  }

  /** Shows what an earlier session did not get sent, to be tried again or taken away. */
  restore(buffer: string, unsent: readonly UnsentMessage[]): void {
    for (const { time, error, ...message } of unsent) {
      const item = { ...message, buffer };
      const entry = { ...this.pendingEntry(item), time, status: "failed", error } as const;
      this.port.draft.addEntry(buffer, entry);
      this.failed.set(item.id, item);
    }
  }

  isWaitingFor(buffer: string): boolean {
    return this.outbox.has((item) => this.isSame(item.buffer, buffer));
  }

  /** When what is said in `buffer` and may have arrived with an earlier connection was first sent, by its entry's id. */
  unsettledIn(buffer: string): ReadonlyMap<string, number> {
    const items = this.outbox.unsettled.filter((item) => this.isSame(item.buffer, buffer));
    return new Map(items.map(({ id, since }) => [id, since]));
  }

  /** Sends what may be sent. */
  pump(): void {
    this.outbox.pump();
    this.port.onChange();
  }

  /** What is on its way may have arrived. Where no later connection can tell, it is the person's to say again. */
  disconnected(ending: Ending): void {
    const error = ending === "flood" ? SEND_ERRORS.flood : SEND_ERRORS.unconfirmed;
    for (const item of this.outbox.disconnected(ending)) this.fail(item, error);
    this.recent.clear();
    this.commands.clear();
  }

  /** No one will send it any more: it stays on the screen as not sent, to be tried again by hand. */
  failAll(): void {
    for (const item of this.outbox.takeAll()) this.fail(item, SEND_ERRORS.notConnected);
  }

  /** Everything is logged from now on, which was not known when this was written: it is the person's to send again. */
  holdForAudit(): void {
    for (const item of this.outbox.takeWaiting()) this.fail(item, SEND_ERRORS.audited);
  }

  /** A conversation has another name: what waits for it goes there. */
  renamed(name: string, newName: string): void {
    const isOld = (candidate: string) => this.isSame(candidate, name);
    this.outbox.rename(isOld, newName);
    this.commands.renamed(name, newName);
    for (const [id, item] of this.failed) this.failed.set(id, renamedItem(item, isOld, newName));
  }

  /** A command has been sent that is no message: refusals may be of it. */
  commandSent(command: Command): void {
    if (command.command !== "PING" && command.command !== "PONG")
      this.commands.sent(command, ++this.order, this.outbox.asked);
  }

  capsChanged(): void {
    this.outbox.capsChanged();
  }

  /** Whatever the state shows as sent, or no longer shows, needs no sending. */
  settle(): void {
    const { draft } = this.port;
    const isOver = ({ buffer, id }: Outgoing) => {
      const entry = draft.entry(buffer, id);
      return entry?.kind !== "message" || entry.status === "sent";
    };
    this.outbox.prune(isOver);
    for (const item of this.failed.values()) if (isOver(item)) this.failed.delete(item.id);
    this.pump();
  }

  /** Looks at what `line` answers, and takes in what answers something we said. */
  takeAnswer(line: Message): Answer {
    const { command, params } = line;
    const label = line.tags.get(TAG.label);
    if (command === "PONG") {
      const question = this.outbox.takePong(params.at(-1) ?? "");
      if (question !== undefined)
        for (const one of this.commands.answered(question)) this.tellSilence(one);
      return question === undefined ? NOT_TAKEN : TAKEN;
    }
    if (command === "ACK") {
      if (label !== undefined) this.acknowledged(label);
      return TAKEN;
    }
    const isOwn = this.isOwn(line);
    if (command === "PRIVMSG" || command === "NOTICE") {
      if (isOwn) return this.takeEcho(line) ? TAKEN : NOT_TAKEN;
      this.hear(line);
    }
    const refusal = refusalIn(line);
    if (refusal !== undefined) return this.takeRefusal(line, refusal, label);
    if (label === undefined) return answerTo(this.commandOf(line, isOwn));
    this.outbox.answered(label);
    return answerTo(this.commands.labeled(label));
  }

  /** Who speaks to us is there. */
  private hear({ source = "", params: [target = ""] }: Message): void {
    const { nick } = parseSource(source);
    if (this.isSelf(target)) this.recent.answered(({ sent }) => this.isSame(sent.to, nick));
  }

  /** A typed command has been taken without a word: something is seen of that where it was typed. */
  private tellSilence({ name, typedIn = "" }: OpenCommand): void {
    const text = name === "KILL" ? COMMAND_INFO.done() : COMMAND_INFO.noChange();
    addInfo(this.port.draft, typedIn, message("NOTE"), text);
  }

  /** A question behind a typed command, where the server does not label its answers: silence is known by its answer. */
  askBehindCommand(): void {
    this.outbox.askNow();
  }

  /** The server has taken what has this label, and has nothing to say to it. */
  private acknowledged(label: string): void {
    const command = this.commands.acknowledged(label);
    if (command !== undefined) this.tellSilence(command);
    const item = this.outbox.inFlight.find(({ id }) => id === label);
    // Where it echoes, the echo would be the answer. No numeric says that a notice reached no one (RFC 2812 §3.3.2).
    const isForNoOne = item?.form === "notice" && this.port.draft.get().caps.has(CAP.echoMessage);
    if (!isForNoOne) {
      this.outbox.takeAcknowledged(label);
      return;
    }
    this.outbox.remove(label);
    this.fail(item, SEND_ERRORS.notReceived);
    this.pump();
  }

  private commandOf(line: Message, isOwn: boolean): OpenCommand | undefined {
    const isNote = line.command === "NOTE" || line.command === "WARN";
    return isNote ? this.commands.named(line.params[0] ?? "") : this.commands.handle(line, isOwn);
  }

  // ---- echoes

  private isOwn(line: Message): boolean {
    const { draft } = this.port;
    const source = parseSource(line.source ?? "");
    return draft.isSelf(source.nick) || isToFormerSelf(draft, line, source);
  }

  /** Whether a PRIVMSG or NOTICE is the server's word for what we said here. */
  isEcho(line: Message): boolean {
    if (!this.isOwn(line)) return false;
    const source = parseSource(line.source ?? "");
    return this.itemOfEcho(line, messageEntry(this.port.draft, line, source, true)) !== undefined;
  }

  /** The server's word for what we said takes the place of ours, whatever it made of it. */
  private takeEcho(line: Message): boolean {
    const { draft } = this.port;
    const source = parseSource(line.source ?? "");
    const entry = messageEntry(draft, line, source, true);
    const item = this.itemOfEcho(line, entry);
    if (item === undefined) return this.isCopy(line, entry);
    learnSource(draft, line, source);
    this.outbox.remove(item.id);
    this.failed.delete(item.id);
    this.recent.take(({ id }) => id === item.id);
    if ("sent" in item)
      this.recent.add({ ...item, ...(entry && { text: entry.text, form: entry.form }) }, true);
    const isStored = entry?.msgid !== undefined && draft.knows(item.buffer, entry.msgid);
    const shown = draft.entry(item.buffer, item.id);
    const isThere = shown?.kind === "message" && shown.msgid === entry?.msgid;
    // A history has brought it already.
    if (isStored && !isThere) draft.removeEntry(item.buffer, item.id);
    else if (entry !== undefined) confirmEntry(draft, item.buffer, item.id, entry);
    else draft.changeMessage(item.buffer, item.id, { status: "sent", error: undefined });
    this.pump();
    return true;
  }

  /**
   * By label, then by id, then by text, which the server may have changed. Any other line of ours was said in another window:
   * what is on its way is told by its own echo, by a refusal or by the answer to a question behind it.
   */
  private itemOfEcho(
    line: Message,
    entry: MessageEntry | undefined,
  ): Outgoing | SentItem | undefined {
    for (const tag of [TAG.label, TAG.id]) {
      const id = line.tags.get(tag);
      if (id === undefined) continue;
      const item = this.itemOf(id);
      if (item !== undefined) return item;
      // Said in another window of ours.
      if (tag === TAG.id) return undefined;
    }
    if (entry === undefined) return undefined;
    const [target = ""] = line.params;
    const isMeant = (item: SentItem) =>
      [item.sent.to, item.target, item.buffer].some((to) => this.isSame(target, to)) &&
      this.comesBack(item);
    const isAlike = (item: SentItem) => isMeant(item) && item.form === entry.form;
    const isText = ({ text }: Outgoing) => displayText(text) === entry.text;
    const isChanged = ({ text }: Outgoing) => isChangedText(displayText(text), entry.text);
    const sent = this.outbox.inFlight.filter(isMeant);
    const candidates = sent.filter(isAlike);
    const confirmed = (isIt: (item: Outgoing) => boolean) =>
      this.recent.find((item) => !item.isEchoed && isAlike(item) && isIt(item));
    return (
      candidates.find(isText) ??
      confirmed(isText) ??
      // A server may have made a message of an action or a notice.
      sent.find(isText) ??
      candidates.find(isChanged) ??
      (this.isSelf(target) ? confirmed(isChanged) : undefined)
    );
  }

  /** Whether a line without its label may be `item`. What we say to ourselves comes back even where nothing echoes. */
  private comesBack({ sent }: SentItem): boolean {
    if (this.isSelf(sent.to)) return true;
    return !sent.isLabeled && (sent.hasEcho || this.port.draft.get().caps.has(CAP.echoMessage));
  }

  /** Whether what is said to `nick` is said to ourselves, or was when we still had it. */
  private isSelf(nick: string): boolean {
    return this.port.draft.isSelf(nick) || wasSelf(this.port.draft, nick);
  }

  private itemOf(id: string): Outgoing | SentItem | undefined {
    return (
      this.outbox.inFlight.find((item) => item.id === id) ??
      this.failed.get(id) ??
      this.recent.find((item) => item.id === id)
    );
  }

  /** What we say to ourselves comes twice, as the echo and as the message, and not every server gives both one id. */
  private isCopy(line: Message, entry: MessageEntry | undefined): boolean {
    const { draft } = this.port;
    const [target = ""] = line.params;
    if (!this.isSelf(target) || !draft.get().caps.has(CAP.echoMessage)) return false;
    if (line.tags.has(TAG.id)) return false;
    const copy = this.recent.take(
      (item) =>
        item.isEchoed &&
        item.form === entry?.form &&
        this.isSame(item.sent.to, target) &&
        displayText(item.text) === entry.text,
    );
    return copy !== undefined;
  }

  // ---- refusals

  private takeRefusal(line: Message, refusal: Refusal, label: string | undefined): Answer {
    const item =
      label === undefined
        ? this.refusedBy(refusal)
        : (this.takeSent(label) ?? this.commands.labeled(label));
    if (item === undefined || !("sent" in item)) return answerTo(item);
    const { draft } = this.port;
    this.outbox.remove(item.id);
    if (line.command === ERR_NOSUCHNICK && this.isSame(item.sent.to, item.buffer))
      if (draft.user(item.buffer) !== undefined) draft.updateUser(item.buffer, { online: false });
    this.fail(item, replyText(line));
    this.pump();
    return TAKEN;
  }

  private takeSent(id: string): SentItem | undefined {
    const isMeant = (item: Outgoing) => item.id === id;
    return this.outbox.inFlight.find(isMeant) ?? this.recent.take(isMeant);
  }

  /** What is refused without its label: the oldest message on its way that is named, unless a command is what is meant. */
  private refusedBy(refusal: Refusal): SentItem | OpenCommand | undefined {
    const { command, names, refused } = refusal;
    if (command === "FAIL" && !/^(?:PRIVMSG|NOTICE|BATCH|\*)$/.test(refused ?? ""))
      return this.commands.named(refused ?? "");
    const isNamed = ({ sent, target, buffer }: SentItem) =>
      names.some((name) =>
        [sent.to, target, buffer].some((to) => namesTarget(name, to, this.isSame)),
      );
    const isOfCommand = ({ form, sent }: SentItem) =>
      refused === "BATCH"
        ? sent.lines > 1
        : refused === undefined ||
          refused === "*" ||
          (refused === "NOTICE") === (form === "notice");
    const isLate = (recent: RecentMessage) =>
      isNamed(recent) && (!recent.isAnswered || canFollowAnswer(refusal));
    const { inFlight } = this.outbox;
    const item =
      inFlight.find((one) => isNamed(one) && isOfCommand(one)) ??
      (isNameless(refusal) && !this.commands.canBeMeant(refusal)
        ? inFlight.find(isOfCommand)
        : undefined);
    return (
      this.commands.takes(refusal, item?.sent.order) ??
      item ??
      (canBeLate(refusal) ? this.recent.take(isLate) : undefined) ??
      this.commands.takesNameless(refusal)
    );
  }
}

/** Other servers pass our ids on, but take a second message of the same id for another one. */
function storesOnce({ caps, isupport }: Pick<ChatState, "caps" | "isupport">): boolean {
  return caps.has(CAP.messageTags) && isupport.has(FLOOD_TOKEN);
}

/** About how much memory messages of these texts take. */
function sizeOfTexts(texts: readonly string[]): number {
  return texts.reduce((size, text) => size + UNSENT_OVERHEAD + 2 * text.length, 0);
}
