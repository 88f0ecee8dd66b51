// What one run of a scenario gives, and the clocks that stand around it.
import { setTimeout as delay } from "node:timers/promises";
import type { Faults } from "./checking.js";
import { ownCpuSeconds } from "./process-stats.js";
import type { RunningServer } from "./servers.js";

export interface Measurement {
  /** Deliveries, connections or joins: what the scenario counts. */
  readonly done: number;
  readonly wallSeconds: number;
  readonly serverCpuSeconds: number;
  /** CPU seconds of the load generator. */
  readonly loadCpuSeconds: number;
  /** Milliseconds from sending to receiving; only where the rate is fixed. */
  readonly p50?: number;
  readonly p99?: number;
  /** Milliseconds by which the load generator was late to send: what it added to p99 itself. */
  readonly lateP99?: number;
  /** Bytes of memory of the server with no client, and for each one; only for idle connections. */
  readonly baseBytes?: number;
  readonly bytesPerClient?: number;
  readonly faults: Faults;
  /** Whether all that was sent had arrived in time. */
  readonly isComplete: boolean;
}

const POLL_MS = 5;

export interface Ending {
  /** How much has arrived so far. */
  readonly progress: () => number;
  readonly isDone: () => boolean;
  /** Gives up when nothing arrives for so long, … */
  readonly stallMs: number;
  /** … or all of it takes longer than this. */
  readonly timeoutMs: number;
}

/** Times from `start` on until everything has arrived, or nothing does any more. */
export async function measure(
  server: RunningServer,
  faults: Faults,
  start: () => void,
  ending: Ending,
): Promise<Measurement> {
  const before = { server: server.cpuSeconds(), load: ownCpuSeconds(), at: performance.now() };
  start();
  const end = await lastProgress(server, ending, before.at);
  return {
    done: ending.progress(),
    wallSeconds: (end - before.at) / 1000,
    serverCpuSeconds: server.isRunning ? server.cpuSeconds() - before.server : Number.NaN,
    loadCpuSeconds: ownCpuSeconds() - before.load,
    faults,
    isComplete: ending.isDone(),
  };
}

async function lastProgress(
  server: RunningServer,
  { progress, isDone, stallMs, timeoutMs }: Ending,
  startedAt: number,
): Promise<number> {
  let last = progress();
  let lastAt = performance.now();
  while (!isDone() && server.isRunning) {
    await delay(POLL_MS);
    const now = performance.now();
    const current = progress();
    if (current !== last) [last, lastAt] = [current, now];
    else if (now - lastAt > stallMs) break;
    if (now - startedAt > timeoutMs) break;
  }
  return isDone() ? performance.now() : lastAt;
}

/** The middle of `values`, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Counts durations up to a minute in steps of 10 µs, however many there are. */
export class Durations {
  private readonly counts = new Uint32Array(6_000_001);
  private total = 0;

  addMs(ms: number): void {
    const bucket = Math.min(Math.max(Math.round(ms * 100), 0), this.counts.length - 1);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.total++;
  }

  /** The milliseconds that `share` (0 to 1) of the durations do not exceed. */
  percentile(share: number): number {
    let rest = Math.ceil(this.total * share);
    for (let bucket = 0; bucket < this.counts.length; bucket++) {
      rest -= this.counts[bucket] ?? 0;
      if (rest <= 0) return bucket / 100;
    }
    return Number.NaN;
  }
}
