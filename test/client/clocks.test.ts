// Clocks that are ahead, stand still, go back or have a leap second: nothing is lost, doubled or out of order for them.
import { strict as assert } from "node:assert";
import { parseMessage } from "../../src/irc/message.js";
import { Archive, type ArchiveOptions } from "./archive.js";
import {
  addressOf,
  joined,
  newSession,
  startScripted,
  type ServerPeer,
  type TestSession,
  type TestSessionOptions,
} from "./scripted-peer.js";

const MINUTE_MS = 60_000;
const START = Date.UTC(2024, 0, 1, 12);
const at = (ms: number) => new Date(START + ms).toISOString();

const KINDS: readonly (readonly [name: string, options: Omit<ArchiveOptions, "pageLength">])[] = [
  ["with ids", { hasIds: true }],
  ["with ids, ordered by time", { hasIds: true, isSorted: true }],
  ["without ids", { hasIds: false }],
  ["without ids, ordered by time", { hasIds: false, isSorted: true }],
];

/** Comes back into #room on the next connection, and catches up. */
async function arrive(
  server: Awaited<ReturnType<typeof startScripted>>,
  archive: Archive,
  time?: string,
): Promise<ServerPeer> {
  const peer = await server.accept();
  const nick = await peer.welcome({ ...archive.welcome, ...(time !== undefined && { time }) });
  await peer.letIn(nick, "#room", "bob");
  await archive.serve(peer);
  return peer;
}

async function begin(archive: Archive, options: TestSessionOptions = {}, time?: string) {
  const server = await startScripted();
  const session = newSession(addressOf(server.port), { channels: ["#room"], ...options });
  session.start();
  const peer = await arrive(server, archive, time);
  return { server, session, peer };
}

/** Scrolls back until nothing is missing. */
async function readAll(session: TestSession, peer: ServerPeer, archive: Archive): Promise<void> {
  for (let pages = 0; pages < 100; pages++) {
    const gap = session.buffer("#room").entries.find(({ kind }) => kind === "gap");
    if (gap === undefined) return;
    const load = session.loadGap("#room", gap.id, "after");
    await archive.serve(peer);
    await load;
  }
  assert.fail("there is a gap that no page fills");
}

const texts = (session: TestSession, name = "#room") =>
  session.buffer(name).entries.flatMap((entry) => (entry.kind === "message" ? [entry.text] : []));

describe("a clock that is ahead", () => {
  for (const [name, options] of KINDS)
    for (const pageLength of [3, 100])
      for (const known of [1, 2, 30])
        it(`of the last message heard hides nothing of what follows: ${name}, pages of ${pageLength}, ${known} known`, async () => {
          const archive = new Archive({ ...options, pageLength });
          const { server, session, peer } = await begin(archive, {}, at(0));
          for (let n = 1; n < known; n++)
            peer.send(archive.say("#room", { time: at(n * 100), nick: "bob", text: `known ${n}` }));
          const ahead = at(5 * MINUTE_MS);
          peer.send(archive.say("#room", { time: ahead, nick: "eve", text: "from the future" }));
          await peer.settle();
          peer.drop();
          for (let n = 1; n <= 7; n++) {
            const time = at(10_000 + n * 1_000);
            archive.say("#room", { time, nick: "bob", text: `missed ${n}` });
          }
          await readAll(session, await arrive(server, archive, at(20_000)), archive);
          assert.deepEqual(texts(session).toSorted(), archive.texts("#room").toSorted());
          if (options.isSorted !== true) assert.deepEqual(texts(session), archive.texts("#room"));
        });
});

