// METADATA. https://ircv3.net/specs/extensions/metadata
import { CAP } from "../../irc/caps.js";
import {
  ERR_NEEDMOREPARAMS,
  RPL_KEYNOTSET,
  RPL_KEYVALUE,
  RPL_METADATASUBOK,
  RPL_METADATASUBS,
  RPL_METADATAUNSUBOK,
} from "../../irc/numerics.js";
import { RANK, type Channel } from "../channel.js";
import { nameInLog } from "../audit/audit-lines.js";
import type { Client } from "../client.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError, StandardError } from "../errors.js";
import { kept } from "../kept.js";
import { shown } from "../reply.js";
import {
  INVALID_KEY_TEXT,
  deliverMetadata,
  isMetadataKey,
  metadataProblem,
  sendMetadata,
  valueFor,
} from "../metadata.js";

export const metadataCommands: CommandTable = {
  METADATA: { run: metadata, minParams: 2, beforeRegistration: true },
};

/** So many of the longest fit a line of the server with the longest name. */
const KEYS_PER_LINE = 7;

/** Someone or something that has metadata. */
interface Target {
  readonly name: string;
  readonly values: Map<string, string>;
  readonly client?: Client;
  readonly channel?: Channel;
}

/** Whoever changes a value, by METADATA or otherwise. */
type Author = Pick<CommandContext, "server" | "client">;

type Subcommand = (cx: CommandContext, target: Target, params: readonly string[]) => void;

/** Those that are about keys, which follow. */
const KEYED: ReadonlySet<string> = new Set(["GET", "SET", "SUB", "UNSUB"]);

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  GET: get,
  LIST: list,
  SET: set,
  CLEAR: clear,
  SUB: subscribe,
  UNSUB: unsubscribe,
  SUBS: subscriptions,
  SYNC: sync,
};

function metadata(cx: CommandContext): void {
  const [name = "", subcommand = "", ...params] = cx.params;
  const wanted = subcommand.toUpperCase();
  const run = SUBCOMMANDS[wanted];
  if (run === undefined)
    throw new StandardError(
      "INVALID_PARAMS",
      [subcommand],
      `Invalid subcommand; valid ones are ${Object.keys(SUBCOMMANDS).join(", ")}`,
    );
  if (params.length === 0 && KEYED.has(wanted))
    throw new CommandError(ERR_NEEDMOREPARAMS, "METADATA", `Use METADATA * ${wanted} <key>`);
  run(cx, findTarget(cx, name), params);
}

function findTarget({ server, client }: Author, name: string): Target {
  const found = name === "*" ? client : client.isRegistered ? server.clients.find(name) : undefined;
  if (found !== undefined) return { name: found.nick, values: found.metadata, client: found };
  const channel = client.isRegistered ? server.channels.find(name) : undefined;
  if (channel?.isVisibleTo(client) === true) {
    // What a channel says of itself is for those who are in it, or need only join to be.
    if (
      !channel.has(client) &&
      !client.isOperator &&
      (channel.isClosed || channel.isBanned(client))
    )
      throw new StandardError(
        "KEY_NO_PERMISSION",
        [channel.name, "*"],
        "You are not in that channel",
      );
    return { name: channel.name, values: channel.metadata, channel };
  }
  throw new StandardError("INVALID_TARGET", [name], "Invalid target: no such nick or channel");
}

function get(cx: CommandContext, target: Target, keys: readonly string[]): void {
  const { server, client, reply } = cx;
  reply.batch("metadata", [target.name], () => {
    for (const key of keys) {
      if (!isMetadataKey(key)) {
        reply.fail("METADATA", "INVALID_KEY", shown(key), INVALID_KEY_TEXT);
        continue;
      }
      const value = target.values.get(key);
      if (value === undefined) reply.numeric(RPL_KEYNOTSET, target.name, key, "Key not set");
      else reply.numeric(RPL_KEYVALUE, target.name, key, "*", valueFor(server, client, value));
    }
  });
}

function list(cx: CommandContext, target: Target): void {
  const { server, client, reply } = cx;
  reply.batch("metadata", [target.name], () => {
    for (const [key, value] of target.values)
      reply.numeric(RPL_KEYVALUE, target.name, key, "*", valueFor(server, client, value));
  });
}

