// Capability negotiation. https://ircv3.net/specs/extensions/capability-negotiation
import { CAP, type Capability } from "../../irc/caps.js";
import { MAX_LINE_BYTES } from "../../irc/limits.js";
import { ERR_INVALIDCAPCMD } from "../../irc/numerics.js";
import { joinToBytes, utf8Length } from "../../irc/utf8.js";
import { MULTILINE_MAX_BYTES, MULTILINE_MAX_LINES } from "../isupport.js";
import type { ServerConfig } from "../config.js";
import { MECHANISMS } from "../accounts/mechanisms.js";
import type { Client } from "../client.js";
import type { Server } from "../server.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError } from "../errors.js";
import { METADATA_VALUE_MAX_BYTES } from "../metadata.js";
import { tryRegister } from "./registration.js";

/**
 * What the server offers, with the values those see who speak version 302. Drafts come last: others see what fits one line,
 * and know none of them.
 */
export function offeredCaps(config: ServerConfig): ReadonlyMap<Capability, string> {
  const { limits } = config;
  return new Map<Capability, string>([
    [CAP.accountNotify, ""],
    [CAP.accountTag, ""],
    [CAP.awayNotify, ""],
    [CAP.batch, ""],
    [CAP.capNotify, ""],
    [CAP.chghost, ""],
    [CAP.echoMessage, ""],
    [CAP.extendedJoin, ""],
    [CAP.extendedMonitor, ""],
    [CAP.inviteNotify, ""],
    [CAP.labeledResponse, ""],
    [CAP.messageTags, ""],
    [CAP.multiPrefix, ""],
    [CAP.sasl, [...MECHANISMS.keys()].join(",")],
    [CAP.serverTime, ""],
    [CAP.setname, ""],
    [CAP.standardReplies, ""],
    [CAP.userhostInNames, ""],
    [CAP.accountRegistration, registrationTokens(config)],
    [CAP.channelRename, ""],
    [CAP.chathistory, ""],
    [CAP.eventPlayback, ""],
    [CAP.extendedIsupport, ""],
    [CAP.messageRedaction, ""],
    [
      CAP.metadata,
      `before-connect,max-subs=${limits.maxMetadataSubs},max-keys=${limits.maxMetadataKeys},max-value-bytes=${METADATA_VALUE_MAX_BYTES}`,
    ],
    [CAP.multiline, `max-bytes=${MULTILINE_MAX_BYTES},max-lines=${MULTILINE_MAX_LINES}`],
    [CAP.noImplicitNames, ""],
    [CAP.approval, ""],
    [CAP.preAway, ""],
    [CAP.readMarker, ""],
    [CAP.search, ""],
    ...(config.audit ? [[CAP.audit, ""] as const] : []),
  ]);
}

function registrationTokens(config: ServerConfig): string {
  return [
    ...(config.registerBeforeConnect ? ["before-connect"] : []),
    ...(config.registerRequiresEmail ? ["email-required"] : []),
  ].join(",");
}

const DAY_SECONDS = 24 * 60 * 60;

export const capCommands: CommandTable = {
  CAP: { run: cap, minParams: 1, beforeRegistration: true },
};

function cap(cx: CommandContext): void | Promise<void> {
  const subcommand = (cx.params[0] ?? "").toUpperCase();
  switch (subcommand) {
    case "LS":
      list(cx);
      break;
    case "LIST":
      send(cx, "LIST", [...cx.client.caps]);
      break;
    case "REQ":
      request(cx);
      break;
    case "END":
      cx.client.registration.isNegotiating = false;
      return tryRegister(cx);
    default:
      throw new CommandError(
        ERR_INVALIDCAPCMD,
        subcommand,
        "Invalid CAP command; valid ones are LS, LIST, REQ and END",
      );
  }
}

function list(cx: CommandContext): void {
  const { client, server } = cx;
  const version = Number(cx.params[1] ?? 301);
  if (!client.isRegistered) client.registration.isNegotiating = true;
  if (version >= 302) {
    client.capVersion = Math.max(client.capVersion, version);
    // "cap-notify is implicitly enabled" for these clients.
    client.enable(CAP.capNotify);
  }
  const items = [...offeredCaps(server.config), ...stsCap(cx)].map(([name, value]) =>
    formatCap(client, name, name === CAP.sasl ? mechanismsOffered(client) : value),
  );
  send(cx, "LS", items);
}

