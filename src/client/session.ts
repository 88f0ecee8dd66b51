// One link to one network, kept up for as long as the person wants it.
import { CAP } from "../irc/caps.js";
import { message, parseMessage, type Message } from "../irc/message.js";
import * as n from "../irc/numerics.js";
import { parseSource } from "../irc/source.js";
import { TAG } from "../irc/tags.js";
import { backoffMs } from "./backoff.js";
import { Batches } from "./batches.js";
import { ChannelKeeper } from "./channel-keeper.js";
import { ConnectError } from "./connect-error.js";
import { Emitter, type Disposable } from "./emitter.js";
import { History } from "./history.js";
import { Link } from "./link.js";
import type { ChatState, MessageEntry } from "./model.js";
import { NickKeeper } from "./nick-keeper.js";
import { Outbox, type Outgoing } from "./outbox.js";
import { outgoingTexts, wireText } from "./outgoing-text.js";
import { listCollector, whoisCollector, type ListedChannel, type Whois } from "./queries.js";
import { Roundtrips } from "./roundtrip.js";
import { SessionError } from "./session-error.js";
import {
  DEFAULT_LIMITS,
  DEFAULT_TIMING,
  type SessionOptions,
  type SessionTiming,
} from "./session-options.js";
import { applyDisconnect, applyMessage, initialState, understands } from "./state.js";
import { StateDraft, type StateContext } from "./state-draft.js";
import { addInfo } from "./state-entries.js";
import { METADATA_KEYS, WHOX_FIELDS } from "./state-membership.js";
import { isChannelName, markRead } from "./state-messages.js";
import type { CloseCause, ConnectFailure, ConnectionStatus } from "./status.js";
import { displayText } from "./text.js";
import { SEND_ERRORS } from "./texts.js";

export type { Disposable } from "./emitter.js";
export type { ListedChannel, Whois } from "./queries.js";

/** A message of somebody else that came in just now. */
export interface ReceivedMessage {
  readonly buffer: string;
  readonly entry: MessageEntry;
}

/** After these a second attempt would end the same way: a person has to decide something first. */
const FINAL_FAILURES: ReadonlySet<ConnectFailure["code"]> = new Set([
  "password-needed",
  "wrong-password",
  "banned",
  "nick-invalid",
  "certificate-unknown",
  "certificate-changed",
  "cancelled",
]);

/** What "the server is not up yet" looks like from here. */
const NOT_UP_YET: ReadonlySet<ConnectFailure["code"]> = new Set([
  "refused",
  "unreachable",
  "timed-out",
  "lost",
  "server-full",
]);

/** A connection that held this long was a good one: the next retry begins with a short wait again. */
const STABLE_MS = 10_000;
/** Asking who is away costs a line for each member; in larger channels away-notify tells soon enough. */
const MAX_WHO_MEMBERS = 500;
const MAX_QUEUED_MESSAGES = 2_000;
const MAX_SYNC_DELAY_S = 60;
const DEFAULT_QUIT_MESSAGE = "Leaving";

export class Session {
  private readonly timing: SessionTiming;
  private readonly now: () => number;
  private readonly newId: () => string;
  private readonly draft: StateDraft;
  private readonly outbox: Outbox;
  private readonly history: History;
  private readonly channels: ChannelKeeper;
  private readonly nicks: NickKeeper;
  private readonly changes: Emitter<undefined>;
  private readonly received: Emitter<ReceivedMessage>;
  private readonly seen: Map<string, number>;
  private readonly metadata: Map<string, string>;
  /** What the server refused, as it was, in case the person tries again. */
  private readonly refused = new Map<string, Outgoing>();
  /** Folded names whose missed messages are still being asked for: what we say there has to wait. */
  private readonly syncing = new Set<string>();

