// Servers cut their answers by limits they do not announce: by fewer messages, or by bytes.
import { strict as assert } from "node:assert";
import type { Message } from "../../src/irc/message.js";
import { Archive, type ArchiveOptions, type Stored } from "./archive.js";
import {
  addressOf,
  newSession,
  startScripted,
  type ServerPeer,
  type TestSession,
} from "./scripted-peer.js";

const START = Date.UTC(2024, 0, 1, 12);
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const WORDS = " x".repeat(150);

/** A server whose answers have at most so many letters, from the side that was asked for on. */
class ArchiveOfBytes extends Archive {
  override answerTo(question: Message): string[] {
    const [start = "", ...rest] = super.answerTo(question);
    const end = rest.pop() ?? "";
    const isForward = question.params[0] === "AFTER" || question.params[0] === "TARGETS";
    let room = 16_000;
    const kept = (isForward ? rest : rest.toReversed()).filter(({ length }) => {
      room -= length;
      return room >= 0;
    });
    return [start, ...(isForward ? kept : kept.toReversed()), end];
  }
}

/** A server that counts what it then leaves out: of three lines in a row it gives one or two. */
class FilteringArchive extends Archive {
  private readonly hidden = new Set<string>();

  override say(target: string, message: Stored): string {
    const line = super.say(target, message);
    for (let i = 0; i < this.hidden.size % 3; i++) this.hide(target, message);
    this.hide(target, message);
    return line;
  }

  private hide(target: string, message: Stored): void {
    const text = `hidden-${this.hidden.size}`;
    this.hidden.add(text);
    super.say(target, { ...message, text });
  }

  override texts(target: string): string[] {
    return super.texts(target).filter((text) => !this.hidden.has(text));
  }

  override answerTo(question: Message): string[] {
    return super.answerTo(question).filter((line) => !/ :hidden-\d+$/.test(line));
  }
}

function shown(session: TestSession, buffer: string): string[] {
  return session
    .buffer(buffer)
    .entries.flatMap((entry) =>
      entry.kind === "gap" ? ["gap"] : entry.kind === "message" ? [entry.text] : [],
    );
}

class Network {
  private said = 0;
  private constructor(
    readonly archive: Archive,
    private readonly server: Awaited<ReturnType<typeof startScripted>>,
    readonly session: TestSession,
  ) {}

  static async start(archive: Archive): Promise<Network> {
    const server = await startScripted();
    const session = newSession(addressOf(server.port), {
      channels: ["#room"],
      now: () => START + 500_000,
    });
    session.start();
    return new Network(archive, server, session);
  }

  async arrive(...live: readonly string[]): Promise<ServerPeer> {
    const peer = await this.server.accept();
    const types = this.archive.welcome.isupport!.find((token) => token.startsWith("MSGREFTYPES"))!;
    const isupport = ["CHATHISTORY=100", types];
    await peer.welcome({ ...this.archive.welcome, isupport, time: at(this.said) });
    await peer.letIn("ann", "#room", "bob");
    for (const target of live) peer.send(this.say(target));
    await this.archive.serve(peer);
    return peer;
  }

  say(target: string, words = ""): string {
    const text = `m${++this.said}${words}`;
    return this.archive.say(target, { time: at(this.said), nick: "bob", text });
  }
}

