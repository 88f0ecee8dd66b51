// BATCH: messages of several lines. https://ircv3.net/specs/extensions/multiline
import { CAP } from "../../irc/caps.js";
import { ERR_NOSUCHNICK, ERR_UNKNOWNCOMMAND, RPL_AWAY } from "../../irc/numerics.js";
import { NO_TAGS, TAG, isClientOnlyTag, type Tags } from "../../irc/tags.js";
import { utf8Length } from "../../irc/utf8.js";
import { ROLES } from "../channel.js";
import type { Client, OpenBatch } from "../client.js";
import { Outgoing } from "../delivery.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError, StandardError, answerRefusal } from "../errors.js";
import { channelBuffer } from "../history/archive.js";
import { MULTILINE_MAX_BYTES, MULTILINE_MAX_LINES } from "../isupport.js";
import { MultilineDelivery, replyWhole, wholeMessage } from "../multiline.js";
import { isSameName } from "../nicks.js";
import { Reply } from "../reply.js";
import { requireVoice } from "./guards.js";

export const multilineCommands: CommandTable = {
  BATCH: { run: batch, minParams: 1 },
};

const TYPE = "draft/multiline";
/** batch: "Reference tag MUST contain only ASCII letters, numbers, and/or hyphen". */
const REFERENCE = /^[A-Za-z0-9-]{1,64}$/;
/**
 * What a line within a batch costs of what other lines cost: the batch is one message, whose size is bounded already. So
 * two hundred pasted lines are there at once, and whoever goes on so has five times the lines of others at most.
 */
const LINE_PRICE = 0.2;

function batch(cx: CommandContext): void {
  const { client, params } = cx;
  if (!client.has(CAP.multiline))
    throw new CommandError(ERR_UNKNOWNCOMMAND, "BATCH", "Unknown command");
  const [name = "", type = "", target = ""] = params;
  if (name.startsWith("+")) begin(cx, name.slice(1), type, target);
  else if (name.startsWith("-")) end(cx, name.slice(1));
  else throw invalid("Start a batch with + and end it with -");
}

function begin(cx: CommandContext, id: string, type: string, target: string): void {
  const { server, client, message, reply } = cx;
  const { openBatch: before } = client;
  const next: OpenBatch = {
    id,
    target,
    tags: onlyClientTags(message.tags),
    label: reply.label,
    lines: [],
    auditRun: server.audit.run,
    command: undefined,
    bytes: 0,
    // client-batch: of a batch that is refused "all past and future messages in this batch will be ignored".
    isRefused: true,
  };
  client.openBatch = next;
  if (before?.isRefused === false) {
    const error = invalid("A batch was already open; both were discarded");
    refuse(cx, before, error);
    throw error;
  }
  if (!REFERENCE.test(id))
    throw new StandardError(
      "INVALID_REFTAG",
      [id],
      "A batch name must have 1 to 64 letters, digits or hyphens",
    );
  if (type !== TYPE)
    throw new StandardError(
      "UNKNOWN_TYPE",
      [id, type],
      `The only batch type you can send is ${TYPE}`,
    );
  if (target === "") throw invalid("A batch needs a target");
  next.isRefused = false;
  // labeled-response: the label comes with the echo of the whole.
  reply.postpone();
}

function onlyClientTags(tags: Tags): Tags {
  return tags.size === 0 ? NO_TAGS : new Map([...tags].filter(([key]) => isClientOnlyTag(key)));
}

/** A line of the batch `id`. What is wrong with one is wrong with the batch, and said once. */
export function takeLine(cx: CommandContext, id: string): void {
  const { client } = cx;
  const { openBatch } = client;
  if (openBatch?.isRefused === true && openBatch.id === id) return;
  if (openBatch === undefined || openBatch.isRefused) {
    answerError(cx.reply, invalid("There is no open batch with this name"));
    return;
  }
  try {
    addLine(cx, openBatch, id);
    client.connection.costs(LINE_PRICE);
  } catch (error) {
    refuse(cx, openBatch, error);
  }
}

/** The answer to the whole, which has its label. What is still to come of it is ignored. */
function refuse({ server, client }: CommandContext, openBatch: OpenBatch, error: unknown): void {
  openBatch.isRefused = true;
  openBatch.lines.length = 0;
  const reply = new Reply(server, client, openBatch.label);
  answerError(reply, error);
  reply.finish();
}

function answerError(reply: Reply, error: unknown): void {
  if (!answerRefusal(reply, "BATCH", error)) throw error;
}

