// How long one turn of this process's event loop takes at most, by the processor's time: what other processes do does not count.

/** Whenever the loop comes round, and this much time has passed, the meter looks. */
const LOOK_EVERY_MS = 1;

export class TurnMeter {
  private timer: NodeJS.Timeout | undefined;
  private before = 0;
  private longestMs = 0;

  start(): void {
    this.longestMs = 0;
    this.before = processorMs();
    this.timer = setInterval(() => {
      this.look();
    }, LOOK_EVERY_MS);
  }

  /** Gives the longest turn since start(). */
  stop(): number {
    clearInterval(this.timer);
    this.look();
    return this.longestMs;
  }

  private look(): void {
    const now = processorMs();
    this.longestMs = Math.max(this.longestMs, now - this.before);
    this.before = now;
  }
}

function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
