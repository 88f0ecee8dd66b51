// What becomes history, and in whose name.
import { fold } from "../../irc/casemapping.js";
import { TAG, escapeTagValue, formatTags, parseTags } from "../../irc/tags.js";
import type { OwnedNicks } from "../accounts/owned-nicks.js";
import type { Channel } from "../channel.js";
import type { Client } from "../client.js";
import { AuditError, causeOf, type AuditLog } from "../audit/audit-log.js";
import { Outgoing } from "../delivery.js";
import type { ServerConfig } from "../config.js";
import { StandardError, errorText } from "../errors.js";
import type { Logger } from "../logger.js";
import {
  HistoryError,
  conversationOf,
  identityOf,
  type HistoryStore,
  type SendId,
  type StoredMessage,
} from "./store.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const NOT_STORED = "MESSAGE_NOT_STORED";
/** What a row takes beside its text: ids, names, indexes. */
const ROW_BYTES = 200;
const NOT_STORED_TEXT = "The server's disk is full or not writable; your message was not sent";
const NOT_LOGGED_TEXT =
  "The host logs everything on this server, and the log cannot be written; your message was not sent";
const NOT_DONE_TEXT =
  "The host logs everything on this server, and the log cannot be written; nothing was changed";
const SEND_ID = /^[A-Za-z0-9_-]{1,64}$/;

type PruneLimits = Pick<ServerConfig, "retentionDays" | "historyLimit">;

/** What else is known of something that was said. */
export interface SpeechDetails {
  readonly send: SendId | undefined;
  /** What the answer is to be labelled with. */
  readonly label: string | undefined;
}

interface Speech {
  readonly message: Outgoing;
  /** Who hears of it when it cannot be stored; no one where they hear of it otherwise. */
  readonly sender: Client | undefined;
  readonly label: string | undefined;
}

/** Hands messages to the store and knows which of them a failed commit takes along. */
export class Archive {
  /** What was said in this tick. */
  private pending: Speech[] = [];
  private hasEvents = false;
  /** What cannot be written, so that messages are refused. */
  private failing: "the history" | "the audit log" | undefined;
  private isPruning = false;
  private latestTime: number;

  constructor(
    readonly store: HistoryStore,
    private readonly logger: Logger,
    private readonly serverName: string,
    private readonly nicks: OwnedNicks,
    private readonly audit: AuditLog,
    /** Called when there is something to commit, be it that no one hears of it. */
    private readonly wake: () => void,
    /** Whether so many bytes of what the client does may be stored. */
    private readonly mayStore: (client: Client, bytes: number) => boolean,
    /** Told why new messages are refused. */
    private readonly onProblem: (problem: string) => void,
  ) {
    this.latestTime = store.latestTime;
  }

  /** A time after everything that is stored, and not after anything that will be but for the same millisecond. */
  get timeAfterAll(): number {
    return this.latestTime + 1;
  }

  /** The clock was wrong: whatever is later than `time` (ms) gets that time. To be called within a change of records. */
  bringBack(time: number): void {
    this.store.bringBack(time);
    this.latestTime = Math.min(this.latestTime, time);
  }

  /** Stores what `client` said in `buffer`; when that turns out not to be possible, `client` alone hears of it. */
  speech(client: Client, buffer: string, message: Outgoing, { send, label }: SpeechDetails): void {
    const stored = storedOf(buffer, message);
    // A message can be deleted once, and always.
    if (stored.command !== "REDACT") this.requireAllowance(client, stored);
    this.wakeOnce();
    this.latestTime = message.parts.time;
    this.store.append(stored, send);
    this.audit.said(message);
    this.pending.push({ message, sender: client, label });
  }

  /**
   * What `client` said to some of a channel is not in the history, which all of it can read. Where everything is logged it is
   * not delivered unless it is logged. `messages` are what goes out of it.
   */
  aside(
    client: Client,
    message: Outgoing,
    messages: readonly Outgoing[],
    label: string | undefined,
  ): void {
    if (!this.audit.isOn) return;
    this.requireAllowance(client, storedOf("", message));
    this.audit.said(message);
    this.pending.push({ message, sender: client, label });
    for (const part of messages) this.pending.push({ message: part, sender: undefined, label });
  }

  /** The same for what is said to different people in different ways: `messages` are what goes out of it. */
  speechOf(
    client: Client,
    buffer: string,
    message: Outgoing,
    messages: readonly Outgoing[],
    { send, label }: SpeechDetails,
  ): void {
    this.speech(client, buffer, message, { send, label });
    for (const part of messages) this.pending.push({ message: part, sender: undefined, label });
  }

  /** Stores what `client` did in a channel. People come and go even where there is no room to note it. */
  event(client: Client, channel: Channel, message: Outgoing): void {
    this.wakeOnce();
    this.latestTime = message.parts.time;
    const stored = storedOf(channelBuffer(channel), message);
    if (this.mayStore(client, sizeOf(stored))) this.store.append(stored);
    this.audit.announced(message);
    this.hasEvents = true;
  }

  /** Stores what the server itself says in a channel. */
  announcement(channel: Channel, message: Outgoing): void {
    this.wakeOnce();
    this.latestTime = message.parts.time;
    this.store.append(storedOf(channelBuffer(channel), message));
    this.hasEvents = true;
  }

  private requireAllowance(client: Client, message: StoredMessage): void {
    if (!this.mayStore(client, sizeOf(message)))
      throw new StandardError(
        NOT_STORED,
        [],
        "More was sent from your address than the server stores in a day; try again later",
      );
  }

  /**
   * Where everything is logged: what others are about to read, other than messages, is in the log once this returns. The one
   * place that decides what may be said while the log cannot be written. @throws StandardError; then no one may read it.
   */
  log(what: Outgoing | string): void {
    this.asLogged(() => {
      this.audit.require(what);
    });
  }

