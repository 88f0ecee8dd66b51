// What a server can be told. The command line, and the extension by its worker, give the same options.
import { isIPv6 } from "node:net";
import { nickProblem } from "../irc/names.js";
import { ConfigError } from "./errors.js";

/** Options as they are given; what is left out has its default. */
export interface ServerOptions {
  /** `HOST:PORT` each, `[v6]:PORT` for IPv6; port 0 picks a free one. Default: 127.0.0.1:9898. */
  readonly listen?: readonly string[];
  /** Where plaintext is accepted from. Default: loopback. */
  readonly plaintext?: "never" | "loopback" | "always";
  /** Files with the certificate and its key, PEM. Default: self-signed, kept in `data`. */
  readonly cert?: string;
  readonly key?: string;
  /** Needed to connect. */
  readonly password?: string;
  /** Folder for history, accounts and the certificate; left out: in memory. */
  readonly data?: string;
  /** Start although the folder lacks data it has had. */
  readonly acceptDataLoss?: boolean;
  readonly name?: string;
  readonly network?: string;
  /** What WHOIS and LINKS say of the server. */
  readonly description?: string;
  /** File with the message of the day. */
  readonly motd?: string;
  /** Operators, `NAME:PASSWORD` each. */
  readonly opers?: readonly string[];
  /** Accounts made at start, `NAME:PASSWORD` each. */
  readonly accounts?: readonly string[];
  /** Accounts may be registered before the connection is. */
  readonly registerBeforeConnect?: boolean;
  /** Registering an account asks for an e-mail address. It is kept for the host, and not verified: no mail is sent. */
  readonly registerRequiresEmail?: boolean;
  /** Logged-in people stay in their channels while they are not connected, also after a restart. */
  readonly alwaysOn?: boolean;
  /** Everything that is said is logged in `data`, direct messages included, and everyone is told. */
  readonly audit?: boolean;
  /** People who come wait until the host, or an operator, lets them in. */
  readonly approve?: boolean;
  /** Days for which clients that came encrypted come so only; needs `cert`, which they can check. 0: they may choose. */
  readonly stsDays?: number;
  readonly maxClients?: number;
  readonly floodControl?: boolean;
  /** Messages kept for each conversation. 0 keeps all. */
  readonly historyLimit?: number;
  /** Days messages are kept. 0 keeps them forever. */
  readonly retention?: number;
  /** Lines of what they missed that clients are shown who cannot ask for it. Default: 50; 0 shows none. */
  readonly replay?: number;
  /** Who sees the addresses of others besides operators. Default: host (no one else). */
  readonly showAddresses?: "host" | "everyone";
  readonly logLevel?: "error" | "warn" | "info" | "debug";
  readonly logJson?: boolean;
}

