// What goes wrong, and when: a plan that the seed alone decides.
import { setTimeout as sleep } from "node:timers/promises";
import type { TcpProxy } from "../support/tcp-proxy.js";
import { between, pick, type Random } from "./random.js";
import type { ChaosServer } from "./server.js";

/** Of the network of one person, each with its weight. */
const NETWORK_FAULTS = [
  "cut",
  "cut",
  "cut",
  "stall",
  "stall",
  "half-close",
  "black hole",
  "abandon",
] as const;
type NetworkFault = (typeof NETWORK_FAULTS)[number];

/** Longer than a session waits for a PONG. */
const BLACK_HOLE_MS = 2_500;

/** Lets one thing go wrong and mends it. */
async function suffer(fault: NetworkFault, proxy: TcpProxy, random: Random): Promise<void> {
  switch (fault) {
    case "cut":
      await proxy.cut();
      await sleep(between(random, 0, 600));
      await proxy.mend();
      return;
    case "stall":
      proxy.hold();
      await sleep(between(random, 50, 500));
      proxy.release();
      return;
    case "half-close":
      proxy.halfClose(random() < 0.5 ? "near" : "far");
      return;
    case "black hole":
      proxy.hold();
      await sleep(BLACK_HOLE_MS);
      proxy.release();
      return;
    case "abandon":
      proxy.abandon();
  }
}

/** Counts of what was done to everyone. */
export class Faults {
  private readonly counts = new Map<string, number>();

  private count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  toString(): string {
    return [...this.counts].map(([what, count]) => `${count} × ${what}`).join(", ");
  }

  /** Troubles one person's network until `isOver`. */
  async network(proxy: TcpProxy, random: Random, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await sleep(between(random, 200, 2_500));
      if (isOver()) return;
      const fault = pick(random, NETWORK_FAULTS);
      this.count(fault);
      await suffer(fault, proxy, random);
    }
  }

  /** Kills or restarts the server until `isOver`. */
  async server(server: ChaosServer, random: Random, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await sleep(between(random, 2_000, 6_000));
      if (isOver()) return;
      const isKilled = random() < 0.7;
      this.count(isKilled ? "kill -9" : "restart");
      await (isKilled ? server.crash() : server.restart());
    }
  }
}
