// MODE, of channels and of oneself. https://modern.ircdocs.horse/#mode-message
import {
  ERR_BANLISTFULL,
  ERR_CHANOPRIVSNEEDED,
  ERR_INVALIDKEY,
  ERR_INVALIDMODEPARAM,
  ERR_UMODEUNKNOWNFLAG,
  ERR_UNKNOWNMODE,
  ERR_USERSDONTMATCH,
  RPL_BANLIST,
  RPL_CHANNELMODEIS,
  RPL_CREATIONTIME,
  RPL_ENDOFBANLIST,
  RPL_ENDOFEXCEPTLIST,
  RPL_ENDOFINVEXLIST,
  RPL_EXCEPTLIST,
  RPL_INVEXLIST,
  RPL_UMODEIS,
} from "../../irc/numerics.js";
import {
  formatModeChanges,
  parseChanmodes,
  parseModeChanges,
  type ModeChange,
} from "../../irc/modes.js";
import { utf8Length } from "../../irc/utf8.js";
import { RANK, ROLES, type Channel, type ChannelFlag, type ListMode } from "../channel.js";
import type { UserMode } from "../client.js";
import type { Outgoing } from "../delivery.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError } from "../errors.js";
import { CHANMODES, KEY_MAX_BYTES, MAX_MODES } from "../isupport.js";
import { normalizeMask } from "../masks.js";
import { shown } from "../reply.js";
import { requireChannel, requireClient, requireMember, requireRank } from "./guards.js";

export const modeCommands: CommandTable = {
  MODE: { run: mode, minParams: 1 },
};

const TYPES = parseChanmodes(CHANMODES, ROLES.map((role) => role.mode).join(""));
/** Flags can be changed to and fro. */
const MAX_CHANGES = 24;
const LISTS: Readonly<Record<ListMode, readonly [string, string, string]>> = {
  b: [RPL_BANLIST, RPL_ENDOFBANLIST, "End of channel ban list"],
  e: [RPL_EXCEPTLIST, RPL_ENDOFEXCEPTLIST, "End of channel exception list"],
  I: [RPL_INVEXLIST, RPL_ENDOFINVEXLIST, "End of channel invite exception list"],
};

function mode(cx: CommandContext): void {
  if (cx.params[0]?.startsWith("#") === true) channelMode(cx);
  else userMode(cx);
}

function channelMode(cx: CommandContext): void {
  const { server, client, reply } = cx;
  const [name = "", modeString, ...params] = cx.params;
  const channel = requireChannel(cx, name);
  if (modeString === undefined || modeString === "") {
    reply.numeric(RPL_CHANNELMODEIS, channel.name, ...currentModes(cx, channel));
    reply.numeric(RPL_CREATIONTIME, channel.name, String(Math.floor(channel.createdAt / 1000)));
    return;
  }
  // A mask is text that others read.
  if (params.length > 0 && /[beI]/.test(modeString)) server.archive.requireLog();
  const done: ModeChange[] = [];
  for (const change of changesIn(cx, channel, modeString, params)) {
    try {
      const applied = applyChange(cx, channel, change);
      if (applied !== undefined) done.push(applied);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      reply.numeric(error.numeric, ...error.params);
      // One refusal for want of a role is enough.
      if (error.numeric === ERR_CHANOPRIVSNEEDED) break;
    }
  }
  if (done.length === 0) return;
  server.memory.keep(channel);
  for (const message of modeMessages(cx, channel, done)) {
    server.archive.event(client, channel, message);
    reply.send(message);
    channel.broadcast(message, client);
  }
}

/** As many changes as ISUPPORT allows. */
function changesIn(
  { reply }: CommandContext,
  channel: Channel,
  modeString: string,
  params: readonly string[],
): readonly ModeChange[] {
  const changes = parseModeChanges(modeString, params, TYPES);
  let withParam = 0;
  const end = changes.findIndex(({ param }, i) => {
    if (param !== undefined) withParam++;
    return withParam > MAX_MODES || i >= MAX_CHANGES;
  });
  if (end < 0) return changes;
  reply.fail(
    "MODE",
    "TOO_MANY_MODES",
    channel.name,
    `Only the first ${end} changes were made: one MODE can have at most ${MAX_MODES} changes with a parameter, and ${MAX_CHANGES} in total`,
  );
  return changes.slice(0, end);
}

