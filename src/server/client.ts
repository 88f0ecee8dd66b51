// One connected user.
import { CAP, type Capability } from "../irc/caps.js";
import type { Mechanism } from "./accounts/mechanisms.js";
import { formatSource } from "../irc/source.js";
import type { Tags } from "../irc/tags.js";
import type { Channel } from "./channel.js";
import type { TextLine } from "./history/text.js";
import type { Connection } from "./connection.js";
import { kept } from "./kept.js";
import {
  Outgoing,
  numericBytes,
  profileOf,
  type NumericLine,
  type OutgoingParts,
  type Profile,
} from "./delivery.js";

/** What a client said of itself before it was registered. */
export interface Registration {
  /** The nick asked for. */
  nick: string | undefined;
  /** The one asked for last that it could not have. */
  refusedNick: string | undefined;
  hasUser: boolean;
  /** What PASS gave. */
  password: string | undefined;
  /** CAP LS or REQ came and CAP END did not yet. */
  isNegotiating: boolean;
}

/** A login under way. */
export interface Login {
  readonly mechanism: Mechanism;
  /** What has come of a response in several chunks. */
  received: string;
}

/** A message of several lines of which not all have come. */
export interface OpenBatch {
  readonly id: string;
  readonly target: string;
  readonly tags: Tags;
  readonly label: string | undefined;
  readonly lines: TextLine[];
  /** Whether everything was logged when it began: `AuditLog.run`. */
  readonly auditRun: number | undefined;
  /** PRIVMSG or NOTICE, once a line has come. */
  command: string | undefined;
  bytes: number;
  /** Something was wrong with it: what is still to come of it is ignored. */
  isRefused: boolean;
}

/** The operator of this name is the host, who has a badge in every channel. Other operators show in WHOIS alone. */
const HOST_OPERATOR = "host";

const MAX_INVITATIONS = 50;

const NOTHING: ReadonlySet<never> = new Set();

/** `i` invisible, `o` operator, `w` hears WALLOPS, `B` bot. */
export type UserMode = "i" | "o" | "w" | "B";

/** Owns who someone is: nick, capabilities, account, away, modes, metadata. */
export class Client {
  user = "unknown";
  login: Login | undefined;
  failedLogins = 0;
  /** Wrong passwords of any kind; counted by `Guesses`. */
  wrongGuesses = 0;
  openBatch: OpenBatch | undefined;
  isRegistered = false;
  /** Has said all that registration needs, and waits for the host's approval. */
  isWaiting = false;
  /** The host, or an operator, has let it in on this connection. */
  wasLetIn = false;
  /** Was thrown out, or their approval was taken back: does not stay when the connection ends. */
  mustLeave = false;
  signonTime = 0;
  /** When it took its nick. Messages to a guest of that nick before were another guest's. Milliseconds since the epoch. */
  nickSince = 0;
  /** When it last spoke, for WHOIS. */
  lastActive = 0;
  /** Stays without a connection since then; undefined where the server ended before the connection did. */
  absentSince: number | undefined;
  readonly registration: Registration = {
    nick: undefined,
    refusedNick: undefined,
    hasUser: false,
    password: undefined,
    isNegotiating: false,
  };
  /** The name this client became an operator by. */
  operatorName: string | undefined;
  /** 302 or more: capability values and multi-line lists are understood. */
  capVersion = 301;
  // Made when there is something in them: most clients have few of them, and there are many clients.
  private modeSet: Set<UserMode> | undefined;
  private capSet: Set<Capability> | undefined;
  private channelSet: Set<Channel> | undefined;
  private invitationSet: Set<Channel> | undefined;
  private ownMetadata: Map<string, string> | undefined;
  private ownMetadataSubs: Set<string> | undefined;
  private currentNick = "*";
  private currentRealname = "";
  private currentAccount: string | undefined;
  private awayMessage: string | undefined;
  private seesAll = false;
  private profile: Profile = 0;

  constructor(
    readonly connection: Connection,
    /** What others see instead of the address. */
    public host: string,
    private readonly showsAddresses: boolean,
    /** Told when something others see of the client has changed. */
    private readonly onChange?: (client: Client) => void,
  ) {
    this.updateProfile();
  }

  /** The clock was ahead of `now`. Messages that were said until then are not newer than `afterAll`. */
  returnToClock(now: number, afterAll: number): void {
    this.signonTime = Math.min(this.signonTime, now);
    this.lastActive = Math.min(this.lastActive, now);
    if (this.absentSince !== undefined) this.absentSince = Math.min(this.absentSince, now);
    // Not earlier: an earlier guest's messages have the same time now.
    this.nickSince = Math.min(this.nickSince, afterAll);
  }

  /** "*" until registered. */
  get nick(): string {
    return this.currentNick;
  }

  set nick(nick: string) {
    this.currentNick = kept(nick);
    for (const channel of this.channels) channel.hasNewName();
    this.onChange?.(this);
  }

  get realname(): string {
    return this.currentRealname;
  }

  set realname(realname: string) {
    this.currentRealname = realname;
    this.onChange?.(this);
  }

