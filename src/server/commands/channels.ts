// Joining, leaving and naming channels.
import { CAP } from "../../irc/caps.js";
import { fold } from "../../irc/casemapping.js";
import { NO_TAGS } from "../../irc/tags.js";
import { channelNameProblem } from "../../irc/names.js";
import {
  ERR_BADCHANNAME,
  ERR_CHANOPRIVSNEEDED,
  ERR_NEEDMOREPARAMS,
  ERR_NOSUCHCHANNEL,
  ERR_TOOMANYCHANNELS,
  ERR_USERONCHANNEL,
  RPL_ENDOFINVITELIST,
  RPL_ENDOFNAMES,
  RPL_INVITELIST,
  RPL_INVITING,
  RPL_NOTOPIC,
  RPL_TOPIC,
  RPL_TOPICWHOTIME,
} from "../../irc/numerics.js";
import { cutToBytes } from "../../irc/utf8.js";
import { tellLogged } from "../audit/audit-notices.js";
import { RANK, type Channel, ROLES } from "../channel.js";
import type { Client } from "../client.js";
import { Outgoing } from "../delivery.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError, StandardError, errorText } from "../errors.js";
import { explainChannelName } from "../explain.js";
import { Reply } from "../reply.js";
import { KICK_MAX_BYTES, TOPIC_MAX_BYTES } from "../isupport.js";
import { kept } from "../kept.js";
import {
  forEachTarget,
  needsKey,
  payForTargets,
  requireChannel,
  requireClient,
  requireEntry,
  requireMember,
  requireMembership,
  requireRank,
} from "./guards.js";
import { syncMetadata } from "./metadata.js";
import { marker } from "./read-marker.js";
import { missedIn, showMissed } from "./replay.js";
import { isSameName } from "../nicks.js";

export const channelCommands: CommandTable = {
  JOIN: { run: join, minParams: 1 },
  PART: { run: part, minParams: 1 },
  TOPIC: { run: topic, minParams: 1 },
  NAMES: { run: names, inTurns: true },
  KICK: { run: kick, minParams: 2 },
  INVITE: { run: invite },
  RENAME: { run: rename, minParams: 2 },
};

const PART_MAX_BYTES = 300;
const NAMES_LINE_BYTES = 380;

function join(cx: CommandContext): void | Promise<void> {
  const [list, keys] = cx.params;
  if (list === "0") {
    const left = [...cx.client.channels];
    payForTargets(cx, left.length);
    for (const channel of left) leave(cx, channel, undefined);
    return;
  }
  const keyList = (keys ?? "").split(",");
  return forEachTarget(cx, list, (name, index) =>
    joinInTurn(cx, name, keyList[index] ?? "", index),
  );
}

/** Others are heard between one channel and the next: a hundred can bring a hundred lists of people, and what was said. */
function joinInTurn(
  cx: CommandContext,
  name: string,
  key: string,
  index: number,
): void | Promise<void> {
  const turn = index === 0 ? undefined : cx.server.turns.take();
  if (turn === undefined) return tryToJoin(cx, name, key);
  return turn.then(() => (cx.client.connection.isOpen ? tryToJoin(cx, name, key) : undefined));
}

/** A key is a password: how often it can be guessed at is bounded. */
function tryToJoin(cx: CommandContext, name: string, key: string): void | Promise<void> {
  const { server, client } = cx;
  const channel = key === "" ? undefined : server.channels.recall(name);
  if (channel === undefined || channel.has(client) || !needsKey(client, channel)) {
    joinOne(cx, name, key);
    return undefined;
  }
  const isRight = () => (channel.key === key ? true : undefined);
  return server.guesses
    .attempt(client, `channel ${fold(channel.name, "ascii")}`, isRight)
    .then(() => {
      // Meanwhile the connection may have ended.
      if (client.connection.isOpen) joinOne(cx, name, key);
    });
}

