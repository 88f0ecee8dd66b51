// What a client hears when it has registered.
import { CAP } from "../irc/caps.js";
import {
  ERR_NOMOTD,
  RPL_CREATED,
  RPL_ENDOFMOTD,
  RPL_GLOBALUSERS,
  RPL_ISUPPORT,
  RPL_LOCALUSERS,
  RPL_LUSERCHANNELS,
  RPL_LUSERCLIENT,
  RPL_LUSERME,
  RPL_LUSEROP,
  RPL_LUSERUNKNOWN,
  RPL_MOTD,
  RPL_MOTDSTART,
  RPL_MYINFO,
  RPL_WELCOME,
  RPL_YOURHOST,
} from "../irc/numerics.js";
import { splitToBytes } from "../irc/utf8.js";
import { CHANMODES, isupportLines } from "./isupport.js";
import type { CommandContext } from "./dispatch.js";
import { sendMetadata } from "./metadata.js";

export const SOFTWARE = "parley";
const USER_MODES = "Biosw";
const MOTD_LINE_BYTES = 300;

/** The registration burst: who you are, what the server can do, who is here, what the host wants to say. */
export function welcome(cx: CommandContext): void {
  const { server, client, reply } = cx;
  const { name, config } = server;
  reply.numeric(RPL_WELCOME, `Welcome to the ${config.network} chat, ${client.source}`);
  reply.numeric(RPL_YOURHOST, `Your host is ${name}, running ${SOFTWARE}`);
  reply.numeric(
    RPL_CREATED,
    `This server has been running since ${new Date(server.startedAt).toISOString()}`,
  );
  const chanmodes = CHANMODES.replaceAll(",", "");
  reply.numeric(RPL_MYINFO, name, SOFTWARE, USER_MODES, `${chanmodes}qaohv`, "beIklqaohv");
  sendIsupport(cx);
  sendLusers(cx);
  if (client.has(CAP.metadata))
    reply.batch("metadata", [client.nick], () => {
      sendMetadata(cx, client.nick, client.metadata, () => true);
    });
  sendMotd(cx);
}

export function sendIsupport({ server, client, reply }: CommandContext): void {
  const send = () => {
    for (const tokens of isupportLines(server.config))
      reply.numeric(RPL_ISUPPORT, ...tokens, "are supported by this server");
  };
  if (client.has(CAP.extendedIsupport)) reply.batch("draft/isupport", [], send);
  else send();
}

export function sendLusers({ server, reply }: CommandContext): void {
  const clients = [...server.clients];
  const count = clients.length;
  const invisible = clients.filter((client) => client.modes.has("i")).length;
  const operators = clients.filter((client) => client.isOperator).length;
  reply.numeric(
    RPL_LUSERCLIENT,
    `There are ${count - invisible} users and ${invisible} invisible on 1 servers`,
  );
  reply.numeric(RPL_LUSEROP, String(operators), "IRC Operators online");
  reply.numeric(RPL_LUSERUNKNOWN, String(server.unregisteredCount), "unregistered connections");
  reply.numeric(RPL_LUSERCHANNELS, String(server.channelCount), "channels formed");
  reply.numeric(RPL_LUSERME, `I have ${count} clients and 0 servers`);
  const peak = server.peakClients;
  const users = (kind: string) => `Current ${kind} users ${count}, max ${peak}`;
  reply.numeric(RPL_LOCALUSERS, String(count), String(peak), users("local"));
  reply.numeric(RPL_GLOBALUSERS, String(count), String(peak), users("global"));
}

export function sendMotd({ server, reply }: CommandContext): void {
  if (server.motd === undefined) {
    reply.numeric(ERR_NOMOTD, "There is no message of the day");
    return;
  }
  reply.numeric(RPL_MOTDSTART, `- ${server.name} Message of the day -`);
  for (const line of server.motd)
    for (const piece of line === "" ? [""] : splitToBytes(line, MOTD_LINE_BYTES))
      reply.numeric(RPL_MOTD, `- ${piece}`);
  reply.numeric(RPL_ENDOFMOTD, "End of /MOTD command.");
}