  get account(): string | undefined {
    return this.currentAccount;
  }

  set account(account: string | undefined) {
    this.currentAccount = account;
    this.onChange?.(this);
  }

  /** The away message. */
  get away(): string | undefined {
    return this.awayMessage;
  }

  set away(message: string | undefined) {
    this.awayMessage = message;
    this.onChange?.(this);
  }

  get id(): string {
    return this.connection.id;
  }

  get address(): string {
    return this.connection.info.address;
  }

  /** `nick!user@host` */
  get source(): string {
    return formatSource(this);
  }

  get isOperator(): boolean {
    return this.modes.has("o");
  }

  /** Whether this client is shown the addresses of others. */
  get seesAddresses(): boolean {
    return this.seesAll || this.showsAddresses;
  }

  /** Whether `viewer` finds this client without knowing its nick: invisible people are seen by those they share a channel with. */
  isVisibleTo(viewer: Client): boolean {
    if (!this.modes.has("i") || this === viewer || viewer.isOperator) return true;
    for (const channel of this.channels) if (channel.has(viewer)) return true;
    return false;
  }

  /** Whether this is whoever runs the server. */
  get isHost(): boolean {
    return this.isOperator && this.operatorName === HOST_OPERATOR;
  }

  get caps(): ReadonlySet<Capability> {
    return this.capSet ?? NOTHING;
  }

  get modes(): ReadonlySet<UserMode> {
    return this.modeSet ?? NOTHING;
  }

  /** Channels it was invited to and has not joined yet. */
  get invitations(): ReadonlySet<Channel> {
    return this.invitationSet ?? NOTHING;
  }

  /** Whoever invites to channel after channel makes it forget the oldest. */
  invited(channel: Channel): void {
    const invitations = (this.invitationSet ??= new Set());
    invitations.delete(channel);
    invitations.add(channel);
    const [oldest] = invitations;
    if (invitations.size > MAX_INVITATIONS && oldest !== undefined) invitations.delete(oldest);
  }

  get metadata(): Map<string, string> {
    return (this.ownMetadata ??= new Map());
  }

  /** Whether the client asked to hear what `key` says of others. */
  wantsMetadata(key: string): boolean {
    return this.has(CAP.metadata) && this.ownMetadataSubs?.has(key) === true;
  }

  get metadataSubs(): Set<string> {
    return (this.ownMetadataSubs ??= new Set());
  }

  get channels(): ReadonlySet<Channel> {
    return this.channelSet ?? NOTHING;
  }

  has(cap: Capability): boolean {
    return this.capSet?.has(cap) === true;
  }

  enable(cap: Capability): void {
    (this.capSet ??= new Set()).add(cap);
    this.updateProfile();
  }

  disable(cap: Capability): void {
    this.capSet?.delete(cap);
    this.updateProfile();
  }

  setMode(mode: UserMode, isOn: boolean): void {
    if (isOn) (this.modeSet ??= new Set()).add(mode);
    else this.modeSet?.delete(mode);
    this.seesAll = this.modes.has("o");
    this.updateProfile();
    this.onChange?.(this);
  }

  /** Called by the channel, which owns both ends of the membership. */
  entered(channel: Channel): void {
    (this.channelSet ??= new Set()).add(channel);
    this.invitationSet?.delete(channel);
    this.onChange?.(this);
  }

  /** Called by the channel, which owns both ends of the membership. */
  left(channel: Channel): void {
    this.channelSet?.delete(channel);
    this.onChange?.(this);
  }

  /** Called by a channel the client is in, whose name, or the client's role there, is another one. */
  hasNewPlace(): void {
    this.onChange?.(this);
  }

  /** What is said of this client on a message it sends. */
  outgoing(
    command: string,
    params: readonly string[],
    time: number,
    more: Pick<OutgoingParts, "msgid" | "serverTags" | "clientTags"> = {},
  ): Outgoing {
    return new Outgoing({
      source: this.source,
      command,
      params,
      time,
      msgid: more.msgid,
      account: this.account,
      isBot: this.modes.has("B"),
      address: this.address,
      serverTags: more.serverTags,
      clientTags: more.clientTags,
    });
  }

  /** Queues a message to this client as to others. */
  deliver(message: Outgoing): void {
    this.connection.share(message.bytes(this.profile));
  }

  /** Queues a message to this client alone. */
  send(message: Outgoing): void {
    this.connection.send(message.bytes(this.profile));
  }

  /** Queues a message to this client, with tags such as `batch=…` for it alone, which knows them. */
  sendWith(message: Outgoing, extraTags: string): void {
    if (extraTags === "") this.deliver(message);
    else this.connection.send(message.bytesWith(this.profile, extraTags));
  }

  /** Queues numerics to this client, who knows neither label nor batch for them. */
  sendNumerics(lines: readonly NumericLine[], time: number): void {
    this.connection.send(numericBytes(lines, this.nick, this.profile, time));
  }

  private updateProfile(): void {
    this.profile = profileOf(this.caps, this.seesAddresses);
  }
}
