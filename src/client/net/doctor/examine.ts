// Gathers the facts: all at once, each within a bounded time.
import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import { DEFAULT_PORT, type ServerAddress } from "../../address.js";
import { CONTROL_ADDRESS, WEB_PORT } from "../../doctor/facts.js";
import type {
  Answer,
  EndpointCheck,
  HostFacts,
  JoinerFacts,
  LocalInterface,
  Neighborhood,
  Platform,
  Resolution,
} from "../../doctor/facts.js";
import {
  bytesOf,
  interfaceFor,
  isIpv6,
  isLoopback,
  kindOfInterface,
} from "../../doctor/networks.js";
import { findFirewalls } from "./firewalls.js";
import { findGateway, lookFor, neighborAnswers } from "./neighborhood.js";
import { probe } from "./probe.js";

/** An invite has at most so many hosts, and no more addresses than these are tried. */
const MAX_ENDPOINTS = 16;
const MAX_ADDRESSES_OF_NAME = 4;
const LOOKUP_TIMEOUT_MS = 6000;
// Link-local IPv6 needs the reader's own interface name behind a `%`, so it cannot stand in a link.
const LINK_LOCAL_IPV6 = /^fe[89ab]/i;

export function platformOf(platform: NodeJS.Platform): Platform {
  if (platform === "win32") return "windows";
  return platform === "darwin" ? "macos" : "linux";
}

/** The networks this computer is in, without its loopback addresses and those that need no network. */
export function localInterfaces(): LocalInterface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ internal, address }) => !internal && !LINK_LOCAL_IPV6.test(address))
      .map(({ address, cidr }) => ({
        name,
        address,
        prefixLength: Number(cidr?.split("/")[1] ?? (isIpv6(address) ? 64 : 24)),
        kind: kindOfInterface(name, address),
      })),
  );
}

export interface JoinerQuestion {
  /** `fingerprint`: the one that is expected, where it is known. */
  readonly address: Pick<ServerAddress, "hosts" | "port" | "transport" | "fingerprint">;
  /** Whether this window is connected to it now. */
  readonly isConnected: boolean;
  readonly signal: AbortSignal;
}

/** What this computer finds on the way to a server. Rejects only when the signal says so. */
export async function examineJoiner({
  address,
  isConnected,
  signal,
}: JoinerQuestion): Promise<JoinerFacts> {
  const { hosts, port, transport, fingerprint } = address;
  const platform = platformOf(process.platform);
  const interfaces = localInterfaces();
  const gateway = await findGateway(platform, signal);
  const looking = gateway === undefined ? Promise.resolve() : lookFor(gateway);
  const [resolutions] = await Promise.all([
    Promise.all(hosts.slice(0, MAX_ENDPOINTS).map(resolve)),
    looking,
  ]);
  const endpoints = resolutions
    .flatMap(({ host, addresses }) => addresses.map((found) => ({ host, address: found })))
    .slice(0, MAX_ENDPOINTS);
  const check = async (
    endpoint: { host: string; address: string },
    at: number,
  ): Promise<EndpointCheck> => ({
    ...endpoint,
    port: at,
    outcome: await probe({ ...endpoint, port: at, transport, fingerprint, signal }),
  });
  // Nobody stands between a computer and itself.
  const isNear = endpoints.length > 0 && endpoints.every(({ address }) => isLoopback(address));
  const [checks, intercepted] = await Promise.all([
    Promise.all(endpoints.map((endpoint) => check(endpoint, port))),
    isNear ? undefined : findInterception(port, transport, signal),
  ]);
  const refused =
    port === DEFAULT_PORT ? [] : checks.filter(({ outcome }) => outcome.type === "refused");
  const defaultPort = await Promise.all(
    refused.map((found) => check({ host: found.host, address: found.address }, DEFAULT_PORT)),
  );
  const neighborhood = await examineNeighborhood({ platform, gateway, interfaces, checks, signal });
  return {
    side: "joiner",
    platform,
    port,
    transport,
    interfaces,
    resolutions,
    checks,
    defaultPort,
    neighborhood,
    intercepted,
    isConnected,
  };
}

async function resolve(host: string): Promise<Resolution> {
  if (bytesOf(host) !== undefined) return { host, addresses: [host] };
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(Object.assign(new Error("no answer in time"), { code: "EAI_AGAIN" }));
    }, LOOKUP_TIMEOUT_MS);
  });
  try {
    const found = await Promise.race([lookup(host, { all: true }), limit]);
    return {
      host,
      addresses: [...new Set(found.map(({ address }) => address))].slice(0, MAX_ADDRESSES_OF_NAME),
    };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "?";
    return { host, addresses: [], error: code };
  } finally {
    clearTimeout(timer);
  }
}