// sts: where to come encrypted, for those who are not; for how long to come so, for those who are. That is about a host's
// name: "If no hostname has been provided for the connection, an STS persistence policy SHOULD NOT be advertised."
// "Clients MUST NOT request this capability": it is told, not enabled. https://ircv3.net/specs/extensions/sts
function stsCap({
  server,
  client,
}: Pick<CommandContext, "server" | "client">): (readonly [Capability, string])[] {
  const { stsDays } = server.config;
  if (stsDays === 0 || client.capVersion < 302) return [];
  const { isSecure, hostname, localPort } = client.connection.info;
  if (isSecure && hostname === undefined) return [];
  return [[CAP.sts, isSecure ? `duration=${stsDays * DAY_SECONDS}` : `port=${localPort}`]];
}

/** cap-notify: who asked for it hears what is offered otherwise than by `before`, also before they are registered. */
export function announceCaps(server: Server, before: ServerConfig): void {
  const old = offeredCaps(before);
  const offered = offeredCaps(server.config);
  const changed = [...offered].filter(([cap, value]) => old.get(cap) !== value);
  const removed = [...old.keys()].filter((cap) => !offered.has(cap));
  const isStsNew = before.stsDays !== server.config.stsDays;
  for (const client of server.connectedClients()) {
    for (const cap of removed) client.disable(cap);
    if (!client.has(CAP.capNotify)) continue;
    const tell = (subcommand: string, items: readonly string[]) => {
      if (items.length === 0) return;
      server.tell(client, "CAP", [client.nick, subcommand, items.join(" ")]);
    };
    tell("DEL", removed);
    // "The mechanism for disabling" an sts policy is a duration of nothing.
    const { isSecure } = client.connection.info;
    const off = isSecure && client.capVersion >= 302 ? [[CAP.sts, "duration=0"] as const] : [];
    const sts = !isStsNew ? [] : server.config.stsDays === 0 ? off : stsCap({ server, client });
    tell(
      "NEW",
      [...changed, ...sts].map(([name, value]) => formatCap(client, name, value)),
    );
  }
}

/** A certificate can be shown on an encrypted connection only. */
function mechanismsOffered({ connection }: Client): string {
  const { isSecure } = connection.info;
  return [...MECHANISMS.keys()].filter((name) => name !== "EXTERNAL" || isSecure).join(",");
}

function formatCap(client: Client, name: Capability, value: string): string {
  return client.capVersion < 302 || value === "" ? name : `${name}=${value}`;
}

// "*" before the last parameter says that more lines follow, which only version 302 understands. The others see as many as
// fit one line.
function send(cx: CommandContext, subcommand: string, items: readonly string[]): void {
  const { reply, client } = cx;
  const lines = joinToBytes(items, " ", roomFor(cx, `${subcommand} *`));
  const shown = client.capVersion >= 302 ? lines : lines.slice(0, 1);
  for (const earlier of shown.slice(0, -1))
    reply.message("CAP", [client.nick, subcommand, "*", earlier]);
  reply.message("CAP", [client.nick, subcommand, shown.at(-1) ?? ""]);
}

/** How many bytes of names fit a line. */
function roomFor({ server, client }: CommandContext, subcommand: string): number {
  return MAX_LINE_BYTES - 2 - utf8Length(`:${server.name} CAP ${client.nick} ${subcommand} :`);
}

function request(cx: CommandContext): void {
  const { server, client, params, reply } = cx;
  if (!client.isRegistered) client.registration.isNegotiating = true;
  const asked = params[1] ?? "";
  const wanted = asked.split(" ").filter((name) => name !== "");
  const offered = offeredCaps(server.config);
  const changes = wanted.map((name) => ({
    cap: name.replace(/^-/, "") as Capability,
    isOn: !name.startsWith("-"),
  }));
  // All or nothing, and cap-notify stays with those who speak 302.
  const isPossible = changes.every(
    ({ cap, isOn }) =>
      offered.has(cap) && (isOn || cap !== CAP.capNotify || client.capVersion < 302),
  );
  if (!isPossible) {
    const [refused = ""] = answerTo(cx, "NAK", asked, wanted);
    reply.message("CAP", [client.nick, "NAK", refused]);
    return;
  }
  for (const line of answerTo(cx, "ACK", asked, wanted))
    reply.message("CAP", [client.nick, "ACK", line]);
  for (const { cap, isOn } of changes) {
    if (isOn) client.enable(cap);
    else client.disable(cap);
  }
}

/** What was asked for as it came, in several lines where the server's name and the client's leave too little room. */
function answerTo(
  cx: CommandContext,
  subcommand: string,
  asked: string,
  wanted: readonly string[],
): readonly string[] {
  const room = roomFor(cx, subcommand);
  return utf8Length(asked) <= room ? [asked] : joinToBytes(wanted, " ", room);
}
