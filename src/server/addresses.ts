// What one address may take, however many connections it makes.
import { isLoopback } from "./cloak.js";
import type { ServerLimits } from "./config.js";
import { TokenBucket } from "./token-bucket.js";

interface Entry {
  connections: number;
  accounts: TokenBucket | undefined;
  failures: TokenBucket | undefined;
  /** When a bucket was last asked, in milliseconds. */
  usedAt: number;
}

type Limits = Pick<
  ServerLimits,
  | "maxConnectionsPerAddress"
  | "accountBurst"
  | "accountsPerHour"
  | "failedLoginBurst"
  | "failedLoginsPerHour"
>;

const HOUR_S = 60 * 60;
/** Buckets not asked for so long are full again, or near enough. */
const FORGET_MS = 24 * 60 * 60 * 1000;
const MAX_ENTRIES = 100_000;

/** Counts connections, new accounts and failed logins by address. */
export class Addresses {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly limits: Limits,
    private readonly isLimiting: boolean,
  ) {}

  /** A connection has come. Returns whether there are too many of its address. */
  connected(address: string): boolean {
    const count = ++this.entry(address).connections;
    // Behind a tunnel or a proxy on this machine everybody has the same address.
    return this.isLimiting && !isLoopback(address) && count > this.limits.maxConnectionsPerAddress;
  }

  disconnected(address: string): void {
    const entry = this.entries.get(address);
    if (entry === undefined) return;
    entry.connections--;
    if (entry.connections <= 0 && entry.accounts === undefined && entry.failures === undefined)
      this.entries.delete(address);
  }

  /** Whether one more account may be made from the address, which is counted. */
  mayMakeAccount(address: string, now: number): boolean {
    if (!this.isLimiting) return true;
    const { accountBurst, accountsPerHour } = this.limits;
    const entry = this.entry(address);
    entry.usedAt = now;
    entry.accounts ??= new TokenBucket(accountBurst, accountsPerHour / HOUR_S, now);
    return entry.accounts.take(now) === 0;
  }

  /** Somebody failed to log in from the address. Returns whether that was once too often. */
  failedLogin(address: string, now: number): boolean {
    if (!this.isLimiting) return false;
    const { failedLoginBurst, failedLoginsPerHour } = this.limits;
    const entry = this.entry(address);
    entry.usedAt = now;
    entry.failures ??= new TokenBucket(failedLoginBurst, failedLoginsPerHour / HOUR_S, now);
    return entry.failures.take(now) > 0;
  }

  /** Forgets addresses that did nothing for long. */
  tidy(now: number): void {
    for (const [address, { connections, usedAt }] of this.entries)
      if (connections <= 0 && (now - usedAt >= FORGET_MS || this.entries.size > MAX_ENTRIES))
        this.entries.delete(address);
  }

  /** How many connections the address has. */
  count(address: string): number {
    return this.entries.get(address)?.connections ?? 0;
  }

  private entry(address: string): Entry {
    let entry = this.entries.get(address);
    if (entry === undefined) {
      entry = { connections: 0, accounts: undefined, failures: undefined, usedAt: 0 };
      this.entries.set(address, entry);
    }
    return entry;
  }
}
