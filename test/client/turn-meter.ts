// How long one turn of this process's event loop takes at most, by the processor's time: what other processes do does not count.

/** Whenever the loop comes round, and this much time has passed, the meter looks. */
const LOOK_EVERY_MS = 1;
const REFERENCE_PEOPLE = 20_000;

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

/**
 * The processor's time for a fixed piece of work, milliseconds: on a machine that is slow, or shares its caches with other
 * processes, it takes longer as a turn does.
 */
export function referenceMs(): number {
  const before = processorMs();
  const people = new Map<string, { readonly nick: string }>();
  for (let i = 0; i < REFERENCE_PEOPLE; i++) people.set(`person-${i}`, { nick: `Person-${i}` });
  [...new Map(people).values()].sort((a, b) => (a.nick < b.nick ? 1 : -1));
  return processorMs() - before;
}

function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
