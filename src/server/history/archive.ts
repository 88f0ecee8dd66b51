// What becomes history, and in whose name.
import { fold } from "../../irc/casemapping.js";
import { TAG, formatTags, parseTags } from "../../irc/tags.js";
import type { Channel } from "../channel.js";
import type { Client } from "../client.js";
import { Outgoing } from "../delivery.js";
import type { ServerConfig } from "../config.js";
import { StandardError, errorText } from "../errors.js";
import type { Logger } from "../logger.js";
import {
  HistoryError,
  conversationOf,
  peerOf,
  type HistoryStore,
  type SendId,
  type StoredMessage,
} from "./store.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const NOT_STORED = "MESSAGE_NOT_STORED";
const NOT_STORED_TEXT = "The server's disk is full or cannot be written; your message was not sent";
const SEND_ID = /^[A-Za-z0-9_-]{1,64}$/;

type PruneLimits = Pick<ServerConfig, "retentionDays" | "historyLimit">;

/** Hands messages to the store and knows which of them a failed commit takes along. */
export class Archive {
  /** What was appended in this tick, and who said it. */
  private pending: { readonly message: Outgoing; readonly sender: Client | undefined }[] = [];
  private isFailing = false;

  constructor(
    readonly store: HistoryStore,
    private readonly logger: Logger,
    private readonly serverName: string,
  ) {}

  /**
   * Stores what `client` said in `buffer`.
   *
   * @throws StandardError when it cannot be stored: then nobody may be told either.
   */
  speech(client: Client, buffer: string, message: Outgoing, send?: SendId): void {
    try {
      this.append(buffer, message, client, send);
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      this.fails(error);
      throw new StandardError(NOT_STORED, [], NOT_STORED_TEXT);
    }
  }

  /** Stores what happened in a channel. People come and go even where there is no room to note it. */
  event(channel: Channel, message: Outgoing): void {
    try {
      this.append(channelBuffer(channel), message, undefined);
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      this.fails(error);
    }
  }

  /** What `client` sent before under the `+parley/id` of its message, and the key to store it under. */
  findSend(client: Client, tags: ReadonlyMap<string, string>): [SendId?, Outgoing?] {
    const id = tags.get(TAG.id);
    if (id === undefined || !SEND_ID.test(id)) return [];
    // A guest who comes back by another nick, his old one still being held, is known by where he comes from.
    const send = { sender: client.account ?? `@${client.host}`, id };
    const stored = this.store.findSend(send);
    return [send, stored === undefined ? undefined : outgoingOf(stored)];
  }

  /** Where the client's messages with somebody of this nick are kept, who need not be here any more. */
  conversationWith(client: Client, nick: string, peer: Client | undefined): string {
    const own = identityOf(client);
    const folded = fold(nick, "ascii");
    if (peer !== undefined) return conversationOf(own, identityOf(peer));
    const known = this.store.conversationsOf(own).filter((buffer) => {
      const other = peerOf(buffer, own);
      return other === folded || other?.startsWith(`${folded}@`) === true;
    });
    return known[0] ?? conversationOf(own, folded);
  }

  /** Ends the tick's transaction. Returns the encoded messages it could not store, if any. */
  commit(): ReadonlySet<Buffer> | undefined {
    if (this.pending.length === 0) return undefined;
    const appended = this.pending;
    this.pending = [];
    if (this.store.commit()) {
      if (this.isFailing) this.logger.info("the history can be written again");
      this.isFailing = false;
      return undefined;
    }
    this.fails(new HistoryError(undefined));
    return new Set(appended.flatMap((entry) => this.giveUp(entry.message, entry.sender)));
  }

  /** Removes what is too old or too much, as the configuration says. */
  prune(now: number, { retentionDays, historyLimit }: PruneLimits): void {
    if (retentionDays === 0 && historyLimit === 0) return;
    const olderThan = retentionDays === 0 ? 0 : now - retentionDays * DAY_MS;
    try {
      this.store.prune(olderThan, historyLimit);
    } catch (error) {
      this.logger.warn(`old messages could not be removed: ${errorText(error)}`);
    }
  }

  close(): void {
    this.store.close();
  }

  private append(
    buffer: string,
    message: Outgoing,
    sender: Client | undefined,
    send?: SendId,
  ): void {
    this.store.append(storedOf(buffer, message), send);
    this.pending.push({ message, sender });
  }

  /** What somebody said and nobody shall see, for it is not stored. What happened is told all the same. */
  private giveUp(message: Outgoing, sender: Client | undefined): Buffer[] {
    if (sender === undefined) return [];
    const { command, time } = message.parts;
    const params = [command, NOT_STORED, NOT_STORED_TEXT];
    sender.deliver(new Outgoing({ source: this.serverName, command: "FAIL", params, time }));
    return message.allBytes();
  }

  private fails(error: HistoryError): void {
    if (this.isFailing) return;
    this.isFailing = true;
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
    this.logger.error(`the history cannot be written${cause}; new messages are refused`);
  }
}

/** Where a channel's messages are kept. */
export function channelBuffer(channel: Channel): string {
  return fold(channel.name, "ascii");
}

/**
 * Who a client is to the history: his account; for a guest his nick on his address, so that whoever takes the nick
 * later and elsewhere reads nothing of his.
 */
export function identityOf(client: Client): string {
  return client.account === undefined
    ? `${fold(client.nick, "ascii")}@${client.host}`
    : fold(client.account, "ascii");
}

/** The stored message as it was sent. */
export function outgoingOf(stored: StoredMessage): Outgoing {
  return new Outgoing({
    ...stored,
    clientTags: parseTags(stored.clientTags),
  });
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
