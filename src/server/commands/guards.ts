// What must hold before a handler goes on; otherwise the sender hears why.
import {
  ERR_BADCHANNELKEY,
  ERR_BANNEDFROMCHAN,
  ERR_CANNOTSENDTOCHAN,
  ERR_CHANNELISFULL,
  ERR_INVITEONLYCHAN,
  ERR_CHANOPRIVSNEEDED,
  ERR_NOSUCHCHANNEL,
  ERR_NOSUCHNICK,
  ERR_NOSUCHSERVER,
  ERR_NOTONCHANNEL,
  ERR_USERNOTINCHANNEL,
} from "../../irc/numerics.js";
import { RANK, type Channel } from "../channel.js";
import type { Client } from "../client.js";
import type { CommandContext } from "../dispatch.js";
import { CommandError } from "../errors.js";
import { MAX_TARGETS } from "../isupport.js";
import { matchesMask } from "../masks.js";

/** The channel, if it is there and may be known of. */
export function requireChannel({ server, client }: CommandContext, name: string): Channel {
  const channel = server.channels.find(name);
  if (channel?.isVisibleTo(client) !== true)
    throw new CommandError(ERR_NOSUCHCHANNEL, name, "No such channel");
  return channel;
}

/** The channel, if the sender is in it. */
export function requireMembership(cx: CommandContext, name: string): Channel {
  const channel = requireChannel(cx, name);
  if (!channel.has(cx.client))
    throw new CommandError(ERR_NOTONCHANNEL, channel.name, "You're not on that channel");
  return channel;
}

/** The client may come into the channel with this key. */
export function requireEntry(client: Client, channel: Channel, key: string): void {
  const refusal = entryRefusal(client, channel, key);
  if (refusal === undefined) return;
  const { numeric, mode } = refusal;
  const why = mode === "k" && key !== "" ? "the key is wrong" : ENTRY_REFUSALS[mode];
  throw new CommandError(numeric, channel.name, `Cannot join channel (+${mode}): ${why}`);
}

const ENTRY_REFUSALS = {
  b: "you are banned; ask one of its operators",
  i: "you need an invitation",
  k: "you need its key",
  l: "it is full; try again later",
} as const;

/** Whether the client may come into the channel without a key. */
export function mayEnter(client: Client, channel: Channel): boolean {
  return entryRefusal(client, channel, undefined) === undefined;
}

/** Whether all that keeps the client out of the channel is its key. */
export function needsKey(client: Client, channel: Channel): boolean {
  return entryRefusal(client, channel, undefined)?.numeric === ERR_BADCHANNELKEY;
}

/** Which mode keeps the client out of the channel; undefined: none. */
function entryRefusal(
  client: Client,
  channel: Channel,
  key: string | undefined,
): { readonly numeric: string; readonly mode: keyof typeof ENTRY_REFUSALS } | undefined {
  if (client.isOperator || client.invitations.has(channel)) return undefined;
  if (channel.isFoundedBy(client)) return undefined;
  if (channel.isBanned(client)) return { numeric: ERR_BANNEDFROMCHAN, mode: "b" };
  // No one is left of those who could let others in.
  const isAbandoned = channel.size === 0 && channel.founder === undefined;
  if (channel.flags.has("i") && !isAbandoned && !channel.matchesList("I", client))
    return { numeric: ERR_INVITEONLYCHAN, mode: "i" };
  if (channel.key !== undefined && channel.key !== key)
    return { numeric: ERR_BADCHANNELKEY, mode: "k" };
  if (channel.limit !== undefined && channel.size >= channel.limit)
    return { numeric: ERR_CHANNELISFULL, mode: "l" };
  return undefined;
}

/** The sender has the role in the channel, or is an operator of the server. */
export function requireRank({ client }: CommandContext, channel: Channel, rank: number): void {
  if (!client.isOperator && !channel.isAtLeast(client, rank))
    throw new CommandError(
      ERR_CHANOPRIVSNEEDED,
      channel.name,
      "You need to be a channel operator to do that",
    );
}

/** The one server there is, by its name or a mask of it, or by someone who is on it. */
export function requireServer({ server }: CommandContext, target: string): void {
  if (!matchesMask(target, server.name) && server.clients.find(target) === undefined)
    throw new CommandError(ERR_NOSUCHSERVER, target, "No such server");
}

export function requireClient({ server }: CommandContext, nick: string): Client {
  const client = server.clients.find(nick);
  if (client === undefined) throw new CommandError(ERR_NOSUCHNICK, nick, "No such nick/channel");
  return client;
}

export function requireMember(cx: CommandContext, channel: Channel, nick: string): Client {
  const client = requireClient(cx, nick);
  if (!channel.has(client))
    throw new CommandError(
      ERR_USERNOTINCHANNEL,
      client.nick,
      channel.name,
      "They aren't on that channel",
    );
  return client;
}

/** Everyone in a hundred channels can be made to hear of one line: it costs what it would cost to say something to as many. */
export function payForTargets({ client }: CommandContext, count: number): void {
  client.connection.costs(Math.max(1, Math.ceil(count / MAX_TARGETS)));
}

/** Runs `handle` for each name of a comma list, which is paid for; one that fails keeps no other from being handled. */
export function forEachTarget(
  cx: CommandContext,
  list: string | undefined,
  handle: (name: string, index: number) => void | Promise<void>,
): void | Promise<void> {
  const names = (list ?? "").split(",");
  payForTargets(cx, names.length);
  return handleFrom(0);

  function handleFrom(start: number): void | Promise<void> {
    for (let index = start; index < names.length; index++) {
      const name = names[index] ?? "";
      if (name === "") continue;
      try {
        const pending = handle(name, index);
        if (pending !== undefined) return pending.catch(answer).then(() => handleFrom(index + 1));
      } catch (error) {
        answer(error);
      }
    }
  }

  function answer(error: unknown): void {
    if (!(error instanceof CommandError)) throw error;
    cx.reply.numeric(error.numeric, ...error.params);
  }
}

/** The sender may speak in the channel. */
export function requireVoice(client: Client, channel: Channel, text: string | undefined): void {
  if (client.isOperator) return;
  const refuse = (why: string) =>
    new CommandError(ERR_CANNOTSENDTOCHAN, channel.name, `Cannot send to channel: ${why}`);
  if (channel.flags.has("n") && !channel.has(client)) throw refuse("you are not in it (+n)");
  if (channel.isAtLeast(client, RANK.voice)) return;
  if (channel.flags.has("m"))
    throw refuse("the channel is moderated and you do not have voice (+m)");
  if (channel.isBanned(client) || channel.isMuted(client)) throw refuse("you are banned (+b)");
  if (channel.flags.has("C") && text?.startsWith("\x01") === true && !text.startsWith("\x01ACTION"))
    throw refuse("CTCP is not allowed (+C)");
}