function addLine(cx: CommandContext, openBatch: OpenBatch, id: string): void {
  const { message, params } = cx;
  if (openBatch.id !== id) throw invalid("There is no open batch with this name");
  requireKnownLogging(cx, openBatch);
  const [target = "", text = ""] = params;
  if (!isSameName(target, openBatch.target))
    throw new StandardError(
      "MULTILINE_INVALID_TARGET",
      [openBatch.target, target],
      "All lines must have the same target as the batch",
    );
  openBatch.command ??= message.command;
  if (openBatch.command !== message.command || message.command === "TAGMSG")
    throw invalid("All lines must be PRIVMSG, or all must be NOTICE");
  const isContinued = message.tags.has(TAG.multilineConcat);
  if (isContinued && text === "") throw invalid("An empty line cannot continue the line before it");
  openBatch.bytes += utf8Length(text) + (isContinued || openBatch.lines.length === 0 ? 0 : 1);
  openBatch.lines.push({ text, isContinued });
  if (openBatch.bytes > MULTILINE_MAX_BYTES)
    throw tooMuch("MULTILINE_MAX_BYTES", MULTILINE_MAX_BYTES, "bytes");
  if (openBatch.lines.length > MULTILINE_MAX_LINES)
    throw tooMuch("MULTILINE_MAX_LINES", MULTILINE_MAX_LINES, "lines");
}

/** What was said before logging began stays unlogged, and is not said now. */
function requireKnownLogging({ server }: CommandContext, { auditRun }: OpenBatch): void {
  const { run } = server.audit;
  if (run !== undefined && run !== auditRun)
    throw invalid(
      "The host began to log everything while this message was on its way; it was not sent",
    );
}

function tooMuch(code: string, limit: number, what: string): StandardError {
  return new StandardError(code, [String(limit)], `A message can have at most ${limit} ${what}`);
}

function invalid(text: string): StandardError {
  return new StandardError("MULTILINE_INVALID", [], text);
}

function end(cx: CommandContext, id: string): void {
  const { server, client } = cx;
  const { openBatch } = client;
  client.openBatch = undefined;
  if (openBatch?.isRefused === true && openBatch.id === id) return;
  const mismatch = invalid("There is no open batch with this name");
  if (openBatch === undefined || openBatch.isRefused) throw mismatch;
  const reply = new Reply(server, client, openBatch.label);
  try {
    if (openBatch.id !== id) throw mismatch;
    requireKnownLogging(cx, openBatch);
    if (openBatch.lines.every(({ text }) => text === "")) throw invalid("The message is empty");
    say({ ...cx, reply }, openBatch);
  } catch (error) {
    // Where it goes, a NOTICE of several lines is as little answered as one of a single line.
    const isSilent = openBatch.command === "NOTICE" && error instanceof CommandError;
    if (!isSilent) answerError(reply, error);
  } finally {
    reply.finish();
  }
}

interface Recipients {
  /** As it is shown. */
  readonly target: string;
  readonly clients: readonly Client[];
  /** Where it is stored; nowhere when only some may read it. */
  readonly buffer: string | undefined;
  readonly away?: string | undefined;
}

function say(cx: CommandContext, openBatch: OpenBatch): void {
  const { server, client, reply } = cx;
  const { command = "PRIVMSG", tags, lines } = openBatch;
  const { target, clients, buffer, away } = findRecipients(cx, openBatch);
  const parts = client.outgoing(command, [], server.now(), {
    msgid: server.newId(),
    clientTags: tags,
  }).parts;
  if (!lines.every(({ text }) => new Outgoing({ ...parts, params: [target, text] }).fits))
    throw invalid("A line was too long with your name added");
  client.lastActive = server.now();
  const whole = wholeMessage(parts, command, target, lines);
  const echo = (message: Outgoing) => {
    if (client.has(CAP.echoMessage)) replyWhole(client, reply, message);
  };
  const delivery = new MultilineDelivery(whole, server.newId());
  const label = reply.echoLabel;
  if (buffer === undefined) {
    server.archive.aside(client, whole, delivery.messages, label);
  } else {
    const [send, earlier] = server.archive.findSend(client, tags);
    if (earlier !== undefined) {
      echo(earlier);
      return;
    }
    server.archive.speechOf(client, buffer, whole, delivery.messages, { send, label });
  }
  for (const recipient of clients) delivery.to(recipient);
  echo(whole);
  if (away !== undefined && command === "PRIVMSG") reply.numeric(RPL_AWAY, target, away);
}

function findRecipients({ server, client }: CommandContext, openBatch: OpenBatch): Recipients {
  const { target, lines } = openBatch;
  const prefixLength = target.search(/[^~&@%+]/);
  if (!target.startsWith("#", prefixLength)) {
    const peer = server.clients.find(target);
    if (peer === undefined) throw new CommandError(ERR_NOSUCHNICK, target, "No such nick/channel");
    const buffer = server.archive.conversationWith(client, peer.nick, peer);
    return { target: peer.nick, clients: [peer], buffer, away: peer.away };
  }
  const channel = server.channels.find(target.slice(prefixLength));
  if (channel?.isVisibleTo(client) !== true)
    throw new CommandError(ERR_NOSUCHNICK, target, "No such nick/channel");
  requireVoice(client, channel, lines[0]?.text);
  const prefix = target.charAt(prefixLength - 1);
  const least = ROLES.find((role) => role.prefix === prefix)?.rank ?? 0;
  const others = [...channel.members].filter(
    ([member, ranks]) => member !== client && ranks >= least,
  );
  return {
    target: least > 0 ? prefix + channel.name : channel.name,
    clients: others.map(([member]) => member),
    buffer: least > 0 ? undefined : channelBuffer(channel),
  };
}