function joinOne(cx: CommandContext, name: string, key: string): void {
  const { server, client } = cx;
  const problem = channelNameProblem(name);
  if (problem !== undefined)
    throw new CommandError(
      ERR_NOSUCHCHANNEL,
      name,
      `No such channel: ${explainChannelName(problem)}`,
    );
  const existing = server.channels.recall(name);
  if (existing?.has(client) === true) return;
  const most = server.config.limits.maxChannelsPerClient;
  if (client.channels.size >= most)
    throw new CommandError(
      ERR_TOOMANYCHANNELS,
      name,
      `You have joined too many channels: the limit is ${most}; leave one first`,
    );
  if (existing !== undefined) requireEntry(client, existing, key);
  else requireOwnLooks(cx, name);
  const channel = server.channels.open(existing ?? name);
  // The host is seen as such everywhere; the person who opens a channel runs it, for good if they have an account.
  const isRunning = channel.size === 0 && channel.founder === undefined;
  const isFounder = channel.isFoundedBy(client);
  const ranks = (client.isHost ? RANK.owner : 0) | (isRunning || isFounder ? RANK.operator : 0);
  if (existing === undefined) server.channels.found(channel, client);
  const missed = missedIn(cx, channel);
  enter(cx, channel, ranks);
  showMissed(cx, channel.name, missed);
}

/** @throws CommandError when a new channel would look like one that is there. */
function requireOwnLooks({ server, client }: CommandContext, name: string): void {
  const other = server.channels.lookalike(name, client);
  if (other === undefined) return;
  const text = `This name looks like ${other.name}. Join that channel, or choose another name.`;
  throw new CommandError(ERR_BADCHANNAME, name, text);
}

/** The client comes into the channel, with these roles. */
export function enter(cx: CommandContext, channel: Channel, ranks: number): void {
  channel.add(cx.client, ranks);
  announceJoin(cx, channel);
  sendState(cx, channel);
}

/** What someone is shown of a channel they have joined. */
function sendState(cx: CommandContext, channel: Channel): void {
  const { server, client, reply } = cx;
  if (channel.topic !== undefined) sendTopic(cx, channel);
  // read-marker: "The command MUST be sent before the RPL_ENDOFNAMES reply"
  if (client.has(CAP.readMarker)) reply.send(marker(server, client, channel.name));
  if (!client.has(CAP.noImplicitNames)) sendNames(cx, channel);
  syncMetadata(cx, channel);
  tellLogged(cx, channel.name);
}

/** The client hears that it is in a channel it did not ask for just now. */
export function sendArrival(cx: CommandContext, channel: Channel): void {
  const { server, client, reply } = cx;
  const more = client.has(CAP.extendedJoin) ? [client.account ?? "*", client.realname] : [];
  reply.send(client.outgoing("JOIN", [channel.name, ...more], server.now()));
  sendState(cx, channel);
}

function announceJoin({ server, client, reply }: CommandContext, channel: Channel): void {
  const time = server.now();
  const more = { msgid: server.newId() };
  const plain = client.outgoing("JOIN", [channel.name], time, more);
  const extended = client.outgoing(
    "JOIN",
    [channel.name, client.account ?? "*", client.realname],
    time,
    more,
  );
  const away = client.away === undefined ? undefined : client.outgoing("AWAY", [client.away], time);
  const ranks = channel.ranksOf(client);
  const roles = ranks === 0 ? undefined : roleMessage(server.name, channel, client, ranks, time);
  server.archive.event(client, channel, plain);
  reply.send(client.has(CAP.extendedJoin) ? extended : plain);
  for (const member of channel.members.keys()) {
    if (member === client) continue;
    member.deliver(member.has(CAP.extendedJoin) ? extended : plain);
    // NAMES tells the one who joins; the others hear of the role by a MODE.
    if (roles !== undefined) member.deliver(roles);
    if (away !== undefined && member.has(CAP.awayNotify)) member.deliver(away);
  }
}

/** `MODE <channel> +qo nick nick` from the server. */
export function roleMessage(
  source: string,
  channel: Channel,
  client: Client,
  ranks: number,
  time: number,
): Outgoing {
  const roles = ROLES.filter(({ rank }) => (ranks & rank) !== 0);
  const params = [
    channel.name,
    `+${roles.map(({ mode }) => mode).join("")}`,
    ...roles.map(() => client.nick),
  ];
  return new Outgoing({ source, command: "MODE", params, time, clientTags: NO_TAGS });
}

function part(cx: CommandContext): void | Promise<void> {
  const reason = cx.params[1];
  return forEachTarget(cx, cx.params[0], (name) => {
    leave(cx, requireMembership(cx, name), reason);
  });
}

