// What a client hears when it has registered.
import { readFileSync } from "node:fs";
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
import { tellLogged } from "./audit/audit-notices.js";
import { CHANMODES, isupportLines } from "./isupport.js";
import type { ServerConfig } from "./config.js";
import { numericLine, type NumericLine } from "./delivery.js";
import type { CommandContext } from "./dispatch.js";
import { ConfigError, errorText } from "./errors.js";
import { sendMetadata } from "./metadata.js";

export const SOFTWARE = "parley";
const USER_MODES = "Biow";
const MOTD_LINE_BYTES = 300;

/** What is the same for all who come, made once for each configuration. */
export class Greeting {
  readonly origin: readonly NumericLine[];
  readonly isupport: readonly NumericLine[];
  readonly motd: readonly NumericLine[];

  /** @throws ConfigError when the message of the day cannot be read. */
  constructor(config: ServerConfig, startedAt: number) {
    const { name } = config;
    const numeric = (...of: [string, ...string[]]) => numericLine(name, ...of);
    const since = new Date(startedAt).toISOString();
    const chanmodes = CHANMODES.replaceAll(",", "");
    this.origin = [
      numeric(RPL_YOURHOST, `Your host is ${name}, running version ${SOFTWARE}`),
      numeric(RPL_CREATED, `This server has been running since ${since}`),
      numeric(RPL_MYINFO, name, SOFTWARE, USER_MODES, `${chanmodes}qaohv`, "beIklqaohv"),
    ];
    this.isupport = isupportLines(config).map((tokens) =>
      numeric(RPL_ISUPPORT, ...tokens, "are supported by this server"),
    );
    const motd = readMotd(config.motdFile);
    const pieces = (line: string) => (line === "" ? [""] : splitToBytes(line, MOTD_LINE_BYTES));
    this.motd =
      motd === undefined
        ? [numeric(ERR_NOMOTD, "There is no message of the day")]
        : [
            numeric(RPL_MOTDSTART, `- ${name} Message of the day -`),
            ...motd.flatMap(pieces).map((piece) => numeric(RPL_MOTD, `- ${piece}`)),
            numeric(RPL_ENDOFMOTD, "End of /MOTD command."),
          ];
  }
}

function readMotd(file: string | undefined): readonly string[] | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, "utf8").trimEnd().split(/\r?\n/);
  } catch (error) {
    throw new ConfigError("motd", `could not read ${file}: ${errorText(error)}`);
  }
}

/** The registration burst: who you are, what the server can do, who is here, what the host wants to say. */
export function welcome(cx: CommandContext): void {
  introduce(cx);
  sendLusers(cx);
  sendOwnMetadata(cx);
  sendMotd(cx);
  tellLogged(cx, cx.client.nick);
}

/** The same for someone who waits to be let in: nothing of it tells of anyone who is here. */
export function greet(cx: CommandContext): void {
  introduce(cx);
  sendMotd(cx);
  tellLogged(cx, cx.client.nick);
}

/** What was left out of the welcome of someone who waited, and is in now. */
export function catchUp(cx: CommandContext): void {
  sendLusers(cx);
  sendOwnMetadata(cx);
  tellLogged(cx, cx.client.nick);
}

function introduce(cx: CommandContext): void {
  const { server, client, reply } = cx;
  reply.numeric(RPL_WELCOME, `Welcome to the ${server.config.network} chat, ${client.source}`);
  reply.numerics(server.greeting.origin);
  sendIsupport(cx);
}

function sendOwnMetadata(cx: CommandContext): void {
  const { client, reply } = cx;
  if (client.has(CAP.metadata))
    reply.batch("metadata", [client.nick], () => {
      sendMetadata(cx, client.nick, client.metadata, () => true);
    });
}

export function sendIsupport({ server, client, reply }: CommandContext): void {
  const send = () => {
    reply.numerics(server.greeting.isupport);
  };
  if (client.has(CAP.extendedIsupport)) reply.batch("draft/isupport", [], send);
  else send();
}

export function sendLusers({ server, reply }: CommandContext): void {
  const { name, clients, channels } = server;
  const numeric = (...of: [string, ...string[]]) => numericLine(name, ...of);
  const count = String(clients.size);
  const peak = String(clients.peak);
  const users = (kind: string) => `Current ${kind} users ${count}, max ${peak}`;
  reply.numerics([
    numeric(
      RPL_LUSERCLIENT,
      `There are ${clients.size - clients.invisibleCount} users and ${clients.invisibleCount} invisible on 1 servers`,
    ),
    numeric(RPL_LUSEROP, String(clients.operatorCount), "IRC Operators online"),
    numeric(RPL_LUSERUNKNOWN, String(server.unregisteredCount), "unregistered connections"),
    numeric(RPL_LUSERCHANNELS, String(channels.size), "channels formed"),
    numeric(RPL_LUSERME, `I have ${count} clients and 0 servers`),
    numeric(RPL_LOCALUSERS, count, peak, users("local")),
    numeric(RPL_GLOBALUSERS, count, peak, users("global")),
  ]);
}

export function sendMotd({ server, reply }: CommandContext): void {
  reply.numerics(server.greeting.motd);
}
