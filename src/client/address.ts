// Where a server is, in every form people write it.
import { channelNameProblem } from "../irc/names.js";
import { canonicalHost } from "./host.js";
import {
  endsInKey,
  formatInviteQuery,
  parseInviteQuery,
  sizeOfValues,
  type InviteKey,
} from "./invite-query.js";

/** A place to connect to. */
export interface ServerAddress {
  /** At least one; tried in order. IPv6 without brackets. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly transport: "tls" | "plaintext" | "wss" | "ws";
  /** WebSocket only: path and query, beginning with "/". */
  readonly path: string;
  /** Channels to join, given by the address; with their `#`. */
  readonly channels: readonly string[];
  /** By channel: what lets us in. Secrets. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Who to open a conversation with, where the address is that of a person. */
  readonly nick?: string;
  /** From an invite: SHA-256 of the certificate, 64 lower-case hex digits, and the server's password. */
  readonly fingerprint: string | undefined;
  readonly token: string | undefined;
}

/** Why a text is no address. `value` is the part that is wrong, as it was written. */
export interface AddressProblem {
  readonly code:
    | "empty"
    | "bad-host"
    | "bad-port"
    | "port-out-of-range"
    | "bad-scheme"
    /** `irc:host`; `value` is the address that may be meant. */
    | "no-slashes"
    | "bad-key"
    /** An invite link that was cut off, or copied in part. */
    | "incomplete-invite"
    | "bad-fingerprint"
    | "bad-channel"
    | "bad-nick"
    | "bad-token"
    | "too-many-hosts"
    | "too-long";
  readonly value: string;
}

export type ParsedAddress =
  { readonly address: ServerAddress } | { readonly problem: AddressProblem };

/** The port of a Parley server. */
export const DEFAULT_PORT = 9898;

/** More than any real address takes; a longer text is no address. */
const MAX_ADDRESS_LENGTH = 4096;
const MAX_HOSTS = 16;
const MAX_CHANNELS = 16;
const MAX_TOKEN_LENGTH = 256;
const MAX_NICK_LENGTH = 64;

type Transport = ServerAddress["transport"];

/** Whether what goes over it is encrypted. */
export function usesTls(transport: Transport): boolean {
  return transport === "tls" || transport === "wss";
}

const SCHEMES: ReadonlyMap<string, { readonly transport: Transport; readonly port: number }> =
  new Map([
    ["irc", { transport: "plaintext", port: 6667 }],
    ["ircs", { transport: "tls", port: 6697 }],
    ["ws", { transport: "ws", port: 80 }],
    ["wss", { transport: "wss", port: 443 }],
  ]);

/** Stands inside parseAddress only: what was found wrong on the way. */
class Refused extends Error {
  constructor(readonly problem: AddressProblem) {
    super(problem.code);
  }
}

function refuse(code: AddressProblem["code"], value: string): never {
  throw new Refused({ code, value });
}

/**
 * The address `text` stands for: an invite link, `host`, `host:port`, `[v6]`, `[v6]:port`, a bare IPv6 address, or an
 * `irc:`, `ircs:`, `ws:` or `wss:` address. Without a scheme TLS is meant, and port 9898 where none is given.
 */
export function parseAddress(text: string): ParsedAddress {
  return parsedBy(() => parse(text.trim()));
}