export interface ListenAddress {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** Bounds on what one peer can take, in the units their names say. */
export interface ServerLimits {
  /** From the first byte to RPL_WELCOME; also for the handshakes before it. */
  readonly registrationTimeoutMs: number;
  /** After this long without a line the server asks PING … */
  readonly pingIntervalMs: number;
  /** … and after this long without an answer the client is gone. */
  readonly pingTimeoutMs: number;
  /** How soon a connection must answer when another one of its account wants its nick. */
  readonly ghostTimeoutMs: number;
  /** How long a closed connection may take to read its last lines. */
  readonly closeGraceMs: number;
  /** How often the time-outs are looked at. */
  readonly sweepIntervalMs: number;
  readonly maxSendQueueBytes: number;
  /** Lines a client may send at once, and how many a second after that. */
  readonly floodBurst: number;
  readonly floodLinesPerSecond: number;
  /** The same for all clients of one address together. */
  readonly floodBurstPerAddress: number;
  readonly floodLinesPerSecondPerAddress: number;
  readonly maxConnectionsPerAddress: number;
  /** How many may come from one address at once, and how many a second after that. */
  readonly connectionBurstPerAddress: number;
  readonly connectionsPerSecondPerAddress: number;
  /** Accounts that may be made from one address at once, and how many an hour after that. */
  readonly accountBurst: number;
  readonly accountsPerHour: number;
  /** How many bytes of messages and events from one address are stored at once, and within a day after that. */
  readonly storageBytesPerDay: number;
  /** Wrong passwords that are checked at once for one address, and how many a second after that; the others wait. */
  readonly guessBurst: number;
  readonly guessesPerSecond: number;
  /** The same for one account, operator, channel or the server, whatever the addresses. */
  readonly guessBurstPerName: number;
  readonly guessesPerSecondPerName: number;
  /** How many may wait for the host's approval, in all and of one address, and for how long. */
  readonly maxWaiting: number;
  readonly maxWaitingPerAddress: number;
  readonly approvalTimeoutMs: number;
  /** Pictures of people a client may fetch at once, and how many a second after that. */
  readonly pictureBurst: number;
  readonly picturesPerSecond: number;
  /** The same of uploads of its own. */
  readonly uploadBurst: number;
  readonly uploadsPerMinute: number;
  readonly maxChannelsPerClient: number;
  readonly maxListModes: number;
  readonly maxMonitors: number;
  readonly maxMetadataKeys: number;
  readonly maxMetadataSubs: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  registrationTimeoutMs: 30_000,
  pingIntervalMs: 45_000,
  pingTimeoutMs: 30_000,
  ghostTimeoutMs: 3_000,
  closeGraceMs: 2_000,
  sweepIntervalMs: 1_000,
  maxSendQueueBytes: 4 * 1024 * 1024,
  floodBurst: 60,
  floodLinesPerSecond: 10,
  // An office behind one address: thirty people come back at once with twenty lines each, or a hundred talk and type.
  // For one person with twenty windows it is what four may say.
  floodBurstPerAddress: 600,
  floodLinesPerSecondPerAddress: 40,
  maxConnectionsPerAddress: 128,
  // Twice all of an office. After that a handshake's work only so often.
  connectionBurstPerAddress: 256,
  connectionsPerSecondPerAddress: 4,
  accountBurst: 20,
  accountsPerHour: 10,
  // A person writes a few hundred kilobytes a day, and everyone behind a tunnel has one address.
  storageBytesPerDay: 256 * 1024 * 1024,
  // Two are checked together, so that someone who knows the password waits about four seconds during an attack.
  guessBurst: 10,
  guessesPerSecond: 0.5,
  guessBurstPerName: 40,
  guessesPerSecondPerName: 2,
  maxWaiting: 100,
  maxWaitingPerAddress: 5,
  approvalTimeoutMs: 30 * 60_000,
  // Everyone in a large channel at once.
  pictureBurst: 300,
  picturesPerSecond: 20,
  uploadBurst: 10,
  uploadsPerMinute: 6,
  maxChannelsPerClient: 100,
  maxListModes: 100,
  maxMonitors: 100,
  maxMetadataKeys: 20,
  maxMetadataSubs: 50,
};

/** Everything a server goes by, checked and complete. */
export interface ServerConfig {
  readonly listen: readonly ListenAddress[];
  readonly plaintext: "never" | "loopback" | "always";
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly password: string | undefined;
  readonly data: string | undefined;
  readonly acceptDataLoss: boolean;
  readonly name: string;
  readonly network: string;
  readonly description: string;
  readonly motdFile: string | undefined;
  readonly opers: readonly Credentials[];
  readonly accounts: readonly Credentials[];
  readonly registerBeforeConnect: boolean;
  readonly registerRequiresEmail: boolean;
  readonly alwaysOn: boolean;
  readonly audit: boolean;
  readonly approve: boolean;
  readonly stsDays: number;
  readonly maxClients: number;
  readonly floodControl: boolean;
  readonly historyLimit: number;
  readonly retentionDays: number;
  readonly replayLines: number;
  readonly showAddresses: "host" | "everyone";
  readonly logLevel: "error" | "warn" | "info" | "debug";
  readonly logJson: boolean;
  readonly limits: ServerLimits;
}

export const DEFAULT_PORT = 9898;
const MAX_NAME_LENGTH = 63;
const MAX_REPLAY_LINES = 500;

/**
 * The configuration `options` ask for.
 *
 * @throws ConfigError naming the option that is wrong.
 */
export function parseServerConfig(
  options: ServerOptions,
  limits: Partial<ServerLimits> = {},
): ServerConfig {
  if ((options.cert === undefined) !== (options.key === undefined))
    throw new ConfigError(
      options.cert === undefined ? "cert" : "key",
      "give both the certificate and the key, as two PEM files, or neither",
    );
  return {
    listen: (options.listen ?? [`127.0.0.1:${DEFAULT_PORT}`]).map(parseListenAddress),
    plaintext: oneOf("plaintext", options.plaintext, ["loopback", "never", "always"]),
    certFile: options.cert,
    keyFile: options.key,
    password: parsePassword(options.password),
    data: options.data,
    acceptDataLoss: options.acceptDataLoss ?? false,
    name: parseName("name", options.name ?? "parley.chat", /^[A-Za-z0-9.-]*\.[A-Za-z0-9.-]*$/),
    network: parseName("network", options.network ?? "Parley", /^[^\s:]+$/),
    description: parseDescription(options.description ?? "Parley chat server"),
    motdFile: options.motd,
    opers: (options.opers ?? []).map((value) => parseCredentials("oper", value)),
    accounts: (options.accounts ?? []).map(parseAccount),
    registerBeforeConnect: options.registerBeforeConnect ?? false,
    registerRequiresEmail: options.registerRequiresEmail ?? false,
    alwaysOn: options.alwaysOn ?? false,
    audit: parseAudit(options),
    approve: options.approve ?? false,
    stsDays: parseStsDays(options),
    maxClients: wholeNumber("max-clients", options.maxClients ?? 10_000, 1),
    floodControl: options.floodControl ?? true,
    historyLimit: wholeNumber("history-limit", options.historyLimit ?? 0, 0),
    retentionDays: wholeNumber("retention", options.retention ?? 0, 0),
    replayLines: wholeNumber("replay", options.replay ?? 50, 0, MAX_REPLAY_LINES),
    showAddresses: oneOf("show-addresses", options.showAddresses, ["host", "everyone"]),
    logLevel: oneOf("log-level", options.logLevel, ["info", "error", "warn", "debug"]),
    logJson: options.logJson ?? false,
    limits: { ...DEFAULT_LIMITS, ...limits },
  };
}

/** `HOST:PORT` or `[v6]:PORT`; the port may be left out. */
export function parseListenAddress(value: string): ListenAddress {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(value);
  const host = match?.[1] ?? match?.[2] ?? "";
  if (host === "" || (match?.[1] !== undefined && !isIPv6(host.replace(/%.*$/, ""))))
    throw new ConfigError(
      "listen",
      `"${value}" is not HOST:PORT, such as 0.0.0.0:9898 or [::]:9898`,
    );
  return { host, port: parsePort(match?.[3] ?? String(DEFAULT_PORT)) };
}

function parsePort(text: string): number {
  if (!/^[0-9]+$/.test(text))
    throw new ConfigError(
      "listen",
      `the port "${text}" is not a number; it must be between 1 and 65535, or 0 for any free port`,
    );
  if (Number(text) > 65535)
    throw new ConfigError(
      "listen",
      `the port ${text} is out of range; it must be between 1 and 65535, or 0 for any free port`,
    );
  return Number(text);
}

function parsePassword(password: string | undefined): string | undefined {
  if (password === undefined) return undefined;
  if (password === "") throw new ConfigError("password", "must not be empty");
  if (/[\r\n\0]/.test(password) || Buffer.byteLength(password) > 300)
    throw new ConfigError("password", "must be one line of at most 300 bytes");
  return password;
}

function parseCredentials(key: string, value: string): Credentials {
  const colon = value.indexOf(":");
  const name = value.slice(0, Math.max(colon, 0));
  const password = value.slice(colon + 1);
  if (colon < 0 || !/^[^\s:]+$/.test(name) || password === "" || /[\r\n\0]/.test(password))
    throw new ConfigError(key, "must be NAME:PASSWORD, without spaces in the name");
  return { name, password };
}

function parseAccount(value: string): Credentials {
  const account = parseCredentials("account", value);
  const problem = nickProblem(account.name);
  if (problem !== undefined)
    throw new ConfigError("account", `"${account.name}" cannot be a nick: ${problem}`);
  return account;
}

function parseStsDays({ stsDays = 0, cert }: ServerOptions): number {
  wholeNumber("sts-days", stsDays, 0);
  // Clients that obey it refuse a certificate they cannot check, and with it the server.
  if (stsDays > 0 && cert === undefined)
    throw new ConfigError("sts-days", "needs --cert with a certificate that clients can verify");
  return stsDays;
}

function parseAudit({ audit = false, data }: ServerOptions): boolean {
  if (audit && data === undefined)
    throw new ConfigError("audit", "needs --data DIR, the folder the log is kept in");
  return audit;
}

function parseName(key: string, value: string, pattern: RegExp): string {
  if (value.length > MAX_NAME_LENGTH || !pattern.test(value))
    throw new ConfigError(
      key,
      key === "name"
        ? `"${value}" is not a server name: use letters, digits, hyphens and at least one dot, at most ${MAX_NAME_LENGTH} characters`
        : `"${value}" is not a network name: use at most ${MAX_NAME_LENGTH} characters, without spaces or colons`,
    );
  return value;
}

function parseDescription(value: string): string {
  if (/[\r\n\0]/.test(value) || Buffer.byteLength(value) > 100)
    throw new ConfigError("description", "must be one line of at most 100 bytes");
  return value;
}

function wholeNumber(key: string, value: number, least: number, most = Infinity): number {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw new ConfigError(
      key,
      `must be a whole number, ${most === Infinity ? `${least} or more` : `${least} to ${most}`}`,
    );
  return value;
}

function oneOf<T extends string>(
  key: string,
  value: T | undefined,
  allowed: readonly [T, ...T[]],
): T {
  if (value === undefined) return allowed[0];
  if (!allowed.includes(value))
    throw new ConfigError(key, `"${value}" is not one of ${allowed.join(", ")}`);
  return value;
}
