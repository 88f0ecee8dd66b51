// From connection to client, and its end.
import {
  ERR_ALREADYREGISTERED,
  ERR_ERRONEUSNICKNAME,
  ERR_NEEDMOREPARAMS,
  ERR_NICKNAMEINUSE,
  ERR_NONICKNAMEGIVEN,
  ERR_NOORIGIN,
  ERR_PASSWDMISMATCH,
} from "../../irc/numerics.js";
import { NICK_MAX_BYTES, USER_MAX_BYTES, nickProblem, type NameProblem } from "../../irc/names.js";
import { cutToBytes } from "../../irc/utf8.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError } from "../errors.js";
import { REALNAME_MAX_BYTES } from "../isupport.js";
import { secretsEqual } from "../secrets.js";
import { welcome } from "../welcome.js";

export const registrationCommands: CommandTable = {
  PASS: { run: pass, minParams: 1, beforeRegistration: true },
  NICK: { run: nick, beforeRegistration: true },
  USER: { run: user, minParams: 4, beforeRegistration: true },
  PING: { run: ping, beforeRegistration: true },
  PONG: { run: () => undefined, beforeRegistration: true },
  QUIT: { run: quit, beforeRegistration: true },
};

const MAX_QUIT_BYTES = 300;

function pass({ client, params }: CommandContext): void {
  if (client.isRegistered) throw new CommandError(ERR_ALREADYREGISTERED, "You may not reregister");
  client.registration.password = params[0];
}

function nick(cx: CommandContext): void {
  const { server, client, params } = cx;
  const wanted = params[0] ?? "";
  if (wanted === "") throw new CommandError(ERR_NONICKNAMEGIVEN, "No nickname given");
  const problem = nickProblem(wanted);
  if (problem !== undefined)
    throw new CommandError(ERR_ERRONEUSNICKNAME, wanted, explainNick(problem));
  const holder = server.findClient(wanted);
  if (holder !== undefined && holder !== client) throw inUse(wanted);
  if (client.isRegistered) {
    rename(cx, wanted);
    return;
  }
  client.registration.nick = wanted;
  tryRegister(cx);
}

function rename({ server, client, reply }: CommandContext, wanted: string): void {
  if (wanted === client.nick) return;
  const message = client.outgoing("NICK", [wanted], server.now(), { msgid: server.newId() });
  for (const channel of client.channels) server.archive.event(channel, message);
  server.rename(client, wanted);
  reply.send(message);
  for (const peer of server.peersOf(client)) peer.deliver(message);
}

function user(cx: CommandContext): void {
  const { client, params } = cx;
  if (client.isRegistered) throw new CommandError(ERR_ALREADYREGISTERED, "You may not reregister");
  const realname = params[3] ?? "";
  if (realname === "") throw new CommandError(ERR_NEEDMOREPARAMS, "USER", "Not enough parameters");
  // "~" says, as everywhere, that nobody has checked this name.
  const name = (params[0] ?? "").replace(/[^A-Za-z0-9_.-]/g, "");
  client.user = `~${cutToBytes(name === "" ? "user" : name, USER_MAX_BYTES - 1)}`;
  client.realname = cutToBytes(realname, REALNAME_MAX_BYTES);
  client.registration.hasUser = true;
  tryRegister(cx);
}

/** Makes the connection a client, once all it needs has been said. */
export function tryRegister(cx: CommandContext): void {
  const { server, client, reply } = cx;
  const { registration } = client;
  if (client.isRegistered || registration.isNegotiating) return;
  if (registration.nick === undefined || !registration.hasUser) return;
  if (!isPasswordRight(server.config.password, registration.password)) {
    reply.numeric(ERR_PASSWDMISMATCH, "Password incorrect");
    client.connection.close("Password incorrect");
    server.logger.info(`${client.address} was refused: wrong or missing password`);
    return;
  }
  const wanted = registration.nick;
  if (server.findClient(wanted) !== undefined) {
    // Somebody else was faster; another NICK goes on from here.
    registration.nick = undefined;
    throw inUse(wanted);
  }
  server.register(client, wanted);
  registration.password = undefined;
  welcome(cx);
}

function isPasswordRight(wanted: string | undefined, given: string | undefined): boolean {
  return wanted === undefined || secretsEqual(given ?? "", wanted);
}

function inUse(nickname: string): CommandError {
  return new CommandError(ERR_NICKNAMEINUSE, nickname, "Nickname is already in use");
}

function explainNick(problem: NameProblem): string {
  switch (problem) {
    case "empty":
      return "Erroneous nickname: it is empty";
    case "too-long":
      return `Erroneous nickname: it is longer than ${NICK_MAX_BYTES} bytes`;
    case "bad-start":
      return "Erroneous nickname: it must begin with a letter";
    case "bad-character":
      return "Erroneous nickname: letters, digits and - _ [ ] \\ ` ^ { } | are allowed";
    case "reserved":
      return "Erroneous nickname: this name is reserved";
  }
}

function ping({ server, params, reply }: CommandContext): void {
  const token = params[0];
  if (token === undefined) throw new CommandError(ERR_NOORIGIN, "No origin specified");
  reply.message("PONG", [server.name, token]);
}

function quit({ client, params, reply }: CommandContext): void {
  const reason = cutToBytes(params[0] ?? "", MAX_QUIT_BYTES);
  // The answer goes out before the connection is closed.
  reply.finish();
  client.connection.close(reason === "" ? "Quit" : `Quit: ${reason}`);
}