  private current: ConnectionStatus = { phase: "idle" };
  private link: Link | undefined;
  private roundtrips = new Roundtrips();
  private batches = new Batches();
  private running: Promise<void> | undefined;
  private isClosing = false;
  private isStopping = false;
  private endWait: (() => void) | undefined;
  private hasBeenOnline = false;
  private failures = 0;
  private onlineSince = 0;
  private lastServerTime: number | undefined;
  private awayMessage: string | undefined;
  private expiry: NodeJS.Timeout | undefined;
  private readonly syncTimers = new Set<NodeJS.Timeout>();
  private changePending: NodeJS.Immediate | undefined;

  constructor(private readonly options: SessionOptions) {
    this.timing = { ...DEFAULT_TIMING, ...options.timing };
    this.now = options.now ?? Date.now;
    this.newId = options.newId ?? (() => crypto.randomUUID());
    this.seen = new Map(options.lastSeen);
    this.metadata = new Map(options.metadata);
    const onFault = (error: unknown) => {
      this.logFault("a listener failed", error);
    };
    this.changes = new Emitter(onFault);
    this.received = new Emitter(onFault);
    const send = (command: string, ...params: string[]) => {
      this.send(command, ...params);
    };
    this.nicks = new NickKeeper(options.nick, () => ({
      draft: this.draft,
      send,
      regainNickMs: this.timing.regainNickMs,
    }));
    const context = this.makeContext();
    this.draft = new StateDraft(initialState(options.nick, context), context);
    const { draft } = this;
    const { replyTimeoutMs } = this.timing;
    this.outbox = new Outbox(this.outboxPort(), replyTimeoutMs);
    this.history = new History({
      draft,
      send,
      replyTimeoutMs,
      onInserted: () => {
        this.pruneOutbox();
      },
    });
    this.channels = new ChannelKeeper({
      draft,
      send,
      replyTimeoutMs,
      onJoined: (channel) => {
        this.afterJoin(channel);
      },
    });
    for (const channel of [...options.address.channels, ...options.channels])
      this.channels.want(channel);
    this.showOwnMetadata();
  }

  private makeContext(): StateContext {
    return {
      now: this.now,
      newId: this.newId,
      limits: { ...DEFAULT_LIMITS, ...this.options.limits },
      lastSeen: this.seen,
      formerNicks: this.nicks.former,
      onMessage: (buffer, entry) => {
        this.received.fire({ buffer, entry });
      },
    };
  }

  private outboxPort(): ConstructorParameters<typeof Outbox>[0] {
    return {
      send: (line) => this.link?.send(line),
      caps: () => this.draft.get().caps,
      now: this.now,
      isBlocked: (target) =>
        this.link?.isOpen !== true || this.syncing.has(this.draft.fold(target)),
      onSent: ({ target, id }) => {
        this.draft.changeMessage(target, id, { status: "sent", error: undefined });
        this.changed();
      },
      onUnanswered: (item) => {
        this.markFailed(item, SEND_ERRORS.noAnswer);
      },
    };
  }

  // ---- what others see

  /** Everything known, as one immutable value. The same object for as long as nothing changes. */
  get state(): ChatState {
    return this.draft.publish();
  }

  get status(): ConnectionStatus {
    return this.current;
  }

  /** The nick the person wants; `state.nick` is another one while a ghost has it. */
  get desiredNick(): string {
    return this.nicks.desired;
  }

  /** When each buffer (folded name) was last read: what `lastSeen` of the next session should be. */
  get lastSeen(): ReadonlyMap<string, number> {
    return this.seen;
  }

  /** Called after changes of `state` or `status`, at most once a tick. */
  onDidChange(listener: () => void): Disposable {
    return this.changes.on(listener);
  }

  /** Called for each live message of somebody else; not for history. */
  onDidReceiveMessage(listener: (m: ReceivedMessage) => void): Disposable {
    return this.received.on(listener);
  }

  private changed(): void {
    this.changePending ??= setImmediate(() => {
      this.changePending = undefined;
      this.changes.fire(undefined);
    });
  }

  private setStatus(status: ConnectionStatus): void {
    this.current = status;
    this.changed();
  }

