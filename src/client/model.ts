// What the client knows of a network: one immutable value. Only apply() in state.ts makes a new one.
import type { FoldedMap } from "../irc/casemapping.js";
import type { Isupport } from "../irc/isupport.js";

/** Everything known. Never changed in place: what did not change is the same object in the next state. */
export interface ChatState {
  readonly nick: string;
  readonly account: string | undefined;
  readonly isAway: boolean;
  /** The server's name, and the network's where ISUPPORT tells it. */
  readonly serverName: string;
  readonly networkName: string;
  readonly isupport: Isupport;
  /** The capabilities in force. */
  readonly caps: ReadonlySet<string>;
  /** Whether the host logs everything that is said; while there is no connection, whether it did last. */
  readonly isAudited: boolean;
  /** Everyone seen, ourselves included; who left stays, with `online: false`, while a row names them. */
  readonly users: FoldedMap<User>;
  /** Channels, direct messages and, named "", the server's own buffer. */
  readonly buffers: FoldedMap<ChatBuffer>;
}

export interface User {
  readonly nick: string;
  readonly user: string | undefined;
  readonly host: string | undefined;
  readonly account: string | undefined;
  readonly realname: string | undefined;
  /** undefined: here; otherwise the away message, perhaps "". */
  readonly away: string | undefined;
  readonly isOperator: boolean;
  readonly isBot: boolean;
  readonly online: boolean;
  /** draft/metadata-3 keys: avatar, color, display-name. */
  readonly metadata: ReadonlyMap<string, string>;
}

export interface ChatBuffer {
  readonly name: string;
  readonly kind: "channel" | "direct" | "server";
  /** Channels: whether we are in it now. */
  readonly joined: boolean;
  readonly topic: string;
  readonly topicSetBy: string | undefined;
  readonly members: FoldedMap<Member>;
  /** Oldest first, at most `maxEntries` of them. A gap stands where the server has, or may have, more. */
  readonly entries: readonly Entry[];
  /** Whether the first entry is the first thing ever said here. False while a gap is before it, and where that is unknown. */
  readonly startsAtBeginning: boolean;
  /** Messages since the last markRead; own ones, joins and leaves do not count. */
  readonly unread: number;
  /** Those of them that name us; in a direct message all. */
  readonly mentions: number;
  /** The id of the first unread entry. */
  readonly unreadFrom: string | undefined;
}

export interface Member {
  readonly nick: string;
  /** Prefix characters such as `~@`, highest first. */
  readonly prefixes: string;
}

export type Entry = MessageEntry | EventEntry | GapEntry;

/**
 * A place where the server has, or may have, entries that are not held here: before the first one, or between two pieces.
 * Two gaps never stand side by side.
 */
export interface GapEntry {
  readonly kind: "gap";
  readonly id: string;
  /** Of the entry after it, or of the one before: only for ordering. */
  readonly time: number;
}

export interface MessageEntry {
  readonly kind: "message";
  /** Unique and stable: what we sent keeps the id it had while pending. */
  readonly id: string;
  readonly msgid: string | undefined;
  /** Milliseconds since the epoch: the server's where it says so. */
  readonly time: number;
  readonly nick: string;
  readonly text: string;
  /** The text with its formatting codes (`irc/formatting`), where it has any. */
  readonly formatted?: string;
  readonly form: "message" | "action" | "notice";
  readonly own: boolean;
  readonly mention: boolean;
  readonly status: "pending" | "sent" | "failed";
  readonly error: string | undefined;
  /** The sender's address, where the server tells it (`parley/address`). */
  readonly address: string | undefined;
  /** In a channel, of `@#channel`: only members with this prefix or a higher one received it. Left out: everyone did. */
  readonly statusPrefix?: string;
}

/** Something that happened, as data; words are the user interface's business. */
export interface EventEntry {
  readonly kind: "event";
  readonly id: string;
  readonly time: number;
  readonly event: EventData;
}

export type EventData =
  | { readonly type: "join"; readonly nick: string; readonly address: string | undefined }
  | { readonly type: "part"; readonly nick: string; readonly reason: string }
  | { readonly type: "quit"; readonly nick: string; readonly reason: string }
  | { readonly type: "kick"; readonly nick: string; readonly by: string; readonly reason: string }
  | { readonly type: "nick"; readonly nick: string; readonly newNick: string }
  | { readonly type: "topic"; readonly nick: string; readonly topic: string }
  | { readonly type: "mode"; readonly nick: string; readonly modes: string }
  | { readonly type: "away"; readonly nick: string; readonly message: string }
  | { readonly type: "back"; readonly nick: string }
  /** Something the server says: MOTD, a reply to a command, a NOTICE before registration. */
  | { readonly type: "info"; readonly text: string }
  /** A refusal: a 4xx/5xx numeric or a FAIL. */
  | { readonly type: "error"; readonly code: string; readonly text: string }
  | { readonly type: "connected"; readonly server: string }
  | { readonly type: "disconnected"; readonly reason: string };
