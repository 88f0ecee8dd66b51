// What one recipient sees of a message, given its capabilities. The one place that decides it.
import { CAP, type Capability } from "../irc/caps.js";
import { MAX_LINE_BYTES } from "../irc/limits.js";
import { formatMessage } from "../irc/message.js";
import { NICK_MAX_BYTES } from "../irc/names.js";
import {
  RPL_AWAY,
  RPL_HELPTXT,
  RPL_INFO,
  RPL_ISON,
  RPL_LIST,
  RPL_MONLIST,
  RPL_MONOFFLINE,
  RPL_MONONLINE,
  RPL_MOTD,
  RPL_NAMREPLY,
  RPL_TOPIC,
  RPL_USERHOST,
  RPL_WHOISCHANNELS,
  RPL_WHOISSERVER,
  RPL_WHOISUSER,
  RPL_WHOREPLY,
  RPL_WHOWASUSER,
} from "../irc/numerics.js";
import { NO_TAGS, TAG, escapeTagValue, formatTags, type Tags } from "../irc/tags.js";
import { cutToBytes, utf8Length } from "../irc/utf8.js";

/** A set of the bits below: clients with equal profiles get the same bytes. */
export type Profile = number;

const TAGS = 1;
const TIME = 2;
const ACCOUNT = 4;
const ADDRESS = 8;

/** The profile of a client with these capabilities. */
export function profileOf(caps: ReadonlySet<Capability>, seesAddresses: boolean): Profile {
  const hasTags = caps.has(CAP.messageTags);
  return (
    (hasTags ? TAGS : 0) |
    (caps.has(CAP.serverTime) ? TIME : 0) |
    (caps.has(CAP.accountTag) ? ACCOUNT : 0) |
    (hasTags && seesAddresses ? ADDRESS : 0)
  );
}

/** Everything that may be said of a message; each recipient gets what it can understand. */
export interface OutgoingParts {
  /** `nick!user@host` or the server's name. */
  readonly source: string;
  readonly command: string;
  readonly params: readonly string[];
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly msgid?: string | undefined;
  readonly account?: string | undefined;
  readonly isBot?: boolean;
  /** The sender's address, for those who may see it. */
  readonly address?: string | undefined;
  /** Tags of the server's for everyone who gets this, as on the wire. */
  readonly serverTags?: string | undefined;
  /** Client-only tags, passed on as they came. */
  readonly clientTags?: Tags;
}

const MAX_BODY_BYTES = MAX_LINE_BYTES - 2;

/** A message on its way out. Encoded at most once for each profile, however many receive it. */
export class Outgoing {
  private body: string | undefined;
  private bodyFits = true;
  /** The line for those who know no tags: most messages need no other. */
  private plain: Buffer | undefined;
  private encoded: (Buffer | undefined)[] | undefined;
  private special: Buffer[] | undefined;

  constructor(readonly parts: OutgoingParts) {}

  /** Whether the line without tags fits its 512 bytes; otherwise its last parameter is cut. */
  get fits(): boolean {
    this.format();
    return this.bodyFits;
  }

  /** The line for this profile. */
  bytes(profile: Profile): Buffer {
    if (profile === 0) return (this.plain ??= this.encode(profile, ""));
    return ((this.encoded ??= [])[profile] ??= this.encode(profile, ""));
  }

  /** The line for one recipient alone, with more tags such as `label=…`. */
  bytesWith(profile: Profile, extraTags: string): Buffer {
    if (extraTags === "") return this.bytes(profile);
    const line = this.encode(profile, extraTags);
    (this.special ??= []).push(line);
    return line;
  }

  /** Every encoding made so far. */
  allBytes(): Buffer[] {
    return [this.plain, ...(this.encoded ?? []), ...(this.special ?? [])].filter(
      (line) => line !== undefined,
    );
  }

  private encode(profile: Profile, extraTags: string): Buffer {
    const tags = this.tags(profile, extraTags);
    const body = this.format();
    return Buffer.from(tags === "" ? `${body}\r\n` : `@${tags} ${body}\r\n`);
  }

  // Only what the server words itself, or a name within its limits, can come to be cut here: handlers refuse what
  // people wrote when it does not fit.
  private format(): string {
    if (this.body !== undefined) return this.body;
    const line = formatParts(this.parts);
    this.bodyFits = line.length * 3 <= MAX_BODY_BYTES || utf8Length(line) <= MAX_BODY_BYTES;
    this.body = this.bodyFits ? line : cutToBytes(line, MAX_BODY_BYTES);
    return this.body;
  }

