// REDACT. https://ircv3.net/specs/extensions/message-redaction
import { CAP } from "../../irc/caps.js";
import { ERR_UNKNOWNCOMMAND } from "../../irc/numerics.js";
import { parseSource } from "../../irc/source.js";
import { cutToBytes } from "../../irc/utf8.js";
import { RANK, type Channel } from "../channel.js";
import type { Client } from "../client.js";
import { formatTime, type Outgoing } from "../delivery.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError, StandardError } from "../errors.js";
import { HistoryError, MULTILINE, type StoredMessage } from "../history/store.js";
import { KICK_MAX_BYTES } from "../isupport.js";
import { findConversation, type Conversation } from "./conversations.js";

export const redactionCommands: CommandTable = {
  REDACT: { run: redact, minParams: 2 },
};

/** "<msgid> MUST be a PRIVMSG, NOTICE, or TAGMSG": what happened, such as a KICK, stays on the record. */
const REDACTABLE: ReadonlySet<string> = new Set(["PRIVMSG", "NOTICE", "TAGMSG", MULTILINE]);

function redact(cx: CommandContext): void {
  const { server, client, params, reply } = cx;
  if (!client.has(CAP.messageRedaction))
    throw new CommandError(ERR_UNKNOWNCOMMAND, "REDACT", "Unknown command");
  const [target = "", msgid = "", reason = ""] = params;
  const { name, buffer, channel, peer, since } = findPlace(cx, target);
  const { archive } = server;
  const stored = archive.store.get(buffer, msgid);
  if (stored === undefined || stored.time < since || !REDACTABLE.has(stored.command))
    throw new StandardError(
      "UNKNOWN_MSGID",
      [name, msgid],
      "This message does not exist or is too old",
    );
  if (!isAllowed(client, stored, channel))
    throw new StandardError(
      "REDACT_FORBIDDEN",
      [name, msgid],
      "You are not authorized to delete this message",
    );
  const text = reason === "" ? [] : [cutToBytes(reason, KICK_MAX_BYTES)];
  const message = client.outgoing("REDACT", [name, msgid, ...text], server.now(), {
    msgid: server.newId(),
  });
  try {
    archive.store.remove(buffer, msgid);
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    throw new StandardError(
      "INTERNAL_ERROR",
      [name, msgid],
      "The message could not be deleted; try again later",
    );
  }
  // Those who have seen the message and come back later hear of it from the history.
  archive.speech(client, buffer, message, { send: undefined, label: undefined });
  server.audit.attempt(deletionWords(message, stored));
  server.logger.info(`${client.nick} deleted a message in ${name}`);
  reply.send(message);
  const recipients = channel?.members.keys() ?? (peer === undefined ? [] : [peer]);
  for (const other of recipients)
    if (other !== client && other.has(CAP.messageRedaction)) other.deliver(message);
}

/** The log keeps the message, which is found there by its time. */
function deletionWords({ parts }: Outgoing, { source, time }: StoredMessage): string {
  const [name = "", , reason] = parts.params;
  const message = `the message ${parseSource(source).nick} sent at ${formatTime(time)}`;
  const why = reason === undefined ? "" : `: ${reason}`;
  return `${parseSource(parts.source).nick} deleted ${message} in ${name}${why}`;
}

/** Where the client may delete messages. */
function findPlace(cx: CommandContext, target: string): Conversation {
  const place = findConversation(cx, target);
  const isThere =
    place !== undefined &&
    (place.channel !== undefined ||
      place.peer !== undefined ||
      cx.server.archive.store.has(place.buffer));
  if (!isThere)
    throw new StandardError("INVALID_TARGET", [target], "You cannot delete messages there");
  return { ...place, name: place.peer?.nick ?? place.name };
}

/** One's own messages, and in a channel where one is an operator everyone's. */
function isAllowed(client: Client, stored: StoredMessage, channel: Channel | undefined): boolean {
  const isOwn =
    stored.account === undefined
      ? client.account === undefined &&
        stored.source === client.source &&
        stored.time >= client.nickSince
      : stored.account === client.account;
  if (isOwn || channel === undefined) return isOwn;
  return client.isOperator || channel.isAtLeast(client, RANK.operator);
}
