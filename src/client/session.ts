// One link to one network, kept up for as long as the person wants it.
import { message, parseMessage } from "../irc/message.js";
import { Arrival } from "./arrival.js";
import { ChannelKeeper } from "./channel-keeper.js";
import { Connector } from "./connector.js";
import type { Disposable } from "./emitter.js";
import { History } from "./history.js";
import { Inbox } from "./inbox.js";
import { Link } from "./link.js";
import type { ChatState, MessageEntry } from "./model.js";
import { MOST_MULTILINE } from "./multiline.js";
import { News, type ReceivedMessage } from "./news.js";
import { NickKeeper } from "./nick-keeper.js";
import {
  listCollector,
  releaseCollector,
  whoisCollector,
  type ListedChannel,
  type Whois,
} from "./queries.js";
import { ReadMarks } from "./read-marks.js";
import { Self } from "./self.js";
import { SessionError } from "./session-error.js";
import {
  DEFAULT_LIMITS,
  DEFAULT_TIMING,
  type SessionOptions,
  type SessionTiming,
} from "./session-options.js";
import { Speech } from "./speech.js";
import { applyDisconnect, initialState } from "./state.js";
import { addInfo } from "./state-entries.js";
import { StateDraft, type StateContext } from "./state-draft.js";
import { leaveChannel } from "./state-membership.js";
import { isChannelName } from "./state-messages.js";
import type { CloseCause, ConnectionStatus } from "./status.js";
import { StsPolicies } from "./sts.js";
import { checkClientCertificate } from "./transport.js";
import { checkName, singleLine, userNameOf } from "./words.js";

export type { Disposable } from "./emitter.js";
export type { ReceivedMessage } from "./news.js";
export type { ListedChannel, Whois } from "./queries.js";

const DEFAULT_QUIT_MESSAGE = "Leaving";

/**
 * Owns everything of one network: the connection and the state of the chat. Its parts each own one thing: Connector the
 * connection's life, Inbox what comes in, Speech what we say, History what was said before, ChannelKeeper and NickKeeper
 * what we want to keep, ReadMarks what was read, Self how we look to others, Arrival the way in, News what others are told.
 */
export class Session {
  private readonly timing: SessionTiming;
  private readonly news: News;
  private readonly draft: StateDraft;
  private readonly connector: Connector;
  private readonly nicks: NickKeeper;
  private readonly channels: ChannelKeeper;
  private readonly history: History;
  private readonly speech: Speech;
  private readonly arrival: Arrival;
  private readonly inbox: Inbox;
  private readonly reading: ReadMarks;
  private readonly self: Self;
  private readonly sts: StsPolicies;
  private expiry: NodeJS.Timeout | undefined;

