// A hostile or broken server cannot take the editor down: whatever it sends, and however much, the client stays small.
// PARLEY_ATTACK_MB=1200 sends as much of each as an attacker does in some seconds, and shows what it came to.
import { strict as assert } from "node:assert";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ATTACKS, type Attack } from "./attack-inputs.js";
import type { Measure, Order } from "./attacked.js";
import { startScripted, type ServerPeer } from "./scripted-peer.js";

const MEGABYTE = 1_048_576;
const HEAP_MEGABYTES = 256;
const IS_SHOWN = process.env.PARLEY_ATTACK_MB !== undefined;
const SENT_MEGABYTES = Number(process.env.PARLEY_ATTACK_MB ?? 8);
/** What a session may hold of an attack when it is over, if nothing of it is worth showing to anybody … */
const MOST_HELD_MEGABYTES = 4;
/** … and otherwise, up to all of its limits: entries, people, memberships and open batches. */
const MOST_SHOWN_MEGABYTES = 150;
/** On a machine that does much else. */
const MOST_ATTACK_MS = 600_000;
/** For so long at most the editor has no turn, in units of the reference work: about a tenth of a second. */
const MOST_TURN = 6;

/** The process that is attacked. */
class Victim {
  readonly process: ChildProcess;

  constructor() {
    this.process = fork(fileURLToPath(new URL("attacked.ts", import.meta.url)), {
      execArgv: ["--import", "tsx", "--expose-gc", `--max-old-space-size=${HEAP_MEGABYTES}`],
    });
  }

  order(order: Order): void {
    assert.ok(this.process.connected, "the process is gone");
    this.process.send(order);
  }

  async ask(order: Order): Promise<unknown> {
    this.order(order);
    const [answer] = (await once(this.process, "message")) as readonly unknown[];
    return answer;
  }

  async measure(): Promise<Measure> {
    return (await this.ask({ type: "measure" })) as Measure;
  }
}

/** Sends so much of an attack, as fast as it is taken. */
async function send(peer: ServerPeer, { lines, share = 1 }: Attack): Promise<void> {
  let left = SENT_MEGABYTES * MEGABYTE * share;
  for (let i = 0; left > 0;) {
    let text = "";
    for (; text.length < 65_536; i++) text += `${lines(i)}\r\n`;
    left -= text.length;
    if (!peer.socket.write(text.replaceAll("\x00\r\n", ""))) await once(peer.socket, "drain");
  }
}

describe("an editor with 256 MB, under attack", () => {
  let victim: Victim;
  let heapBefore: number;

  before(async () => {
    victim = new Victim();
    heapBefore = (await victim.measure()).heapBytes;
  });

  after(() => {
    victim.process.kill();
  });

  for (const attack of ATTACKS)
    it(`survives ${attack.name}`, async () => {
      const server = await startScripted();
      victim.order({ type: "start", port: server.port });
      const peer = await server.accept();
      await peer.welcome({ caps: ["message-tags", "batch", "server-time", "draft/multiline=max-bytes=4000"] }); // prettier-ignore
      await peer.letIn("ann", "#room", "bob");
      if (attack.isListed === true) {
        victim.order({ type: "list" });
        await peer.command("LIST");
      }
      peer.send(...(attack.first ?? []));
      await send(peer, attack);
      peer.send("", "");
      await peer.settle();
      const { heapBytes, longestTurnMs, referenceMs } = await victim.measure();
      // Before anything can fail: what a session still holds would count against the attacks after it.
      await victim.ask({ type: "end" });
      const held = (heapBytes - heapBefore) / MEGABYTE;
      const turn = `one turn took ${longestTurnMs.toFixed(0)} ms, the reference work ${referenceMs.toFixed(0)} ms`;
      if (IS_SHOWN) console.log(`      ${held.toFixed(1)} MB held; ${turn}`);
      const most = attack.isShown === true ? MOST_SHOWN_MEGABYTES : MOST_HELD_MEGABYTES;
      assert.ok(held < most, `${held.toFixed(1)} MB are held`);
      assert.ok(longestTurnMs < MOST_TURN * referenceMs, turn);
    }).timeout(MOST_ATTACK_MS);
});
