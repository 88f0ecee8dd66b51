// Which capabilities we ask for, and the asking. https://ircv3.net/specs/extensions/capability-negotiation
import { CAP, parseCapItems, type CapItem, type Capability } from "../irc/caps.js";
import type { Message } from "../irc/message.js";

/** What we understand. Each is used where it is there and done without where it is not. */
const WANTED: readonly Capability[] = [
  CAP.accountNotify,
  CAP.accountTag,
  CAP.approval,
  CAP.audit,
  CAP.awayNotify,
  CAP.batch,
  CAP.capNotify,
  CAP.chathistory,
  CAP.chghost,
  CAP.echoMessage,
  CAP.eventPlayback,
  CAP.extendedJoin,
  CAP.inviteNotify,
  CAP.labeledResponse,
  CAP.messageRedaction,
  CAP.messageTags,
  CAP.metadata,
  CAP.multiPrefix,
  CAP.multiline,
  CAP.readMarker,
  CAP.selfMessage,
  CAP.serverTime,
  CAP.setname,
  CAP.standardReplies,
  CAP.userhostInNames,
];

/** Earlier names, asked for only where the server does not have the present one. */
const EARLIER_NAMES: readonly (readonly [present: Capability, earlier: Capability])[] = [
  [CAP.readMarker, CAP.sojuRead],
  [CAP.serverTime, CAP.zncServerTime],
];

/** Short enough for a line of 512 bytes with everything around it. */
const MAX_REQUEST_LENGTH = 400;
const MAX_OFFERED = 300;
/** Without an answer. All we want takes a few; a server that owes more has no use for another. */
const MAX_REQUESTS = 50;
/** Of a name with its value, in UTF-16 units. */
const MAX_ITEM_LENGTH = 1_024;
const SUBCOMMANDS: ReadonlySet<string> = new Set(["LS", "NEW", "DEL", "ACK", "NAK"]);

export class Capabilities {
  private readonly offered = new Map<string, string>();
  private readonly inForce = new Set<string>();
  /** What was refused, and not offered again since. */
  private readonly declined = new Set<string>();
  /** Requests without an answer, oldest first. */
  private requests: (readonly string[])[] = [];
  /** What answers that go on have granted so far. */
  private readonly grantedSoFar = new Set<string>();
  /** The request that was granted last. */
  private granted: readonly string[] = [];
  private isListed = false;

  constructor(
    private readonly send: (command: string, ...params: string[]) => void,
    private readonly wantsSasl: boolean,
  ) {}

  /** What is in force now. */
  get enabled(): ReadonlySet<string> {
    return this.inForce;
  }

  /** What the server offers, with values. */
  get available(): ReadonlyMap<string, string> {
    return this.offered;
  }

  /** Whether the list has come, to its end. */
  get hasList(): boolean {
    return this.isListed;
  }

  /** Whether the list has come and every request has its answer, but for those of which nothing is left. */
  get isSettled(): boolean {
    return this.isListed && this.requests.every((request) => request.length === 0);
  }

  start(): void {
    this.send("CAP", "LS", "302");
  }

  /** Takes in a CAP message: `CAP <nick> <subcommand> [*] :<list>`, and some servers leave out the nick. */
  handle({ params }: Message): void {
    const at = SUBCOMMANDS.has(params[1]?.toUpperCase() ?? "") ? 1 : 0;
    const [subcommand = "", ...rest] = params.slice(at);
    const items = parseCapItems(rest.at(-1) ?? "");
    const isContinued = rest.length > 1 && rest[0] === "*";
    switch (subcommand.toUpperCase()) {
      case "LS":
        this.offer(items);
        if (isContinued) return;
        this.isListed = true;
        this.request(this.wanted(this.offered.keys()));
        return;
      case "NEW":
        this.offer(items);
        for (const { name } of items) this.declined.delete(name);
        // Something new can make useful what was offered before.
        this.request(this.wanted(this.offered.keys()));
        return;
      case "DEL":
        for (const { name } of items) this.takeBack(name);
        return;
      case "ACK":
        this.acknowledged(items, isContinued);
        return;
      case "NAK":
        if (!isContinued) this.requestRefused(items.map(({ name }) => name));
        return;
      default:
    }
  }

  /** The server does not know CAP, or CAP REQ after all. */
  requestUnknown(): void {
    this.requests = [];
  }

  /** The server knows CAP and refuses it: we go on with what we have, which it may wait to be told. */
  goWithout(): void {
    this.requestUnknown();
    this.isListed = true;
  }

