// Which capabilities we ask for, and the asking. https://ircv3.net/specs/extensions/capability-negotiation
import { CAP, parseCapList, type Capability } from "../irc/caps.js";
import type { Message } from "../irc/message.js";

/** What we understand. Each is used where it is there and done without where it is not. */
const WANTED: readonly Capability[] = [
  CAP.accountNotify,
  CAP.accountTag,
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
  CAP.messageTags,
  CAP.metadata,
  CAP.multiPrefix,
  CAP.multiline,
  CAP.readMarker,
  CAP.serverTime,
  CAP.setname,
  CAP.standardReplies,
  CAP.userhostInNames,
];

/** Short enough for a line of 512 bytes with everything around it. */
const MAX_REQUEST_LENGTH = 400;
const MAX_AVAILABLE = 300;

export class Capabilities {
  private readonly offered = new Map<string, string>();
  private readonly inForce = new Set<string>();
  private readonly awaited = new Set<string>();
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

  /** Whether the list has come and every request has its answer. */
  get isSettled(): boolean {
    return this.isListed && this.awaited.size === 0;
  }

  start(): void {
    this.send("CAP", "LS", "302");
  }

  /** Takes in a CAP message. */
  handle({ params }: Message): void {
    const [, subcommand = "", ...rest] = params;
    const list = parseCapList(rest.at(-1) ?? "");
    switch (subcommand.toUpperCase()) {
      case "LS":
        this.offer(list);
        if (rest[0] === "*" && rest.length > 1) return;
        this.isListed = true;
        this.request(this.wanted(this.offered.keys()));
        return;
      case "NEW":
        this.offer(list);
        this.request(this.wanted(list.keys()));
        return;
      case "DEL":
        for (const cap of list.keys()) {
          this.offered.delete(cap);
          this.inForce.delete(cap);
        }
        return;
      case "ACK":
        for (const cap of list.keys()) this.acknowledge(cap);
        return;
      case "NAK":
        this.refused([...list.keys()]);
        return;
      default:
    }
  }

  private offer(list: ReadonlyMap<string, string>): void {
    for (const [cap, value] of list)
      if (this.offered.size < MAX_AVAILABLE) this.offered.set(cap, value);
  }

  private wanted(caps: Iterable<string>): string[] {
    const wanted = new Set<string>(WANTED);
    if (this.wantsSasl) wanted.add(CAP.sasl);
    // It is of no use without batches.
    if (!this.offered.has(CAP.batch)) wanted.delete(CAP.multiline);
    return [...caps].filter((cap) => wanted.has(cap) && !this.inForce.has(cap));
  }

  private request(caps: readonly string[]): void {
    let line = "";
    for (const cap of caps) {
      this.awaited.add(cap);
      if (line !== "" && line.length + cap.length >= MAX_REQUEST_LENGTH) {
        this.send("CAP", "REQ", line);
        line = "";
      }
      line += line === "" ? cap : ` ${cap}`;
    }
    if (line !== "") this.send("CAP", "REQ", line);
  }

  private acknowledge(cap: string): void {
    if (cap.startsWith("-")) {
      this.inForce.delete(cap.slice(1));
      return;
    }
    if (this.awaited.delete(cap)) this.inForce.add(cap);
  }

  /** A request is granted or refused as a whole, so each of a refused one gets a second try by itself. */
  private refused(caps: readonly string[]): void {
    if (caps.length === 1) {
      for (const cap of caps) this.awaited.delete(cap);
      return;
    }
    for (const cap of caps) if (this.awaited.has(cap)) this.send("CAP", "REQ", cap);
  }
}
