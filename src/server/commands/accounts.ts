// Logging in and making an account. https://ircv3.net/specs/extensions/sasl-3.2
// https://ircv3.net/specs/extensions/account-registration
import { CAP } from "../../irc/caps.js";
import { fold } from "../../irc/casemapping.js";
import {
  ERR_SASLABORTED,
  ERR_SASLFAIL,
  ERR_SASLTOOLONG,
  RPL_LOGGEDIN,
  RPL_SASLMECHS,
  RPL_SASLSUCCESS,
} from "../../irc/numerics.js";
import { utf8Length } from "../../irc/utf8.js";
import { makeKeys } from "../accounts/keys.js";
import { MECHANISMS, type Step } from "../accounts/mechanisms.js";
import type { NewAccount } from "../accounts/accounts.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { StandardError, errorText } from "../errors.js";
import type { Client } from "../client.js";
import type { Server } from "../server.js";
import { hasServerPassword } from "./registration.js";
import { isSameName } from "../nicks.js";

/** A REGISTER line may be so long that every password can be set that fits two chunks of SASL. */
const MAX_REGISTER_BYTES = 1024;

export const accountCommands: CommandTable = {
  AUTHENTICATE: { run: authenticate, minParams: 1, beforeRegistration: true },
  REGISTER: {
    run: register,
    minParams: 3,
    beforeRegistration: true,
    maxBytes: MAX_REGISTER_BYTES,
  },
  VERIFY: { run: verify, minParams: 2, beforeRegistration: true },
};

/** "The response is encoded in Base64, then split to 400-byte chunks." */
const CHUNK_BYTES = 400;
const MAX_CHUNKS = 3;
const MAX_FAILURES = 5;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MIN_PASSWORD_BYTES = 3;
const MAX_PASSWORD_BYTES = 600;
const MAX_EMAIL_BYTES = 254;

function authenticate(cx: CommandContext): void | Promise<void> {
  const { client, params, reply } = cx;
  const [text = ""] = params;
  if (!client.has(CAP.sasl)) {
    reply.numeric(ERR_SASLFAIL, "SASL authentication failed: request the sasl capability first");
  } else if (text === "*") {
    client.login = undefined;
    reply.numeric(ERR_SASLABORTED, "SASL authentication aborted");
  } else if (utf8Length(text) > CHUNK_BYTES) {
    client.login = undefined;
    reply.numeric(ERR_SASLTOOLONG, "SASL message too long");
  } else if (client.login === undefined) {
    begin(cx, text.toUpperCase());
  } else {
    return takeChunk(cx, text);
  }
}

function begin(cx: CommandContext, name: string): void {
  const { server, client, reply } = cx;
  const make = MECHANISMS.get(name);
  if (make === undefined || !mechanismsFor(cx).includes(name)) {
    reply.numeric(RPL_SASLMECHS, mechanismsFor(cx).join(","), "are available SASL mechanisms");
    reply.numeric(ERR_SASLFAIL, "SASL authentication failed: this mechanism is not available");
    return;
  }
  const mechanism = make({
    accounts: server.accounts,
    fingerprint: client.connection.info.certificateFingerprint,
    claim: (wanted) => claim(cx, wanted),
    guess: (account, check) =>
      server.guesses.attempt(client, `account ${fold(account, "ascii")}`, check),
  });
  client.login = { mechanism, received: "" };
  reply.message("AUTHENTICATE", ["+"]);
}

/** What this client can use: a certificate is known on its own connection alone. */
function mechanismsFor({ client }: CommandContext): string[] {
  const hasCertificate = client.connection.info.certificateFingerprint !== undefined;
  return [...MECHANISMS.keys()].filter((name) => name !== "EXTERNAL" || hasCertificate);
}

