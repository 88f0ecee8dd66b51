// The parts of a session, put together, and what they do when a connection comes and when it goes.
import { CAP } from "../irc/caps.js";
import { FLOOD_TOKEN } from "../irc/isupport.js";
import { message, type Message } from "../irc/message.js";
import { TAG } from "../irc/tags.js";
import { Arrival } from "./arrival.js";
import { backoffMs } from "./backoff.js";
import { ChannelKeeper } from "./channel-keeper.js";
import { loggedFailure } from "./connect-error.js";
import { Connector } from "./connector.js";
import { History } from "./history.js";
import { Inbox } from "./inbox.js";
import { Link } from "./link.js";
import { MOST_MULTILINE } from "./multiline.js";
import { News } from "./news.js";
import { NickKeeper } from "./nick-keeper.js";
import type { Ending } from "./outbox.js";
import { isFloodReason, paceOf, slower, type Pace } from "./pacing.js";
import { Pictures } from "./pictures.js";
import { filehostCollector } from "./queries.js";
import { ReadMarks } from "./read-marks.js";
import type { RememberedConversation } from "./remembered.js";
import { Self } from "./self.js";
import { SessionError } from "./session-error.js";
import {
  DEFAULT_LIMITS,
  DEFAULT_TIMING,
  type SessionOptions,
  type SessionTiming,
} from "./session-options.js";
import { Speech } from "./speech.js";
import { applyDisconnect, forgetIsupport, initialState } from "./state.js";
import { StateDraft, type StateContext } from "./state-draft.js";
import type { CloseCause } from "./status.js";
import { StsPolicies } from "./sts.js";
import { TestBack } from "./test-back.js";
import { userNameOf } from "./words.js";

/** A channel that is not to be entered now is tried again after five seconds, then ten, and so on, with the usual timing. */
const JOIN_SLOWNESS = 5;

/**
 * Owns everything of one network: the connection and the state of the chat. Its parts each own one thing: Connector the
 * connection's life, Inbox what comes in, Speech what we say, History what was said before, ChannelKeeper and NickKeeper
 * what we want to keep, ReadMarks what was read, Self how we look to others, Arrival the way in, News what others are told.
 */
export class SessionCore {
  readonly timing: SessionTiming;
  readonly news: News;
  readonly draft: StateDraft;
  readonly connector: Connector;
  readonly nicks: NickKeeper;
  readonly channels: ChannelKeeper;
  readonly history: History;
  readonly speech: Speech;
  readonly arrival: Arrival;
  readonly inbox: Inbox;
  readonly reading: ReadMarks;
  readonly self: Self;
  readonly pictures: Pictures;
  private readonly sts: StsPolicies;
  /** How many times slower than usual we send, since the server has closed connections because of floods. */
  private slowdown = 1;
  /** What we said to the host while we waited to be let in. */
  private saidLine: string | undefined;
  /** While the person's command runs: the conversation in which they typed it. */
  typedIn: string | undefined;
  /** Whether this connection's server says that everything is logged. */
  private offersAudit = false;
  /** The connection there is was registered. */
  private hasEntered = false;
  /** At the end of the last connection, or of the last session, that had caught up: everything up to then is known. */
  private caughtUpTo: number | undefined;
  /** Whether this connection has caught up with what was said without us. */
  private hasCaughtUp = false;

