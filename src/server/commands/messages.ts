// PRIVMSG, NOTICE and TAGMSG.
import { CAP } from "../../irc/caps.js";
import {
  ERR_INPUTTOOLONG,
  ERR_NORECIPIENT,
  ERR_NOSUCHNICK,
  ERR_NOTEXTTOSEND,
  ERR_TOOMANYTARGETS,
  RPL_AWAY,
} from "../../irc/numerics.js";
import { NO_TAGS, TAG, isClientOnlyTag, type Tags } from "../../irc/tags.js";
import { ROLES } from "../channel.js";
import type { Client } from "../client.js";
import type { Outgoing } from "../delivery.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError } from "../errors.js";
import { channelBuffer } from "../history/archive.js";
import { MULTILINE } from "../history/store.js";
import { replyWhole } from "../multiline.js";
import { MAX_TARGETS } from "../isupport.js";
import { areOfTheMoment } from "../tags-of-the-moment.js";
import { requireVoice } from "./guards.js";
import { takeLine } from "./multiline.js";

export const messageCommands: CommandTable = {
  PRIVMSG: { run: say },
  NOTICE: { run: say },
  TAGMSG: { run: say },
};

/** The first character that is not the prefix of a role, as in `@#room`. */
const NOT_A_PREFIX = /[^~&@%+]/;

function say(cx: CommandContext): void {
  const { message, client, server, params, reply } = cx;
  const { command } = message;
  const batchId = client.has(CAP.multiline) ? message.tags.get(TAG.batch) : undefined;
  if (batchId !== undefined) {
    takeLine(cx, batchId);
    return;
  }
  const isTagMessage = command === "TAGMSG";
  const tags = clientTags(message.tags);
  // NOTICE is never answered, so that two programs cannot talk each other to death.
  const isSilent = command === "NOTICE";
  const [targets, text] = params;
  try {
    if (targets === undefined || targets === "")
      throw new CommandError(ERR_NORECIPIENT, `No recipient given (${command})`);
    if (!isTagMessage && (text === undefined || text === ""))
      throw new CommandError(ERR_NOTEXTTOSEND, "No text to send");
    if (isTagMessage && tags.size === 0) return;
    client.lastActive = server.now();
    const names = targets.includes(",") ? differentNames(targets) : [targets];
    if (names.length > MAX_TARGETS)
      throw new CommandError(
        ERR_TOOMANYTARGETS,
        names[MAX_TARGETS] ?? "*",
        `Too many targets: at most ${MAX_TARGETS} are allowed; nothing was sent`,
      );
    for (const name of names) sayTo(cx, name, isTagMessage ? undefined : text, tags, isSilent);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (!isSilent) reply.numeric(error.numeric, ...error.params);
  }
}

function differentNames(list: string): string[] {
  return [...new Set(list.split(",").filter((name) => name !== ""))];
}

function clientTags(tags: Tags): Tags {
  if (tags.size === 0) return NO_TAGS;
  return new Map([...tags].filter(([key]) => isClientOnlyTag(key)));
}

function sayTo(
  cx: CommandContext,
  name: string,
  text: string | undefined,
  tags: Tags,
  isSilent: boolean,
): void {
  try {
    const prefixLength = name.search(NOT_A_PREFIX);
    if (name.startsWith("#", prefixLength)) sayToChannel(cx, name, prefixLength, text, tags);
    else sayToClient(cx, name, text, tags);
  } catch (error) {
    if (error instanceof CommandError && !isSilent)
      cx.reply.numeric(error.numeric, ...error.params);
    else if (!(error instanceof CommandError)) throw error;
  }
}

function sayToChannel(
  cx: CommandContext,
  target: string,
  prefixLength: number,
  text: string | undefined,
  tags: Tags,
): void {
  const { server, client } = cx;
  const channel = server.channels.find(target.slice(prefixLength));
  if (channel?.isVisibleTo(client) !== true)
    throw new CommandError(ERR_NOSUCHNICK, target, "No such nick/channel");
  requireVoice(client, channel, text);
  const prefix = target.charAt(prefixLength - 1);
  const least = ROLES.find((role) => role.prefix === prefix)?.rank ?? 0;
  const shownTarget = prefixLength > 0 ? prefix + channel.name : channel.name;
  const message = outgoing(cx, shownTarget, text, tags);
  // What only some may read is not in the history all can read.
  if (least > 0) {
    if (text !== undefined || !areOfTheMoment(tags))
      server.archive.aside(client, message, [], cx.reply.echoLabel);
    for (const [member, ranks] of channel.members)
      if (member !== client && ranks >= least) deliver(member, message, text);
    echo(cx, message);
    return;
  }
  if (!record(cx, channelBuffer(channel), message, tags)) return;
  if (text === undefined) {
    for (const member of channel.members.keys())
      if (member !== client) deliver(member, message, text);
  } else {
    channel.broadcast(message, client);
  }
  echo(cx, message);
}

function sayToClient(cx: CommandContext, name: string, text: string | undefined, tags: Tags): void {
  const { server, client, reply } = cx;
  const target = server.clients.find(name);
  if (target === undefined) throw new CommandError(ERR_NOSUCHNICK, name, "No such nick/channel");
  const message = outgoing(cx, target.nick, text, tags);
  if (!record(cx, server.archive.conversationWith(client, target.nick, target), message, tags))
    return;
  if (text !== undefined || target.has(CAP.messageTags)) target.send(message);
  echo(cx, message);
  if (target.away !== undefined && cx.message.command === "PRIVMSG")
    reply.numeric(RPL_AWAY, target.nick, target.away);
}

function outgoing(
  { server, client, message }: CommandContext,
  target: string,
  text: string | undefined,
  tags: Tags,
): Outgoing {
  const line = client.outgoing(
    message.command,
    text === undefined ? [target] : [target, text],
    server.now(),
    { msgid: server.newId(), clientTags: tags },
  );
  // Cut to fit, part of what someone wrote would be lost without a word.
  if (!line.fits)
    throw new CommandError(ERR_INPUTTOOLONG, "Input line was too long with your name added");
  return line;
}

/** Stores the message; false when it was sent before, and its sender has been told again. */
function record(cx: CommandContext, buffer: string, message: Outgoing, tags: Tags): boolean {
  const { server, client } = cx;
  if (message.parts.command === "TAGMSG" && areOfTheMoment(tags)) return true;
  const [send, earlier] = server.archive.findSend(client, tags);
  if (earlier !== undefined) {
    echo(cx, earlier);
    return false;
  }
  server.archive.speech(client, buffer, message, { send, label: cx.reply.echoLabel });
  return true;
}

/** A TAGMSG has nothing for those who do not read tags. */
function deliver(client: Client, message: Outgoing, text: string | undefined): void {
  if (text !== undefined || client.has(CAP.messageTags)) client.deliver(message);
}

function echo({ client, reply, message: { command } }: CommandContext, message: Outgoing): void {
  if (!client.has(CAP.echoMessage)) return;
  if (command === "TAGMSG" && !client.has(CAP.messageTags)) return;
  // What was sent before under the same id may have been longer.
  if (message.parts.command === MULTILINE) replyWhole(client, reply, message);
  else reply.send(message);
}