  /** The same of what happens in any case. Returns whether its text may be read; otherwise it happens without. */
  tryLog(what: Outgoing | string): boolean {
    try {
      this.log(what);
      return true;
    } catch (error) {
      if (!(error instanceof StandardError)) throw error;
      return false;
    }
  }

  /** For what is logged only when it is done: the log can be written. @throws StandardError; then it must not be done. */
  requireLog(): void {
    this.asLogged(() => {
      this.audit.probe();
    });
  }

  private asLogged(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!(error instanceof AuditError)) throw error;
      this.fails(error);
      throw new StandardError(NOT_STORED, [], NOT_DONE_TEXT);
    }
  }

  /** What `client` sent before under the `+parley/id` of its message, and the key to store it under. */
  findSend(client: Client, tags: ReadonlyMap<string, string>): [SendId?, Outgoing?] {
    const id = tags.get(TAG.id);
    if (id === undefined || !SEND_ID.test(id)) return [];
    // A guest who comes back with another nick, because the old one is still held, is known by their address.
    const send = { sender: client.account ?? `@${client.host}`, id };
    const stored = this.store.findSend(send);
    return [send, stored === undefined ? undefined : outgoingOf(stored)];
  }

  /** Where the client's messages with someone of this nick are kept, who need not be here any more. */
  conversationWith(client: Client, nick: string, peer: Client | undefined): string {
    const own = identityOf(client);
    if (peer !== undefined) return conversationOf(own, identityOf(peer));
    const folded = fold(nick, "ascii");
    return this.store.conversationWith(own, this.nicks.ownerOf(nick) ?? folded, folded);
  }

  /** Ends the tick's transaction. Returns the encoded messages it could not store, if any. */
  commit(): ReadonlySet<Buffer> | undefined {
    if (this.pending.length === 0 && !this.hasEvents && !this.audit.hasEntries) return undefined;
    const said = this.pending;
    this.pending = [];
    this.hasEvents = false;
    try {
      this.store.commit();
      // What no transaction of the history has taken along.
      this.audit.write();
    } catch (error) {
      const cause = error instanceof HistoryError ? error.cause : error;
      if (!(error instanceof HistoryError || cause instanceof AuditError)) throw error;
      this.audit.undelivered(said.filter(({ sender }) => sender !== undefined).length);
      this.audit.retry();
      this.fails(cause);
      const text = cause instanceof AuditError ? NOT_LOGGED_TEXT : NOT_STORED_TEXT;
      return new Set(said.flatMap((speech) => this.giveUp(speech, text)));
    }
    if (this.failing === "the history") this.logger.info("the history can be written to again");
    this.failing = undefined;
    return undefined;
  }

  /** Removes what was discarded, and what is too old or too much, as the configuration says. Never rejects. */
  async prune(now: number, { retentionDays, historyLimit }: PruneLimits): Promise<void> {
    const isAsked = retentionDays > 0 || historyLimit > 0;
    if (this.isPruning || !(isAsked || this.store.hasDiscarded)) return;
    this.isPruning = true;
    const olderThan = retentionDays === 0 ? 0 : now - retentionDays * DAY_MS;
    try {
      await this.store.prune(olderThan, historyLimit);
    } catch (error) {
      this.logger.warn(`could not delete old messages: ${errorText(error)}`);
    } finally {
      this.isPruning = false;
    }
  }

  /** Called about once a second. */
  rest(): void {
    this.audit.retry();
    try {
      this.store.rest();
    } catch (error) {
      this.logger.warn(`maintenance of the history failed: ${errorText(error)}`);
    }
  }

  close(): void {
    this.store.close();
  }

  private wakeOnce(): void {
    if (this.pending.length === 0 && !this.hasEvents) this.wake();
  }

  /** What someone said and no one may see, because it is not stored. Events are announced all the same. */
  private giveUp({ message, sender, label }: Speech, text: string): Buffer[] {
    const { command, time } = message.parts;
    const params = [command, NOT_STORED, text];
    const fail = new Outgoing({ source: this.serverName, command: "FAIL", params, time });
    const lost = message.allBytes();
    sender?.sendWith(fail, label === undefined ? "" : `${TAG.label}=${escapeTagValue(label)}`);
    return lost;
  }

  private fails(cause: unknown): void {
    const failing = cause instanceof AuditError ? "the audit log" : "the history";
    if (this.failing === failing) return;
    this.failing = failing;
    const why = cause instanceof Error ? `: ${causeOf(cause)}` : "";
    const problem = `${failing} cannot be written to${why}; new messages are refused`;
    this.logger.error(problem);
    this.onProblem(problem);
  }
}

/** Where a channel's messages are kept. */
export function channelBuffer(channel: Channel): string {
  return fold(channel.name, "ascii");
}

/** The stored message as it was sent. */
export function outgoingOf(stored: StoredMessage): Outgoing {
  return new Outgoing({
    ...stored,
    clientTags: parseTags(stored.clientTags),
  });
}

/** About how many bytes of the disk the message takes. */
function sizeOf({ params, clientTags }: StoredMessage): number {
  let size = ROW_BYTES + clientTags.length;
  for (const param of params) size += Buffer.byteLength(param);
  return size;
}

function storedOf(buffer: string, { parts }: Outgoing): StoredMessage {
  return {
    buffer,
    msgid: parts.msgid ?? "",
    time: parts.time,
    source: parts.source,
    account: parts.account,
    address: parts.address,
    isBot: parts.isBot ?? false,
    command: parts.command,
    params: parts.params,
    clientTags: parts.clientTags === undefined ? "" : formatTags(parts.clientTags),
  };
}
