// Who may have a nick, and which of several connections of one account.
import { ERR_ERRONEUSNICKNAME, ERR_NICKNAMEINUSE } from "../../irc/numerics.js";
import { NICKNAME_RESERVED, NICKNAME_YOURS } from "../../irc/standard-replies.js";
import type { Client } from "../client.js";
import type { CommandContext } from "../dispatch.js";
import { CommandError } from "../errors.js";
import { isSameName } from "../nicks.js";
import { isSameAccount, isSameInstallation } from "../sessions.js";

/** Does what needs the nick, if the client may have it: at once, or when the ghost that has it has been given its chance. */
export function withNick(
  cx: CommandContext,
  wanted: string,
  then: () => void,
): void | Promise<void> {
  if (isBanned(cx, wanted)) return;
  if (hasRival(cx, wanted)) return outlive(cx, wanted, then);
  requireNick(cx, wanted);
  then();
}

/** Whether the client has been sent away for a ban: those who come are. Who waits or is here cannot have a nick that is banned. */
function isBanned(cx: CommandContext, wanted: string): boolean {
  const { server, client } = cx;
  if (!client.isRegistered && !client.isWaiting) return server.approval.refuseBanned(cx, wanted);
  if (server.approval.decisions.banOf(client, wanted) === undefined) return false;
  const text = "Nickname is banned here: choose another one";
  throw new CommandError(ERR_ERRONEUSNICKNAME, wanted, text);
}

/** The other connection of the client's account that has the nick. */
function findRival({ server, client }: CommandContext, nick: string): Client | undefined {
  if (client.account === undefined) return undefined;
  const holder = server.clients.findAlike(nick);
  if (holder === undefined || holder === client || !holder.connection.isOpen) return undefined;
  return isSameAccount(client, holder) ? holder : undefined;
}

/** Whether it has yet to show which of the client's connections has the nick. */
export function hasRival(cx: CommandContext, nick: string): boolean {
  return findRival(cx, nick) !== undefined;
}

/**
 * A connection that was lost does not know it for minutes, and keeps the nick of whoever comes back by another one. So the
 * older one is asked for a sign of life. With it, the two are windows of one person, and each needs a nick of its own.
 * Without it, one from the same installation is over: the way it came is the way this one has come. Any other may only be
 * slow, a phone's perhaps: it is moved aside, and has until its PING times out.
 */
async function outlive(cx: CommandContext, wanted: string, then: () => void): Promise<void> {
  const { server, client } = cx;
  const rival = findRival(cx, wanted);
  const isAlive = await rival?.connection.answers(server.config.limits.ghostTimeoutMs);
  // Meanwhile this one may have ended as well or been banned, the nick been given up, or someone else been faster.
  if (!client.connection.isOpen) return;
  if (isBanned(cx, wanted)) return;
  if (rival !== undefined && rival === findRival(cx, wanted) && isAlive === false) {
    if (isSameInstallation(client, rival))
      rival.connection.close("Reconnected from another connection");
    else server.people.moveAside(rival);
  }
  requireNick(cx, wanted);
  then();
}

/** The nick is free, or the client's own; a guest who stands in the way of its owner has to give way. */
export function requireNick(cx: CommandContext, wanted: string): void {
  const { server, client, reply } = cx;
  const refuse = (text: string) => new CommandError(ERR_NICKNAMEINUSE, wanted, text);
  const explain = (code: string, text: string) => {
    reply.note("NICK", code, wanted, text);
    return refuse(text);
  };
  const owned = server.accounts.nicks.likeOfAnother(wanted, client.account);
  if (owned !== undefined)
    throw explain(
      NICKNAME_RESERVED,
      isSameName(owned.nick, wanted)
        ? "Nickname is registered: log in to its account, or choose another one"
        : `Nickname looks like ${owned.nick}, which is registered: choose another one`,
    );
  if (hasRival(cx, wanted))
    throw explain(NICKNAME_YOURS, "Nickname is already in use by another connection of yours");
  const holder = server.clients.findAlike(wanted);
  if (holder === undefined || holder === client) return;
  if (server.accounts.nicks.isOf(wanted, client.account) || isSameAccount(client, holder)) return;
  throw refuse(
    isSameName(holder.nick, wanted)
      ? "Nickname is already in use"
      : `Nickname looks like ${holder.nick}, which is in use: choose another one`,
  );
}