function leave(
  { server, client, reply }: CommandContext,
  channel: Channel,
  reason: string | undefined,
): void {
  const more = { msgid: server.newId() };
  const text = reason === undefined || reason === "" ? [] : [cutToBytes(reason, PART_MAX_BYTES)];
  const parting = (...text: readonly string[]) =>
    client.outgoing("PART", [channel.name, ...text], server.now(), more);
  const said = parting(...text);
  const message = text.length === 0 || server.archive.tryLog(said) ? said : parting();
  server.archive.event(client, channel, message);
  reply.send(message);
  channel.broadcast(message, client);
  server.channels.leave(channel, client);
}

function topic(cx: CommandContext): void {
  const { server, client, params, reply } = cx;
  const [name = "", text] = params;
  const channel = requireMembership(cx, name);
  if (text === undefined) {
    if (channel.topic === undefined) reply.numeric(RPL_NOTOPIC, channel.name, "No topic is set");
    else sendTopic(cx, channel);
    return;
  }
  if (channel.flags.has("t")) requireRank(cx, channel, RANK.halfop);
  const cut = cutToBytes(text, TOPIC_MAX_BYTES);
  if (cut === (channel.topic?.text ?? "")) return;
  const message = client.outgoing("TOPIC", [channel.name, cut], server.now(), {
    msgid: server.newId(),
  });
  server.archive.log(message);
  channel.topic =
    cut === ""
      ? undefined
      : { text: kept(cut), setBy: client.source, setAt: Math.floor(server.now() / 1000) };
  server.memory.keep(channel);
  server.archive.event(client, channel, message);
  reply.send(message);
  channel.broadcast(message, client);
}

function sendTopic({ reply }: CommandContext, channel: Channel): void {
  if (channel.topic === undefined) return;
  const { text, setBy, setAt } = channel.topic;
  reply.numeric(RPL_TOPIC, channel.name, text);
  reply.numeric(RPL_TOPICWHOTIME, channel.name, setBy, String(setAt));
}

function names(cx: CommandContext): void {
  const { server, client, params, reply } = cx;
  const list = params[0];
  if (list === undefined || list === "") {
    for (const channel of client.channels) sendNames(cx, channel);
    if (client.channels.size === 0) reply.numeric(RPL_ENDOFNAMES, "*", "End of /NAMES list.");
    return;
  }
  const asked = list.split(",").filter((name) => name !== "");
  payForTargets(cx, asked.length);
  const found = asked
    .flatMap((name) => server.channels.find(name) ?? [])
    .filter((channel) => channel.isVisibleTo(client));
  for (const channel of found) sendMembers(cx, channel);
  const [only] = found;
  const end = asked.length === 1 && only !== undefined ? only.name : asked.join(",");
  reply.numeric(RPL_ENDOFNAMES, cutToBytes(end, NAMES_LINE_BYTES), "End of /NAMES list.");
}

export function sendNames(cx: CommandContext, channel: Channel): void {
  sendMembers(cx, channel);
  cx.reply.numeric(RPL_ENDOFNAMES, channel.name, "End of /NAMES list.");
}

function sendMembers({ server, client, reply }: CommandContext, channel: Channel): void {
  reply.numerics(channel.names(client, server.name));
}

/** https://ircv3.net/specs/extensions/channel-rename */
function rename(cx: CommandContext): void {
  const { server, client, params, reply } = cx;
  const [name = "", wanted = "", reason = ""] = params;
  const channel = requireMembership(cx, name);
  requireRank(cx, channel, RANK.operator);
  const old = channel.name;
  const refuse = (code: string, text: string) => new StandardError(code, [old, wanted], text);
  const problem = channelNameProblem(wanted);
  if (problem !== undefined)
    throw refuse("CANNOT_RENAME", `The channel cannot be renamed: ${explainChannelName(problem)}`);
  const isSame = isSameName(old, wanted);
  if (!isSame && !server.channels.isFree(wanted)) {
    const isSecret = server.channels.recall(wanted)?.isVisibleTo(client) === false;
    throw isSecret
      ? refuse("CANNOT_RENAME", "The channel cannot be renamed to this; choose another name")
      : refuse("CHANNEL_NAME_IN_USE", "The channel name is already taken");
  }
  const lookalike = server.channels.lookalike(wanted, client);
  if (lookalike !== undefined && lookalike.name !== old)
    throw refuse("CHANNEL_NAME_IN_USE", `The channel name looks like ${lookalike.name}`);
  const text = cutToBytes(reason, KICK_MAX_BYTES);
  server.archive.requireLog();
  try {
    server.channels.rename(channel, wanted);
  } catch (error) {
    server.logger.error(`could not rename ${old}: ${errorText(error)}`);
    throw refuse("CANNOT_RENAME", "The new name could not be stored; try again later");
  }
  server.logger.info(`${client.nick} renamed ${old} to ${wanted}`);
  const message = client.outgoing("RENAME", [old, wanted, text], server.now());
  server.audit.announced(message);
  for (const member of channel.members.keys()) {
    const to = member === client ? reply : new Reply(server, member, undefined);
    if (member.has(CAP.channelRename)) to.send(message);
    else if (!isSame) moveOver({ ...cx, client: member, reply: to }, old, channel, text);
  }
}