/** The changes in as many lines as they need: with the name of their sender they are longer than they came. */
function modeMessages(
  cx: CommandContext,
  channel: Channel,
  changes: readonly ModeChange[],
): readonly Outgoing[] {
  const { server, client } = cx;
  const params = [channel.name, ...formatModeChanges(changes)];
  const message = client.outgoing("MODE", params, server.now(), { msgid: server.newId() });
  if (message.fits || changes.length === 1) return [message];
  const half = Math.ceil(changes.length / 2);
  return [changes.slice(0, half), changes.slice(half)].flatMap((part) =>
    modeMessages(cx, channel, part),
  );
}

function currentModes({ client }: CommandContext, channel: Channel): string[] {
  const changes: ModeChange[] = [...channel.flags].map((flag) => ({
    add: true,
    mode: flag,
    param: undefined,
  }));
  // The key is for members only.
  const key = channel.has(client) || client.isOperator ? channel.key : "*";
  if (channel.key !== undefined) changes.push({ add: true, mode: "k", param: key });
  if (channel.limit !== undefined)
    changes.push({ add: true, mode: "l", param: String(channel.limit) });
  return changes.length === 0 ? ["+"] : formatModeChanges(changes);
}

/** The change as it was made, or undefined when nothing had to change. */
function applyChange(
  cx: CommandContext,
  channel: Channel,
  change: ModeChange,
): ModeChange | undefined {
  const { mode: letter } = change;
  const role = ROLES.find((r) => r.mode === letter);
  if (role !== undefined) return changeRole(cx, channel, change, role.rank);
  if (letter === "b" || letter === "e" || letter === "I")
    return changeList(cx, channel, change, letter);
  if (letter === "k") return changeKey(cx, channel, change);
  if (letter === "l") return changeLimit(cx, channel, change);
  if (TYPES.never.includes(letter)) return changeFlag(cx, channel, change, letter as ChannelFlag);
  throw new CommandError(ERR_UNKNOWNMODE, letter, `is unknown mode char to me for ${channel.name}`);
}

function changeRole(
  cx: CommandContext,
  channel: Channel,
  { add, mode: letter, param }: ModeChange,
  rank: number,
): ModeChange | undefined {
  if (param === undefined || param === "") throw missing(channel, letter, "a nickname");
  // Owner is the badge of whoever runs the server: no one else may give it, or give the next one.
  if (rank === RANK.owner && !cx.client.isOperator)
    throw new CommandError(
      ERR_CHANOPRIVSNEEDED,
      channel.name,
      "Only a server operator can add or remove a channel owner",
    );
  requireRank(cx, channel, neededRank(rank));
  const target = requireMember(cx, channel, param);
  if (((channel.ranksOf(target) & rank) !== 0) === add) return undefined;
  channel.setRole(target, rank, add);
  return { add, mode: letter, param: target.nick };
}

function neededRank(rank: number): number {
  if (rank === RANK.voice) return RANK.halfop;
  return rank === RANK.admin ? RANK.owner : RANK.operator;
}

function changeList(
  cx: CommandContext,
  channel: Channel,
  { add, param }: ModeChange,
  list: ListMode,
): ModeChange | undefined {
  const { server, client, reply } = cx;
  const entries = channel.lists[list];
  if (param === undefined) {
    if (list !== "b") requireRank(cx, channel, RANK.halfop);
    const [numeric, end, text] = LISTS[list];
    for (const { mask, setBy, setAt } of entries)
      reply.numeric(numeric, channel.name, mask, setBy, String(setAt));
    reply.numeric(end, channel.name, text);
    return undefined;
  }
  requireRank(cx, channel, RANK.halfop);
  // One that was taken by an earlier version can be given back as it stands.
  const isListed = entries.some((entry) => entry.mask === param);
  const mask = isListed ? param : normalizeMask(param);
  if (mask === undefined)
    throw invalid(
      channel,
      list,
      param,
      "is not a valid mask; use nick!user@host, ~a:account or ~m:mask, without spaces",
    );
  const index = entries.findIndex((entry) => entry.mask === mask);
  if (!add) {
    if (index < 0) return undefined;
    entries.splice(index, 1);
    return { add, mode: list, param: mask };
  }
  if (index >= 0) return undefined;
  if (entries.length >= server.config.limits.maxListModes)
    throw new CommandError(
      ERR_BANLISTFULL,
      channel.name,
      mask,
      `Channel list is full: remove one of its ${server.config.limits.maxListModes} entries first`,
    );
  entries.push({ mask, setBy: client.source, setAt: Math.floor(server.now() / 1000) });
  return { add, mode: list, param: mask };
}