  /** @throws RangeError when the client certificate cannot be used */
  constructor(private readonly options: SessionOptions) {
    if (options.clientCertificate !== undefined) checkClientCertificate(options.clientCertificate);
    this.timing = { ...DEFAULT_TIMING, ...options.timing };
    const { replyTimeoutMs, regainNickMs } = this.timing;
    const onFault = (what: string, error: unknown) => {
      this.logFault(what, error);
    };
    const onChange = () => {
      this.changed();
    };
    const send = (command: string, ...params: string[]) => {
      this.send(command, ...params);
    };
    this.news = new News((error) => {
      onFault("a listener failed", error);
    });

    const former = new Set<string>();
    const seen = new Map(options.lastSeen);
    const context = this.newContext(former, seen);
    const draft = new StateDraft(initialState(options.nick, context), context);
    this.draft = draft;
    this.sts = new StsPolicies(context.now);
    this.reading = new ReadMarks(seen, { draft, send });
    const isOpen = () => this.connector.isOpen;
    this.self = new Self(options.metadata, { draft, send, isOpen });
    this.nicks = new NickKeeper(options.nick, former, { draft, send, regainNickMs });
    this.speech = new Speech({
      draft,
      send: (line) => this.connector.link?.send(line),
      isRunning: () => this.connector.isRunning,
      isBlocked: (target) => !this.connector.isOpen || this.arrival.isSyncing(target),
      // What the next connection allows nobody knows yet; it is cut to that when it goes.
      multilineLimits: () =>
        this.connector.isOpen ? this.connector.link?.multilineLimits : MOST_MULTILINE,
      replyTimeoutMs,
      onChange,
    });
    this.history = new History({
      draft,
      send,
      replyTimeoutMs,
      onInserted: () => {
        this.speech.settle();
      },
    });
    this.channels = new ChannelKeeper({
      draft,
      send,
      replyTimeoutMs,
      onJoined: (channel) => {
        this.arrival.afterJoin(channel);
      },
    });
    const { nicks, channels, history, speech } = this;
    this.arrival = new Arrival({ draft, history, channels, speech, send, onFault });
    this.inbox = new Inbox({
      draft,
      history,
      channels,
      nicks,
      speech,
      send,
      onWelcome: () => {
        this.self.show();
      },
      onReadElsewhere: (buffer, time) => {
        this.reading.readElsewhere(buffer, time);
      },
      onRenamed: (nick, newNick) => {
        this.renamed(nick, newNick);
      },
      onNewConversation: (buffer) => {
        this.arrival.loadBefore(buffer);
      },
    });
    this.connector = this.newConnector(onFault);
    for (const channel of [...options.address.channels, ...options.channels])
      channels.want(channel);
  }

  private newContext(
    formerNicks: ReadonlySet<string>,
    lastSeen: ReadonlyMap<string, number>,
  ): StateContext {
    const { now, newId, limits } = this.options;
    return {
      now: now ?? Date.now,
      newId: newId ?? (() => crypto.randomUUID()),
      limits: { ...DEFAULT_LIMITS, ...limits },
      lastSeen,
      formerNicks,
      onMessage: (buffer, entry) => {
        this.news.message({ buffer, entry });
      },
    };
  }

  private newConnector(onFault: (what: string, error: unknown) => void): Connector {
    const { persistent, random, logger } = this.options;
    return new Connector({
      persistent,
      timing: this.timing,
      now: this.draft.context.now,
      random: random ?? Math.random,
      logger,
      newLink: (isAgain) => this.newLink(isAgain),
      onRegistered: (link) => this.enter(link),
      onDisconnected: (cause) => {
        this.disconnected(cause);
      },
      onStatus: (status) => {
        this.news.status = status;
      },
      onEnded: (cause) => {
        this.ended(cause);
      },
      onFault,
    });
  }

  // ---- what others see

  /** Everything known, as one immutable value. The same object for as long as nothing changes. */
  get state(): ChatState {
    return this.draft.publish();
  }

  get status(): ConnectionStatus {
    return this.news.status;
  }

  /** When each buffer (folded name) was last read: what `lastSeen` of the next session should be. */
  get lastSeen(): ReadonlyMap<string, number> {
    return this.reading.all;
  }

  /** Called after changes of `state` or `status`, at most once a tick. */
  onDidChange(listener: () => void): Disposable {
    return this.news.onDidChange(listener);
  }

  /** Called for each live message of somebody else; not for history. */
  onDidReceiveMessage(listener: (m: ReceivedMessage) => void): Disposable {
    return this.news.onDidReceiveMessage(listener);
  }

  private changed(): void {
    this.news.changed();
  }

  private logFault(what: string, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.options.logger.error(`${what}: ${text}`);
  }

  // ---- the life of the connection

  /** Connects; also once more after the session has ended. Does nothing while it runs. */
  start(): void {
    this.connector.start();
  }

  /** Leaves. Resolves when the connection is closed. May be called at any time and more than once. */
  async close(quitMessage = this.options.quitMessage ?? DEFAULT_QUIT_MESSAGE): Promise<void> {
    await this.connector.close(singleLine(quitMessage));
    this.news.status = { phase: "closed", cause: { type: "left" } };
  }

  /** Ends the wait for the next attempt; starts again when the session had ended. */
  reconnectNow(): void {
    this.connector.reconnectNow();
  }

