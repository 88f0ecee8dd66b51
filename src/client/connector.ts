// Keeps one connection up: connects, waits, tries again, until someone ends it.
import { backoffMs } from "./backoff.js";
import { ConnectError, loggedFailure } from "./connect-error.js";
import type { Link } from "./link.js";
import type { Logger } from "./logger.js";
import type { SessionTiming } from "./session-options.js";
import type { CloseCause, ConnectFailure, ConnectionStatus } from "./status.js";

export interface ConnectorPort {
  /** Whether a server that was never reached yet is waited for. */
  readonly persistent: boolean;
  readonly timing: SessionTiming;
  readonly now: () => number;
  readonly random: () => number;
  readonly logger: Logger;
  /** A connection to be opened. `isAgain`: we have been online before. */
  readonly newLink: (isAgain: boolean) => Link;
  /** The link is registered. What this does may take its time; it is not waited for. */
  readonly onRegistered: (link: Link) => Promise<void>;
  readonly onDisconnected: (cause: CloseCause) => void;
  readonly onStatus: (status: ConnectionStatus) => void;
  /** Nothing will be tried any more. */
  readonly onEnded: (cause: CloseCause) => void;
  readonly onFault: (what: string, error: unknown) => void;
}

/** After these a second attempt would end the same way: a person has to decide something first. */
const FINAL_FAILURES: ReadonlySet<ConnectFailure["code"]> = new Set([
  "password-needed",
  "wrong-password",
  "banned",
  "denied",
  "approval-timed-out",
  "nick-invalid",
  "certificate-unknown",
  "certificate-changed",
  "cancelled",
]);

/** What "the server is not up yet", or is cut off from its services, looks like from here. */
const NOT_UP_YET: ReadonlySet<ConnectFailure["code"]> = new Set([
  "refused",
  "unreachable",
  "timed-out",
  "lost",
  "server-full",
  "throttled",
  "login-unavailable",
]);

/** After these, quick retries make things worse: for us, or for our account. */
const SLOW_FAILURES: ReadonlySet<ConnectFailure["code"]> = new Set([
  "throttled",
  "login-unavailable",
]);
const SLOWNESS = 4;

/** A connection that held this long was a good one: the next retry begins with a short wait again. */
const STABLE_MS = 10_000;

export class Connector {
  /** The connection there is, open or on its way. */
  link: Link | undefined;
  private running: Promise<void> | undefined;
  private isClosing = false;
  private isStopping = false;
  private endWait: (() => void) | undefined;
  private hasBeenOnline = false;
  private onlineSince: number | undefined;
  private failures = 0;

  constructor(private readonly port: ConnectorPort) {}

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  get isOpen(): boolean {
    return this.link?.isOpen === true;
  }

  /** The number of the attempt under way. */
  get attempt(): number {
    return this.failures + 1;
  }

  start(): void {
    if (this.running !== undefined) return;
    this.isClosing = false;
    this.isStopping = false;
    this.hasBeenOnline = false;
    this.failures = 0;
    // At once: the first step waits for what is known of the server.
    this.port.onStatus({ phase: "connecting", step: "connecting", attempt: this.attempt });
    this.running = this.run().finally(() => {
      this.running = undefined;
    });
  }

  /** Ends it, with QUIT where there is a connection. Resolves when that is closed. */
  async close(quitMessage: string): Promise<void> {
    this.isClosing = true;
    this.endWait?.();
    await this.link?.quit(quitMessage);
    await this.running;
  }

  /** Ends the wait for the next attempt; begins anew when all was over. */
  reconnectNow(): void {
    if (this.running === undefined) this.start();
    else this.endWait?.();
  }

  /** No further attempt, and not the one under way either. Does nothing while online. */
  stopReconnecting(): void {
    if (this.running === undefined || this.isOpen) return;
    this.isStopping = true;
    if (this.endWait === undefined) this.link?.destroy();
    else this.endWait();
  }

  private async run(): Promise<void> {
    for (;;) {
      const cause = await this.connectOnce();
      this.disconnected(cause);
      if (this.isOver() || cause.type !== "failed" || !this.isWorthRetrying(cause.failure)) {
        this.port.onEnded(this.isClosing ? { type: "left" } : cause);
        return;
      }
      await this.waitToRetry(cause.failure);
      if (this.isOver()) {
        this.port.onEnded(this.isStopping ? cause : { type: "left" });
        return;
      }
    }
  }

  private isOver(): boolean {
    return this.isClosing || this.isStopping;
  }

  private isWorthRetrying({ code }: ConnectFailure): boolean {
    if (this.hasBeenOnline) return !FINAL_FAILURES.has(code);
    return this.port.persistent && NOT_UP_YET.has(code);
  }

  /** One connection, from the first attempt to its end. */
  private async connectOnce(): Promise<CloseCause> {
    const link = this.port.newLink(this.hasBeenOnline);
    this.link = link;
    try {
      await link.open();
    } catch (error) {
      if (error instanceof ConnectError) return { type: "failed", failure: error.failure };
      this.port.onFault("could not connect", error);
      return { type: "failed", failure: { code: "unreachable", detail: String(error) } };
    }
    this.hasBeenOnline = true;
    this.onlineSince = this.port.now();
    this.port.onRegistered(link).catch((error: unknown) => {
      this.port.onFault("could not set up the connection", error);
    });
    return link.ended;
  }

  private disconnected(cause: CloseCause): void {
    const { onlineSince } = this;
    if (onlineSince !== undefined && this.port.now() - onlineSince >= STABLE_MS) this.failures = 0;
    this.onlineSince = undefined;
    this.link?.destroy();
    this.link = undefined;
    this.port.onDisconnected(cause);
  }

  private async waitToRetry(failure: ConnectFailure): Promise<void> {
    const { timing, random, now, logger } = this.port;
    this.failures++;
    const slowness = SLOW_FAILURES.has(failure.code) ? SLOWNESS : 1;
    const delay = backoffMs(this.failures, timing, random, slowness);
    logger.info(`${loggedFailure(failure)}; trying again in ${delay} ms`);
    const retryAt = now() + delay;
    this.port.onStatus({ phase: "waiting", failure, retryAt, attempt: this.failures });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delay);
      this.endWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.endWait = undefined;
  }
}