/** Nothing but what an encoded query can have: this one was not decoded on its way, or was encoded twice. */
const ENCODED_QUERY = /^(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*$/i;

/** The address of an invite link that VS Code has taken apart, and as a rule decoded. `query` is all that follows the `?`. */
export function parseClickedInvite(query: string): ParsedAddress {
  return parsedBy(() => {
    checkLength(query);
    return parseInvite(query, !ENCODED_QUERY.test(query));
  });
}

function parsedBy(parse: () => ServerAddress): ParsedAddress {
  try {
    return { address: parse() };
  } catch (error) {
    if (error instanceof Refused) return { problem: error.problem };
    throw error;
  }
}

function parse(text: string): ServerAddress {
  if (text === "") refuse("empty", text);
  checkLength(text);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    checkNoScheme(text);
    return parseHostAndPort(text);
  }
  const known = SCHEMES.get(scheme);
  const rest = text.slice(scheme.length + 3);
  if (known !== undefined) return parseUrl(rest, known.transport, known.port);
  // Editions of VS Code each have a scheme of their own, so what makes an invite is its path.
  if (/^[^/?#]*\/join\/?\?/.test(rest))
    return parseInvite(rest.slice(rest.indexOf("?") + 1), false);
  if (isBeginningOfInvite(scheme, rest)) refuse("incomplete-invite", "");
  return refuse("bad-scheme", scheme);
}

const INVITE_PLACE = "parley-chat.parley/join";
/** The schemes of VS Code and its editions, as far as they are known. */
const EDITOR_SCHEME = /^(?:vscode|vscodium|code|cursor|windsurf)/;
const INVITE_VALUE = /(?:^|[?&/])(?:host|fp|token)(?:64)?=/;

/** Whether an address of this scheme is an invite link that ends before its query. */
function isBeginningOfInvite(scheme: string, rest: string): boolean {
  const isStart = INVITE_PLACE.startsWith(rest.replace(/(?<=join)\/$/, "").toLowerCase());
  return isStart && (rest.length > 1 || EDITOR_SCHEME.test(scheme));
}

/** Refuses what begins like an address with a scheme, and what is a piece of an invite link. */
function checkNoScheme(text: string): void {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+-]*):(?![0-9]+$)\/?(.*)$/is.exec(text) ?? [];
  const lower = scheme.toLowerCase();
  if (scheme !== "" && SCHEMES.has(lower)) refuse("no-slashes", `${lower}://${rest}`);
  const isInvite = EDITOR_SCHEME.test(lower) && isBeginningOfInvite(lower, rest);
  const isPiece = text.toLowerCase().includes(INVITE_PLACE) || INVITE_VALUE.test(text);
  if (isInvite || isPiece) refuse("incomplete-invite", "");
}

function checkLength(text: string): void {
  if (text.length > MAX_ADDRESS_LENGTH) refuse("too-long", `${text.slice(0, 40)}…`);
}

function parseHostAndPort(text: string): ServerAddress {
  const { host, port } = splitHostPort(text);
  return plainAddress([host], port ?? DEFAULT_PORT, "tls");
}

function plainAddress(hosts: readonly string[], port: number, transport: Transport): ServerAddress {
  return {
    hosts,
    port,
    transport,
    path: "/",
    channels: [],
    fingerprint: undefined,
    token: undefined,
  };
}

function splitHostPort(text: string): { host: string; port: number | undefined } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/s.exec(text);
  if (bracketed !== null) {
    const [, inside = "", port] = bracketed;
    // In URLs the sign before a zone is written %25. https://www.rfc-editor.org/rfc/rfc6874#section-2
    const host = canonicalHost(inside.replace(/%25(?=.)/, "%"));
    if (host?.includes(":") !== true) refuse("bad-host", text);
    return { host, port: port === undefined ? undefined : parsePort(port) };
  }
  // Two colons and no bracket: an IPv6 address alone; its last group is not a port.
  if (/:.*:/s.test(text))
    return { host: canonicalHost(text) ?? refuse("bad-host", text), port: undefined };
  const colon = text.indexOf(":");
  const name = colon < 0 ? text : text.slice(0, colon);
  const host = canonicalHost(name);
  if (host === undefined) refuse("bad-host", /^[[:]/.test(text) ? text : name);
  return { host, port: colon < 0 ? undefined : parsePort(text.slice(colon + 1)) };
}

function parsePort(text: string): number {
  if (!/^[0-9]+$/.test(text)) refuse("bad-port", text);
  const port = Number(text);
  if (port < 1 || port > 65535) refuse("port-out-of-range", text);
  return port;
}