async function takeChunk(cx: CommandContext, text: string): Promise<void> {
  const { client } = cx;
  const { login } = client;
  if (login === undefined) return;
  if (text !== "+") login.received += text;
  if (login.received.length > MAX_CHUNKS * CHUNK_BYTES) {
    fails(cx, "the response is too long");
    return;
  }
  // A full chunk is followed by another, if only an empty one.
  if (text.length === CHUNK_BYTES) return;
  const response = login.received;
  login.received = "";
  if (!BASE64.test(response)) {
    fails(cx, "the response is not valid Base64");
    return;
  }
  const step = await login.mechanism.step(Buffer.from(response, "base64"));
  // Meanwhile the connection may have ended.
  if (client.login === login && client.connection.isOpen) follow(cx, step);
  else if (step.kind === "success") cx.server.people.discardUnused(step.account);
}

function follow(cx: CommandContext, step: Step): void {
  const { client, reply } = cx;
  switch (step.kind) {
    case "challenge":
      reply.message("AUTHENTICATE", [Buffer.from(step.data).toString("base64")]);
      break;
    case "success":
      client.login = undefined;
      logIn(cx, step.account);
      reply.numeric(RPL_SASLSUCCESS, "SASL authentication successful");
      break;
    case "failure":
      fails(cx, "wrong name, password or certificate");
  }
}

function fails({ server, client, reply }: CommandContext, why: string): void {
  client.login = undefined;
  client.failedLogins++;
  server.logger.info(`${client.address} failed to log in`);
  reply.numeric(ERR_SASLFAIL, `SASL authentication failed: ${why}`);
  if (client.failedLogins < MAX_FAILURES) return;
  reply.finish();
  client.connection.close("Too many failed logins");
}

function logIn(cx: CommandContext, account: string): void {
  const { server, client, reply } = cx;
  server.people.logIn(client, account);
  reply.numeric(RPL_LOGGEDIN, client.source, account, `You are now logged in as ${account}`);
  if (client.isRegistered) server.approval.refuseBanned(cx);
}

async function register(cx: CommandContext): Promise<void> {
  const { client, params, reply } = cx;
  const [wanted = "*", givenEmail = "*", password = ""] = params;
  requireConnected(cx.server, client);
  await requireServerPassword(cx);
  const name = requireName(cx, wanted);
  const email = requireEmail(cx, name, givenEmail);
  requirePassword(name, password);
  // Before the work of a password, which nothing else bounds.
  requireAllowance(cx, name);
  const keys = await makeKeys(password);
  // Meanwhile someone else may have been faster, or this connection may have ended.
  if (!client.connection.isOpen) return;
  requireName(cx, wanted);
  if (!create(cx, { name, email, keys, fingerprint: fingerprintOf(cx) })) throw exists(name);
  const until = cx.server.accounts.isProvisional(name) ? ", and keep it once you are let in" : "";
  reply.message("REGISTER", ["SUCCESS", name, `Account created; you are now logged in${until}`]);
  logIn(cx, name);
}

function fingerprintOf({ client }: CommandContext): string | undefined {
  return client.connection.info.certificateFingerprint;
}

async function requireServerPassword(cx: CommandContext): Promise<void> {
  if (await hasServerPassword(cx)) return;
  throw new StandardError(
    "TEMPORARILY_UNAVAILABLE",
    ["*"],
    "Send the server's password first (PASS)",
  );
}

/** The name of the account that may be made: the nick of the one who asks. */
function requireName({ server, client }: CommandContext, wanted: string): string {
  const refuse = (code: string, name: string, text: string) =>
    new StandardError(code, [name], text);
  requireConnected(server, client);
  if (client.account !== undefined)
    throw refuse("ALREADY_AUTHENTICATED", client.account, "You already have an account");
  const nick = client.isRegistered ? client.nick : client.registration.nick;
  if (nick === undefined && client.registration.refusedNick !== undefined)
    throw exists(client.registration.refusedNick);
  if (nick === undefined) throw refuse("NEED_NICK", "*", "Choose a nick first");
  const name = wanted === "*" ? nick : wanted;
  if (!isSameName(name, nick))
    throw refuse("ACCOUNT_NAME_MUST_BE_NICK", name, `Your account name must be your nick, ${nick}`);
  const holder = server.clients.findAlike(name);
  const isOwned = server.accounts.has(name) || server.accounts.nicks.like(name) !== undefined;
  if (isOwned || (holder !== undefined && holder !== client)) throw exists(name);
  return name;
}

