// What operators can do.
import { CAP } from "../../irc/caps.js";
import {
  ERR_NEEDMOREPARAMS,
  ERR_NOSUCHNICK,
  ERR_PASSWDMISMATCH,
  ERR_UNKNOWNERROR,
  RPL_REHASHING,
  RPL_YOUREOPER,
} from "../../irc/numerics.js";
import { NICKNAME_RELEASED } from "../../irc/standard-replies.js";
import { cutToBytes } from "../../irc/utf8.js";
import { RANK } from "../channel.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError, ConfigError, StandardError, errorText } from "../errors.js";
import { KICK_MAX_BYTES } from "../isupport.js";
import { shown } from "../reply.js";
import { secretsEqual } from "../secrets.js";
import { roleMessage } from "./channels.js";

export const operatorCommands: CommandTable = {
  OPER: { run: oper, minParams: 2 },
  KILL: { run: kill, minParams: 1, operator: true },
  RELEASE: { run: release, minParams: 1, operator: true },
  REHASH: { run: rehash, operator: true },
  WALLOPS: { run: wallops, minParams: 1, operator: true },
};

async function oper(cx: CommandContext): Promise<void> {
  await requireOperator(cx);
  becomeOperator(cx);
}

/** The sender has given an operator's name and password, and its connection has not ended meanwhile. */
export async function requireOperator({ server, client, params }: CommandContext): Promise<void> {
  const [name = "", password = ""] = params;
  const isRight = await server.guesses.attempt(client, `operator ${name}`, () => {
    // Each is compared, so that the time does not tell which names there are.
    const found = server.config.opers.filter((entry) => {
      const isName = secretsEqual(name, entry.name);
      return secretsEqual(password, entry.password) && isName;
    });
    return found.length > 0 ? true : undefined;
  });
  if (isRight === true && client.connection.isOpen) return;
  if (isRight !== true && client.connection.isOpen)
    server.logger.warn(`${client.nick} (${client.address}) failed to become an operator`);
  throw new CommandError(ERR_PASSWDMISMATCH, "Password incorrect");
}

export function becomeOperator(cx: CommandContext): void {
  const { server, client, params, reply } = cx;
  server.approval.addOperator(client);
  [client.operatorName] = params;
  server.people.setMode(client, "o", true);
  server.logger.info(`${client.nick} (${client.address}) is now an operator`);
  reply.numeric(RPL_YOUREOPER, "You are now an IRC operator");
  reply.message("MODE", [client.nick, "+o"]);
  if (client.isHost) showBadge(cx);
}

/** The host has the highest role in every channel: everyone sees it, and no one else can take it. */
function showBadge({ server, client, reply }: CommandContext): void {
  for (const channel of client.channels) {
    if (channel.isAtLeast(client, RANK.owner)) continue;
    channel.setRole(client, RANK.owner, true);
    const message = roleMessage(server.name, channel, client, RANK.owner, server.now());
    reply.send(message);
    channel.broadcast(message, client);
  }
}

function kill({ server, client, params }: CommandContext): void {
  const [nick = "", reason = ""] = params;
  const target = server.clients.find(nick);
  if (target === undefined) throw new CommandError(ERR_NOSUCHNICK, nick, "No such nick/channel");
  const text = reason === "" ? "No reason given" : cutToBytes(reason, KICK_MAX_BYTES);
  server.logger.info(`${client.nick} disconnected ${target.nick}: ${text}`);
  server.disconnect(target.id, text, client.source);
}

/**
 * Takes a nick from the account that owns it: someone who lost their key can have it again, with a new one. The account stays, with
 * all that was said to it, so that the next owner of the nick reads nothing of it.
 */
function release({ server, client, params, reply }: CommandContext): void {
  const nick = shown(params[0] ?? "");
  const { nicks } = server.accounts;
  const owner = nicks.ownerOf(nick);
  if (owner === undefined)
    throw new StandardError("NICKNAME_NOT_OWNED", [nick], "This nick is not registered");
  if (server.clients.find(nick) !== undefined)
    throw new StandardError(
      "NICKNAME_IN_USE",
      [nick],
      "The owner is connected; disconnect them first (KILL)",
    );
  try {
    nicks.release(nick);
  } catch (error) {
    server.logger.error(`could not release the nick ${nick}: ${errorText(error)}`);
    throw new StandardError(
      "TEMPORARILY_UNAVAILABLE",
      [nick],
      "The nick could not be released; try again later",
    );
  }
  server.logger.info(`${client.nick} released the nick ${nick} of the account ${owner}`);
  const text = "The nick is free; the next person to take it will own it";
  if (client.has(CAP.standardReplies)) reply.note("RELEASE", NICKNAME_RELEASED, nick, text);
  else reply.message("NOTICE", [client.nick, `${nick}: ${text}`]);
}

async function rehash({ server, client, reply }: CommandContext): Promise<void> {
  const { name } = server;
  reply.numeric(RPL_REHASHING, name, "Rehashing");
  try {
    await server.rehash();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(ERR_UNKNOWNERROR, "REHASH", error.message);
  }
  reply.message("NOTICE", [
    client.nick,
    "The configuration was reloaded. Changes to addresses, data, names and the log need a restart.",
  ]);
}

function wallops({ server, client, params }: CommandContext): void {
  const [text = ""] = params;
  if (text === "") throw new CommandError(ERR_NEEDMOREPARAMS, "WALLOPS", "Not enough parameters");
  const message = client.outgoing("WALLOPS", [text], server.now());
  server.archive.log(message);
  for (const other of server.clients.values())
    if (other.modes.has("w") || other.isOperator) other.deliver(message);
}
