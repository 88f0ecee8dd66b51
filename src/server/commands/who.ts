// WHO and WHOX. https://ircv3.net/specs/extensions/whox
import { RPL_ENDOFWHO, RPL_WHOREPLY, RPL_WHOSPCRPL } from "../../irc/numerics.js";
import { CAP } from "../../irc/caps.js";
import type { Channel } from "../channel.js";
import type { Client } from "../client.js";
import { addressParam } from "../cloak.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { maskMatcher } from "../masks.js";

export const whoCommands: CommandTable = {
  WHO: { run: who, minParams: 1, inTurns: true },
};

/** The order in which WHOX answers, whatever the order asked for. */
const FIELD_ORDER = ["t", "c", "u", "i", "h", "s", "n", "f", "d", "l", "a", "o", "r"];
const MAX_MATCHES = 500;
/** For so many people who are looked at, a line costs once more. */
const CLIENTS_PER_LINE = 100;

interface Question {
  readonly fields: string | undefined;
  readonly token: string;
}

function who(cx: CommandContext): void {
  const { server, client, params, reply } = cx;
  const mask = params[0] ?? "*";
  const flags = params[1] ?? "";
  const percent = flags.indexOf("%");
  const [fields = "", token = ""] = flags.slice(percent + 1).split(",");
  const question: Question = {
    fields: percent < 0 ? undefined : fields,
    token: /^[0-9]{1,3}$/.test(token) ? token : "0",
  };
  const operatorsOnly = (percent < 0 ? flags : flags.slice(0, percent)).includes("o");
  const wants = (found: Client) => !operatorsOnly || found.isOperator;
  const channel = mask.startsWith("#") ? server.channels.find(mask) : undefined;
  if (channel?.isVisibleTo(client) === true) {
    for (const member of channel.members.keys())
      if (wants(member) && member.isVisibleTo(client)) answer(cx, question, member, channel);
  } else if (!mask.startsWith("#")) {
    for (const found of findClients(cx, mask)) if (wants(found)) answer(cx, question, found);
  }
  reply.numeric(RPL_ENDOFWHO, mask, "End of WHO list");
}

function findClients(cx: CommandContext, mask: string): Client[] {
  const { server, client } = cx;
  const exact = server.clients.find(mask);
  if (exact !== undefined) return [exact];
  const found: Client[] = [];
  const matches = maskMatcher(mask === "0" ? "*" : mask);
  client.connection.costs(1 + Math.floor(server.clients.size / CLIENTS_PER_LINE));
  for (const candidate of server.clients.values()) {
    if (found.length >= MAX_MATCHES) break;
    if (!candidate.isVisibleTo(client)) continue;
    const names = [candidate.nick, candidate.user, candidate.host, candidate.realname, server.name];
    if (client.isOperator) names.push(candidate.address);
    if (names.some(matches)) found.push(candidate);
  }
  return found;
}

function answer(cx: CommandContext, question: Question, found: Client, at?: Channel): void {
  const { server, client, reply } = cx;
  const channel =
    at ??
    [...found.channels].find((c) => c.isVisibleTo(client) && (c.has(client) || client.isOperator));
  const prefixes = channel?.prefixes(found, client.has(CAP.multiPrefix)) ?? "";
  const bot = found.modes.has("B") ? "B" : "";
  const flags = `${found.away === undefined ? "H" : "G"}${found.isOperator ? "*" : ""}${prefixes}${bot}`;
  if (question.fields === undefined) {
    reply.numeric(
      RPL_WHOREPLY,
      channel?.name ?? "*",
      found.user,
      found.host,
      server.name,
      found.nick,
      flags,
      `0 ${found.realname}`,
    );
    return;
  }
  const values: Readonly<Record<string, string>> = {
    t: question.token,
    c: channel?.name ?? "*",
    u: found.user,
    // The address is for those who may see it; to others it reads as one that is no one's.
    i: client === found || client.seesAddresses ? addressParam(found.address) : "255.255.255.255",
    h: found.host,
    s: server.name,
    n: found.nick,
    f: flags,
    d: "0",
    l: String(Math.floor((server.now() - found.lastActive) / 1000)),
    a: found.account ?? "0",
    o: "n/a",
    r: found.realname,
  };
  const { fields } = question;
  const wanted = FIELD_ORDER.filter((field) => fields.includes(field));
  reply.numeric(RPL_WHOSPCRPL, ...wanted.map((field) => values[field] ?? "0"));
}