function set(cx: CommandContext, target: Target, params: readonly string[]): void {
  const { server, client, reply } = cx;
  const [key = "", value] = params;
  if (!isMetadataKey(key)) throw new StandardError("INVALID_KEY", [key], INVALID_KEY_TEXT);
  requireRight(cx, target, key);
  if (value === undefined || value === "") {
    if (!target.values.has(key))
      throw new StandardError("KEY_NOT_SET", [target.name, key], "Key not set");
    logChange(cx, target, key, undefined);
    reply.numeric(RPL_KEYNOTSET, target.name, key, "Key not set");
    change(cx, target, key, undefined);
    return;
  }
  const problem = server.tickets.isIn(value, client)
    ? "this address is for you alone; use FILEHOST to upload a picture"
    : metadataProblem(key, value);
  if (problem !== undefined)
    throw new StandardError("INVALID_VALUE", [key], `Invalid value: ${problem}`);
  requireSpace(cx, target, key);
  logChange(cx, target, key, value);
  reply.numeric(RPL_KEYVALUE, target.name, key, "*", value);
  change(cx, target, key, value);
}

function requireSpace({ server }: Author, target: Target, key: string): void {
  const most = server.config.limits.maxMetadataKeys;
  if (target.values.has(key) || target.values.size < most) return;
  throw new StandardError(
    "LIMIT_REACHED",
    [target.name],
    `Metadata limit reached: remove one of your ${most} keys first`,
  );
}

function clear(cx: CommandContext, target: Target): void {
  const { reply } = cx;
  requireRight(cx, target, "*");
  const keys = [...target.values.keys()];
  for (const key of keys) logChange(cx, target, key, undefined);
  reply.batch("metadata", [target.name], () => {
    for (const key of keys) reply.numeric(RPL_KEYNOTSET, target.name, key, "Key not set");
  });
  for (const key of keys) change(cx, target, key, undefined);
}

/** A registered client has come by a value in another way than by METADATA. It is told of it, too. @throws StandardError */
export function changeOwnMetadata(author: Author, key: string, value: string): void {
  const { server, client } = author;
  const target = findTarget(author, "*");
  requireSpace(author, target, key);
  logChange(author, target, key, value);
  change(author, target, key, value);
  if (client.has(CAP.metadata)) deliverMetadata(server, [client], client.nick, key, value);
}

/** Others can read what is set: where everything is logged, so is that, before it is done. @throws StandardError */
function logChange(
  { server, client }: Author,
  target: Target,
  key: string,
  value: string | undefined,
): void {
  if (target.values.get(key) === value) return;
  const what = target.channel === undefined ? key : `${key} of ${target.name}`;
  const who = nameInLog(client);
  if (value === undefined) server.audit.event(`${who} removed ${what}`);
  else server.archive.log(`${who} set ${what} to: ${value}`);
}

/** Sets a value, or takes it away: keeps that, and tells the others. */
function change(author: Author, target: Target, key: string, value: string | undefined): void {
  const before = target.values.get(key);
  if (value === undefined) target.values.delete(key);
  else target.values.set(kept(key), kept(value));
  keep(author, target, key);
  tell(author, target, key, value);
  if (key === "avatar" && before !== value) author.server.pictures.released(before);
}

/** What belongs to a channel or an account outlives a restart. */
function keep({ server, client }: Author, target: Target, key: string): void {
  if (target.channel !== undefined) server.memory.keep(target.channel);
  else if (client.account !== undefined && !server.accounts.isProvisional(client.account))
    server.memory.keepMetadata(client.account, key, target.values.get(key));
}

function requireRight({ client }: CommandContext, target: Target, key: string): void {
  const isAllowed =
    target.channel === undefined
      ? target.client === client
      : client.isOperator || target.channel.isAtLeast(client, RANK.operator);
  if (!isAllowed)
    throw new StandardError(
      "KEY_NO_PERMISSION",
      [target.name, key],
      "You do not have permission to set this",
    );
}