/** What answers where no computer is: at the server's port, or as a web page. */
async function findInterception(
  port: number,
  transport: JoinerFacts["transport"],
  signal: AbortSignal,
): Promise<JoinerFacts["intercepted"]> {
  const ask = async (at: number, spoken: JoinerFacts["transport"]) => {
    const target = {
      host: CONTROL_ADDRESS,
      address: CONTROL_ADDRESS,
      port: at,
      fingerprint: undefined,
    };
    const outcome = await probe({ ...target, transport: spoken, signal });
    return outcome.type === "open" ? { port: at, answer: outcome.answer } : undefined;
  };
  const [own, web] = await Promise.all([ask(port, transport), ask(WEB_PORT, "ws")]);
  if (own !== undefined) return own;
  return web !== undefined && isPage(web.answer) ? web : undefined;
}

/** A proxy that only passes web pages on answers with an error. */
function isPage(answer: Answer): boolean {
  return answer.kind === "http" && (answer.status < 400 || answer.status === 511);
}

async function examineNeighborhood({
  platform,
  gateway,
  interfaces,
  checks,
  signal,
}: Pick<JoinerFacts, "platform" | "interfaces" | "checks"> & {
  readonly gateway: string | undefined;
  readonly signal: AbortSignal;
}): Promise<Neighborhood> {
  const table = await neighborAnswers(platform, signal);
  if (table === undefined) return { gateway, answers: {} };
  const answers = new Map(table);
  for (const { address } of checks) {
    const isOwn = interfaces.some((own) => own.address === address);
    const isNear = !isIpv6(address) && interfaceFor(address, interfaces) !== undefined;
    if (isNear && !isOwn && !answers.has(address)) answers.set(address, false);
  }
  return { gateway, answers: Object.fromEntries(answers) };
}

export interface HostQuestion {
  readonly isRunning: boolean;
  readonly scope: HostFacts["scope"];
  readonly port: number;
  /** Of the running server. */
  readonly fingerprint: string | undefined;
  readonly remoteName: string | undefined;
  /** Addresses of everyone who is connected. */
  readonly clients: readonly string[];
  readonly isInBrowser: boolean;
  readonly signal: AbortSignal;
}

/** Whether a connection from there comes from this computer. */
export function isThisComputer(address: string, interfaces = localInterfaces()): boolean {
  const bare = bareAddress(address);
  return isLoopback(bare) || interfaces.some((own) => own.address === bare);
}

/** What this computer alone finds of its own server. Rejects only when the signal says so. */
export async function examineHost(question: HostQuestion): Promise<Omit<HostFacts, "members">> {
  const { isRunning, scope, port, fingerprint, clients, signal } = question;
  const { remoteName, isInBrowser } = question;
  const platform = platformOf(process.platform);
  const interfaces = localInterfaces();
  const program = process.execPath;
  const own = isRunning && scope !== "machine" ? ownAddresses(scope, interfaces) : ["127.0.0.1"];
  const [checks, firewalls] = await Promise.all([
    Promise.all(
      own.slice(0, MAX_ENDPOINTS).map(async (address): Promise<EndpointCheck> => {
        const target = { host: address, address, port, transport: "tls", fingerprint } as const;
        return { host: address, address, port, outcome: await probe({ ...target, signal }) };
      }),
    ),
    findFirewalls({ platform, port, program, signal }),
  ]);
  const peers = [...new Set(clients.map(bareAddress))].filter(
    (address) => !isThisComputer(address, interfaces),
  );
  return {
    side: "host",
    platform,
    port,
    isRunning,
    scope,
    remoteName,
    isInBrowser,
    interfaces,
    checks,
    firewalls,
    program,
    peers,
  };
}

function ownAddresses(
  scope: "network" | { readonly address: string },
  interfaces: readonly LocalInterface[],
): string[] {
  const all = interfaces.map(({ address }) => address);
  if (scope === "network") return all;
  return isLoopback(scope.address) || all.includes(scope.address) ? [scope.address] : [];
}

/** IPv4 addresses come as IPv6 ones where a server listens on both. */
export function bareAddress(address: string): string {
  return address.replace(/^::ffff:/i, "");
}
