// A timeline beside a model of what the server has stored: nothing is missing without a gap, nothing is there twice.
import { strict as assert } from "node:assert";
import { parseMessage } from "../../src/irc/message.js";
import { Archive } from "./archive.js";
import { addressOf, newSession, startScripted, type ServerPeer } from "./scripted-peer.js";

const START = Date.UTC(2024, 0, 1, 12);
const FIRST_SEED = Number(process.env.MODEL_FROM ?? 1);
const SEEDS = Number(process.env.MODEL_SEEDS ?? 30);

/** Numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed, 2_654_435_761) >>> 0;
  return () => {
    state = (state ^ (state << 13)) >>> 0;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state / 4_294_967_296;
  };
}

class Run {
  private readonly random: () => number;
  private readonly archive: Archive;
  private readonly hasIds: boolean;
  private readonly grainMs: number;
  private readonly hasOtherClocks: boolean;
  private readonly repeats: boolean;
  private clock = 0;
  private said = 0;
  private own = 0;

  constructor(seed: number) {
    this.random = randomOf(seed + 77);
    this.hasIds = this.chance(0.5);
    this.grainMs = this.pick([1, 1, 1_000]);
    this.hasOtherClocks = this.hasIds && this.chance(0.4);
    this.repeats = !this.hasIds && this.chance(0.5);
    const pageLength = this.pick(this.hasIds ? [3, 5, 10, 100] : [10, 20, 100]);
    this.archive = new Archive({ hasIds: this.hasIds, pageLength });
  }

  private chance(part: number): boolean {
    return this.random() < part;
  }

  private upTo(most: number): number {
    return Math.floor(this.random() * (most + 1));
  }

  private pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)]!;
  }

  private stamp(): string {
    this.clock += this.upTo(2) * this.grainMs * (this.chance(0.1) ? 30 : 1);
    const isOff = this.hasOtherClocks && this.chance(0.2);
    const off = isOff ? this.pick([-300_000, -2_000, 2_000, 300_000]) : 0;
    const time = Math.floor((this.clock + off) / this.grainMs) * this.grainMs;
    return new Date(START + 600_000 + time).toISOString();
  }

  private store(): string {
    const text = this.repeats ? this.pick(["yes", "no", "ok"]) : `line ${++this.said}`;
    const nick = this.repeats ? "bob" : this.pick(["bob", "eve"]);
    return this.archive.say("#room", { time: this.stamp(), nick, text });
  }

  private storeSome(most: number): string[] {
    return Array.from({ length: this.upTo(most) }, () => this.store());
  }

  async play(): Promise<void> {
    const server = await startScripted();
    const session = newSession(addressOf(server.port), {
      channels: ["#room"],
      now: () => START + 600_000 + this.clock,
    });
    session.start();
    const arrive = async () => {
      const peer = await server.accept();
      const time = new Date(START + 600_000 + this.clock).toISOString();
      const isTold = this.chance(0.7);
      await peer.welcome({ ...this.archive.welcome, ...(isTold && { time }) });
      await peer.letIn("ann", "#room", "bob", "eve");
      if (this.chance(0.5)) peer.send(...this.storeSome(2));
      return peer;
    };
    let peer = await arrive();
    await this.serve(peer);
    const rounds = 2 + this.upTo(3);
    for (let round = 0; round < rounds; round++) {
      peer.send(...this.storeSome(5));
      if (this.chance(0.4)) session.say("#room", `own ${++this.own}`);
      this.takeOwn(peer, await peer.settle(), this.chance(0.5));
      peer.drop();
      this.storeSome(8);
      peer = await arrive();
      if (this.chance(0.5)) {
        await this.cutShort(peer);
        this.storeSome(4);
        peer = await arrive();
      }
      await this.serve(peer);
    }
    for (let pages = 0; pages < 200; pages++) {
      const gap = session.buffer("#room").entries.find(({ kind }) => kind === "gap");
      if (gap === undefined) break;
      const load = session.loadGap("#room", gap.id, this.chance(0.8) ? "after" : "before");
      await this.serve(peer);
      await load;
    }
    const stored = this.archive.texts("#room");
    const shown = session.buffer("#room").entries.flatMap((entry) => {
      if (entry.kind !== "message") return entry.kind === "gap" ? ["gap"] : [];
      const isLost = entry.status === "failed" && !stored.includes(entry.text);
      return isLost ? [] : [entry.text];
    });
    assert.deepEqual(shown, stored);
  }

  private async serve(peer: ServerPeer): Promise<void> {
    this.takeOwn(peer, await this.archive.serve(peer), true);
  }

  /** The server takes what we say, and perhaps echoes it. */
  private takeOwn(peer: ServerPeer, lines: readonly string[], echoes: boolean): void {
    for (const line of lines) {
      const message = parseMessage(line);
      if (message?.command !== "PRIVMSG") continue;
      const [, text = ""] = message.params;
      const stored = this.archive.say("#room", { time: this.stamp(), nick: "ann", text });
      const label = message.tags.get("label") ?? "";
      if (echoes) peer.send(stored.replace("@", `@label=${label};`));
    }
  }

  /** Answers a few questions, and is gone in the middle of an answer. */
  private async cutShort(peer: ServerPeer): Promise<void> {
    let whole = this.upTo(1);
    for (let tries = 0; tries < 4; tries++)
      for (const line of await peer.settle()) {
        const message = parseMessage(line);
        if (message?.command !== "CHATHISTORY") {
          this.takeOwn(peer, [line], this.chance(0.5));
          continue;
        }
        const answer = this.archive.answerTo(message);
        if (whole-- > 0) {
          peer.send(...answer);
          continue;
        }
        peer.send(...answer.slice(0, this.upTo(answer.length - 1)));
        await peer.settle();
        peer.drop();
        return;
      }
    peer.drop();
  }
}

describe("a timeline of what a server has stored", () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++)
    it(`lacks nothing and has nothing twice, with seed ${seed}`, () => new Run(seed).play());
});