  /** @throws RangeError when the client certificate cannot be used */
  constructor(private readonly options: SessionOptions) {
    const { net, clientCertificate } = options;
    if (clientCertificate !== undefined) net.checkClientCertificate(clientCertificate);
    this.timing = { ...DEFAULT_TIMING, ...options.timing };
    const { answerTimeoutMs, replyTimeoutMs, regainNickMs } = this.timing;
    const onFault = (what: string, error: unknown) => {
      this.logFault(what, error);
    };
    const onChange = () => {
      this.news.changed();
    };
    const send = (command: string, ...params: string[]) => this.trySend(command, ...params);
    this.news = new News((error) => {
      onFault("a listener failed", error);
    });

    const former = new Set<string>();
    const seen = new Map<string, number>();
    const context = this.newContext(former, seen);
    const draft = new StateDraft(initialState(options.nick, context), context);
    this.draft = draft;
    if (options.isAudited === true) draft.set({ isAudited: true });
    this.sts = new StsPolicies(context.now);
    const { remembered = [] } = options;
    this.reading = new ReadMarks(remembered, seen, { draft, send });
    this.caughtUpTo = options.caughtUpTo;
    const isOpen = () => this.connector.isOpen;
    this.self = new Self(options.metadata, { draft, send, isOpen });
    this.nicks = new NickKeeper(options.nick, former, {
      draft,
      send,
      regainNickMs,
      replyTimeoutMs,
    });
    this.speech = new Speech({
      draft,
      say: (lines) => this.connector.link?.say(lines) === true,
      send: (line) => this.connector.link?.send(line),
      ask: (token) => this.connector.link?.ask(token),
      isRunning: () => this.connector.isRunning,
      isBlocked: (buffer) => !this.connector.isOpen || this.arrival.isSyncing(buffer),
      // What the next connection allows no one knows yet; it is cut to that when it goes.
      multilineLimits: () =>
        this.connector.isOpen ? this.connector.link?.multilineLimits : MOST_MULTILINE,
      hasAnnouncedLimits: () => draft.get().isupport.has(FLOOD_TOKEN),
      answerTimeoutMs,
      onChange,
      onFailure: () => {
        this.news.failed();
      },
    });
    this.history = new History({
      draft,
      send,
      replyTimeoutMs,
      lastServerTime: () => this.inbox.lastServerTime,
      missedSince: () => this.missedSince(),
      isEcho: (line) => this.speech.isEcho(line),
      onInserted: () => {
        this.speech.settle();
      },
      unsettledIn: (buffer) => this.speech.unsettledIn(buffer),
    });
    this.channels = new ChannelKeeper({
      draft,
      send,
      replyTimeoutMs,
      retryDelayMs: (tries) =>
        backoffMs(tries, this.timing, options.random ?? Math.random, JOIN_SLOWNESS),
      onJoined: (channel) => {
        this.arrival.afterJoin(channel);
      },
    });
    const { nicks, channels, history, speech } = this;
    this.arrival = new Arrival({
      draft,
      history,
      channels,
      speech,
      send,
      onFault,
    });
    const testBack = new TestBack({
      probe: net.probe,
      address: options.address,
      now: context.now,
      connectedHost: () => this.connector.link?.details?.host,
      isSelf: (nick) => draft.isSelf(nick),
      isOperator: (nick) => draft.user(nick)?.isOperator === true,
      send: (line) => this.connector.link?.send(line),
      onFault,
    });
    this.inbox = new Inbox({
      draft,
      history,
      channels,
      nicks,
      speech,
      testBack,
      send,
      onWelcome: () => {
        this.self.show();
      },
      onReadElsewhere: (buffer, time) => {
        this.reading.readElsewhere(buffer, time);
      },
      onNewConversation: (buffer) => {
        this.arrival.loadDirect(buffer);
      },
      onGap: (buffer) => {
        this.arrival.fillGap(buffer);
      },
    });
    this.pictures = new Pictures({
      openHttp: net.openHttp,
      timing: this.timing,
      details: () => (this.connector.isOpen ? this.connector.link?.details : undefined),
      askToken: () => {
        const token = this.inbox.roundtrips.ask(filehostCollector(), replyTimeoutMs);
        this.send("FILEHOST");
        return token;
      },
    });
    this.connector = this.newConnector(onFault);
    for (const channel of [...options.address.channels, ...options.channels])
      channels.want(channel, options.address.keys?.[channel]);
    this.restore(remembered);
  }

