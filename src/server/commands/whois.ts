// WHOIS. https://modern.ircdocs.horse/#whois-message
import {
  ERR_NONICKNAMEGIVEN,
  ERR_NOSUCHNICK,
  RPL_AWAY,
  RPL_ENDOFWHOIS,
  RPL_WHOISACCOUNT,
  RPL_WHOISACTUALLY,
  RPL_WHOISBOT,
  RPL_WHOISCERTFP,
  RPL_WHOISCHANNELS,
  RPL_WHOISIDLE,
  RPL_WHOISKEYVALUE,
  RPL_WHOISMODES,
  RPL_WHOISOPERATOR,
  RPL_WHOISSECURE,
  RPL_WHOISSERVER,
  RPL_WHOISUSER,
} from "../../irc/numerics.js";
import { CAP } from "../../irc/caps.js";
import type { Client } from "../client.js";
import { addressParam } from "../cloak.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError } from "../errors.js";
import { valueFor } from "../metadata.js";
import { shown } from "../reply.js";
import { requireServer } from "./guards.js";

export const whoisCommands: CommandTable = {
  WHOIS: { run: whois },
};

function whois(cx: CommandContext): void {
  const { server, params, reply } = cx;
  // With two parameters the first is the server to ask; this is the only one.
  const [asked = "", name = asked] = params;
  const [nick = ""] = name.split(",", 1);
  if (nick === "") throw new CommandError(ERR_NONICKNAMEGIVEN, "No nickname given");
  // Whoever asks as in "WHOIS ann ann" hears that she is gone, if she is.
  if (asked !== name) requireServer(cx, asked);
  const target = server.clients.find(nick);
  if (target === undefined) reply.numeric(ERR_NOSUCHNICK, shown(nick), "No such nick/channel");
  else describe(cx, target);
  reply.numeric(RPL_ENDOFWHOIS, target?.nick ?? shown(nick), "End of /WHOIS list");
}

function describe(cx: CommandContext, target: Client): void {
  const { server, client, reply } = cx;
  const { nick } = target;
  const isOwnOrOperator = client === target || client.isOperator;
  reply.numeric(RPL_WHOISUSER, nick, target.user, target.host, "*", target.realname);
  sendChannels(cx, target);
  reply.numeric(RPL_WHOISSERVER, nick, server.name, server.config.description);
  if (target.isOperator) reply.numeric(RPL_WHOISOPERATOR, nick, "is an IRC operator");
  if (isOwnOrOperator || client.seesAddresses)
    reply.numeric(
      RPL_WHOISACTUALLY,
      nick,
      `${target.user}@${target.address}`,
      addressParam(target.address),
      "Is actually using host",
    );
  if (isOwnOrOperator)
    reply.numeric(RPL_WHOISMODES, nick, `is using modes +${[...target.modes].join("")}`);
  if (target.connection.info.isSecure)
    reply.numeric(RPL_WHOISSECURE, nick, "is using a secure connection");
  const { certificateFingerprint } = target.connection.info;
  if (certificateFingerprint !== undefined && isOwnOrOperator)
    reply.numeric(
      RPL_WHOISCERTFP,
      nick,
      `has client certificate fingerprint ${certificateFingerprint}`,
    );
  if (target.account !== undefined)
    reply.numeric(RPL_WHOISACCOUNT, nick, target.account, "is logged in as");
  if (target.modes.has("B")) reply.numeric(RPL_WHOISBOT, nick, "is a bot");
  if (target.away !== undefined) reply.numeric(RPL_AWAY, nick, target.away);
  if (client.has(CAP.metadata))
    for (const [key, value] of target.metadata)
      reply.numeric(RPL_WHOISKEYVALUE, nick, key, "*", valueFor(server, client, value));
  const idle = Math.floor((server.now() - target.lastActive) / 1000);
  const signon = Math.floor(target.signonTime / 1000);
  reply.numeric(RPL_WHOISIDLE, nick, String(idle), String(signon), "seconds idle, signon time");
}

function sendChannels({ client, reply }: CommandContext, target: Client): void {
  const names = [...target.channels]
    .filter((channel) => channel.isVisibleTo(client))
    .filter((channel) => !target.modes.has("i") || channel.has(client) || client.isOperator)
    .map((channel) => channel.prefixes(target, client.has(CAP.multiPrefix)) + channel.name);
  reply.list(RPL_WHOISCHANNELS, names, " ", [target.nick]);
}