  private logFault(what: string, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.options.logger.error(`${what}: ${text}`);
  }

  // ---- the life of the connection

  /** Connects; also once more after the session has been closed. Does nothing while it runs. */
  start(): void {
    if (this.running !== undefined) return;
    this.isClosing = false;
    this.isStopping = false;
    this.hasBeenOnline = false;
    this.failures = 0;
    this.running = this.run().finally(() => {
      this.running = undefined;
    });
  }

  /** Leaves. Resolves when the connection is closed. May be called at any time and more than once. */
  async close(quitMessage = this.options.quitMessage ?? DEFAULT_QUIT_MESSAGE): Promise<void> {
    this.isClosing = true;
    this.endWait?.();
    await this.link?.quit(quitMessage.replace(/[\r\n\0]+/g, " "));
    await this.running;
    this.setStatus({ phase: "closed", cause: { type: "left" } });
  }

  /** Ends the wait for the next attempt; starts again when the session had ended. */
  reconnectNow(): void {
    if (this.running === undefined) this.start();
    else this.endWait?.();
  }

  /** Gives up waiting; the session ends with the failure it waited on. Does nothing unless it waits. */
  stopReconnecting(): void {
    if (this.endWait === undefined) return;
    this.isStopping = true;
    this.endWait();
  }

  private async run(): Promise<void> {
    for (;;) {
      const cause = await this.attempt();
      this.disconnected();
      if (this.isClosing) {
        this.ended({ type: "left" });
        return;
      }
      if (cause.type !== "failed" || !this.isWorthRetrying(cause.failure)) {
        this.ended(cause);
        return;
      }
      await this.waitToRetry(cause.failure);
      if (this.isOver()) {
        this.ended(this.isStopping ? cause : { type: "left" });
        return;
      }
    }
  }

  private isOver(): boolean {
    return this.isClosing || this.isStopping;
  }

  private isWorthRetrying({ code }: ConnectFailure): boolean {
    if (this.hasBeenOnline) return !FINAL_FAILURES.has(code);
    return this.options.persistent && NOT_UP_YET.has(code);
  }