function requireConnected(server: Server, client: Client): void {
  if (!client.isRegistered && !server.config.registerBeforeConnect)
    throw new StandardError(
      "COMPLETE_CONNECTION_REQUIRED",
      ["*"],
      "You can register an account once you are connected",
    );
}

function exists(name: string): StandardError {
  return new StandardError(
    "ACCOUNT_EXISTS",
    [name],
    "This name, or one that looks like it, is already taken",
  );
}

function requireEmail({ server }: CommandContext, name: string, given: string): string | undefined {
  const isGiven = given !== "*" && given !== "";
  if (!isGiven && !server.config.registerRequiresEmail) return undefined;
  if (!/^[^\s@]+@[^\s@]+$/.test(given) || utf8Length(given) > MAX_EMAIL_BYTES)
    throw new StandardError(
      "INVALID_EMAIL",
      [name],
      isGiven ? "This is not an email address" : "This server requires an email address",
    );
  return given;
}

function requirePassword(name: string, password: string): void {
  const bytes = utf8Length(password);
  if (bytes < MIN_PASSWORD_BYTES)
    throw new StandardError(
      "WEAK_PASSWORD",
      [name],
      `The password is too short: use at least ${MIN_PASSWORD_BYTES} bytes`,
    );
  if (bytes > MAX_PASSWORD_BYTES)
    throw new StandardError(
      "UNACCEPTABLE_PASSWORD",
      [name],
      `The password is too long: use at most ${MAX_PASSWORD_BYTES} bytes`,
    );
}

/** The first to come by a nick owns it: a certificate without an account gets the one of its nick, if it is no one's. */
async function claim(cx: CommandContext, wanted: string): Promise<string | undefined> {
  const { server, client } = cx;
  if (!(await hasServerPassword(cx)) || !client.connection.isOpen) return undefined;
  const nick = client.isRegistered ? client.nick : client.registration.nick;
  if (nick === undefined || (wanted !== "" && !isSameName(wanted, nick))) return undefined;
  if (server.config.registerRequiresEmail) return undefined;
  const holder = server.clients.findAlike(nick);
  if (holder !== undefined && holder !== client) return undefined;
  if (server.accounts.nicks.like(nick) !== undefined) return undefined;
  const name = server.accounts.freeName(nick);
  if (wanted !== "" && name !== nick) return undefined;
  try {
    requireAllowance(cx, name);
    return create(cx, { name, fingerprint: fingerprintOf(cx) }) ? name : undefined;
  } catch (error) {
    // SASL has one answer to whatever is wrong.
    if (!(error instanceof StandardError)) throw error;
    return undefined;
  }
}

/** One more account may be made from the address, which is counted. */
function requireAllowance({ server, client }: CommandContext, name: string): void {
  if (!server.addresses.mayMakeAccount(client.address, server.ticks()))
    throw new StandardError(
      "TEMPORARILY_UNAVAILABLE",
      [name],
      "Too many accounts were created from your address; try again later",
    );
}

function create({ server, client }: CommandContext, account: NewAccount): boolean {
  try {
    const { accounts, config } = server;
    // Nothing stays of those who are never let in.
    const isMade =
      config.approve && !client.isRegistered
        ? accounts.createProvisional(account)
        : accounts.create(account);
    if (isMade) server.logger.info(`${client.address} created the account ${account.name}`);
    return isMade;
  } catch (error) {
    server.logger.error(`could not store the account ${account.name}: ${errorText(error)}`);
    throw new StandardError(
      "TEMPORARILY_UNAVAILABLE",
      [account.name],
      "The account could not be stored; try again later",
    );
  }
}

/** Accounts are complete when they are made: nothing waits for a code. */
function verify({ server, client, params }: CommandContext): void {
  requireConnected(server, client);
  if (client.account !== undefined)
    throw new StandardError(
      "ALREADY_AUTHENTICATED",
      [client.account],
      "You are logged in; there is nothing to verify",
    );
  throw new StandardError(
    "INVALID_CODE",
    [params[0] ?? "*"],
    "There is nothing to verify: accounts are ready as soon as they are registered",
  );
}