  /** Gives up connecting; the session ends with the last failure. Does nothing while online. */
  stopReconnecting(): void {
    this.connector.stopReconnecting();
  }

  private newLink(isAgain: boolean): Link {
    const { options } = this;
    const nick = this.nicks.desired;
    return new Link({
      address: options.address,
      registration: {
        nick,
        username: options.username ?? userNameOf(nick),
        realname: options.realname ?? nick,
        password: options.password ?? options.address.token,
        sasl: options.sasl,
        takesOtherNick: isAgain,
      },
      clientCertificate: options.clientCertificate,
      sts: this.sts,
      timing: this.timing,
      logger: options.logger,
      currentNick: () => this.draft.get().nick,
      onStep: (step) => {
        this.news.status = { phase: "connecting", step, attempt: this.connector.attempt };
      },
      onMessage: (line) => {
        this.inbox.receive(line);
      },
      onChunkEnd: () => {
        this.changed();
      },
      onCapsChanged: (caps) => {
        this.draft.set({ caps: new Set(caps) });
      },
    });
  }

  /** Registered: makes ourselves at home again. */
  private async enter(link: Link): Promise<void> {
    const { options, arrival } = this;
    const { attempt } = this.connector;
    this.history.connected();
    this.nicks.connected();
    this.expiry = setInterval(() => {
      this.speech.expire();
    }, this.timing.replyTimeoutMs);
    if (options.oper !== undefined) this.send("OPER", options.oper.name, options.oper.password);
    this.self.publish();
    this.news.status = { phase: "connecting", step: "joining", attempt };
    await arrival.joinAll(this.missedSince());
    // It may have ended meanwhile; then another one is on its way, or none.
    if (!link.isOpen || link.details === undefined) return;
    this.news.status = { phase: "online", details: link.details };
    await arrival.catchUpDirects();
  }

  /** The time since which we do not know what was said: the end of the last connection, or of the last visit. */
  private missedSince(): number | undefined {
    return this.inbox.lastServerTime ?? this.reading.latest;
  }

  private disconnected(cause: CloseCause): void {
    clearInterval(this.expiry);
    for (const part of [
      this.nicks,
      this.channels,
      this.history,
      this.inbox,
      this.arrival,
      this.speech,
    ])
      part.disconnected();
    const wasOnline = this.status.phase === "online";
    const reason = cause.type === "failed" ? cause.failure.detail : "";
    applyDisconnect(this.draft, wasOnline ? reason : undefined);
    this.changed();
  }

  private ended(cause: CloseCause): void {
    this.speech.failAll();
    const reason = cause.type === "failed" ? `${cause.failure.code}: ${cause.failure.detail}` : "";
    this.options.logger.info(`session ended: ${cause.type} ${reason}`.trimEnd());
    this.news.status = { phase: "closed", cause };
  }

  private renamed(nick: string, newNick: string): void {
    this.speech.renamed(nick, newNick);
    this.reading.renamed(nick, newNick);
  }

  // ---- what the person does

  /** Sends a line when connected; otherwise it is dropped. @throws SessionError when it cannot stand on a line */
  private send(command: string, ...params: string[]): void {
    try {
      this.connector.link?.send(message(command, params));
    } catch (error) {
      if (error instanceof RangeError) throw new SessionError("bad-name", error.message);
      throw error;
    }
  }

  /**
   * Says `text` to a channel or a person. It shows at once as pending and is kept until the server has it. A long text
   * becomes several messages, and so does one of several lines where the server has no multiline.
   */
  say(target: string, text: string, form: MessageEntry["form"] = "message"): void {
    checkName(target);
    if (isChannelName(this.draft, target)) this.draft.openBuffer(target, "channel");
    else this.openDirect(target);
    const buffer = this.draft.buffer(target);
    if (buffer === undefined) throw new SessionError("refused", "Too many conversations are open.");
    this.speech.say(buffer.name, text, form);
  }