function parseUrl(rest: string, transport: Transport, defaultPort: number): ServerAddress {
  const end = /[/?#]/.exec(rest)?.index ?? rest.length;
  const written = rest.slice(0, end).replace(/^.*@/s, "");
  // As in other clients, a plus before the port stands for TLS.
  const authority = written.replace(/:\+(?=[0-9]+$)/, ":");
  const isTls = transport === "plaintext" && authority !== written;
  const { host, port = defaultPort } = splitHostPort(
    authority.startsWith("[") ? authority : decode(authority, "bad-host"),
  );
  if (authority === "") refuse("bad-host", "");
  const isWeb = transport === "ws" || transport === "wss";
  const [path, fragment] = isWeb ? splitAt(rest.slice(end), "#") : [rest.slice(end), ""];
  const address = plainAddress([host], port, isTls ? "tls" : transport);
  if (!isWeb) return { ...address, ...targetsOfPath(path) };
  const [names, query] = splitAt(fragment, "?");
  const channels = parseChannels(decode(names, "bad-channel").split(","));
  const keys = keysOf(channels, query);
  return { ...address, path: path.startsWith("/") ? path : `/${path}`, channels, ...keys };
}

/** What is before the first `mark` in `text`, and what is after it. */
function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** What may follow a target, behind a comma. https://datatracker.ietf.org/doc/html/draft-butcher-irc-url-04#section-2.4 */
const MODIFIER = /^(?:isnick|isuser|ischannel|isserver|isnetwork|needkey|needpass)$/i;
const PERSON = /^(?:isnick|isuser)$/i;

/** `/#chan`, `/%23chan`, `/chan`, `/#a,#b`, `/#chan?key`, or `/nick,isnick` for a person. */
function targetsOfPath(path: string): Pick<ServerAddress, "channels" | "keys" | "nick"> {
  const [targets, query] = splitAt(path.replace(/^\//, ""), "?");
  const parts = targets.split(",").flatMap((part) => decode(part, "bad-channel").split(","));
  const [first = "", ...behind] = parts;
  const others = behind.filter((part) => !MODIFIER.test(part));
  if (behind.some((part) => PERSON.test(part)))
    return { nick: parseNick(first), channels: parseChannels(others) };
  const channels = parseChannels([first, ...others]);
  return { channels, ...keysOf(channels, query) };
}

/** Options of other programs that are no keys. */
const OPTION = /^(?:msg|message|text|nick|pass|password|charset|encoding)=/i;
const MAX_KEY_LENGTH = 64;

/** `?key`, `?key=…`, or with commas one key for each of the channels. */
function keysOf(channels: readonly string[], query: string): Pick<ServerAddress, "keys"> {
  const written = query.split("&").find((piece) => piece !== "" && !OPTION.test(piece)) ?? "";
  const keys: [string, string][] = [];
  for (const [i, part] of written.replace(/^key=/i, "").split(",").entries()) {
    const channel = channels[i];
    const key = decode(part, "bad-key");
    // eslint-disable-next-line no-control-regex -- what would end the parameter, or begin another one
    if (/^:|[\x00-\x20\x7f,]/.test(key) || key.length > MAX_KEY_LENGTH) refuse("bad-key", "");
    if (channel !== undefined && key !== "") keys.push([channel, key]);
  }
  return keys.length === 0 ? {} : { keys: Object.fromEntries(keys) };
}

// What would end the parameter or begin another one, and what begins no nick anywhere.
// eslint-disable-next-line no-control-regex -- none of them can stand in a nick
const NO_NICK = /^[#&+:@$%]|[\x00-\x20\x7f,*?!@]/;

/** Of `nick!user@host` the nick. What is valid beyond that differs from network to network. */
function parseNick(text: string): string {
  const [nick = ""] = text.split("!");
  const isNick = nick !== "" && nick.length <= MAX_NICK_LENGTH && !NO_NICK.test(nick);
  return isNick ? nick : refuse("bad-nick", nick);
}

/** What else channels of IRC begin with. https://modern.ircdocs.horse/#channel-types */
const OTHER_CHANNEL = /^[&+!]/;

function parseChannels(names: readonly string[]): string[] {
  const channels = names
    .filter((name) => name !== "")
    .map((name) => (OTHER_CHANNEL.test(name) || name.startsWith("#") ? name : `#${name}`));
  const bad = channels.find(
    (name) => channelNameProblem(name.replace(OTHER_CHANNEL, "#")) !== undefined,
  );
  if (bad !== undefined) refuse("bad-channel", bad);
  return [...new Set(channels)].slice(0, MAX_CHANNELS);
}

function decode(text: string, code: AddressProblem["code"]): string {
  try {
    // A percent sign that begins no code was typed by hand, and means itself.
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, "%25"));
  } catch {
    return refuse(code, text);
  }
}

function parseInvite(query: string, isDecoded: boolean): ServerAddress {
  const params = parseInviteQuery(query, isDecoded);
  const all = (key: InviteKey) => params.get(key) ?? [];
  checkWhole(query, all);
  const hosts = all("host").map(
    (host) => canonicalHost(host.replace(/^\[(.*)\]$/s, "$1")) ?? refuse("bad-host", host),
  );
  if (hosts.length > MAX_HOSTS) refuse("too-many-hosts", String(hosts.length));
  /** What a link can have only one of: of two, no one knows which one is meant. */
  const only = (key: InviteKey, code: AddressProblem["code"]) => {
    const values = [...new Set(all(key))];
    return values.length < 2 ? values[0] : refuse(code, key === "token" ? "" : values.join(", "));
  };
  const written = only("port", "bad-port");
  const port = written === undefined ? DEFAULT_PORT : parsePort(written);
  // It has no more than an address: the rest has been lost.
  if (proofsIn(all).length === 0) refuse("incomplete-invite", "");
  return {
    ...plainAddress([...new Set(hosts)], port, "tls"),
    channels: parseChannels(all("channel")),
    fingerprint: parseFingerprint(only("fp", "bad-fingerprint")),
    token: parseToken(only("token", "bad-token")),
  };
}

type ValuesOf = (key: InviteKey) => readonly string[];

/** What makes an invite more than an address. */
function proofsIn(all: ValuesOf): readonly string[] {
  return [...all("fp"), ...all("token"), ...all("channel")];
}

const ENDS_IN_HOST = /(?:^|&)host(?:64)?=[\w.:%[\]-]*$/i;

/**
 * Refuses a link that was cut off. Ours say how long they are; of those that others wrote it shows where they end within
 * a value's name or a host.
 */
function checkWhole(query: string, all: ValuesOf): void {
  const proofs = proofsIn(all);
  const [size] = all("size");
  const isEmpty = all("host").every((host) => host === "");
  const isCut =
    size === undefined
      ? proofs.length === 0 && ENDS_IN_HOST.test(query)
      : size !== sizeOfValues(proofs);
  if (isEmpty || isCut || endsInKey(query)) refuse("incomplete-invite", "");
}

/** Prints are also written in upper case and with colons. */
function parseFingerprint(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const digits = text.replace(/[:\s]/g, "").toLowerCase();
  return /^[0-9a-f]{64}$/.test(digits) ? digits : refuse("bad-fingerprint", text);
}

function parseToken(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  // eslint-disable-next-line no-control-regex -- a password with a line break could smuggle a second command
  if (text.length > MAX_TOKEN_LENGTH || /[\x00-\x1f\x7f]/.test(text)) refuse("bad-token", "");
  return text;
}

/** The invite link of an address. `scheme` is that of the VS Code edition in use. */
export function formatInvite(address: ServerAddress, scheme = "vscode"): string {
  const { hosts, port, fingerprint, token, channels } = address;
  const proofs: (readonly [InviteKey, string])[] = [
    ...(fingerprint === undefined ? [] : [["fp", fingerprint] as const]),
    ...(token === undefined ? [] : [["token", token] as const]),
    // A name without its # is read as if it had one.
    ...channels.map((name) => ["channel", name.replace(/^#(?=[^#])/, "")] as const),
  ];
  const size = sizeOfValues(proofs.map(([, value]) => value));
  const query = formatInviteQuery([
    ...hosts.map((host) => ["host", host] as const),
    ["port", String(port)],
    ...(fingerprint === undefined ? [] : [["size", size] as const]),
    ...proofs,
  ]);
  return `${scheme}://parley-chat.parley/join?${query}`;
}

/** An address for people: `example.org`, `[::1]:7000`, `wss://example.org/irc`. Never has the token. */
export function formatAddress(address: ServerAddress): string {
  const [host = ""] = address.hosts;
  if (address.transport === "tls") {
    const name = host.includes(":") ? `[${host}]` : host;
    return address.port === DEFAULT_PORT ? name : `${name}:${address.port}`;
  }
  const name = host.includes(":") ? `[${host.replace("%", "%25")}]` : host;
  const scheme = address.transport === "plaintext" ? "irc" : address.transport;
  const port = SCHEMES.get(scheme)?.port === address.port ? "" : `:${address.port}`;
  const path = address.transport === "plaintext" || address.path === "/" ? "" : address.path;
  return `${scheme}://${name}${port}${path}`;
}
