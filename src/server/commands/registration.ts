// From connection to client, and its end.
import {
  ERR_ALREADYREGISTERED,
  ERR_ERRONEUSNICKNAME,
  ERR_NEEDMOREPARAMS,
  ERR_NONICKNAMEGIVEN,
  ERR_NOORIGIN,
  ERR_PASSWDMISMATCH,
  ERR_SASLABORTED,
} from "../../irc/numerics.js";
import { USER_MAX_BYTES, nickProblem, normalizeNick } from "../../irc/names.js";
import { cutToBytes } from "../../irc/utf8.js";
import type { Client } from "../client.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError } from "../errors.js";
import { explainNick } from "../explain.js";
import { REALNAME_MAX_BYTES } from "../isupport.js";
import { kept } from "../kept.js";
import { quitReason } from "../leaving.js";
import { secretsEqual } from "../secrets.js";
import { catchUp, welcome } from "../welcome.js";
import { hasRival, requireNick, withNick } from "./nick-rights.js";
import { resume, takeOver } from "./resume.js";

export const registrationCommands: CommandTable = {
  PASS: { run: pass, minParams: 1, beforeRegistration: true },
  NICK: { run: nick, beforeRegistration: true },
  USER: { run: user, minParams: 4, beforeRegistration: true },
  PING: { run: ping, beforeRegistration: true },
  PONG: { run: () => undefined, beforeRegistration: true },
  QUIT: { run: quit, beforeRegistration: true },
};

const MAX_QUIT_BYTES = 300;

function requireUnregistered(client: Client): void {
  if (client.isRegistered || client.isWaiting)
    throw new CommandError(ERR_ALREADYREGISTERED, "You may not reregister");
}

function pass({ client, params }: CommandContext): void {
  requireUnregistered(client);
  client.registration.password = params[0];
}

function nick(cx: CommandContext): void | Promise<void> {
  const { client, params } = cx;
  const wanted = normalizeNick(params[0] ?? "");
  if (wanted === "") throw new CommandError(ERR_NONICKNAMEGIVEN, "No nickname given");
  const problem = nickProblem(wanted);
  if (problem !== undefined)
    throw new CommandError(ERR_ERRONEUSNICKNAME, wanted, explainNick(problem));
  const isComplete = client.isRegistered || client.isWaiting;
  if (isComplete && wanted === client.nick) return;
  if (isComplete)
    return withNick(cx, wanted, () => {
      takeNick(cx, wanted);
    });
  client.registration.refusedNick = wanted;
  // A client that still negotiates may yet log in, and then the nick is its own.
  if (!client.registration.isNegotiating && !hasRival(cx, wanted)) requireNick(cx, wanted);
  client.registration.nick = wanted;
  return tryRegister(cx);
}

function takeNick(cx: CommandContext, wanted: string): void {
  const { server, client, reply } = cx;
  if (client.isWaiting) {
    server.approval.rename(cx, wanted);
    return;
  }
  // Whoever chooses a name says something; who comes needs one.
  server.archive.requireLog();
  const before = server.people.absentOf(client);
  if (before !== undefined && before === server.clients.findAlike(wanted)) takeOver(cx, before);
  else server.people.makeRoom(client, wanted);
  reply.send(server.people.rename(client, wanted));
  server.people.keepNick(client);
}

function user(cx: CommandContext): void | Promise<void> {
  const { client, params } = cx;
  requireUnregistered(client);
  const realname = params[3] ?? "";
  if (realname === "") throw new CommandError(ERR_NEEDMOREPARAMS, "USER", "Not enough parameters");
  // "~" says, as everywhere, that no one has checked this name.
  const name = (params[0] ?? "").replace(/[^A-Za-z0-9_.-]/g, "");
  client.user = kept(`~${cutToBytes(name === "" ? "user" : name, USER_MAX_BYTES - 1)}`);
  client.realname = kept(cutToBytes(realname, REALNAME_MAX_BYTES));
  client.registration.hasUser = true;
  return tryRegister(cx);
}

/** Makes the connection a client, once all it needs has been said. */
export function tryRegister(cx: CommandContext): void | Promise<void> {
  const { server, client, reply } = cx;
  const { registration } = client;
  if (client.isRegistered || client.isWaiting || registration.isNegotiating) return;
  if (registration.nick === undefined || !registration.hasUser) return;
  if (server.config.password === undefined) return registerAs(cx, registration.nick);
  const wanted = registration.nick;
  return hasServerPassword(cx).then((isRight) => {
    // Meanwhile the connection may have ended.
    if (!client.connection.isOpen) return undefined;
    if (isRight) return registerAs(cx, wanted);
    reply.numeric(ERR_PASSWDMISMATCH, "Password incorrect");
    client.connection.close("Password incorrect");
    server.logger.info(`${client.address} was refused: wrong or missing password`);
    return undefined;
  });
}

function registerAs(cx: CommandContext, wanted: string): void | Promise<void> {
  // Where it cannot be had, another NICK goes on from here.
  cx.client.registration.nick = undefined;
  return withNick(cx, wanted, () => {
    register(cx, wanted);
  });
}

function register(cx: CommandContext, wanted: string): void {
  const { server, client } = cx;
  const { registration } = client;
  registration.nick = wanted;
  abortLogin(cx);
  registration.password = undefined;
  if (server.approval.isNeeded(client)) server.approval.wait(cx, wanted);
  else enter(cx, wanted, "welcome");
}

/** The client is here. `burst`: whether it has yet to be welcomed. */
export function enter(cx: CommandContext, wanted: string, burst: "welcome" | "welcomed"): void {
  const { server, client } = cx;
  const before = server.people.absentOf(client);
  server.people.keepAccount(client);
  server.people.makeRoom(client, wanted);
  if (before !== undefined && before.nick !== wanted) server.people.rename(before, wanted);
  server.people.register(client, wanted);
  server.people.keepNick(client);
  if (burst === "welcome") welcome(cx);
  else catchUp(cx);
  if (before !== undefined) resume(cx, before);
}

/** sasl-3.1: "If the client completes registration with an authentication in progress, the server MUST send 906." */
function abortLogin({ client, reply }: CommandContext): void {
  if (client.login === undefined) return;
  client.login = undefined;
  reply.numeric(ERR_SASLABORTED, "SASL authentication aborted");
}

/** Whether the client is in, or gave the password that is needed to connect. */
export async function hasServerPassword({ server, client }: CommandContext): Promise<boolean> {
  const given = client.registration.password;
  if (client.isRegistered || server.config.password === undefined) return true;
  if (given === undefined) return false;
  const isRight = await server.guesses.attempt(client, "server", () => {
    const { password } = server.config;
    return password === undefined || secretsEqual(given, password) ? true : undefined;
  });
  return isRight === true;
}

function ping({ server, params, reply }: CommandContext): void {
  const token = params[0];
  if (token === undefined) throw new CommandError(ERR_NOORIGIN, "No origin specified");
  reply.message("PONG", [server.name, token]);
}

function quit({ client, params, reply }: CommandContext): void {
  const text = cutToBytes(params[0] ?? "", MAX_QUIT_BYTES);
  // The answer goes out before the connection is closed.
  reply.finish();
  client.connection.close(quitReason(text));
}