describe("messages of one millisecond", () => {
  for (const [name, options] of KINDS)
    for (const pageLength of [4, 5, 6, 7]) {
      const title = `${name}, pages of ${pageLength}`;
      /** Before, at and after the border of a page, whichever side it is read from. */
      const fill = (archive: Archive) => {
        const lines: string[] = [];
        let n = 0;
        for (const ms of [0, 1, 2, 3, 3, 3, 4, 5, 5, 6, 7, 7, 7, 7, 8, 9])
          lines.push(
            archive.say("#room", { time: at(60_000 + ms), nick: "bob", text: `line ${++n}` }),
          );
        return lines;
      };

      it(`over the end of a page are all caught up with: ${title}`, async () => {
        const archive = new Archive({ ...options, pageLength });
        const { server, session, peer } = await begin(archive);
        peer.send(archive.say("#room", { time: at(0), nick: "bob", text: "first" }));
        await peer.settle();
        peer.drop();
        fill(archive);
        await arrive(server, archive);
        assert.deepEqual(texts(session), archive.texts("#room"));
        assert.equal(session.buffer("#room").unread, 17);
      });

      it(`over the end of a page are all scrolled back to: ${title}`, async () => {
        const archive = new Archive({ ...options, pageLength });
        fill(archive);
        const { session, peer } = await begin(archive);
        await readAll(session, peer, archive);
        assert.deepEqual(texts(session), archive.texts("#room"));
        assert.ok(session.buffer("#room").startsAtBeginning);
      });

      it(`some heard and some missed, are each there once: ${title}`, async () => {
        const archive = new Archive({ ...options, pageLength });
        const { server, session, peer } = await begin(archive);
        const lines = fill(archive);
        peer.send(...lines.slice(0, 5));
        await peer.settle();
        peer.drop();
        const again = await arrive(server, archive);
        await readAll(session, again, archive);
        assert.deepEqual(texts(session), archive.texts("#room"));
      });
    }

  it("that say the same words are as many as were said", async () => {
    const archive = new Archive({ hasIds: false, pageLength: 4 });
    const { server, session, peer } = await begin(archive);
    peer.send(archive.say("#room", { time: at(0), nick: "bob", text: "ok" }));
    peer.send(archive.say("#room", { time: at(0), nick: "bob", text: "ok" }));
    await peer.settle();
    peer.drop();
    for (const ms of [0, 1, 1, 1, 2])
      archive.say("#room", { time: at(ms), nick: "bob", text: "ok" });
    await arrive(server, archive);
    assert.deepEqual(texts(session), archive.texts("#room"));
  });
});

describe("direct messages of one millisecond", () => {
  for (const [name, options] of KINDS)
    for (const pageLength of [3, 4, 5])
      it(`of more people than one answer names are all found: ${name}, ${pageLength} an answer`, async () => {
        const archive = new Archive({ ...options, pageLength });
        const { server, session, peer } = await begin(archive);
        peer.send(archive.say("#room", { time: at(0), nick: "bob", text: "hi" }));
        await peer.settle();
        peer.drop();
        const times = [1, 2, 2, 3, 3, 3, 4, 5, 5];
        for (const [n, second] of times.entries())
          archive.say(`p${n}`, { time: at(second * 1_000), nick: `p${n}`, text: `hello ${n}` });
        await arrive(server, archive);
        for (const n of times.keys())
          assert.deepEqual(session.said(`p${n}`), [`<p${n}> hello ${n}`]);
      });
});

describe("a leap second", () => {
  for (const [name, options] of KINDS)
    for (const pageLength of [3, 100])
      it(`is caught up with, read back and kept in order: ${name}, pages of ${pageLength}`, async () => {
        const archive = new Archive({ ...options, pageLength });
        const { server, session, peer } = await begin(archive);
        const say = (time: string) =>
          archive.say("#room", { time: `${time}Z`, nick: "bob", text: time });
        peer.send(say("2016-12-31T23:59:58.000"), say("2016-12-31T23:59:59.999"));
        peer.send(say("2016-12-31T23:59:60.000"));
        await peer.settle();
        peer.drop();
        for (const ms of ["001", "500", "999"]) say(`2016-12-31T23:59:60.${ms}`);
        for (const ms of ["999", "999"].slice(0, 1)) say(`2017-01-01T00:00:00.${ms}`);
        say("2017-01-01T00:00:01.000");
        await readAll(session, await arrive(server, archive), archive);
        assert.deepEqual(texts(session), archive.texts("#room"));
      });
});