/** Those who share a channel with someone or watch them, or are in a channel, hear of a change if they asked for the key. */
function tell(
  { server, client }: Author,
  target: Target,
  key: string,
  value: string | undefined,
): void {
  if (!client.isRegistered) return;
  if (target.channel === undefined) {
    server.audience.tellMetadata(client, key, value);
    return;
  }
  const listeners = [...target.channel.members.keys()].filter(
    (other) => other !== client && other.wantsMetadata(key),
  );
  deliverMetadata(server, listeners, target.name, key, value);
}

function subscribe(cx: CommandContext, _target: Target, keys: readonly string[]): void {
  const { server, client, reply } = cx;
  const accepted: string[] = [];
  const most = server.config.limits.maxMetadataSubs;
  for (const key of keys) {
    if (!isMetadataKey(key)) {
      reply.fail("METADATA", "INVALID_KEY", shown(key), INVALID_KEY_TEXT);
      continue;
    }
    const isNew = !client.metadataSubs.has(key);
    if (isNew && client.metadataSubs.size >= most) {
      reply.fail("METADATA", "TOO_MANY_SUBS", key, `Too many subscriptions: at most ${most} keys`);
      break;
    }
    client.metadataSubs.add(key);
    accepted.push(key);
  }
  sendKeys(cx, RPL_METADATASUBOK, accepted);
  if (accepted.length === 0 || !client.isRegistered) return;
  const isWanted = (key: string) => accepted.includes(key);
  const channels = [...client.channels];
  for (const channel of channels) sendMetadata(cx, channel.name, channel.metadata, isWanted);
  const others = server.audience.peersOf(client);
  for (const nick of server.monitors.of(client)) {
    const watched = server.clients.find(nick);
    if (watched !== undefined && watched !== client) others.add(watched);
  }
  for (const other of others) sendMetadata(cx, other.nick, other.metadata, isWanted);
}

/** The keys as parameters, in as many lines as they need. */
function sendKeys({ reply }: CommandContext, numeric: string, keys: readonly string[]): void {
  const rest = [...keys];
  while (rest.length > 0) reply.numeric(numeric, ...rest.splice(0, KEYS_PER_LINE));
}

function unsubscribe(cx: CommandContext, _: Target, keys: readonly string[]): void {
  const { client, reply } = cx;
  const valid = keys.filter((key) => {
    if (isMetadataKey(key)) return true;
    reply.fail("METADATA", "INVALID_KEY", shown(key), INVALID_KEY_TEXT);
    return false;
  });
  for (const key of valid) client.metadataSubs.delete(key);
  sendKeys(cx, RPL_METADATAUNSUBOK, valid);
}

function subscriptions(cx: CommandContext): void {
  cx.reply.batch("metadata-subs", [], () => {
    sendKeys(cx, RPL_METADATASUBS, [...cx.client.metadataSubs]);
  });
}

function sync(cx: CommandContext, target: Target): void {
  if (target.channel !== undefined) {
    if (!target.channel.has(cx.client))
      throw new StandardError("INVALID_TARGET", [target.name], "You are not in that channel");
    sendAll(cx, target.channel);
    return;
  }
  cx.reply.batch("metadata", [target.name], () => {
    sendMetadata(cx, target.name, target.values, (key) => cx.client.metadataSubs.has(key));
  });
}

/** Those who join a channel get the keys they asked for of it and of its members. */
export function syncMetadata(cx: CommandContext, channel: Channel): void {
  const { client } = cx;
  if (client.has(CAP.metadata) && client.metadataSubs.size > 0) sendAll(cx, channel);
  if (client.metadata.size === 0) return;
  const others = [...channel.members.keys()].filter((member) => member !== client);
  for (const [key, value] of client.metadata) {
    const listeners = others.filter((member) => member.wantsMetadata(key));
    deliverMetadata(cx.server, listeners, client.nick, key, value);
  }
}

function sendAll(cx: CommandContext, channel: Channel): void {
  const { client, reply } = cx;
  const isWanted = (key: string) => client.metadataSubs.has(key);
  reply.batch("metadata", [channel.name], () => {
    sendMetadata(cx, channel.name, channel.metadata, isWanted);
    for (const member of channel.members.keys())
      if (member !== client) sendMetadata(cx, member.nick, member.metadata, isWanted);
  });
}
