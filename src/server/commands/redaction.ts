// REDACT. https://ircv3.net/specs/extensions/message-redaction
import { CAP } from "../../irc/caps.js";
import { ERR_UNKNOWNCOMMAND } from "../../irc/numerics.js";
import { cutToBytes } from "../../irc/utf8.js";
import { RANK, type Channel } from "../channel.js";
import type { Client } from "../client.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError, StandardError } from "../errors.js";
import { channelBuffer } from "../history/archive.js";
import { HistoryError, MULTILINE, type StoredMessage } from "../history/store.js";
import { KICK_MAX_BYTES } from "../isupport.js";

export const redactionCommands: CommandTable = {
  REDACT: { run: redact, minParams: 2 },
};

/** "<msgid> MUST be a PRIVMSG, NOTICE, or TAGMSG": what happened, such as a KICK, stays on the record. */
const REDACTABLE: ReadonlySet<string> = new Set(["PRIVMSG", "NOTICE", "TAGMSG", MULTILINE]);

interface Place {
  /** As it is shown. */
  readonly name: string;
  readonly buffer: string;
  readonly channel: Channel | undefined;
  readonly recipients: Iterable<Client>;
}

function redact(cx: CommandContext): void {
  const { server, client, params, reply } = cx;
  if (!client.has(CAP.messageRedaction))
    throw new CommandError(ERR_UNKNOWNCOMMAND, "REDACT", "Unknown command");
  const [target = "", msgid = "", reason = ""] = params;
  const { name, buffer, channel, recipients } = findPlace(cx, target);
  const { archive } = server;
  const stored = archive.store.get(buffer, msgid);
  if (stored === undefined || !REDACTABLE.has(stored.command))
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
  server.logger.info(`${client.nick} deleted a message in ${name}`);
  reply.send(message);
  for (const other of recipients)
    if (other !== client && other.has(CAP.messageRedaction)) other.deliver(message);
}

function findPlace({ server, client }: CommandContext, target: string): Place {
  const refuse = () =>
    new StandardError("INVALID_TARGET", [target], "You cannot delete messages there");
  if (target.startsWith("#")) {
    const channel = server.channels.find(target);
    if (channel?.has(client) !== true) throw refuse();
    const buffer = channelBuffer(channel);
    return { name: channel.name, buffer, channel, recipients: channel.members.keys() };
  }
  const peer = server.clients.find(target);
  const buffer = server.archive.conversationWith(client, target, peer);
  if (peer === undefined && !server.archive.store.has(buffer)) throw refuse();
  return {
    name: peer?.nick ?? target,
    buffer,
    channel: undefined,
    recipients: peer === undefined ? [] : [peer],
  };
}

/** One's own messages, and in a channel where one is an operator everyone's. */
function isAllowed(client: Client, stored: StoredMessage, channel: Channel | undefined): boolean {
  const isOwn =
    stored.account === undefined
      ? client.account === undefined && stored.source === client.source
      : stored.account === client.account;
  if (isOwn || channel === undefined) return isOwn;
  return client.isOperator || channel.isAtLeast(client, RANK.operator);
}
