// Guesses at passwords: how often they are checked. docs/decisions/password-guesses.md
import { blockOf } from "./addresses.js";
import type { Client } from "./client.js";
import type { ServerLimits } from "./config.js";
import type { Logger } from "./logger.js";
import { TokenBucket } from "./token-bucket.js";

type Limits = Pick<
  ServerLimits,
  "guessBurst" | "guessesPerSecond" | "guessBurstPerName" | "guessesPerSecondPerName"
>;

/** A guess that is not checked yet. */
interface Waiter {
  readonly client: Client;
  readonly lane: Lane;
  /** `true`: its turn has come; `false`: its connection has ended. */
  readonly settle: (isTurn: boolean) => void;
}

/** How many addresses and names are remembered. */
const MAX_LANES = 20_000;
/** How many certificates are remembered that have proved something. */
const MAX_PROVED = 10_000;
/** How many guesses are checked together where many wait: the newest and the oldest. */
const BOTH_ENDS = 2;

/** The guesses of one address, or at one name, are checked at a bounded rate; the others wait. */
class Lane {
  hasWarned = false;
  private readonly bucket: TokenBucket;
  /** The oldest first. */
  private readonly waiting = new Set<Waiter>();

  constructor(
    private readonly burst: number,
    perSecond: number,
    now: number,
  ) {
    this.bucket = new TokenBucket(burst, perSecond, now);
  }

  get isEmpty(): boolean {
    return this.waiting.size === 0;
  }

  take(now: number): boolean {
    return this.isEmpty && this.bucket.take(now);
  }

  add(waiter: Waiter): void {
    this.waiting.add(waiter);
  }

  remove(waiter: Waiter): void {
    this.waiting.delete(waiter);
  }

  /** The guess was right and does not count. */
  giveBack(now: number): void {
    this.bucket.giveBack(1);
    this.serve(now);
  }

  /**
   * Lets guesses go on from both ends. Connections that wait for their turn to guess again are older than someone
   * who has just come; those that leave early to come again are newer. So neither keeps anyone else waiting for long.
   */
  serve(now: number): void {
    const mayServe = () => {
      const together = Math.min(BOTH_ENDS, this.burst, this.waiting.size);
      return together > 0 && this.bucket.available(now) >= together;
    };
    while (mayServe()) {
      this.letGo(this.newest(), now);
      const [oldest] = this.waiting;
      this.letGo(oldest, now);
    }
  }

  /** As if no one had ever guessed. */
  isForgettable(now: number): boolean {
    return this.isEmpty && this.bucket.isFull(now);
  }

  isUsedUp(now: number): boolean {
    return this.bucket.available(now) < 1;
  }

  /** How many guesses are used up. */
  missing(now: number): number {
    return this.burst - this.bucket.available(now);
  }

  /** The last to come of those whose connections have guessed wrong least often. */
  private newest(): Waiter | undefined {
    let best: Waiter | undefined;
    for (const waiter of this.waiting)
      if (best === undefined || waiter.client.wrongGuesses <= best.client.wrongGuesses)
        best = waiter;
    return best;
  }

  private letGo(waiter: Waiter | undefined, now: number): void {
    if (waiter === undefined || !this.bucket.take(now)) return;
    this.waiting.delete(waiter);
    waiter.settle(true);
  }
}

/** Owns how often each address may guess, and how often each secret may be guessed at by everyone together. */
export class Guesses {
  private readonly byAddress = new Map<string, Lane>();
  private readonly byName = new Map<string, Lane>();
  private readonly waiters = new Map<Client, Set<Waiter>>();
  /** Secrets with the certificates that have proved them, in the order in which they last did. */
  private readonly proved = new Set<string>();

  constructor(
    private readonly limits: Limits,
    private readonly isLimiting: boolean,
    private readonly now: () => number,
    private readonly logger: Logger,
  ) {}