describe("a server's clock that goes back", () => {
  const HOUR_MS = 60 * MINUTE_MS;
  for (const [name, options] of KINDS.filter(([, { isSorted }]) => isSorted !== true)) {
    it(`keeps what is read read, and what is new unread, over a reload: ${name}`, async () => {
      const archive = new Archive({ ...options, pageLength: 100 });
      const first = await begin(archive);
      first.peer.send(archive.say("#room", { time: at(HOUR_MS), nick: "bob", text: "one" }));
      first.peer.send(archive.say("#room", { time: at(HOUR_MS + 1), nick: "bob", text: "two" }));
      await first.peer.settle();
      first.session.markRead("#room", first.session.buffer("#room").entries.at(-1)!.id);
      assert.equal(first.session.buffer("#room").unread, 0);
      const { remembered, caughtUpTo } = first.session;
      await first.session.close();

      archive.say("#room", { time: at(10), nick: "bob", text: "three" });
      archive.say("#room", { time: at(20), nick: "bob", text: "ann: four" });
      const second = await begin(archive, { channels: [], remembered, caughtUpTo });
      assert.deepEqual(texts(second.session), ["one", "two", "three", "ann: four"]);
      const { unread, mentions } = second.session.buffer("#room");
      assert.deepEqual({ unread, mentions }, { unread: 2, mentions: 1 });

      second.session.markRead("#room", second.session.buffer("#room").entries.at(-1)!.id);
      assert.equal(second.session.buffer("#room").unread, 0);
      const left = { remembered: second.session.remembered, caughtUpTo: second.session.caughtUpTo };
      await second.session.close();
      archive.say("#room", { time: at(30), nick: "bob", text: "five" });
      const third = await begin(archive, { channels: [], ...left });
      assert.equal(third.session.buffer("#room").unread, 1);
    });

    it(`hides nothing that was said while the connection was lost: ${name}`, async () => {
      const archive = new Archive({ ...options, pageLength: 100 });
      const { server, session, peer } = await begin(archive, {}, at(HOUR_MS));
      for (let n = 0; n < 30; n++) {
        const time = at(HOUR_MS + n * 1_000);
        peer.send(archive.say("#room", { time, nick: "bob", text: `heard ${n}` }));
      }
      await peer.settle();
      peer.drop();
      for (let n = 0; n < 10; n++)
        archive.say("#room", { time: at(n * 1_000), nick: "bob", text: `missed ${n}` });
      await arrive(server, archive, at(10_000));
      assert.deepEqual(texts(session), archive.texts("#room"));
      assert.equal(session.buffer("#room").unread, 40);
    });

    it(`hides no direct message, of a conversation that was closed or of somebody new: ${name}`, async () => {
      const archive = new Archive({ ...options, pageLength: 100 });
      const { server, session, peer } = await begin(archive, {}, at(HOUR_MS));
      peer.send(archive.say("carl", { time: at(HOUR_MS), nick: "carl", text: "before" }));
      await archive.serve(peer);
      session.markRead("carl", session.buffer("carl").entries.at(-1)!.id);
      session.closeBuffer("carl");
      peer.drop();
      archive.say("carl", { time: at(1_000), nick: "carl", text: "after" });
      archive.say("dora", { time: at(2_000), nick: "dora", text: "hello" });
      const again = await server.accept();
      await again.welcome({ ...archive.welcome, time: at(10_000) });
      await again.letIn("ann", "#room", "bob");
      await archive.serve(again);
      assert.ok(session.said("dora").includes("<dora> hello"));
      assert.ok(session.said("carl").includes("<carl> after"));
      assert.equal(session.buffer("dora").unread, 1);
    });
  }
});

describe("a server whose clock was never set", () => {
  const caps = ["message-tags", "batch", "server-time"];
  for (const time of ["1970-01-01T00:00:05.000Z", "2000-01-01T12:00:00.000Z"])
    for (const target of ["#room", "ann"])
      it(`counts and tells what is said, live as it is: ${time}, ${target}`, async () => {
        const { session, peer } = await joined(await startScripted(), { caps });
        const told: string[] = [];
        session.onDidReceiveMessage(({ entry }) => told.push(entry.text));
        peer.send(`@time=${time} :bob!u@h PRIVMSG ${target} :ann: are you there?`);
        await peer.settle();
        const { unread, mentions } = session.buffer(target === "ann" ? "bob" : target);
        assert.deepEqual({ unread, mentions }, { unread: 1, mentions: 1 });
        assert.deepEqual(told, ["ann: are you there?"]);
      });
});

describe("a clock that went back and is right again at the return", () => {
  for (const [name, options] of KINDS)
    for (const pageLength of [10, 100])
      for (const target of ["#room", "bob"])
        it(`hides nothing that was said in between: ${name}, pages of ${pageLength}, ${target}`, async () => {
          const archive = new Archive({ ...options, pageLength });
          const { server, session, peer } = await begin(archive, {}, at(0));
          for (let n = 1; n <= 6; n++)
            peer.send(
              archive.say(target, { time: at(n * 1_000), nick: "bob", text: `heard ${n}` }),
            );
          await archive.serve(peer);
          peer.drop();
          for (const second of [3, 4, 5])
            archive.say(target, {
              time: at(second * 1_000 + 1),
              nick: "bob",
              text: `back ${second}`,
            });
          archive.say(target, { time: at(30_000), nick: "bob", text: "right again" });
          await arrive(server, archive, at(40_000));
          assert.deepEqual(texts(session, target).toSorted(), archive.texts(target).toSorted());
          if (options.isSorted !== true)
            assert.deepEqual(texts(session, target), archive.texts(target));
          assert.equal(session.buffer(target).unread, 10);
        });
});

