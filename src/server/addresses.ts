// What one address may take, however many connections it makes.
import { isLoopback } from "./cloak.js";
import type { ServerLimits } from "./config.js";
import { TokenBucket } from "./token-bucket.js";

interface Entry {
  connections: number;
  /** Sockets of which it is not known yet what they speak. */
  waiting: number;
  arrivals?: TokenBucket;
  lines?: TokenBucket;
  accounts?: TokenBucket;
  /** In bytes. */
  storage?: TokenBucket;
  /** It was told that there is no more of it. */
  hasNoStorage?: boolean;
}

type Limits = Pick<
  ServerLimits,
  | "maxConnectionsPerAddress"
  | "connectionBurstPerAddress"
  | "connectionsPerSecondPerAddress"
  | "floodBurstPerAddress"
  | "floodLinesPerSecondPerAddress"
  | "accountBurst"
  | "accountsPerHour"
  | "storageBytesPerDay"
>;

const EXCLUDED_S = 10 * 60;
const HOUR_S = 60 * 60;
const DAY_S = 24 * HOUR_S;
const MAX_ENTRIES = 100_000;

/** Counts connections, lines, new accounts and what is stored by address; those of one IPv6 network (/64) are one. */
export class Addresses {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly limits: Limits,
    private readonly isLimiting: boolean,
  ) {}

  /** A socket has come that has not said yet what it speaks. Returns whether it may; then `waited` is to be called once. */
  mayWait(address: string, now: number): boolean {
    if (!this.isLimiting || isShared(address)) return true;
    const entry = this.entry(address);
    if (entry.waiting >= this.limits.maxConnectionsPerAddress) return false;
    if (!this.arrivalsOf(address, now).take(now)) return false;
    entry.waiting++;
    return true;
  }

  /** No socket of the address may wait for the next minutes. Returns whether that can be said of an address. */
  exclude(address: string, now: number): boolean {
    if (!this.isLimiting || isShared(address)) return false;
    const { connectionBurstPerAddress, connectionsPerSecondPerAddress } = this.limits;
    this.arrivalsOf(address, now).giveBack(
      -connectionBurstPerAddress - EXCLUDED_S * connectionsPerSecondPerAddress,
    );
    return true;
  }

  /** A socket that might wait does so no more. */
  waited(address: string, now: number): void {
    if (!this.isLimiting || isShared(address)) return;
    const block = blockOf(address);
    const entry = this.entries.get(block);
    if (entry === undefined) return;
    entry.waiting--;
    if (isForgettable(entry, now)) this.entries.delete(block);
  }

  /** A connection has come. Returns whether there are too many of its address. */
  connected(address: string): boolean {
    const count = ++this.entry(address).connections;
    return this.isLimiting && !isShared(address) && count > this.limits.maxConnectionsPerAddress;
  }

  disconnected(address: string, now: number): void {
    const block = blockOf(address);
    const entry = this.entries.get(block);
    if (entry === undefined) return;
    entry.connections--;
    if (isForgettable(entry, now)) this.entries.delete(block);
  }

  /** What all connections of the address take their lines from, beside what each has of its own; undefined: no bound. */
  linesOf(address: string, now: number): TokenBucket | undefined {
    if (!this.isLimiting || isShared(address)) return undefined;
    const { floodBurstPerAddress, floodLinesPerSecondPerAddress } = this.limits;
    const entry = this.entry(address);
    entry.lines ??= new TokenBucket(floodBurstPerAddress, floodLinesPerSecondPerAddress, now);
    return entry.lines;
  }

  /** Whether one more account may be made from the address, which is counted. */
  mayMakeAccount(address: string, now: number): boolean {
    if (!this.isLimiting) return true;
    const { accountBurst, accountsPerHour } = this.limits;
    const entry = this.entry(address);
    entry.accounts ??= new TokenBucket(accountBurst, accountsPerHour / HOUR_S, now);
    return entry.accounts.take(now);
  }

  /**
   * Whether so many bytes of someone at the address may be stored, which are counted. `onEnd` is called when they may not for the
   * first time in a while.
   */
  mayStore(address: string, bytes: number, now: number, onEnd: () => void): boolean {
    if (!this.isLimiting) return true;
    const { storageBytesPerDay } = this.limits;
    const entry = this.entry(address);
    entry.storage ??= new TokenBucket(storageBytesPerDay, storageBytesPerDay / DAY_S, now);
    const left = entry.storage.available(now);
    if (entry.storage.take(now, bytes)) {
      if (left > storageBytesPerDay / 2) entry.hasNoStorage = false;
      return true;
    }
    if (entry.hasNoStorage !== true) onEnd();
    entry.hasNoStorage = true;
    return false;
  }

  /** Forgets addresses of which nothing is left to know, and where there are too many, all that are not here. */
  tidy(now: number): void {
    const areTooMany = this.entries.size > MAX_ENTRIES;
    for (const [block, entry] of this.entries)
      if (isForgettable(entry, now) || (areTooMany && !isHere(entry))) this.entries.delete(block);
  }

  /** How many connections the address has. */
  count(address: string): number {
    return this.entries.get(blockOf(address))?.connections ?? 0;
  }

  /** How many addresses are known. */
  get size(): number {
    return this.entries.size;
  }

  private arrivalsOf(address: string, now: number): TokenBucket {
    const { connectionBurstPerAddress, connectionsPerSecondPerAddress } = this.limits;
    return (this.entry(address).arrivals ??= new TokenBucket(
      connectionBurstPerAddress,
      connectionsPerSecondPerAddress,
      now,
    ));
  }

  private entry(address: string): Entry {
    const block = blockOf(address);
    let entry = this.entries.get(block);
    if (entry === undefined) {
      entry = { connections: 0, waiting: 0 };
      this.entries.set(block, entry);
    }
    return entry;
  }
}

/** Behind a tunnel or a proxy on this machine everyone has the same address. */
function isShared(address: string): boolean {
  return isLoopback(address);
}

function isHere({ connections, waiting }: Entry): boolean {
  return connections > 0 || waiting > 0;
}

/** No one is connected, and whoever comes next finds all as if no one had been. */
function isForgettable(entry: Entry, now: number): boolean {
  if (isHere(entry)) return false;
  const { arrivals, lines, accounts, storage } = entry;
  return [arrivals, lines, accounts, storage].every(
    (bucket) => bucket === undefined || bucket.isFull(now),
  );
}

const IPV6_GROUPS = 8;
const NETWORK_GROUPS = 4;

/** The address; of IPv6 the network, for whoever has one address of it has them all. */
export function blockOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = [], tail] = address.split("::").map((half) => (half === "" ? [] : half.split(":")));
  const zeros = tail === undefined ? 0 : Math.max(0, IPV6_GROUPS - head.length - tail.length);
  const groups = [...head, ...Array<string>(zeros).fill("0"), ...(tail ?? [])];
  return `${groups.slice(0, NETWORK_GROUPS).join(":")}::/64`;
}