/** Clients without RENAME see that they leave one channel and join another. */
function moveOver(cx: CommandContext, old: string, channel: Channel, reason: string): void {
  const { server, client, reply } = cx;
  const text = reason === "" ? [] : [reason];
  reply.send(client.outgoing("PART", [old, ...text], server.now()));
  sendArrival(cx, channel);
}

function kick(cx: CommandContext): void | Promise<void> {
  const [names, nicks, reason] = cx.params;
  const channels = (names ?? "").split(",");
  return forEachTarget(cx, nicks, (nick, index) => {
    const name = channels.length === 1 ? channels[0] : channels[index];
    kickOne(cx, name ?? "", nick, reason ?? "");
  });
}

function kickOne(cx: CommandContext, name: string, nick: string, reason: string): void {
  const { server, client, reply } = cx;
  const channel = requireMembership(cx, name);
  requireRank(cx, channel, RANK.halfop);
  const target = requireMember(cx, channel, nick);
  if (!client.isOperator && highestRank(channel, target) > highestRank(channel, client))
    throw new CommandError(
      ERR_CHANOPRIVSNEEDED,
      channel.name,
      "You cannot kick someone with a higher role",
    );
  const more = { msgid: server.newId() };
  const kicking = (text: string) =>
    client.outgoing("KICK", [channel.name, target.nick, text], server.now(), more);
  const said = kicking(cutToBytes(reason === "" ? client.nick : reason, KICK_MAX_BYTES));
  const message = reason === "" || server.archive.tryLog(said) ? said : kicking(client.nick);
  server.archive.event(client, channel, message);
  reply.send(message);
  channel.broadcast(message, client);
  server.channels.leave(channel, target);
  server.logger.info(`${client.nick} kicked ${target.nick} from ${channel.name}`);
}

function highestRank(channel: Channel, client: Client): number {
  const ranks = channel.ranksOf(client);
  return ROLES.find(({ rank }) => (ranks & rank) !== 0)?.rank ?? 0;
}

function invite(cx: CommandContext): void {
  const { server, client, params, reply } = cx;
  const [nick = "", name] = params;
  if (nick === "") {
    for (const channel of client.invitations)
      if (server.channels.find(channel.name) === channel)
        reply.numeric(RPL_INVITELIST, channel.name);
    reply.numeric(RPL_ENDOFINVITELIST, "End of /INVITE list");
    return;
  }
  if (name === undefined)
    throw new CommandError(ERR_NEEDMOREPARAMS, "INVITE", "Not enough parameters");
  const target = requireClient(cx, nick);
  const channel = requireMembership(cx, requireChannel(cx, name).name);
  if (channel.has(target))
    throw new CommandError(ERR_USERONCHANNEL, target.nick, channel.name, "is already on channel");
  if (channel.flags.has("i")) requireRank(cx, channel, RANK.halfop);
  // What lets in past bans, key and limit is the word of someone who could lift them.
  if (client.isOperator || channel.isAtLeast(client, RANK.halfop)) target.invited(channel);
  reply.numeric(RPL_INVITING, target.nick, channel.name);
  const message = client.outgoing("INVITE", [target.nick, channel.name], server.now());
  server.audit.announced(message);
  target.deliver(message);
  for (const member of channel.members.keys())
    if (member !== client && member.has(CAP.inviteNotify) && channel.isAtLeast(member, RANK.halfop))
      member.deliver(message);
}