describe("more messages of one time than a page has, where only times can be asked for", () => {
  const PAGE = 4;

  /** `count` lines of one time between others, and the session that comes back to them, or to nothing. */
  async function returned(count: number, isKnown: boolean, tail = 2) {
    const archive = new Archive({ hasIds: false, pageLength: PAGE });
    const { server, session, peer } = await begin(archive, {}, at(0));
    if (isKnown) peer.send(archive.say("#room", { time: at(0), nick: "bob", text: "first" }));
    await peer.settle();
    peer.drop();
    if (!isKnown) archive.say("#room", { time: at(0), nick: "bob", text: "first" });
    const say = (text: string, ms: number) =>
      archive.say("#room", { time: at(ms), nick: "bob", text });
    for (let n = 1; n <= count; n++) say(`at once ${n}`, 5_000);
    for (let n = 1; n <= tail; n++) say(`later ${n}`, 6_000 + n);
    return { archive, session, peer: await arrive(server, archive, at(20_000)) };
  }

  /** Scrolls until each gap has been asked for from both sides in vain. */
  async function loadAll({ archive, session, peer }: Awaited<ReturnType<typeof returned>>) {
    const rows = () => session.rows("#room");
    for (let before: string[] = []; before.join("\n") !== rows().join("\n");) {
      before = rows();
      for (const side of ["after", "before"] as const)
        for (const { id, kind } of session.buffer("#room").entries) {
          if (kind !== "gap") continue;
          const load = session.loadGap("#room", id, side);
          await archive.serve(peer);
          await load;
        }
    }
    return rows().filter((row) => !/^-- (?!gap)/.test(row));
  }

  for (const isKnown of [true, false])
    for (let count = 1; count < 2 * PAGE; count++)
      for (const tail of [0, 1, 3, 9])
        it(`are all there as far as two pages reach: ${count} of them, ${tail} later, ${isKnown ? "caught up with" : "scrolled back to"}`, async () => {
          const situation = await returned(count, isKnown, tail);
          await loadAll(situation);
          assert.deepEqual(texts(situation.session), situation.archive.texts("#room"));
          assert.ok(!situation.session.buffer("#room").entries.some(({ kind }) => kind === "gap"));
        });

  for (const isKnown of [true, false])
    for (const count of [2 * PAGE, 2 * PAGE + 1, 30])
      for (const tail of [0, 1, 9])
        it(`beyond that a gap says so: ${count} of them, ${tail} later, ${isKnown ? "caught up with" : "scrolled back to"}`, async () => {
          const rows = await loadAll(await returned(count, isKnown, tail));
          const line = (n: number) => `<bob> at once ${n}`;
          assert.deepEqual(rows, [
            "<bob> first",
            ...[1, 2, 3, 4].map(line),
            "-- gap",
            ...[3, 2, 1, 0].map((n) => line(count - n)),
            ...Array.from({ length: tail }, (_, i) => `<bob> later ${i + 1}`),
          ]);
        });
});

describe("a line from a clock that is behind", () => {
  for (const [name, options] of KINDS)
    it(`is there though the connection was lost while it was looked for: ${name}`, async () => {
      const archive = new Archive({ ...options, pageLength: 100 });
      const { server, session, peer } = await begin(archive, { now: () => START }, at(0));
      peer.drop();
      for (const [n, ms] of [-2_000, 1_000, 2_000].entries())
        archive.say("#room", { time: at(ms), nick: "bob", text: `missed ${n}` });
      const cut = await server.accept();
      await cut.welcome({ ...archive.welcome, time: at(3_000) });
      await cut.letIn("ann", "#room", "bob");
      cut.send(archive.say("#room", { time: at(3_000), nick: "bob", text: "live" }));
      // The first question of the catching up is answered, and no other.
      for (let isAnswered = false; !isAnswered;)
        for (const line of await cut.settle()) {
          const question = parseMessage(line);
          if (isAnswered || question?.command !== "CHATHISTORY") continue;
          cut.send(...archive.answerTo(question));
          isAnswered = true;
        }
      await cut.settle();
      cut.drop();
      await readAll(session, await arrive(server, archive, at(5_000)), archive);
      assert.deepEqual(texts(session), archive.texts("#room"));
    });
});