  private tags(profile: Profile, extraTags: string): string {
    if (profile === 0 && this.parts.serverTags === undefined) return extraTags;
    const { time, msgid, account, address, isBot, clientTags, serverTags } = this.parts;
    let tags = extraTags;
    const add = (tag: string) => {
      tags = tags === "" ? tag : `${tags};${tag}`;
    };
    if (serverTags !== undefined) add(serverTags);
    if ((profile & TIME) !== 0) add(`time=${formatTime(time)}`);
    if ((profile & ACCOUNT) !== 0 && account !== undefined)
      add(`${TAG.account}=${escapeTagValue(account)}`);
    if ((profile & TAGS) !== 0) {
      if (msgid !== undefined) add(`${TAG.msgid}=${escapeTagValue(msgid)}`);
      if (isBot === true) add(TAG.bot);
      if ((profile & ADDRESS) !== 0 && address !== undefined) add(`${TAG.address}=${address}`);
      if (clientTags !== undefined && clientTags.size > 0) add(formatTags(clientTags));
    }
    return tags;
  }
}

/** A numeric but for the nick it is said to: made once, said to many. */
export interface NumericLine {
  readonly numeric: string;
  /** Without the nick. */
  readonly params: readonly string[];
  /** What stands before the nick, and what after it, with CR LF. */
  readonly head: string;
  readonly tail: string;
}

/** How much room a line has for what stands behind its numeric and the longest nick. */
export function numericRoom(source: string): number {
  return MAX_BODY_BYTES - utf8Length(`:${source} 000 `) - NICK_MAX_BYTES;
}

/** The numeric of `source`; it fits its line whatever the nick. */
export function numericLine(
  source: string,
  numeric: string,
  ...params: readonly string[]
): NumericLine {
  const head = `:${source} ${numeric} `;
  const line = formatParts({ source, command: numeric, params: ["*", ...params], time: 0 });
  const tail = cutToBytes(line.slice(head.length + 1), numericRoom(source));
  return { numeric, params, head, tail: `${tail}\r\n` };
}

/** The lines said to `nick`, in one piece. */
export function numericBytes(
  lines: readonly NumericLine[],
  nick: string,
  profile: Profile,
  time: number,
): Buffer {
  const tags = (profile & TIME) === 0 ? "" : `@time=${formatTime(time)} `;
  let text = "";
  for (const { head, tail } of lines) text += tags + head + nick + tail;
  return Buffer.from(text);
}

let latestTime = NaN;
let latestText = "";

/** ISO 8601 in UTC with milliseconds, as server-time has it. */
export function formatTime(time: number): string {
  if (time !== latestTime) {
    latestText = new Date(time).toISOString();
    latestTime = time;
  }
  return latestText;
}

/**
 * Where the last parameter is text or a list, from this index on. Simple clients look for text behind a colon only, and
 * the C servers have always put one there, needed or not.
 */
const TEXT_INDEX: ReadonlyMap<string, number> = new Map([
  ...["AWAY", "ERROR", "NICK", "QUIT", "SETNAME", "WALLOPS"].map((name) => [name, 0] as const),
  ...["KILL", "NOTICE", "PART", "PRIVMSG", "TOPIC"].map((name) => [name, 1] as const),
  ["KICK", 2],
  ...[
    ...[RPL_AWAY, RPL_USERHOST, RPL_ISON, RPL_WHOISUSER, RPL_WHOISSERVER, RPL_WHOISCHANNELS],
    ...[RPL_WHOWASUSER, RPL_LIST, RPL_TOPIC, RPL_WHOREPLY, RPL_NAMREPLY, RPL_INFO, RPL_MOTD],
    ...[RPL_HELPTXT, RPL_MONONLINE, RPL_MONOFFLINE, RPL_MONLIST],
  ].map((name) => [name, 1] as const),
]);

function formatParts({ source, command, params }: OutgoingParts): string {
  const hasText = params.length > (TEXT_INDEX.get(command) ?? Infinity);
  return formatMessage(
    { tags: NO_TAGS, source, command, params },
    hasText ? "always" : "where needed",
  );
}
