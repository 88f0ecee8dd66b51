// MONITOR. https://ircv3.net/specs/extensions/monitor
import { CAP } from "../../irc/caps.js";
import { nickProblem } from "../../irc/names.js";
import {
  ERR_ERRONEUSNICKNAME,
  ERR_MONLISTFULL,
  ERR_NEEDMOREPARAMS,
  RPL_ENDOFMONLIST,
  RPL_MONLIST,
  RPL_MONOFFLINE,
  RPL_MONONLINE,
} from "../../irc/numerics.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError } from "../errors.js";
import { explainNick } from "../explain.js";
import { sendMetadata } from "../metadata.js";
import { shown } from "../reply.js";

export const monitorCommands: CommandTable = {
  MONITOR: { run: monitor, minParams: 1 },
};

function monitor(cx: CommandContext): void {
  const { server, client, params, reply } = cx;
  const [what = "", list] = params;
  const { monitors } = server;
  switch (what.toUpperCase()) {
    case "+":
      add(cx, targets(list));
      break;
    case "-":
      for (const nick of targets(list)) monitors.remove(client, nick);
      break;
    case "C":
      monitors.clear(client);
      break;
    case "L":
      reply.list(RPL_MONLIST, [...monitors.of(client)], ",");
      reply.numeric(RPL_ENDOFMONLIST, "End of MONITOR list");
      break;
    case "S":
      sendStatus(cx, [...monitors.of(client)]);
      break;
    default:
      throw new CommandError(
        ERR_NEEDMOREPARAMS,
        "MONITOR",
        "Use MONITOR + <nick>, - <nick>, C, L or S",
      );
  }
}

function targets(list: string | undefined): string[] {
  if (list === undefined || list === "")
    throw new CommandError(ERR_NEEDMOREPARAMS, "MONITOR", "Not enough parameters");
  return list.split(",").filter((nick) => nick !== "");
}

function add(cx: CommandContext, nicks: readonly string[]): void {
  const { server, client, reply } = cx;
  const { monitors, config } = server;
  const limit = config.limits.maxMonitors;
  const added: string[] = [];
  for (const [index, nick] of nicks.entries()) {
    const problem = nickProblem(nick);
    if (problem !== undefined) {
      reply.numeric(ERR_ERRONEUSNICKNAME, shown(nick), explainNick(problem));
      continue;
    }
    if (!monitors.isWatching(client, nick) && monitors.count(client) >= limit) {
      const rest = nicks.slice(index).map(shown).join(",");
      reply.numeric(ERR_MONLISTFULL, String(limit), rest, "Monitor list is full.");
      break;
    }
    monitors.add(client, nick);
    added.push(nick);
  }
  sendStatus(cx, added);
  sendMetadataOf(cx, added);
}

/** metadata: those who begin to watch someone get the values of the keys they asked for. */
function sendMetadataOf(cx: CommandContext, nicks: readonly string[]): void {
  const { server, client } = cx;
  if (!client.has(CAP.metadata)) return;
  for (const nick of nicks) {
    const found = server.clients.find(nick);
    if (found !== undefined && found !== client)
      sendMetadata(cx, found.nick, found.metadata, (key) => client.metadataSubs.has(key));
  }
}

function sendStatus(cx: CommandContext, nicks: readonly string[]): void {
  const online: string[] = [];
  const offline: string[] = [];
  for (const nick of nicks) {
    const found = cx.server.clients.find(nick);
    if (found === undefined) offline.push(nick);
    else online.push(found.source);
  }
  cx.reply.list(RPL_MONONLINE, online, ",");
  cx.reply.list(RPL_MONOFFLINE, offline, ",");
}
