// How much may be asked in a time.

/** Gives out `burst` tokens at once and `perSecond` more each second. */
export class TokenBucket {
  /** Below zero while tokens are promised that are yet to come. */
  private tokens: number;
  private at: number;

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
    now: number,
  ) {
    this.tokens = burst;
    this.at = now;
  }

  /** Takes a token, or so many, if they are all there. */
  take(now: number, tokens = 1): boolean {
    this.fill(now);
    if (this.tokens < tokens) return false;
    this.tokens -= tokens;
    return true;
  }

  /** Takes a token that may be yet to come. Returns in how many milliseconds it is there: each who asks gets a later one. */
  reserve(now: number): number {
    this.fill(now);
    this.tokens--;
    return this.debtMs(now);
  }

  /** In how many milliseconds no token is promised that is yet to come. */
  debtMs(now: number): number {
    this.fill(now);
    return this.tokens >= 0 ? 0 : Math.ceil((-this.tokens * 1000) / this.perSecond);
  }

  /** Part of what was taken was not needed; or, below zero, more than was taken. */
  giveBack(tokens: number): void {
    this.tokens = Math.min(this.burst, this.tokens + tokens);
  }

  /** Whether it is as if no one had ever asked. */
  isFull(now: number): boolean {
    return this.available(now) >= this.burst;
  }

  /** Below zero while tokens are promised. */
  available(now: number): number {
    this.fill(now);
    return this.tokens;
  }

  private fill(now: number): void {
    // A clock set back must not lock anyone out.
    const elapsed = Math.max(0, now - this.at);
    this.at = now;
    this.tokens = Math.min(this.burst, this.tokens + (elapsed * this.perSecond) / 1000);
  }
}
