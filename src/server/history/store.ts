// What was said, as the server remembers it.
import { fold } from "../../irc/casemapping.js";
import type { SearchQuery } from "./search.js";

/** The command under which a message of several lines is stored: `MULTILINE <command> <target> <line>…` */
export const MULTILINE = "MULTILINE";

/** A message or an event of one conversation. */
export interface StoredMessage {
  /** Where it belongs: a folded channel name, or what `conversationOf` gives. */
  readonly buffer: string;
  readonly msgid: string;
  /** Milliseconds since the epoch; never before that of an earlier message. */
  readonly time: number;
  readonly source: string;
  readonly account: string | undefined;
  readonly address: string | undefined;
  readonly isBot: boolean;
  readonly command: string;
  readonly params: readonly string[];
  /** Client-only tags as on the wire. */
  readonly clientTags: string;
}

/** Which of a sender's messages this is, so that a repeated send is known. */
export interface SendId {
  /** What `identityOf` gives for the sender. */
  readonly sender: string;
  /** The value of `+parley/id`. */
  readonly id: string;
}

export type Reference =
  | { readonly kind: "time"; readonly time: number }
  | { readonly kind: "msgid"; readonly msgid: string };

/** Which messages of a conversation are wanted. Bounds are exclusive. */
export interface Query {
  readonly buffer: string;
  readonly after?: Reference | undefined;
  readonly before?: Reference | undefined;
  /** Which end is kept when there are more than `limit`. */
  readonly keep: "oldest" | "newest";
  readonly limit: number;
  /** Nothing before it is wanted, in ms; 0: everything. */
  readonly since?: number;
  /** Whether joins, topics and the like are wanted beside what was said. */
  readonly withEvents: boolean;
  /** Commands that are not wanted: they do not count as any of the `limit`. */
  readonly without?: readonly string[] | undefined;
}

/** A conversation with the time of its latest message. */
export interface Target {
  readonly buffer: string;
  readonly time: number;
}

/** Owns the stored messages. What is appended in a tick is committed before anything of the tick is delivered. */
export interface HistoryStore {
  /** Its `commit` tells whether it could be stored. */
  append(message: StoredMessage, send?: SendId): void;
  /** What was stored under this id. */
  findSend(send: SendId): StoredMessage | undefined;
  /** Ends the tick's transaction. @throws HistoryError when none of its messages could be stored. */
  commit(): void;
  /** Stores what was appended so far, so that what is changed next does not depend on it. `commit` tells what failed. */
  settle(): void;
  /** Called about once a second. When no one has spoken for a while there is time for what makes everyone wait. */
  rest(): void;
  /** When the newest message was said, in ms; 0 when there is none. */
  readonly latestTime: number;
  /** Whatever is later than `time` (ms) gets that time; the order stays. To be called within a change of records. */
  bringBack(time: number): void;
  /** In ascending order. A msgid that was never given out gives none; of one that was removed the time is enough. */
  find(query: Query): readonly StoredMessage[];
  /** Up to `limit` messages, half of them before, with the message referred to. In ascending order. */
  around(query: Omit<Query, "before" | "after" | "keep">, at: Reference): readonly StoredMessage[];
  /** The message of this id in a conversation. */
  get(buffer: string, msgid: string): StoredMessage | undefined;
  /** Takes a message out of the history. @throws HistoryError */
  remove(buffer: string, msgid: string): void;
  /** Whether anything is stored in a buffer. */
  has(buffer: string): boolean;
  /** No one can read what is in the buffer from now on; it is removed by and by. */
  discard(buffer: string): void;
  /** Whether something that was discarded is yet to be removed. */
  readonly hasDiscarded: boolean;
  /** All of a buffer goes by another name, which none has. @throws HistoryError */
  renameBuffer(before: string, after: string): void;
  /** In ascending order. Takes its time where much was said since the last search, and lets others speak meanwhile. */
  search(query: SearchQuery): Promise<readonly StoredMessage[]>;
  /** Where in the conversation's order a reference stands; undefined for a msgid it does not have. */
  position(buffer: string, at: Reference): number | undefined;
  /** The conversations of two that `identity` is part of. */
  conversationsOf(identity: string): readonly string[];
  /** The one of `identity` with `peer`; where they have none, with a guest of this folded nick, wherever that guest was. */
  conversationWith(identity: string, peer: string, nick: string): string;
  /**
   * Those of `buffers`, and the conversations of `identity`, whose latest message lies between the two (exclusive). The
   * one spoken in last comes last, whichever end is kept when there are more than `limit`.
   */
  targets(
    identity: string,
    buffers: readonly string[],
    range: { readonly after: number; readonly before: number },
    keep: Query["keep"],
    limit: number,
  ): readonly Target[];
  /**
   * Removes what is older than `olderThan` (ms), and of each conversation what is beyond `maxPerBuffer` (0: no bound).
   * Takes its time where that is much, and lets others speak meanwhile.
   */
  prune(olderThan: number, maxPerBuffer: number): Promise<void>;
  /** May be called again. */
  close(): void;
}

/** The disk is full or the file unusable for now; asking again later may help. */
export class HistoryError extends Error {
  constructor(cause: unknown) {
    super("the history cannot be written", { cause });
    this.name = "HistoryError";
  }
}

/**
 * Who someone is to the history: the account; for a guest the nick and the address, so that someone who takes the nick
 * later and elsewhere cannot read their messages.
 */
export function identityOf(who: {
  readonly account: string | undefined;
  readonly nick: string;
  readonly host: string;
}): string {
  const { account, nick, host } = who;
  return account === undefined ? `${fold(nick, "ascii")}@${host}` : fold(account, "ascii");
}

const SEPARATOR = " ";

/** The conversation of two identities, the same whoever asks. */
export function conversationOf(a: string, b: string): string {
  return a < b ? a + SEPARATOR + b : b + SEPARATOR + a;
}

/** The two whose conversation it is; no one for a channel. */
export function identitiesOf(buffer: string): readonly string[] {
  const identities = buffer.split(SEPARATOR);
  return identities.length > 1 ? identities : [];
}

/** The other of a conversation's two identities; undefined for a channel and for others' conversations. */
export function peerOf(buffer: string, identity: string): string | undefined {
  const [a, b] = buffer.split(SEPARATOR);
  if (b === undefined) return undefined;
  if (a === identity) return b;
  return b === identity ? a : undefined;
}