  private async waitToRetry(failure: ConnectFailure): Promise<void> {
    this.failures++;
    const delay = backoffMs(this.failures, this.timing, this.options.random ?? Math.random);
    const retryAt = this.now() + delay;
    this.options.logger.info(`${failure.code} (${failure.detail}); trying again in ${delay} ms`);
    this.setStatus({ phase: "waiting", failure, retryAt, attempt: this.failures });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delay);
      this.endWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.endWait = undefined;
  }

  /** One connection, from the first attempt to its end. */
  private async attempt(): Promise<CloseCause> {
    const link = this.newLink();
    this.link = link;
    try {
      await link.open();
    } catch (error) {
      if (error instanceof ConnectError) return { type: "failed", failure: error.failure };
      this.logFault("could not connect", error);
      return { type: "failed", failure: { code: "unreachable", detail: String(error) } };
    }
    this.hasBeenOnline = true;
    this.onlineSince = this.now();
    this.enter(link).catch((error: unknown) => {
      this.logFault("could not set up the connection", error);
    });
    return link.ended;
  }

  private newLink(): Link {
    const { options } = this;
    const nick = this.nicks.desired;
    this.roundtrips = new Roundtrips();
    this.batches = new Batches();
    const link = new Link({
      address: options.address,
      registration: {
        nick,
        username: options.username ?? userNameOf(nick),
        realname: options.realname ?? nick,
        password: options.password ?? options.address.token,
        sasl: options.sasl,
        takesOtherNick: this.hasBeenOnline,
      },
      timing: this.timing,
      logger: options.logger,
      onStep: (step) => {
        this.setStatus({ phase: "connecting", step, attempt: this.failures + 1 });
      },
      onMessage: (line) => {
        this.receive(line);
      },
      onChunkEnd: () => {
        this.changed();
      },
      onCapsChanged: (caps) => {
        this.draft.set({ caps: new Set(caps) });
      },
    });
    link.nick = () => this.draft.get().nick;
    return link;
  }

  /** Registered: makes ourselves at home again. */
  private async enter(link: Link): Promise<void> {
    const { options, draft } = this;
    const missedSince = this.missedSince();
    this.history.connected();
    this.nicks.connected();
    this.expiry = setInterval(() => {
      this.outbox.expire();
    }, this.timing.replyTimeoutMs);
    if (options.oper !== undefined) this.send("OPER", options.oper.name, options.oper.password);
    this.publishMetadata();
    if (this.awayMessage !== undefined) this.send("AWAY", this.awayMessage);
    this.setStatus({ phase: "connecting", step: "joining", attempt: this.failures + 1 });

    const directs = draft.bufferNames().filter((name) => draft.buffer(name)?.kind === "direct");
    for (const name of [...this.channels.names, ...directs]) this.syncing.add(draft.fold(name));
    this.monitor(directs);
    const joins = this.channels.names.map(async (name) => {
      // What follows a successful join is afterJoin's; a refused one has nothing to wait for.
      if (!(await this.channels.join(name))) this.synced(name);
    });
    await Promise.all(joins);
    if (!link.isOpen || this.link !== link) return;
    if (link.details !== undefined) this.setStatus({ phase: "online", details: link.details });
    await this.catchUpDirects(directs, missedSince);
  }

  private missedSince(): number | undefined {
    if (this.lastServerTime !== undefined) return this.lastServerTime;
    return this.seen.size === 0 ? undefined : Math.max(...this.seen.values());
  }

  private async catchUpDirects(directs: readonly string[], since: number | undefined) {
    const { draft, history } = this;
    try {
      const active = since === undefined ? [] : await history.directTargets(since);
      const unsent = directs.filter((name) => this.outbox.has((to) => draft.isSame(to, name)));
      for (const name of new Set([...active, ...unsent])) {
        await history.catchUp(name, since);
        this.synced(name);
      }
    } finally {
      for (const name of directs) this.synced(name);
    }
  }

  /** We are in `channel` and know its members: now for what was said, and who is away. */
  private afterJoin(channel: string): void {
    const size = this.draft.buffer(channel)?.members.size ?? 0;
    if (size <= MAX_WHO_MEMBERS) {
      if (this.draft.get().isupport.has("WHOX")) this.send("WHO", channel, WHOX_FIELDS);
      else this.send("WHO", channel);
    }
    this.history
      .catchUp(channel, undefined)
      .catch((error: unknown) => {
        this.logFault("could not catch up", error);
      })
      .finally(() => {
        this.synced(channel);
      });
  }

  private synced(name: string): void {
    this.syncing.delete(this.draft.fold(name));
    this.outbox.pump();
    this.changed();
  }

  private monitor(nicks: readonly string[]): void {
    const limit = this.draft.get().isupport.get("MONITOR");
    if (limit === undefined) return;
    for (const nick of nicks.slice(0, Number(limit) || nicks.length))
      this.send("MONITOR", "+", nick);
  }

  private disconnected(): void {
    const wasOnline = this.current.phase === "online";
    if (wasOnline && this.now() - this.onlineSince >= STABLE_MS) this.failures = 0;
    this.link?.destroy();
    this.link = undefined;
    clearInterval(this.expiry);
    for (const timer of this.syncTimers) clearTimeout(timer);
    this.syncTimers.clear();
    this.nicks.disconnected();
    this.channels.disconnected();
    this.history.disconnected();
    this.roundtrips.endAll();
    this.outbox.disconnected();
    this.syncing.clear();
    applyDisconnect(this.draft);
    this.changed();
  }

  private ended(cause: CloseCause): void {
    // Nobody will send it any more: it stays on the screen as not sent, to be tried again by hand.
    for (const item of this.outbox.takeAll()) this.markFailed(item, SEND_ERRORS.notConnected);
    const reason = cause.type === "failed" ? cause.failure.detail : cause.type;
    this.options.logger.info(`session ended: ${cause.type} ${reason}`);
    this.setStatus({ phase: "closed", cause });
  }

  // ---- what comes in

  private receive(line: Message): void {
    const time = Date.parse(line.tags.get(TAG.time) ?? "");
    const outcome = this.batches.take(line);
    if (outcome.kind === "ended") this.history.takeBatch(outcome.batch);
    if (outcome.kind !== "handle") return;
    if (!Number.isNaN(time)) this.lastServerTime = time;
    this.handle(line);
  }

  private handle(line: Message): void {
    if (this.takeAnswer(line)) return;
    const isAnswer = this.roundtrips.take(line);
    this.nicks.handle(line);
    this.followRename(line);
    // A refusal somebody waits for is his to show; what tells of people is taken in all the same.
    if (!isAnswer || understands(line.command)) applyMessage(this.draft, line);
    this.channels.handle(line);
    this.afterMessage(line);
  }

  /** Whether `line` is the server's answer to something of ours that shows elsewhere, or nowhere. */
  private takeAnswer(line: Message): boolean {
    const label = line.tags.get(TAG.label);
    if (line.command === "PONG") {
      this.outbox.takePong(line.params.at(-1) ?? "");
      return true;
    }
    if (line.command === "ACK") {
      if (label !== undefined) this.outbox.takeAcknowledged(label);
      return true;
    }
    if (line.command === "FAIL" && line.params[0] === "CHATHISTORY")
      return this.history.takeFailure();
    // A server without capabilities says so; that is no news to anybody.
    if (line.command === n.ERR_UNKNOWNCOMMAND && line.params[1] === "CAP") return true;
    return this.nicks.takeRefusal(line) || this.takeRefusal(line, label);
  }

  /** A message of ours that the server does not deliver. */
  private takeRefusal(line: Message, label: string | undefined): boolean {
    const isNumeric = /^[45][0-9]{2}$/.test(line.command);
    const isFail = line.command === "FAIL" && /^(?:PRIVMSG|NOTICE)$/.test(line.params[0] ?? "");
    if (!isNumeric && !isFail) return false;
    if (label === undefined && isNumeric && !SEND_REFUSALS.has(line.command)) return false;
    const context = line.params.slice(1, -1);
    const item = this.outbox.takeRefused(label, (target) =>
      context.some((param) => this.draft.isSame(param, target)),
    );
    if (item === undefined) return false;
    if (line.command === n.ERR_NOSUCHNICK && this.draft.user(item.target) !== undefined)
      this.draft.updateUser(item.target, { online: false });
    this.markFailed(item, displayText(line.params.at(-1) ?? ""));
    this.outbox.pump();
    return true;
  }

  private followRename(line: Message): void {
    if (line.command !== "NICK") return;
    const { nick } = parseSource(line.source ?? "");
    const isOurs = this.draft.isSelf(nick);
    if (!isOurs)
      this.outbox.rename((target) => this.draft.isSame(target, nick), line.params[0] ?? nick);
  }

  private afterMessage(line: Message): void {
    const { command, params } = line;
    if (command === "PRIVMSG" || command === "NOTICE") {
      if (this.draft.isSelf(parseSource(line.source ?? "").nick)) this.pruneOutbox();
    } else if (command === n.RPL_WELCOME) this.showOwnMetadata();
    else if (command === "MARKREAD") this.readElsewhere(params[0] ?? "", params[1] ?? "");
    else if (command === n.RPL_METADATASYNCLATER) this.syncLater(params[1] ?? "", params[2]);
  }

  /** Whatever the state shows as sent needs no sending. */
  private pruneOutbox(): void {
    this.outbox.prune(({ target, id }) => {
      const entry = this.draft.entry(target, id);
      return entry?.kind !== "message" || entry.status === "sent";
    });
    this.outbox.pump();
    this.changed();
  }

  private markFailed(item: Outgoing, error: string): void {
    this.refused.set(item.id, item);
    this.draft.changeMessage(item.target, item.id, { status: "failed", error });
    this.changed();
  }

  private syncLater(target: string, retryAfter: string | undefined): void {
    const seconds = Math.min(Math.max(Number(retryAfter) || 1, 1), MAX_SYNC_DELAY_S);
    const timer = setTimeout(() => {
      this.syncTimers.delete(timer);
      this.send("METADATA", target, "SYNC");
    }, seconds * 1000);
    this.syncTimers.add(timer);
  }

  /** Another client of ours has read up to there. https://ircv3.net/specs/extensions/read-marker */
  private readElsewhere(buffer: string, marker: string): void {
    const time = Date.parse(marker.replace(/^timestamp=/, ""));
    if (Number.isNaN(time)) return;
    const entries = this.draft.buffer(buffer)?.entries ?? [];
    const last = entries.findLast((entry) => entry.time <= time);
    if (last !== undefined) markRead(this.draft, buffer, last.id);
    this.rememberSeen(buffer, time);
  }

  private rememberSeen(buffer: string, time: number): void {
    const folded = this.draft.fold(buffer);
    this.seen.set(folded, Math.max(this.seen.get(folded) ?? 0, time));
  }

  // ---- what the person does

  /** Sends a line when connected; otherwise it is dropped. @throws SessionError when it cannot stand on a line */
  private send(command: string, ...params: string[]): void {
    try {
      this.link?.send(message(command, params));
    } catch (error) {
      if (error instanceof RangeError) throw new SessionError("bad-name", error.message);
      throw error;
    }
  }

  /**
   * Says `text` to a channel or a person. It shows at once as pending and is kept until the server has it; a long text
   * becomes several messages, and so does one of several lines.
   */
  say(target: string, text: string, form: MessageEntry["form"] = "message"): void {
    checkName(target);
    const { draft } = this;
    const buffer = draft.openBuffer(target, isChannelName(draft, target) ? "channel" : "direct");
    if (buffer === undefined) throw new SessionError("refused", "Too many conversations are open.");
    const { nick, isupport } = draft.get();
    const self = draft.user(nick);
    const sender = { nick, user: self?.user, host: self?.host };
    const texts = outgoingTexts(text, buffer.name, form, sender, isupport);
    for (const piece of texts) this.sayPiece(buffer.name, piece, form);
    this.outbox.pump();
    this.changed();
  }

  private sayPiece(target: string, text: string, form: MessageEntry["form"]): void {
    const id = this.newId();
    this.draft.addEntry(target, {
      kind: "message",
      id,
      msgid: undefined,
      time: this.now(),
      nick: this.draft.get().nick,
      text: displayText(text),
      form,
      own: true,
      mention: false,
      status: "pending",
      error: undefined,
      address: undefined,
    });
    const command = form === "notice" ? "NOTICE" : "PRIVMSG";
    this.queue({ id, target, command, text: wireText(text, form) });
  }

  private queue(item: Outgoing): void {
    if (this.running === undefined) this.markFailed(item, SEND_ERRORS.notConnected);
    else if (this.outbox.size >= MAX_QUEUED_MESSAGES) this.markFailed(item, SEND_ERRORS.tooMany);
    else this.outbox.add(item);
  }

  /** Says a failed message again, with the same id. */
  retry(buffer: string, entryId: string): void {
    const item = this.refused.get(entryId);
    const entry = this.draft.entry(buffer, entryId);
    if (item === undefined || entry?.kind !== "message" || entry.status !== "failed") return;
    this.refused.delete(entryId);
    this.draft.changeMessage(buffer, entryId, { status: "pending", error: undefined });
    this.queue({ ...item, target: this.draft.buffer(buffer)?.name ?? item.target });
    this.outbox.pump();
    this.changed();
  }

  /** Takes a message that was not sent off the screen. */
  discard(buffer: string, entryId: string): void {
    const entry = this.draft.entry(buffer, entryId);
    if (entry?.kind !== "message" || entry.status === "sent") return;
    this.refused.delete(entryId);
    this.outbox.remove(entryId);
    this.draft.removeEntry(buffer, entryId);
    this.changed();
  }

  /** Puts an info row into a buffer that nobody else sees. */
  note(buffer: string, text: string): void {
    addInfo(this.draft, buffer, message("NOTE"), text);
    this.changed();
  }

  /** Joins a channel, now and after every reconnect. */
  join(channel: string, key?: string): void {
    checkName(channel);
    if (key !== undefined) checkName(key);
    this.channels.want(channel, key);
    if (this.link?.isOpen === true) void this.channels.join(channel);
  }

  part(channel: string, reason?: string): void {
    checkName(channel);
    this.channels.unwant(channel);
    this.send("PART", channel, ...(reason === undefined ? [] : [reason]));
  }

  /** Opens the conversation with one person. */
  openDirect(nick: string): void {
    checkName(nick);
    if (this.draft.buffer(nick) !== undefined) return;
    if (this.draft.openBuffer(nick, "direct") === undefined)
      throw new SessionError("refused", "Too many conversations are open.");
    this.changed();
    if (this.link?.isOpen !== true) return;
    this.monitor([nick]);
    this.history.catchUp(nick, undefined).catch((error: unknown) => {
      this.logFault("could not catch up", error);
    });
  }

  /** Takes a conversation off the list; leaves it if it is a channel. The server's own stays. */
  closeBuffer(name: string): void {
    const buffer = this.draft.buffer(name);
    if (buffer === undefined || buffer.kind === "server") return;
    if (buffer.kind === "channel") {
      this.channels.unwant(name);
      if (buffer.joined) this.send("PART", buffer.name);
    } else if (this.draft.get().isupport.has("MONITOR")) this.send("MONITOR", "-", buffer.name);
    this.outbox.prune((item) => this.draft.isSame(item.target, name));
    this.draft.removeBuffer(name);
    this.changed();
  }

  /** Empties the view of a conversation. What is still to be sent stays; the rest can be loaded again where there is history. */
  clear(name: string): void {
    const { draft } = this;
    const older = this.history.isAvailable && draft.buffer(name)?.kind !== "server";
    draft.dropEntries(name);
    draft.patchBuffer(name, { hasOlder: older, unread: 0, mentions: 0 });
    this.changed();
  }

  /** Asks for another nick; without a connection it is the one the next connection begins with. */
  setNick(nick: string): void {
    checkName(nick);
    if (this.link?.isOpen === true) this.send("NICK", nick);
    else this.nicks.desired = nick;
  }

  setTopic(channel: string, topic: string): void {
    checkName(channel);
    this.send("TOPIC", channel, singleLine(topic));
  }

  /** Away with a message, or back with undefined; also after a reconnect. */
  setAway(text: string | undefined): void {
    this.awayMessage = text === undefined || text.trim() === "" ? undefined : singleLine(text);
    this.send("AWAY", ...(this.awayMessage === undefined ? [] : [this.awayMessage]));
  }

  /** Sets one of our own draft/metadata-3 values, or takes it back; also after a reconnect. */
  setMetadata(key: string, value: string | undefined): void {
    if (value === undefined) this.metadata.delete(key);
    else this.metadata.set(key, singleLine(value));
    this.showOwnMetadata();
    if (this.link?.isOpen === true && this.draft.get().caps.has(CAP.metadata))
      this.send("METADATA", "*", "SET", key, ...(value === undefined ? [] : [singleLine(value)]));
    this.changed();
  }

  /** Shows our own profile as we set it, also where the server knows nothing of such things. */
  private showOwnMetadata(): void {
    const known = [...this.metadata].filter(([key]) => METADATA_KEYS.some((k) => k === key));
    this.draft.updateUser(this.draft.get().nick, { metadata: new Map(known) });
  }

  private publishMetadata(): void {
    if (!this.draft.get().caps.has(CAP.metadata)) return;
    this.send("METADATA", "*", "SUB", ...METADATA_KEYS);
    for (const [key, value] of this.metadata) this.send("METADATA", "*", "SET", key, value);
  }

  kick(channel: string, nick: string, reason: string): void {
    checkName(channel);
    checkName(nick);
    this.send("KICK", channel, nick, singleLine(reason));
  }

  kill(nick: string, reason: string): void {
    checkName(nick);
    this.send("KILL", nick, singleLine(reason));
  }

  invite(nick: string, channel: string): void {
    checkName(nick);
    checkName(channel);
    this.send("INVITE", nick, channel);
  }

  mode(target: string, ...modes: string[]): void {
    for (const word of [target, ...modes]) checkName(word);
    this.send("MODE", target, ...modes);
  }

  /** What the server tells of `nick`. @throws SessionError */
  async whois(nick: string): Promise<Whois> {
    checkName(nick);
    this.checkConnected();
    const answer = this.roundtrips.ask(
      whoisCollector(nick, this.draft.mapping),
      this.timing.replyTimeoutMs,
    );
    // The nick twice asks the server that knows how long they have been idle.
    this.send("WHOIS", nick, nick);
    return answer;
  }

  /** The channels of the network. @throws SessionError */
  async list(): Promise<readonly ListedChannel[]> {
    this.checkConnected();
    const answer = this.roundtrips.ask(listCollector(), this.timing.replyTimeoutMs);
    this.send("LIST");
    return answer;
  }

  /** Sends a line as it is. @throws SessionError when it is none */
  raw(line: string): void {
    this.checkConnected();
    if (/[\r\n\0]/.test(line) || parseMessage(line) === undefined)
      throw new SessionError("bad-name", "This is not a line of IRC.");
    this.link?.sendRaw(line);
  }

  private checkConnected(): void {
    if (this.link?.isOpen !== true) throw new SessionError("not-connected", "Not connected.");
  }

  /** Everything up to this entry has been read. */
  markRead(buffer: string, entryId: string): void {
    const time = markRead(this.draft, buffer, entryId);
    if (time === undefined || time <= (this.seen.get(this.draft.fold(buffer)) ?? 0)) return;
    this.rememberSeen(buffer, time);
    if (this.draft.get().caps.has(CAP.readMarker) && buffer !== "")
      this.send("MARKREAD", buffer, `timestamp=${new Date(time).toISOString()}`);
    this.changed();
  }

  /** Asks for a page of older messages. Resolves with whether there may be still more. @throws SessionError */
  async loadOlder(buffer: string): Promise<boolean> {
    const hasOlder = await this.history.loadOlder(buffer);
    this.changed();
    return hasOlder;
  }
}

/** Numerics that refuse a message when they name its target. */
const SEND_REFUSALS: ReadonlySet<string> = new Set([
  n.ERR_NOSUCHNICK,
  n.ERR_NOSUCHSERVER,
  n.ERR_NOSUCHCHANNEL,
  n.ERR_CANNOTSENDTOCHAN,
  n.ERR_TOOMANYTARGETS,
  n.ERR_NOTONCHANNEL,
  n.ERR_NEEDREGGEDNICK,
]);

/** Nothing that could make two parameters, or two lines, of one. */
function checkName(name: string): void {
  // eslint-disable-next-line no-control-regex -- what a parameter cannot carry
  if (name === "" || name.startsWith(":") || /[\s\x00-\x1f]/.test(name))
    throw new SessionError("bad-name", `"${name}" is not a name.`);
}

function singleLine(text: string): string {
  return text.replace(/[\r\n\0]+/g, " ");
}

/** A user name every server takes. */
function userNameOf(nick: string): string {
  const plain = nick
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .slice(0, 10);
  return plain === "" ? "user" : plain;
}
