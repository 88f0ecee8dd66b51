// LIST with its conditions. https://modern.ircdocs.horse/#list-message
import { ERR_TOOMANYTARGETS, RPL_LIST, RPL_LISTEND, RPL_LISTSTART } from "../../irc/numerics.js";
import type { Channel } from "../channel.js";
import type { Client } from "../client.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError } from "../errors.js";
import { maskMatcher } from "../masks.js";
import { mayEnter } from "./guards.js";

export const listCommands: CommandTable = {
  LIST: { run: list, inTurns: true },
};

/** SAFELIST: "the server will not disconnect" clients that ask. This many fit their send queue whatever their topics. */
const MAX_LISTED = 5000;

/** So many channels that are kept and no one is in are looked at; one that is named is always found. */
const MAX_KEPT = 10_000;

/** Each is asked of every channel. */
const MAX_CONDITIONS = 10;
/** For so many channels that are asked, and for so many conditions of one, a line costs once more. */
const CHANNELS_PER_LINE = 1000;

type Condition = (channel: Channel, now: number) => boolean;

function list({ server, client, params, reply }: CommandContext): void {
  const conditions = (params[0] ?? "").split(",").filter((c) => c !== "");
  const names = conditions.filter((c) => c.startsWith("#") && !/[*?]/.test(c));
  const tests = conditions.filter((c) => !names.includes(c)).map(parseCondition);
  if (tests.length > MAX_CONDITIONS)
    throw new CommandError(
      ERR_TOOMANYTARGETS,
      "LIST",
      `Too many conditions: at most ${MAX_CONDITIONS} are allowed`,
    );
  if (names.length === 0)
    client.connection.costs(
      1 + Math.floor((server.channels.sizeWithKept * (1 + tests.length)) / CHANNELS_PER_LINE),
    );
  const now = server.now();
  reply.numeric(RPL_LISTSTART, "Channel", "Users Name");
  const found =
    names.length > 0
      ? names.flatMap((name) => server.channels.recall(name) ?? [])
      : [...server.channels.values(), ...server.channels.kept(MAX_KEPT)];
  const fitting = found.filter(
    (channel) => isListedFor(client, channel) && tests.every((test) => test(channel, now)),
  );
  const areTooMany = fitting.length > MAX_LISTED;
  if (areTooMany) fitting.sort((a, b) => b.size - a.size);
  for (const channel of fitting.slice(0, MAX_LISTED))
    reply.numeric(RPL_LIST, channel.name, String(channel.size), channel.topic?.text ?? "");
  const end = areTooMany ? `: the largest ${MAX_LISTED} of ${fitting.length}` : "";
  reply.numeric(RPL_LISTEND, `End of /LIST${end}`);
}

/** A channel that no one is in is of use to those who may come in; a secret one is known to its founder and to operators. */
function isListedFor(client: Client, channel: Channel): boolean {
  if (channel.size > 0) return channel.isVisibleTo(client);
  return (channel.isVisibleTo(client) || channel.isFoundedBy(client)) && mayEnter(client, channel);
}

/** ELIST: U users, C created and T topic set so many minutes ago, M mask, N not mask. */
function parseCondition(text: string): Condition {
  const match = /^([CT]?)([<>])([0-9]{1,9})$/.exec(text.toUpperCase());
  if (match === null) {
    const isExcluded = text.startsWith("!");
    const matches = maskMatcher(isExcluded ? text.slice(1) : text);
    return (channel) => matches(channel.name) !== isExcluded;
  }
  const [, what, sign, digits] = match;
  const number = Number(digits);
  const compare = (value: number) => (sign === "<" ? value < number : value > number);
  if (what === "") return (channel) => compare(channel.size);
  if (what === "C") return (channel, now) => compare((now - channel.createdAt) / 60_000);
  return (channel, now) =>
    channel.topic !== undefined && compare((now / 1000 - channel.topic.setAt) / 60);
}