describe("a server whose pages are shorter than it says", () => {
  for (const Kind of [Archive, FilteringArchive])
    for (const hasIds of [true, false])
      for (const pageLength of [10, 20, 50])
        for (const before of [6, 30])
          for (const live of [0, 2])
            it(`loses nothing in an absence (${Kind.name}, ${pageLength}, ${hasIds ? "" : "no "}ids, ${before} before, ${live} live)`, async () => {
              const network = await Network.start(new Kind({ hasIds, pageLength }));
              const peer = await network.arrive();
              for (let i = 0; i < before; i++) peer.send(network.say("#room"));
              await peer.settle();
              peer.drop();
              for (let i = 0; i < 35; i++) network.say("#room");
              await network.arrive(...Array.from({ length: live }, () => "#room"));
              assert.deepEqual(shown(network.session, "#room"), network.archive.texts("#room"));
            });

  const cut: readonly [string, new (options: ArchiveOptions) => Archive, ArchiveOptions, string][] =
    [
      ["20 messages", Archive, { hasIds: true, pageLength: 20 }, ""],
      ["20 messages, no ids", Archive, { hasIds: false, pageLength: 20 }, ""],
      ["20 lines, some left out", FilteringArchive, { hasIds: true, pageLength: 20 }, ""],
      ["20 lines, some left out, no ids", FilteringArchive, { hasIds: false, pageLength: 20 }, ""],
      ["16 KB", ArchiveOfBytes, { hasIds: true, pageLength: 100 }, WORDS],
      ["16 KB, no ids", ArchiveOfBytes, { hasIds: false, pageLength: 100 }, WORDS],
    ];
  for (const [what, Kind, options, words] of cut) {
    it(`is scrolled back to the true beginning (${what})`, async () => {
      const network = await Network.start(new Kind(options));
      for (let i = 0; i < 130; i++) network.say("#room", words);
      const peer = await network.arrive();
      const { session, archive } = network;
      for (let i = 0; i < 60 && !session.buffer("#room").startsAtBeginning; i++) {
        const [first] = session.buffer("#room").entries;
        assert.equal(first?.kind, "gap", "the first row is no beginning");
        const load = session.loadGap("#room", first.id, "after");
        await archive.serve(peer);
        await load;
      }
      assert.deepEqual(shown(session, "#room"), archive.texts("#room"));
    });

    it(`loses no direct message, of someone known or new (${what})`, async () => {
      const network = await Network.start(new Kind(options));
      const peer = await network.arrive();
      peer.send(network.say("bob"));
      await network.archive.serve(peer);
      peer.drop();
      for (let i = 0; i < 90; i++) network.say("bob", words);
      for (let i = 0; i < 90; i++)
        network.archive.say("eve", { time: at(200 + i), nick: "eve", text: `e${i}${words}` });
      await network.arrive();
      for (const name of ["bob", "eve"])
        assert.deepEqual(shown(network.session, name), network.archive.texts(name));
    });
  }

  it("asks for what may precede a short page only when someone scrolls there", async () => {
    const network = await Network.start(new Archive({ hasIds: true, pageLength: 100 }));
    for (let i = 0; i < 3; i++) network.say("#room");
    const peer = await network.arrive();
    const { session, archive } = network;
    const asked = () => archive.asked.splice(0).filter((question) => question.includes("#room"));
    assert.deepEqual(asked(), ["LATEST #room *"]);
    assert.deepEqual(shown(session, "#room"), ["gap", "m1", "m2", "m3"]);
    const load = session.loadGap("#room", session.buffer("#room").entries[0]!.id, "after");
    await archive.serve(peer);
    await load;
    assert.equal(asked()[0], "BEFORE #room msgid=id-m1");
    assert.deepEqual(shown(session, "#room"), ["m1", "m2", "m3"]);
    assert.ok(session.buffer("#room").startsAtBeginning);
  });

  it("loses no direct message behind the channels it names", async () => {
    const network = await Network.start(new Archive({ hasIds: true, pageLength: 5 }));
    const peer = await network.arrive();
    await network.archive.serve(peer);
    peer.drop();
    for (let i = 0; i < 12; i++) network.say(`#other${i}`);
    network.say("eve");
    await network.arrive();
    assert.deepEqual(shown(network.session, "eve").at(-1), "m13");
  });

  it("is asked once for what was missed where it says that it has no more", async () => {
    const network = await Network.start(
      new Archive({ hasIds: true, pageLength: 10, tellsEnd: true }),
    );
    const peer = await network.arrive();
    for (let i = 0; i < 6; i++) peer.send(network.say("#room"));
    await peer.settle();
    peer.drop();
    for (let i = 0; i < 3; i++) network.say("#room");
    network.archive.asked.length = 0;
    await network.arrive();
    assert.deepEqual(
      network.archive.asked.map((question) => question.split(" ")[0]),
      ["AFTER", "TARGETS"],
    );
    assert.deepEqual(shown(network.session, "#room"), network.archive.texts("#room"));
  });

  it("needs no answer more than one where nothing was ever said", async () => {
    const network = await Network.start(new Archive({ hasIds: true, pageLength: 100 }));
    await network.arrive();
    assert.deepEqual(
      network.archive.asked.filter((question) => question.includes("#room")),
      ["LATEST #room *"],
    );
    assert.ok(network.session.buffer("#room").startsAtBeginning);
  });
});

describe("what is beyond one page", () => {
  for (const [pageLength, burst] of [
    [10, 1],
    [20, 1],
    [50, 25],
    [100, 85],
  ] as const)
    it(`is scrolled to, up and down, without ids (${pageLength} a page, ${burst} of one time)`, async () => {
      const archive = new Archive({ hasIds: false, pageLength });
      const server = await startScripted();
      for (let i = 0; i < 500; i++)
        archive.say("#room", { time: at(Math.floor(i / burst)), nick: "bob", text: `m${i}` });
      const session = newSession(addressOf(server.port), {
        channels: ["#room"],
        now: () => START + 600_000,
        limits: { maxEntries: 150 },
      });
      session.start();
      const peer = await server.accept();
      await peer.welcome({ ...archive.welcome, time: at(501) });
      await peer.letIn("ann", "#room", "bob");
      await archive.serve(peer);
      for (const side of ["after", "before"] as const) {
        for (let i = 0; i < 100; i++) {
          const { entries } = session.buffer("#room");
          const gap = entries.findLast(
            ({ kind }, place) => kind === "gap" && place > 0 === (side === "before"),
          );
          if (gap === undefined) break;
          const load = session.loadGap("#room", gap.id, side);
          await archive.serve(peer);
          await load;
        }
        const rows = shown(session, "#room");
        if (side === "after") assert.equal(rows[0], "m0");
        else assert.deepEqual([rows.at(-1), rows.lastIndexOf("gap") <= 0], ["m499", true]);
      }
    });

  it("counts after a reload, mentions included", async () => {
    const archive = new Archive({ hasIds: true, pageLength: 100 });
    const server = await startScripted();
    let second = 0;
    const say = (text: string) => archive.say("#room", { time: at(++second), nick: "bob", text });
    const arrive = async () => {
      const peer = await server.accept();
      await peer.welcome({ ...archive.welcome, time: at(second) });
      await peer.letIn("ann", "#room", "bob");
      await archive.serve(peer);
      return peer;
    };
    const now = () => START + second * 1000;
    const session = newSession(addressOf(server.port), { channels: ["#room"], now });
    session.start();
    const peer = await arrive();
    peer.send(say("first"));
    await archive.serve(peer);
    session.markAllRead("#room");
    const { remembered, caughtUpTo } = session;
    await session.close();
    say("ann: please answer");
    for (let i = 0; i < 150; i++) say(`x${i}`);
    const again = newSession(addressOf(server.port), { now, remembered, caughtUpTo });
    again.start();
    await arrive();
    const { unread, mentions } = again.buffer("#room");
    assert.deepEqual({ unread, mentions }, { unread: 151, mentions: 1 });
  });
});
