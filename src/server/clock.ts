// What time it is, for all that is said.
import { formatTime } from "./delivery.js";
import { errorText } from "./errors.js";
import type { Logger } from "./logger.js";

const TOLERANCE_MS = 10_000;
/** Messages that are so far ahead of the clock were said while it was wrong. */
const WAS_WRONG_MS = 30 * 24 * 60 * 60 * 1000;
/** A clock that is earlier than this program is wrong itself: a computer without a battery for it, which has just started. */
const PROGRAM_TIME = Date.UTC(2026, 0, 1);

/** Owns the latest time that something was said at. */
export class Clock {
  private latestTime = 0;
  private isBehind = false;

  constructor(
    /** The computer's: milliseconds since the epoch. */
    readonly read: () => number,
    private readonly logger: Logger,
    /** Gives the time `now` to all that is later. @throws Error when it cannot be stored; then nothing has changed. */
    private readonly bringBack: (now: number) => void,
  ) {}

  /** Milliseconds since the epoch, never going back: the order of messages is that of their times. */
  now(): number {
    this.latestTime = Math.max(this.latestTime, this.read());
    return this.latestTime;
  }

  /** Something was said at this time, perhaps before the clock was set back. */
  startFrom(time: number): void {
    this.latestTime = time;
  }

  /** Messages stay in order whatever the clock says, at the price of their times: whoever runs the server should know. */
  watch(): void {
    const behindMs = this.latestTime - this.read();
    const isBehind = behindMs >= TOLERANCE_MS;
    if (isBehind && !this.isBehind && !this.mend())
      this.logger.warn(
        `the clock went back ${Math.round(behindMs / 1000)} s: messages get the time ${formatTime(this.latestTime)} until the clock has caught up`,
      );
    this.isBehind = isBehind;
  }

  /** All that is said would have the wrong time until the clock has caught up, for years perhaps. Returns whether it is mended. */
  private mend(): boolean {
    const now = this.read();
    const { latestTime } = this;
    if (latestTime - now < WAS_WRONG_MS || now < PROGRAM_TIME) return false;
    try {
      this.bringBack(now);
    } catch (error) {
      this.logger.error(`could not correct times of messages: ${errorText(error)}`);
      return false;
    }
    this.latestTime = now;
    this.logger.warn(
      `the clock was wrong: messages up to ${formatTime(latestTime)} got the time ${formatTime(now)}`,
    );
    return true;
  }
}