  /** Says a failed message again, with the same id. */
  retry(buffer: string, entryId: string): void {
    this.speech.retry(buffer, entryId);
    this.changed();
  }

  /** Takes a message that was not sent off the screen. */
  discard(buffer: string, entryId: string): void {
    this.speech.discard(buffer, entryId);
    this.changed();
  }

  /** Joins a channel, now and after every reconnect. */
  join(channel: string, key?: string): void {
    checkName(channel);
    if (key !== undefined) checkName(key);
    this.channels.want(channel, key);
    if (this.connector.isOpen) void this.channels.join(channel);
  }

  part(channel: string, reason?: string): void {
    checkName(channel);
    this.channels.unwant(channel);
    this.send("PART", channel, ...(reason === undefined ? [] : [singleLine(reason)]));
  }

  /** Opens the conversation with one person. */
  openDirect(nick: string): void {
    checkName(nick);
    if (this.draft.buffer(nick) !== undefined) return;
    if (this.draft.openBuffer(nick, "direct") === undefined)
      throw new SessionError("refused", "Too many conversations are open.");
    if (this.connector.isOpen) this.arrival.loadDirect(nick);
    this.changed();
  }

  /** Takes a conversation off the list; leaves it if it is a channel. The server's own stays. */
  closeBuffer(name: string): void {
    const buffer = this.draft.buffer(name);
    if (buffer === undefined || buffer.kind === "server") return;
    if (buffer.kind === "channel") {
      if (buffer.joined) this.part(buffer.name);
      this.channels.unwant(buffer.name);
      leaveChannel(this.draft, buffer.name);
    } else if (this.draft.get().isupport.has("MONITOR")) this.send("MONITOR", "-", buffer.name);
    this.speech.forget(name);
    this.draft.removeBuffer(name);
    this.changed();
  }

  /** Shows something to the person alone, such as a command's answer: a row, perhaps of several lines. */
  note(buffer: string, text: string): void {
    addInfo(this.draft, buffer, message("NOTE"), text);
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
    if (this.connector.isOpen) this.send("NICK", nick);
    else this.nicks.desired = nick;
  }

  setTopic(channel: string, topic: string): void {
    checkName(channel);
    this.send("TOPIC", channel, singleLine(topic));
  }

  /** Away with a message, or back with undefined; also after a reconnect. */
  setAway(text: string | undefined): void {
    this.self.setAway(text);
  }

  /** Sets one of our own draft/metadata-3 values, or takes it back; also after a reconnect. */
  setMetadata(key: string, value: string | undefined): void {
    this.self.setMetadata(key, value);
    this.changed();
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
    const answer = this.inbox.roundtrips.ask(
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
    const answer = this.inbox.roundtrips.ask(listCollector(), this.timing.replyTimeoutMs);
    this.send("LIST");
    return answer;
  }

  /** Takes a nick from whoever owns it; for operators of a Parley server. @throws SessionError */
  async releaseNick(nick: string): Promise<void> {
    checkName(nick);
    this.checkConnected();
    const answer = this.inbox.roundtrips.ask(releaseCollector(), this.timing.replyTimeoutMs);
    this.send("RELEASE", nick);
    await answer;
  }

  /** Sends a line as it is. @throws SessionError when it is none */
  raw(line: string): void {
    this.checkConnected();
    if (/[\r\n\0]/.test(line) || parseMessage(line) === undefined)
      throw new SessionError("bad-name", "This is not a line of IRC.");
    this.connector.link?.sendRaw(line);
  }

  private checkConnected(): void {
    if (!this.connector.isOpen) throw new SessionError("not-connected", "Not connected.");
  }

  /** Everything up to this entry has been read. */
  markRead(buffer: string, entryId: string): void {
    if (this.reading.markRead(buffer, entryId)) this.changed();
  }

  /** Asks for a page of older messages. Resolves with whether there may be still more. @throws SessionError */
  async loadOlder(buffer: string): Promise<boolean> {
    const hasOlder = await this.history.loadOlder(buffer);
    this.changed();
    return hasOlder;
  }
}