function changeKey(
  cx: CommandContext,
  channel: Channel,
  { add, param }: ModeChange,
): ModeChange | undefined {
  requireRank(cx, channel, RANK.halfop);
  if (!add) {
    if (channel.key === undefined) return undefined;
    channel.key = undefined;
    return { add, mode: "k", param: "*" };
  }
  if (param === undefined) throw missing(channel, "k", "a key");
  if (!/^[^\s,:][^\s,]*$/.test(param) || utf8Length(param) > KEY_MAX_BYTES)
    throw new CommandError(
      ERR_INVALIDKEY,
      channel.name,
      `Key is not well-formed: use up to ${KEY_MAX_BYTES} bytes without spaces or commas`,
    );
  channel.key = param;
  return { add, mode: "k", param };
}

function changeLimit(
  cx: CommandContext,
  channel: Channel,
  { add, param }: ModeChange,
): ModeChange | undefined {
  requireRank(cx, channel, RANK.halfop);
  if (!add) {
    if (channel.limit === undefined) return undefined;
    channel.limit = undefined;
    return { add, mode: "l", param: undefined };
  }
  if (param === undefined) throw missing(channel, "l", "a number");
  if (!/^[1-9][0-9]{0,8}$/.test(param))
    throw invalid(channel, "l", param, "must be a number greater than 0");
  channel.limit = Number(param);
  return { add, mode: "l", param };
}

function changeFlag(
  cx: CommandContext,
  channel: Channel,
  { add, mode: letter }: ModeChange,
  flag: ChannelFlag,
): ModeChange | undefined {
  requireRank(cx, channel, RANK.halfop);
  if (channel.flags.has(flag) === add) return undefined;
  if (add) channel.flags.add(flag);
  else channel.flags.delete(flag);
  return { add, mode: letter, param: undefined };
}

function missing(channel: Channel, letter: string, what: string): CommandError {
  return new CommandError(
    ERR_INVALIDMODEPARAM,
    channel.name,
    letter,
    "*",
    `You must give ${what} for this mode`,
  );
}

function invalid(channel: Channel, letter: string, param: string, why: string): CommandError {
  const text = `"${shown(param)}" ${why}`;
  return new CommandError(ERR_INVALIDMODEPARAM, channel.name, letter, param, text);
}

function userMode(cx: CommandContext): void {
  const { server, client, reply } = cx;
  const [nick = "", modeString] = cx.params;
  const target = requireClient(cx, nick);
  if (target !== client)
    throw new CommandError(ERR_USERSDONTMATCH, "Cannot change modes for other users");
  if (modeString === undefined) {
    reply.numeric(RPL_UMODEIS, `+${[...client.modes].join("")}`);
    return;
  }
  const types = { list: "", always: "", whenSet: "", never: "" };
  const done: ModeChange[] = [];
  let isUnknown = false;
  for (const change of parseModeChanges(modeString, [], types)) {
    if (!/^[iowB]$/.test(change.mode)) isUnknown = true;
    else if (setOwnMode(cx, change.mode as UserMode, change.add)) done.push(change);
  }
  if (isUnknown)
    reply.numeric(ERR_UMODEUNKNOWNFLAG, "Unknown MODE flag; valid ones are B, i, o and w");
  if (done.length > 0)
    reply.send(client.outgoing("MODE", [client.nick, ...formatModeChanges(done)], server.now()));
}

/** Returns whether the mode has changed. Operators are made by OPER alone. */
function setOwnMode({ server, client }: CommandContext, letter: UserMode, add: boolean): boolean {
  if (client.modes.has(letter) === add || (letter === "o" && add)) return false;
  server.people.setMode(client, letter, add);
  return true;
}
