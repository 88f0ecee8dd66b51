// Questions about the server itself.
import { CAP } from "../../irc/caps.js";
import {
  ERR_NOTREGISTERED,
  RPL_ENDOFINFO,
  RPL_ENDOFLINKS,
  RPL_INFO,
  RPL_LINKS,
  RPL_TIME,
  RPL_VERSION,
} from "../../irc/numerics.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError } from "../errors.js";
import { requireServer } from "./guards.js";
import { SOFTWARE, sendIsupport, sendLusers, sendMotd } from "../welcome.js";

export const queryCommands: CommandTable = {
  MOTD: { run: aboutServer(sendMotd) },
  LUSERS: { run: sendLusers },
  VERSION: { run: aboutServer(version) },
  TIME: { run: aboutServer(time) },
  INFO: { run: aboutServer(info) },
  LINKS: { run: links },
  ISUPPORT: { run: isupport, beforeRegistration: true },
};

/** A question that may name a server, or someone on it: this is the only one. */
function aboutServer(run: (cx: CommandContext) => void): (cx: CommandContext) => void {
  return (cx) => {
    const [target] = cx.params;
    if (target !== undefined) requireServer(cx, target);
    run(cx);
  };
}

function version(cx: CommandContext): void {
  cx.reply.numeric(RPL_VERSION, SOFTWARE, cx.server.name, "An IRCv3 server inside an editor");
  sendIsupport(cx);
}

/** https://ircv3.net/specs/extensions/extended-isupport */
function isupport(cx: CommandContext): void {
  if (!cx.client.isRegistered && !cx.client.has(CAP.extendedIsupport))
    throw new CommandError(ERR_NOTREGISTERED, "You have not registered");
  sendIsupport(cx);
}

function time({ server, reply }: CommandContext): void {
  reply.numeric(RPL_TIME, server.name, new Date(server.now()).toUTCString());
}

function info({ server, reply }: CommandContext): void {
  const lines = [
    "Parley, chat in VS Code",
    `Running since ${new Date(server.startedAt).toUTCString()}`,
  ];
  for (const line of lines) reply.numeric(RPL_INFO, line);
  reply.numeric(RPL_ENDOFINFO, "End of /INFO list.");
}

/** Where the servers of a network are is for its operators to know. */
function links({ server, client, reply }: CommandContext): void {
  if (client.isOperator)
    reply.numeric(RPL_LINKS, server.name, server.name, `0 ${server.config.description}`);
  reply.numeric(RPL_ENDOFLINKS, "*", "End of /LINKS list.");
}