  /** Shows what an earlier session left, and wants its channels again. */
  private restore(remembered: readonly RememberedConversation[]): void {
    for (const { name, kind, joined, key, unread, mentions, unsent = [] } of remembered) {
      if (this.draft.openBuffer(name, kind) === undefined) continue;
      this.speech.restore(name, unsent);
      this.draft.patchBuffer(name, { unread, mentions });
      if (joined) this.channels.want(name, key);
    }
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
      takeRemembered: (buffer) => this.reading.take(buffer),
      onMessage: (buffer, entry) => {
        this.news.message({ buffer, entry });
      },
      onRenamed: (name, newName) => {
        for (const part of [this.reading, this.speech, this.history, this.arrival])
          part.renamed(name, newName);
        this.news.renamed({ name, newName });
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

  private logFault(what: string, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.options.logger.error(`${what}: ${text}`);
  }

  private newLink(isAgain: boolean): Link {
    const { options } = this;
    const nick = this.nicks.desired;
    forgetIsupport(this.draft);
    this.offersAudit = false;
    return new Link({
      net: options.net,
      address: options.address,
      registration: {
        nick,
        username: options.username ?? userNameOf(nick),
        realname: options.realname ?? nick,
        password: options.password ?? options.address.token,
        sasl: options.sasl,
        hasLoggedIn: isAgain,
        takesOtherNick: isAgain,
        nickMaxBytes: this.nicks.maxBytes,
      },
      known: options.known,
      clientCertificate: options.clientCertificate,
      sts: this.sts,
      timing: this.timing,
      logger: options.logger,
      currentNick: () => this.draft.get().nick,
      onStep: (step) => {
        this.news.status = { phase: "connecting", step, attempt: this.connector.attempt };
        if (step === "approval") this.askToComeIn();
      },
      onMessage: (line) => {
        this.inbox.receive(line);
      },
      onChunkEnd: () => {
        this.history.playback.end();
        this.news.changed();
      },
      onCapsChanged: (caps, available) => {
        this.draft.set({ caps: new Set(caps) });
        this.offersAudit = available.has(CAP.audit);
        if (this.offersAudit || this.connector.isOpen) this.learnAudit();
        this.speech.capsChanged();
      },
      pacing: {
        pace: () => this.pace(),
        isupport: () => this.draft.get().isupport,
        onRoom: () => {
          this.speech.pump();
        },
      },
      onCommandSent: (command) => {
        this.speech.commandSent(command);
      },
    });
  }

  /** The host's own session needs no approval. What we said on an earlier connection is said again. */
  private askToComeIn(): void {
    const { oper } = this.options;
    if (oper !== undefined) this.send("OPER", oper.name, oper.password);
    if (this.saidLine === undefined) return;
    this.send("KNOCK", this.saidLine);
    this.said(this.saidLine);
  }

  /** The line that the host reads while they have yet to let us in. */
  said(line: string): void {
    this.saidLine = line;
    const { status } = this.news;
    if (status.phase === "connecting" && status.step === "approval")
      this.news.status = { ...status, saidLine: line };
  }

  private pace(): Pace {
    const { lineMs, lineBurstMs } = this.timing;
    const careful = { lineMs, bytesMs: lineMs / 2, burstMs: lineBurstMs };
    return paceOf(this.draft.get().isupport, careful, this.slowdown);
  }

  /** A server says before anything is sent whether everything is logged. What was written without knowing waits. */
  private learnAudit(): void {
    const { isAudited } = this.draft.get();
    if (isAudited === this.offersAudit) return;
    this.draft.set({ isAudited: this.offersAudit });
    if (this.offersAudit) this.speech.holdForAudit();
    this.news.changed();
  }

  /** Registered: makes ourselves at home again. */
  private async enter(link: Link): Promise<void> {
    const { options, arrival } = this;
    const { attempt } = this.connector;
    this.hasEntered = true;
    this.saidLine = undefined;
    this.learnAudit();
    this.history.connected();
    this.nicks.connected(link.askedNick);
    this.channels.connected();
    if (options.oper !== undefined) this.send("OPER", options.oper.name, options.oper.password);
    this.self.publish();
    this.news.status = { phase: "connecting", step: "joining", attempt };
    const missedSince = this.missedSince();
    // Where nothing was known before, nothing was missed before now.
    this.caughtUpTo = missedSince ?? this.inbox.lastServerTime ?? this.history.startedAt;
    await arrival.joinAll(missedSince);
    // It may have ended meanwhile; then another one is on its way, or none.
    if (!link.isOpen || link.details === undefined) return;
    this.news.status = { phase: "online", details: link.details };
    const isComplete = await arrival.catchUpDirects();
    this.hasCaughtUp = isComplete && link.isOpen;
  }

  /** What the next session should begin with. */
  remembered(): RememberedConversation[] {
    const { channels, history } = this;
    // Offline it is asked for later; a connection without history tells no more than it has told.
    const isAwaited = !this.connector.isOpen || history.isAvailable;
    const remembered: RememberedConversation[] = [];
    const unsent = this.speech.unsent();
    for (const buffer of this.draft.publish().buffers.values()) {
      const { name, kind } = buffer;
      if (kind === "server") continue;
      const joined = kind === "channel" && channels.wants(name);
      const key = channels.keyOf(name);
      const left = unsent.get(this.draft.fold(name));
      remembered.push({
        name,
        kind,
        joined,
        key,
        ...this.reading.count(buffer, isAwaited),
        ...(left !== undefined && { unsent: left }),
      });
    }
    return remembered;
  }

  /** Up to when (ms, the server's clock) no direct message can have been missed; undefined: never. */
  get caughtUpUntil(): number | undefined {
    return this.hasCaughtUp ? (this.inbox.lastServerTime ?? this.caughtUpTo) : this.caughtUpTo;
  }

  /** The time since which we do not know what was said: the end of the last connection, or of the last visit. */
  private missedSince(): number | undefined {
    const time = this.caughtUpUntil ?? this.reading.latest;
    return time === undefined ? undefined : this.history.reachedBy(time);
  }

  private disconnected(cause: CloseCause): void {
    this.caughtUpTo = this.caughtUpUntil;
    this.hasCaughtUp = false;
    const { nicks, channels, history, inbox, arrival, pictures } = this;
    for (const part of [nicks, channels, history, inbox, arrival, pictures]) part.disconnected();
    const ending = this.hasEntered ? endingOf(cause) : "lost";
    this.hasEntered = false;
    if (ending === "flood") this.slowdown = slower(this.slowdown);
    this.speech.disconnected(ending);
    const wasOnline = this.news.status.phase === "online";
    const reason = cause.type === "failed" ? cause.failure.detail : "";
    applyDisconnect(this.draft, wasOnline ? reason : undefined);
    this.news.changed();
  }

  private ended(cause: CloseCause): void {
    this.speech.failAll();
    const reason = cause.type === "failed" ? loggedFailure(cause.failure) : "";
    this.options.logger.info(`session ended: ${cause.type} ${reason}`.trimEnd());
    this.news.status = { phase: "closed", cause };
  }

  /**
   * Sends a line of the session's own. Names in it come from the network, and one that cannot stand on a line must not end
   * what goes on behind the person's back: it is left out, and false returned.
   */
  private trySend(command: string, ...params: string[]): boolean {
    try {
      this.send(command, ...params);
      return this.connector.link !== undefined;
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.options.logger.warn(`not sent: a ${command} that cannot stand on a line`);
      return false;
    }
  }

  /** Runs a command that was typed in `buffer`. What the server answers to what it sends at once is told there. */
  runIn<T>(buffer: string, run: () => T): T {
    this.typedIn = buffer;
    try {
      return run();
    } finally {
      this.typedIn = undefined;
    }
  }

  /** The same as send(), for what the person asks for: where the server labels its answers, they are known by that. */
  ask(command: string, ...params: string[]): void {
    const isLabeled = this.typedIn !== undefined && this.draft.get().caps.has(CAP.labeledResponse);
    const { newId } = this.draft.context;
    this.sendTagged(command, params, isLabeled ? new Map([[TAG.label, newId()]]) : undefined);
    if (this.typedIn !== undefined && !isLabeled) this.speech.askBehindCommand();
  }

  /** Sends a line that the person wrote. */
  raw(line: string, parsed: Message): void {
    this.connector.link?.sendRaw(line, { ...parsed, typedIn: this.typedIn });
  }

  /** Sends a line when connected; otherwise it is dropped. @throws SessionError when it cannot stand on a line */
  send(command: string, ...params: string[]): void {
    this.sendTagged(command, params);
  }

  private sendTagged(command: string, params: readonly string[], tags?: Message["tags"]): void {
    try {
      const { typedIn } = this;
      this.connector.link?.send({ ...message(command, params, undefined, tags), typedIn });
    } catch (error) {
      if (error instanceof RangeError) throw new SessionError("bad-name", error.message);
      throw error;
    }
  }
}

function endingOf(cause: CloseCause): Ending {
  if (cause.type !== "failed" || cause.failure.code !== "closed-by-server") return "lost";
  return isFloodReason(cause.failure.detail) ? "flood" : "closed";
}
