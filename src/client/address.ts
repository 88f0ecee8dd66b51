// Where a server is, in every form people write it.
import { channelNameProblem } from "../irc/names.js";

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
    | "bad-fingerprint"
    | "bad-channel"
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

type Transport = ServerAddress["transport"];
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
  try {
    return { address: parse(text.trim()) };
  } catch (error) {
    if (error instanceof Refused) return { problem: error.problem };
    throw error;
  }
}

function parse(text: string): ServerAddress {
  if (text === "") refuse("empty", text);
  if (text.length > MAX_ADDRESS_LENGTH) refuse("too-long", `${text.slice(0, 40)}…`);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return parseHostAndPort(text);
  const known = SCHEMES.get(scheme);
  const rest = text.slice(scheme.length + 3);
  if (known !== undefined) return parseUrl(rest, known.transport, known.port);
  // Editions of VS Code each have a scheme of their own, so what makes an invite is its path.
  if (/^[^/?#]*\/join\/?\?/.test(rest)) return parseInvite(rest.slice(rest.indexOf("?") + 1));
  return refuse("bad-scheme", scheme);
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
    if (!isIpv6(inside)) refuse("bad-host", text);
    return { host: inside.toLowerCase(), port: port === undefined ? undefined : parsePort(port) };
  }
  // Two colons and no bracket: an IPv6 address alone; its last group is not a port.
  if (isIpv6(text)) return { host: text.toLowerCase(), port: undefined };
  const colon = text.indexOf(":");
  const host = colon < 0 ? text : text.slice(0, colon);
  if (!isHost(host)) refuse("bad-host", /^[[:]/.test(text) ? text : host);
  return {
    host: host.toLowerCase(),
    port: colon < 0 ? undefined : parsePort(text.slice(colon + 1)),
  };
}

function parsePort(text: string): number {
  if (!/^[0-9]+$/.test(text)) refuse("bad-port", text);
  const port = Number(text);
  if (port < 1 || port > 65535) refuse("port-out-of-range", text);
  return port;
}

function parseUrl(rest: string, transport: Transport, defaultPort: number): ServerAddress {
  const end = /[/?#]/.exec(rest)?.index ?? rest.length;
  const authority = rest.slice(0, end).replace(/^[^@]*@/, "");
  const { host, port = defaultPort } = splitHostPort(authority);
  const isWeb = transport === "ws" || transport === "wss";
  const [path = "", fragment] = isWeb ? splitFragment(rest.slice(end)) : [rest.slice(end)];
  const address = plainAddress([host], port, transport);
  if (!isWeb) return { ...address, channels: channelsOfPath(path) };
  return {
    ...address,
    path: path.startsWith("/") ? path : `/${path}`,
    channels: fragment === undefined ? [] : parseChannels([`#${fragment}`]),
  };
}

function splitFragment(path: string): [string, string | undefined] {
  const hash = path.indexOf("#");
  return hash < 0 ? [path, undefined] : [path.slice(0, hash), path.slice(hash + 1)];
}

/** `/#chan`, `/%23chan`, `/chan` or `/#a,#b`; a query or `,needkey` after it is left out. */
function channelsOfPath(path: string): string[] {
  const names = decode(path.replace(/^\//, "").replace(/\?.*$/s, ""), "bad-channel")
    .split(",")
    .filter(
      (name) =>
        name !== "" && !/^(?:isnick|isuser|needkey|needpass|isserver|isnetwork)$/.test(name),
    );
  return parseChannels(names);
}

function parseChannels(names: readonly string[]): string[] {
  const channels = names.map((name) => (name.startsWith("#") ? name : `#${name}`));
  const bad = channels.find((name) => channelNameProblem(name) !== undefined);
  if (bad !== undefined) refuse("bad-channel", bad);
  return [...new Set(channels)].slice(0, MAX_CHANNELS);
}

function decode(text: string, code: AddressProblem["code"]): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse(code, text);
  }
}

function parseInvite(query: string): ServerAddress {
  const params = new URLSearchParams(query);
  const hosts = params
    .getAll("host")
    .map((host) => host.replace(/^\[(.*)\]$/s, "$1").toLowerCase());
  const bad = hosts.find((host) => !isHost(host) && !isIpv6(host));
  if (hosts.length === 0 || bad !== undefined) refuse("bad-host", bad ?? "");
  if (hosts.length > MAX_HOSTS) refuse("too-many-hosts", String(hosts.length));
  const port = params.get("port");
  return {
    ...plainAddress([...new Set(hosts)], port === null ? DEFAULT_PORT : parsePort(port), "tls"),
    channels: parseChannels(params.getAll("channel")),
    fingerprint: parseFingerprint(params.get("fp")),
    token: parseToken(params.get("token")),
  };
}

/** Prints are also written in upper case and with colons. */
function parseFingerprint(text: string | null): string | undefined {
  if (text === null) return undefined;
  const digits = text.replace(/[:\s]/g, "").toLowerCase();
  return /^[0-9a-f]{64}$/.test(digits) ? digits : refuse("bad-fingerprint", text);
}

function parseToken(text: string | null): string | undefined {
  if (text === null || text === "") return undefined;
  // eslint-disable-next-line no-control-regex -- a password with a line break could smuggle a second command
  if (text.length > MAX_TOKEN_LENGTH || /[\x00-\x1f\x7f]/.test(text)) refuse("bad-token", "");
  return text;
}

function isHost(host: string): boolean {
  if (host.length > 253) return false;
  // Four numbers and nothing else must be an IPv4 address: resolvers read "999.1.1.1" or "1.2" in surprising ways.
  if (/^[0-9.]+$/.test(host)) {
    const parts = host.split(".");
    return (
      parts.length === 4 && parts.every((part) => /^[0-9]{1,3}$/.test(part) && Number(part) < 256)
    );
  }
  return host
    .replace(/\.$/, "")
    .split(".")
    .every((label) =>
      /^[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_-]{0,61}[\p{L}\p{M}\p{N}_])?$/u.test(label),
    );
}

function isIpv6(text: string): boolean {
  const [address = "", zone] = text.split("%", 2);
  if (zone !== undefined && !/^[A-Za-z0-9._-]+$/.test(zone)) return false;
  return (
    address.includes(":") && /^[0-9a-f:.]+$/i.test(address) && URL.canParse(`http://[${address}]/`)
  );
}

/** The invite link of an address. `scheme` is that of the VS Code edition in use. */
export function formatInvite(address: ServerAddress, scheme = "vscode"): string {
  const params = new URLSearchParams();
  for (const host of address.hosts) params.append("host", host);
  params.set("port", String(address.port));
  if (address.fingerprint !== undefined) params.set("fp", address.fingerprint);
  if (address.token !== undefined) params.set("token", address.token);
  for (const channel of address.channels) params.append("channel", channel);
  // Not "+" for a space: VS Code decodes a link's query as percent-encoding only.
  return `${scheme}://parley-chat.parley/join?${params.toString().replaceAll("+", "%20")}`;
}

/** An address for people: `example.org`, `[::1]:7000`, `wss://example.org/irc`. Never has the token. */
export function formatAddress(address: ServerAddress): string {
  const host = address.hosts[0] ?? "";
  const name = host.includes(":") ? `[${host}]` : host;
  if (address.transport === "tls")
    return address.port === DEFAULT_PORT ? name : `${name}:${address.port}`;
  const scheme = address.transport === "plaintext" ? "irc" : address.transport;
  const port = SCHEMES.get(scheme)?.port === address.port ? "" : `:${address.port}`;
  const path = address.transport === "plaintext" || address.path === "/" ? "" : address.path;
  return `${scheme}://${name}${port}${path}`;
}