  /**
   * What `check` returns, once it may be called; undefined is a wrong guess. Resolves with undefined when the client's
   * connection ends first.
   *
   * @param secret what is guessed at, such as `account ann`
   */
  async attempt<T>(
    client: Client,
    secret: string,
    check: () => T | undefined | Promise<T | undefined>,
  ): Promise<T | undefined> {
    if (!this.isLimiting) return check();
    const lanes = this.lanesFor(client, secret);
    for (const lane of lanes) if (!(await this.turn(lane, client))) return undefined;
    const result = await check();
    if (result === undefined) {
      client.wrongGuesses++;
      for (const lane of lanes) this.warn(lane, client);
      return undefined;
    }
    for (const lane of lanes) lane.giveBack(this.now());
    this.remember(client, secret);
    return result;
  }

  /** The client's connection has ended: what it has guessed is not checked any more. */
  forget(client: Client): void {
    for (const waiter of this.waiters.get(client) ?? []) {
      waiter.lane.remove(waiter);
      waiter.settle(false);
    }
  }

  /** Lets those go on whose turn has come. */
  sweep(now: number): void {
    const lanes = new Set<Lane>();
    for (const waiters of this.waiters.values()) for (const { lane } of waiters) lanes.add(lane);
    for (const lane of lanes) lane.serve(now);
  }

  /** Forgets addresses and names that have all their guesses again. */
  tidy(now: number): void {
    for (const lanes of [this.byAddress, this.byName])
      for (const [key, lane] of lanes) if (lane.isForgettable(now)) lanes.delete(key);
  }

  /** How many clients have guesses that wait. */
  get waitingCount(): number {
    return this.waiters.size;
  }

  /** How many addresses and names are remembered. */
  get size(): number {
    return this.byAddress.size + this.byName.size;
  }

  /** A certificate that has proved the secret before waits for no one else's guesses. */
  private lanesFor(client: Client, secret: string): readonly Lane[] {
    const { guessBurst, guessesPerSecond } = this.limits;
    const certificate = client.connection.info.certificateFingerprint;
    const lane = (key: string) => this.lane(this.byAddress, key, guessBurst, guessesPerSecond);
    if (certificate !== undefined && this.proved.has(`${certificate} ${secret}`))
      return [lane(certificate)];
    const { guessBurstPerName, guessesPerSecondPerName } = this.limits;
    return [
      lane(blockOf(client.address)),
      this.lane(this.byName, secret, guessBurstPerName, guessesPerSecondPerName),
    ];
  }

  private lane(lanes: Map<string, Lane>, key: string, burst: number, perSecond: number): Lane {
    let lane = lanes.get(key);
    if (lane === undefined) {
      if (lanes.size >= MAX_LANES) forgetOne(lanes, this.now());
      lane = new Lane(burst, perSecond, this.now());
      lanes.set(key, lane);
    }
    return lane;
  }

  private turn(lane: Lane, client: Client): boolean | Promise<boolean> {
    if (!client.connection.isOpen) return false;
    if (lane.take(this.now())) return true;
    return new Promise((resolve) => {
      const waiters = this.waiters.get(client) ?? new Set();
      const settle = (isTurn: boolean) => {
        waiters.delete(waiter);
        if (waiters.size === 0) this.waiters.delete(client);
        resolve(isTurn);
      };
      const waiter: Waiter = { client, lane, settle };
      this.waiters.set(client, waiters.add(waiter));
      lane.add(waiter);
    });
  }

  private warn(lane: Lane, client: Client): void {
    if (lane.hasWarned || !lane.isUsedUp(this.now())) return;
    lane.hasWarned = true;
    this.logger.warn(
      `too many wrong passwords, the latest from ${client.address}: further attempts are slowed down`,
    );
  }

  private remember(client: Client, secret: string): void {
    const certificate = client.connection.info.certificateFingerprint;
    if (certificate === undefined) return;
    const key = `${certificate} ${secret}`;
    this.proved.delete(key);
    this.proved.add(key);
    if (this.proved.size <= MAX_PROVED) return;
    const [oldest] = this.proved;
    if (oldest !== undefined) this.proved.delete(oldest);
  }
}

/** One that was hardly guessed at. Guesses at ever more names do not make the server forget the others. */
function forgetOne(lanes: Map<string, Lane>, now: number): void {
  let best: string | undefined;
  let least = Infinity;
  for (const [key, lane] of lanes) {
    const missing = lane.missing(now);
    if (missing < least) [best, least] = [key, missing];
    // Not all of them are looked at for each new one.
    if (missing <= 1) break;
  }
  if (best !== undefined) lanes.delete(best);
}
