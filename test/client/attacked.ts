// A session in a process of its own, with little memory: what attacks.test.ts attacks.
import { TurnMeter, referenceMs } from "./turn-meter.js";
import { nodeNet } from "../../src/client/net/node-net.js";
import { Session } from "../../src/client/session.js";
import { addressOf } from "./scripted-peer.js";

/** What the test says to this process. */
export type Order =
  | { readonly type: "start"; readonly port: number }
  | { readonly type: "list" }
  | { readonly type: "measure" }
  | { readonly type: "end" };

/** What `measure` is answered with. */
export interface Measure {
  readonly heapBytes: number;
  readonly longestTurnMs: number;
  readonly referenceMs: number;
}

const meter = new TurnMeter();
let session: Session | undefined;

function start(port: number): void {
  session = new Session({
    net: nodeNet,
    address: addressOf(port),
    nick: "ann",
    channels: ["#room"],
    metadata: new Map(),
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (text) => {
        console.error(text);
      },
    },
    persistent: true,
    timing: { lineMs: 0, backoffBaseMs: 1, backoffMaxMs: 10, replyTimeoutMs: 600_000 },
  });
  // As a user interface does.
  session.onDidChange(() => session?.state.buffers.size);
  session.start();
  meter.start();
}

async function end(): Promise<void> {
  await session?.close();
  session = undefined;
}

process.on("message", (order: Order) => {
  if (order.type === "start") start(order.port);
  else if (order.type === "list") void session?.list().catch(() => undefined);
  else if (order.type === "end") void end().then(() => process.send?.({}));
  else {
    const longestTurnMs = meter.stop();
    globalThis.gc?.();
    const heapBytes = process.memoryUsage().heapUsed;
    process.send?.({ heapBytes, longestTurnMs, referenceMs: referenceMs() } satisfies Measure);
  }
});