  /** Also from requests without an answer: what is granted too late is not in force. */
  private takeBack(name: string): void {
    this.offered.delete(name);
    this.drop(name);
    this.requests = this.requests.map((request) => request.filter((cap) => cap !== name));
  }

  /** A server that no longer takes tags has no labels either. */
  private drop(name: string): void {
    if (this.inForce.delete(name) && name === CAP.messageTags)
      this.inForce.delete(CAP.labeledResponse);
  }

  private offer(items: readonly CapItem[]): void {
    for (const { name, value } of items)
      if (this.offered.size < MAX_OFFERED && name.length + value.length <= MAX_ITEM_LENGTH)
        this.offered.set(name, value);
  }

  private wanted(caps: Iterable<string>): string[] {
    const wanted = new Set<string>(WANTED);
    if (this.wantsSasl) wanted.add(CAP.sasl);
    // It is of no use without batches.
    if (!this.offered.has(CAP.batch)) wanted.delete(CAP.multiline);
    for (const [present, earlier] of EARLIER_NAMES)
      if (!this.offered.has(present)) wanted.add(earlier);
    const known = new Set([...this.inForce, ...this.declined, ...this.requests.flat()]);
    return [...caps].filter((cap) => wanted.has(cap) && !known.has(cap));
  }

  private request(caps: readonly string[]): void {
    if (this.requests.length >= MAX_REQUESTS) return;
    let request: string[] = [];
    for (const cap of caps) {
      if (request.length > 0 && [...request, cap].join(" ").length > MAX_REQUEST_LENGTH) {
        this.sendRequest(request);
        request = [];
      }
      request.push(cap);
    }
    if (request.length > 0) this.sendRequest(request);
  }

  private sendRequest(request: readonly string[]): void {
    this.requests.push(request);
    this.send("CAP", "REQ", request.join(" "));
  }

  /**
   * The request that an answer naming `caps` settles. A request is granted or refused as a whole and servers answer in order,
   * so it is the oldest, however much of it the answer repeats: a refusal may be cut to 100 characters. The names only show
   * when a request got no answer at all, and when a line goes on with the answer before it, which settles nothing.
   */
  private takeAnswered(caps: readonly string[]): readonly string[] | undefined {
    const at = this.requests.findIndex((request) => caps.some((cap) => request.includes(cap)));
    if (at < 0 && caps.some((cap) => this.granted.includes(cap))) return undefined;
    return this.requests.splice(0, Math.max(at, 0) + 1).at(-1);
  }

  private acknowledged(items: readonly CapItem[], isContinued: boolean): void {
    const asked = new Set(this.requests.flat());
    const disabled = items.filter((item) => item.isDisabled).map(({ name }) => name);
    const granted = items.filter((item) => !item.isDisabled);
    for (const cap of disabled) {
      this.drop(cap);
      if (asked.has(cap)) this.declined.add(cap);
    }
    const unconfirmed = granted
      .filter(({ name, needsAck }) => needsAck && asked.has(name))
      .map(({ name }) => name);
    if (unconfirmed.length > 0) this.send("CAP", "ACK", unconfirmed.join(" "));
    // What is only taken away may be no answer to us.
    const isAnswer =
      granted.length > 0 || items.length === 0 || disabled.some((cap) => asked.has(cap));
    if (!isAnswer) return;
    for (const { name } of granted) if (asked.has(name)) this.grantedSoFar.add(name);
    if (isContinued && !this.isWhole(granted)) return;
    this.grantedSoFar.clear();
    const request = this.takeAnswered(items.map(({ name }) => name));
    if (request === undefined) return;
    this.granted = request;
    for (const cap of request) if (!this.declined.has(cap)) this.inForce.add(cap);
  }

  /** Whether an answer that goes on has everything by now that a request asked for. */
  private isWhole(granted: readonly CapItem[]): boolean {
    const asked = this.requests.find((request) =>
      granted.some(({ name }) => request.includes(name)),
    );
    return asked?.every((cap) => this.grantedSoFar.has(cap)) === true;
  }

  private requestRefused(caps: readonly string[]): void {
    const request = this.takeAnswered(caps);
    // Some servers grant a part and then refuse the rest.
    if (request === undefined) for (const cap of caps) this.inForce.delete(cap);
    const [cap] = request ?? [];
    if (request === undefined || cap === undefined) return;
    if (request.length === 1) {
      this.declined.add(cap);
      return;
    }
    // One of them may be the reason for all: halving finds it in few lines.
    const half = Math.ceil(request.length / 2);
    this.sendRequest(request.slice(0, half));
    this.sendRequest(request.slice(half));
  }
}
