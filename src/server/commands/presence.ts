// Away, names for people, and who is on.
import { CAP } from "../../irc/caps.js";
import {
  ERR_NOTREGISTERED,
  RPL_ISON,
  RPL_NOWAWAY,
  RPL_UNAWAY,
  RPL_USERHOST,
} from "../../irc/numerics.js";
import { cutToBytes, utf8Length } from "../../irc/utf8.js";
import { nameInLog } from "../audit/audit-lines.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError, StandardError } from "../errors.js";
import { AWAY_MAX_BYTES, REALNAME_MAX_BYTES } from "../isupport.js";
import { kept } from "../kept.js";

export const presenceCommands: CommandTable = {
  AWAY: { run: away, beforeRegistration: true },
  SETNAME: { run: setname, minParams: 1 },
  ISON: { run: ison, minParams: 1 },
  USERHOST: { run: userhost, minParams: 1 },
};

const MAX_USERHOST = 5;

function away({ server, client, params, reply }: CommandContext): void {
  // pre-away: those who do not know it have to register first.
  if (!client.isRegistered && !client.has(CAP.preAway))
    throw new CommandError(ERR_NOTREGISTERED, "You have not registered");
  const text = cutToBytes(params[0] ?? "", AWAY_MAX_BYTES);
  const next = text === "" ? undefined : text;
  const hasChanged = client.away !== next;
  if (hasChanged && next === undefined) server.audit.event(`${nameInLog(client)} is back`);
  else if (hasChanged) server.archive.log(`${nameInLog(client)} is away: ${text}`);
  client.away = next === undefined ? undefined : kept(next);
  if (next === undefined) reply.numeric(RPL_UNAWAY, "You are no longer marked as being away");
  else reply.numeric(RPL_NOWAWAY, "You have been marked as being away");
  if (hasChanged && client.isRegistered)
    server.audience.tellOthers(
      client,
      CAP.awayNotify,
      client.outgoing("AWAY", next === undefined ? [] : [next], server.now()),
    );
}

function setname({ server, client, params, reply }: CommandContext): void {
  const realname = params[0] ?? "";
  if (realname === "" || utf8Length(realname) > REALNAME_MAX_BYTES)
    throw new StandardError(
      "INVALID_REALNAME",
      [],
      `Real name is not valid: it must have 1 to ${REALNAME_MAX_BYTES} bytes`,
    );
  if (realname !== client.realname)
    server.archive.log(`${nameInLog(client)} changed their real name to: ${realname}`);
  client.realname = kept(realname);
  const message = client.outgoing("SETNAME", [realname], server.now());
  if (client.has(CAP.setname)) reply.send(message);
  server.audience.tellOthers(client, CAP.setname, message);
}

function ison({ server, params, reply }: CommandContext): void {
  const nicks = params.flatMap((param) => param.split(" "));
  const found = nicks.flatMap((nick) => server.clients.find(nick)?.nick ?? []);
  if (found.length === 0) reply.numeric(RPL_ISON, "");
  reply.list(RPL_ISON, found);
}

function userhost({ server, params, reply }: CommandContext): void {
  const found = params.slice(0, MAX_USERHOST).flatMap((nick) => {
    const client = server.clients.find(nick);
    if (client === undefined) return [];
    const star = client.isOperator ? "*" : "";
    return `${client.nick}${star}=${client.away === undefined ? "+" : "-"}${client.user}@${client.host}`;
  });
  if (found.length === 0) reply.numeric(RPL_USERHOST, "");
  reply.list(RPL_USERHOST, found);
}
