// One session ends, the next begins: after a reload, a leave and a join, or a host that came back.
import { strict as assert } from "node:assert";
import type { MessageEntry } from "../../src/client/model.js";
import { startServer, type TestServer } from "../support/server.js";
import {
  addressOf,
  joined,
  newSession,
  startScripted,
  type ServerPeer,
  type TestSession,
  type TestSessionOptions,
} from "./scripted-peer.js";

/** A session with the accounts' server: whoever is logged in has direct messages kept for them. */
async function online(
  { port, fingerprint }: TestServer,
  nick: string,
  options: TestSessionOptions = {},
): Promise<TestSession> {
  const session = newSession(addressOf(port, { transport: "tls", fingerprint }), {
    nick,
    sasl: { account: nick, password: "sesame" },
    ...options,
  });
  session.start();
  await session.online();
  return session;
}

/** No two lines of it have the same time. */
function accounts(): Promise<TestServer> {
  let time = Date.now();
  return startServer({ now: () => ++time, accounts: ["ann:sesame", "bob:sesame", "carl:sesame"] });
}

/** Ends the session, and begins another one where it left. */
async function reload(
  server: TestServer,
  session: TestSession,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<TestSession> {
  const { remembered, caughtUpTo } = session;
  const { nick } = session.state;
  await session.close();
  await meanwhile();
  return online(server, nick, {
    // What is kept is JSON.
    remembered: JSON.parse(JSON.stringify(remembered)) as typeof remembered,
    ...(caughtUpTo !== undefined && { caughtUpTo }),
  });
}

async function say(session: TestSession, target: string, ...texts: string[]): Promise<void> {
  for (const text of texts) session.say(target, text);
  await session.until((s) => !s.rows(target).some((row) => row.endsWith("(pending)")));
}

function messages(session: TestSession, name: string): MessageEntry[] {
  return session.buffer(name).entries.filter((entry) => entry.kind === "message");
}

function counts(session: TestSession, name: string): [number, number] {
  const { unread, mentions } = session.buffer(name);
  return [unread, mentions];
}

function read(session: TestSession, name: string): void {
  session.markRead(name, session.buffer(name).entries.at(-1)!.id);
}

describe("a session that follows another", () => {
  it("joins all channels again, not only the first, and knows what is unread in each", async () => {
    const server = await accounts();
    const names = Array.from({ length: 13 }, (_, i) => `#room${i}`);
    const ann = await online(server, "ann", { channels: names });
    const bob = await online(server, "bob", { channels: names });
    for (const [i, name] of names.entries()) {
      await say(ann, name, ...Array.from({ length: i }, (_, n) => `line ${n}`), "bob: look");
      await bob.until((s) => s.said(name).length === i + 1);
    }
    read(bob, "#room12");
    const again = await reload(server, bob);
    for (const [i, name] of names.entries()) {
      await again.until((s) => s.buffer(name).joined && s.said(name).length === i + 1);
      assert.deepEqual(counts(again, name), i === 12 ? [0, 0] : [i + 1, 1], name);
    }
    assert.equal(again.buffer("#room3").unreadFrom, messages(again, "#room3")[0]?.id);
  });

  it("shows conversations and counts before it is connected", () => {
    const session = newSession(addressOf(1), {
      remembered: [
        {
          name: "#room",
          kind: "channel",
          joined: true,
          key: undefined,
          unread: 3,
          mentions: 1,
          known: { msgid: "m", time: 5 },
          readAt: 4,
        },
        {
          name: "bob",
          kind: "direct",
          joined: false,
          key: undefined,
          unread: 2,
          mentions: 2,
          known: undefined,
          readAt: undefined,
        },
      ],
    });
    assert.deepEqual(counts(session, "#room"), [3, 1]);
    assert.deepEqual(counts(session, "bob"), [2, 2]);
  });

  it("adds what was said meanwhile to what was unread before", async () => {
    const server = await accounts();
    const ann = await online(server, "ann", { channels: ["#room"] });
    const bob = await online(server, "bob", { channels: ["#room"] });
    await say(ann, "#room", "one", "two", "bob: three");
    await bob.until((s) => s.said("#room").length === 3);
    bob.markRead("#room", bob.buffer("#room").entries.find((e) => e.kind === "message")!.id);
    const again = await reload(server, bob, () => say(ann, "#room", "four", "bob: five"));
    await again.until((s) => s.said("#room").length === 5);
    assert.deepEqual(counts(again, "#room"), [4, 2]);
    const first = again
      .buffer("#room")
      .entries.find(({ id }) => id === again.buffer("#room").unreadFrom);
    assert.equal(first?.kind === "message" && first.text, "two");
  });

  it("still has unread direct messages, old and new, also of people it did not know", async () => {
    const server = await accounts();
    const ann = await online(server, "ann");
    const bob = await online(server, "bob");
    const carl = await online(server, "carl");
    await say(ann, "bob", "psst", "hey");
    await bob.until((s) => s.state.buffers.get("ann")?.unread === 2);
    // Another window of Bob's: what is said to him while he is nowhere is refused.
    const sasl = { account: "bob", password: "sesame" };
    await online(server, "other", { sasl });
    const again = await reload(server, bob, () => say(carl, "other", "hello"));
    await again.until(
      (s) => s.said("ann").length === 2 && s.state.buffers.get("carl") !== undefined,
    );
    assert.deepEqual(counts(again, "ann"), [2, 2]);
    await again.until((s) => s.buffer("carl").unread === 1);
    const third = await reload(server, again);
    await third.until((s) => s.said("ann").length === 2 && s.said("carl").length === 1);
    assert.deepEqual(
      [counts(third, "ann"), counts(third, "carl")],
      [
        [2, 2],
        [1, 1],
      ],
    );
    read(third, "ann");
    const fourth = await reload(server, third);
    assert.deepEqual(
      [counts(fourth, "ann"), counts(fourth, "carl")],
      [
        [0, 0],
        [1, 1],
      ],
    );
  });

  it("counts more than a page as well", async () => {
    const server = await accounts();
    const ann = await online(server, "ann", { channels: ["#room"] });
    const bob = await online(server, "bob", { channels: ["#room"] });
    for (let i = 0; i < 130; i++) ann.say("#room", i === 3 ? "bob: early" : `line ${i}`);
    await bob.until((s) => s.buffer("#room").unread === 130);
    const again = await reload(server, bob, () => say(ann, "#room", "bob: late"));
    await again.until((s) => s.said("#room").at(-1) === "<ann> bob: late");
    assert.deepEqual(counts(again, "#room"), [131, 2]);
    read(again, "#room");
    assert.deepEqual(counts(again, "#room"), [0, 0]);
  });

  it("is not in channels it has left, and keeps the keys of those it is in", async () => {
    const server = await accounts();
    const ann = await online(server, "ann", { channels: ["#left", "#closed", "#room"] });
    await online(server, "bob", { channels: ["#room"] });
    void ann.join("#locked");
    await ann.until((s) => s.state.buffers.get("#locked")?.joined === true);
    ann.mode("#locked", "+k", "sesame");
    void ann.join("#locked", "sesame");
    ann.part("#left");
    ann.closeBuffer("#closed");
    await ann.until((s) => !s.buffer("#left").joined);
    const again = await reload(server, ann);
    assert.equal(again.buffer("#left").joined, false);
    assert.equal(again.state.buffers.has("#closed"), false);
    assert.ok(again.buffer("#room").joined && again.buffer("#locked").joined);
  });

  it("does not count what another window has read since", async () => {
    const server = await accounts();
    const ann = await online(server, "ann", { channels: ["#room"] });
    const bob = await online(server, "bob", { channels: ["#room"] });
    await say(ann, "#room", "one", "two", "three");
    await say(ann, "bob", "psst", "hey");
    await bob.until(
      (s) => s.said("#room").length === 3 && s.state.buffers.get("ann")?.unread === 2,
    );
    const again = await reload(server, bob, async () => {
      const window = await online(server, "bob", {
        channels: ["#room"],
        remembered: bob.remembered,
      });
      await window.until((s) => s.said("#room").length === 3 && s.said("ann").length === 2);
      const [, two] = window.buffer("#room").entries.filter((e) => e.kind === "message");
      window.markRead("#room", two!.id);
      read(window, "ann");
      await window.whois("bob");
      await window.close();
    });
    await again.until((s) => s.said("#room").length === 3 && s.said("ann").length === 2);
    await again.until((s) => s.buffer("ann").unread === 0);
    assert.deepEqual(counts(again, "#room"), [1, 0]);
  });

  it("loads a conversation that was opened before it was connected, read or not", async () => {
    const server = await accounts();
    const ann = await online(server, "ann");
    const bob = await online(server, "bob");
    await say(ann, "bob", "psst", "hey");
    await bob.until((s) => s.state.buffers.get("ann")?.unread === 2);
    read(bob, "ann");
    const { remembered } = bob;
    await bob.close();
    const { port, fingerprint } = server;
    const again = newSession(addressOf(port, { transport: "tls", fingerprint }), {
      nick: "bob",
      sasl: { account: "bob", password: "sesame" },
      remembered,
      // So much later that nothing of the conversation has been missed.
      caughtUpTo: Date.now() + 3_600_000,
    });
    again.openDirect("ann");
    again.start();
    await again.until((s) => s.said("ann").length === 2);
    assert.deepEqual(counts(again, "ann"), [0, 0]);
  });

  it("that was cut off before it had caught up leaves that to the next", async () => {
    const server = await startScripted();
    const caps = ["message-tags", "server-time", "batch", "draft/chathistory"];
    const { session, peer } = await joined(server, { caps, isupport: ["CHATHISTORY=100"] });
    await answerHistory(peer, "#room");
    peer.send(`@time=${time(60)} :bob!u@h PRIVMSG #room :one`);
    await session.until((s) => s.said("#room").length === 1);
    await peer.settle();
    const before = session.caughtUpTo;
    assert.equal(before, Date.parse(time(60)));
    peer.drop();
    const next = await server.accept();
    await next.welcome({ caps, isupport: ["CHATHISTORY=100"] });
    await next.letIn("ann", "#room", "@bob");
    next.send(`@time=${time(120)} :bob!u@h PRIVMSG #room :two`);
    await session.until((s) => s.said("#room").includes("<bob> two"));
    assert.equal(session.caughtUpTo, before, "nobody has asked for direct messages yet");
  });
});

describe("what has been read, under a clock that goes back", () => {
  const caps = ["message-tags", "server-time", "batch", "draft/chathistory", "draft/read-marker"];

  it("is read, and stays read", async () => {
    const { session, peer } = await joined(await startScripted(), { caps });
    await answerHistory(peer, "#room");
    peer.send(`@msgid=1;time=${time(60)} :bob!u@h PRIVMSG #room :one`);
    await session.until((s) => s.buffer("#room").unread === 1);
    session.markRead("#room", "1");
    await peer.command("MARKREAD");
    peer.send(`@msgid=2;time=${time(30)} :bob!u@h PRIVMSG #room :two`);
    await session.until((s) => s.buffer("#room").unread === 1);
    let isTold = false;
    session.onDidChange(() => (isTold = true));
    session.markRead("#room", "2");
    await session.until(() => isTold);
    assert.equal(session.buffer("#room").unread, 0);
    const [room] = session.remembered;
    assert.deepEqual([room?.unread, room?.known?.msgid], [0, "2"]);
  });

  it("is unread as long as it has not been read", async () => {
    const { session, peer } = await joined(await startScripted(), { caps });
    await answerHistory(peer, "#room");
    peer.send(line(1, 60));
    await session.until((s) => s.buffer("#room").unread === 1);
    session.markRead("#room", "1");
    // The server repeats what it was told: that is no news, and reads nothing of what came since.
    peer.send(line(2, 30), `:irc.test MARKREAD #room timestamp=${time(60)}`);
    await session.until((s) => s.said("#room").length === 2);
    await peer.settle();
    assert.equal(session.buffer("#room").unread, 1);
    const [room] = session.remembered;
    assert.deepEqual([room?.unread, room?.known?.msgid], [1, "2"]);
  });
});

function time(seconds: number): string {
  return new Date(Date.UTC(2024, 0, 1) + seconds * 1000).toISOString();
}

function line(id: number, seconds: number): string {
  return `@msgid=${id};time=${time(seconds)} :bob!u@h PRIVMSG #room :${id}`;
}

async function answerHistory(
  peer: ServerPeer,
  target: string,
  lines: readonly string[] = [],
): Promise<void> {
  await peer.command("CHATHISTORY");
  peer.send(
    `:irc.test BATCH +h chathistory ${target}`,
    ...lines.map((text) => text.replace("@", "@batch=h;")),
    ":irc.test BATCH -h",
  );
}

describe("what was deleted after the last visit", () => {
  const CAPS = ["message-tags", "echo-message", "draft/message-redaction"] as const;

  /** ann has read the first line and left; `deleted` of the others are deleted before she is back. */
  async function visit(lines: readonly string[], deleted: readonly number[], later: string[] = []) {
    const server = await accounts();
    const dora = await server.join("dora", "#room", ...CAPS);
    const ids: string[] = [];
    const speak = async (text: string) => {
      dora.send(`PRIVMSG #room :${text}`);
      const said = (await dora.roundtrip()).find((line) =>
        line.endsWith(` PRIVMSG #room :${text}`),
      );
      ids.push(/msgid=([^; ]+)/.exec(said ?? "")![1]!);
    };
    const ann = await online(server, "ann", { channels: ["#room"] });
    await speak("read");
    await ann.until((s) => s.said("#room").length === 1);
    ann.markRead("#room", messages(ann, "#room")[0]!.id);
    for (const text of lines) await speak(text);
    await ann.until((s) => s.said("#room").length === lines.length + 1);
    const again = await reload(server, ann, async () => {
      for (const n of deleted) dora.send(`REDACT #room ${ids[n]!}`);
      for (const text of later) await speak(text);
      await dora.roundtrip();
    });
    const left = 1 + lines.length + later.length - deleted.length;
    await again.until((s) => s.said("#room").length === left);
    const { unread, mentions, unreadFrom, entries } = again.buffer("#room");
    const first = entries.find(({ id }) => id === unreadFrom);
    return { unread, mentions, first: first?.kind === "message" ? first.text : undefined };
  }

  it("is no longer unread", async () => {
    assert.deepEqual(await visit(["ann: hello", "well"], [1]), {
      unread: 1,
      mentions: 0,
      first: "well",
    });
    assert.deepEqual(await visit(["ann: hello"], [1]), {
      unread: 0,
      mentions: 0,
      first: undefined,
    });
    assert.deepEqual(await visit(["well", "ann: hello"], [1], ["ann: and now?"]), {
      unread: 2,
      mentions: 2,
      first: "ann: hello",
    });
  });

  it("is not taken for what a clock that is behind has put before the line that was read", async () => {
    const at = (n: number) => `2024-01-01T00:00:0${n}.000Z`;
    const line = (n: number, text: string) =>
      `@msgid=m${n};time=${at(n)} :bob!u@h PRIVMSG #room :${text}`;
    const known = { msgid: "m4", time: Date.parse(at(4)) };
    const readAt = Date.parse(at(3));
    const room = { name: "#room", kind: "channel", joined: true, key: undefined } as const;
    const server = await startScripted();
    const session = newSession(addressOf(server.port), {
      remembered: [{ ...room, unread: 2, mentions: 1, known, readAt }],
    });
    session.start();
    const peer = await server.accept();
    await peer.welcome({ caps: ["message-tags", "batch", "server-time", "draft/chathistory"] });
    await peer.letIn("ann", "#room", "bob");
    const lines = [line(2, "ann: behind"), line(3, "read"), line(4, "well")];
    await answerHistory(peer, "#room", lines);
    await session.until((s) => s.said("#room").length === 3);
    assert.deepEqual(counts(session, "#room"), [2, 1]);
  });

  it("was all there was in a direct message", async () => {
    const server = await accounts();
    const ann = await online(server, "ann");
    const dora = await server.join("dora", "#room", ...CAPS);
    dora.send("PRIVMSG ann :oops, wrong window");
    const said = (await dora.roundtrip()).find((line) => line.includes(" PRIVMSG ann "));
    await ann.until((s) => s.state.buffers.get("dora")?.unread === 1);
    const again = await reload(server, ann, async () => {
      dora.send(`REDACT ann ${/msgid=([^; ]+)/.exec(said ?? "")![1]!}`);
      await dora.roundtrip();
    });
    await again.until((s) => s.state.buffers.get("dora")?.startsAtBeginning === true);
    assert.deepEqual(counts(again, "dora"), [0, 0]);
  });

  it("takes nothing from the rest where it had been read", async () => {
    assert.deepEqual(await visit(["ann: hello", "well"], [0]), {
      unread: 2,
      mentions: 1,
      first: "ann: hello",
    });
  });
});

describe("a message that was not sent", () => {
  const ECHO = ["message-tags", "echo-message", "batch", "labeled-response", "server-time"];
  const HISTORY = [...ECHO, "draft/chathistory"];

  /** What the next session is given is JSON. */
  const left = (session: TestSession) =>
    JSON.parse(JSON.stringify(session.remembered)) as typeof session.remembered;

  it("is there after a reload, and can be tried again with the same id, or taken away", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server, { caps: ECHO });
    session.say("#room", "refused");
    session.say("dora", "\x02and\x02 this", "notice");
    const first = await peer.command("PRIVMSG");
    const notice = await peer.command("NOTICE");
    for (const { tags, params } of [first, notice])
      peer.send(`@label=${tags.get("label")!} :irc.test 404 ann ${params[0]!} :No`);
    await session.until((s) => s.said("dora")[0]?.endsWith("(failed)") === true);
    session.say("#room", "on its way");
    const remembered = left(session);
    await session.close();

    const again = newSession(addressOf(server.port), { remembered });
    assert.deepEqual(again.said("#room"), ["<ann> refused (failed)", "<ann> on its way (failed)"]);
    const [entry, other] = again.buffer("#room").entries as MessageEntry[];
    assert.equal(entry?.error, "No");
    again.start();
    const next = await server.accept();
    await next.welcome({ caps: ECHO });
    await next.letIn("ann", "#room");
    await again.online();
    again.retry("#room", entry.id);
    const repeated = await next.command("PRIVMSG");
    assert.deepEqual(repeated.params, ["#room", "refused"]);
    assert.equal(repeated.tags.get("+parley/id"), first.tags.get("+parley/id"));
    again.discard("#room", other!.id);
    assert.deepEqual(again.said("#room"), ["<ann> refused (pending)"]);
    const dora = again.buffer("dora").entries.at(-1) as MessageEntry;
    again.retry("dora", dora.id);
    assert.deepEqual((await next.command("NOTICE")).params, ["dora", "\x02and\x02 this"]);
    again.discard("#room", entry.id);
    again.discard("dora", dora.id);
    assert.ok(again.remembered.every(({ unsent }) => unsent === undefined));
  });

  it("stands where it was said once the history is there, and is sent if that has it", async () => {
    const time = (n: number) => new Date(n).toISOString();
    const server = await startScripted();
    const { session, peer } = await joined(server, { caps: HISTORY }, { now: () => 5_000 });
    session.say("#room", "lost");
    session.say("#room", "arrived");
    await peer.command("CHATHISTORY");
    peer.send(":irc.test BATCH +h chathistory #room", ":irc.test BATCH -h");
    const [lost, arrived] = [await peer.command("PRIVMSG"), await peer.command("PRIVMSG")];
    const remembered = left(session);
    await session.close();

    const again = newSession(addressOf(server.port), { remembered });
    again.start();
    const next = await server.accept();
    await next.welcome({ caps: HISTORY });
    await next.letIn("ann", "#room");
    await next.command("CHATHISTORY");
    const id = arrived.tags.get("+parley/id")!;
    next.send(
      "@draft/chathistory-end :irc.test BATCH +h chathistory #room",
      `@batch=h;msgid=a;time=${time(4_000)} :bob!u@h PRIVMSG #room :before`,
      `@batch=h;msgid=b;time=${time(5_500)};+parley/id=${id} :ann!u@h PRIVMSG #room :arrived`,
      `@batch=h;msgid=c;time=${time(6_000)} :bob!u@h PRIVMSG #room :after`,
      ":irc.test BATCH -h",
    );
    await again.until((s) => s.said("#room").length === 4);
    assert.deepEqual(again.said("#room"), [
      "<bob> before",
      "<ann> lost (failed)",
      "<ann> arrived",
      "<bob> after",
    ]);
    assert.ok(again.buffer("#room").startsAtBeginning);
    const [{ unsent = [] } = {}] = again.remembered;
    assert.deepEqual(
      unsent.map((message) => message.id),
      [lost.tags.get("+parley/id")],
    );
  });

  it("takes its conversation along when it is discarded, if nothing was ever said there", () => {
    const kept = { kind: "direct", joined: false, key: undefined, unread: 0, mentions: 0 } as const;
    const unsent = (id: string, target: string) => [
      { id, target, form: "message", text: "hello", time: 2_000, error: "Not sent" } as const,
    ];
    const session = newSession(addressOf(1), {
      remembered: [
        {
          ...kept,
          name: "bob",
          known: { msgid: "m1", time: 1_000 },
          readAt: 1_000,
          unsent: unsent("a", "bob"),
        },
        { ...kept, name: "carl", known: undefined, readAt: undefined, unsent: unsent("b", "carl") },
      ],
    });
    session.discard("bob", "a");
    session.discard("carl", "b");
    assert.deepEqual(
      session.remembered.map(({ name }) => name),
      ["bob"],
    );
  });

  it("is kept in bounds, the newest of it", () => {
    const session = newSession(addressOf(1), { channels: ["#room"] });
    for (let i = 0; i < 60; i++) session.say("dora", `${i} ${"x".repeat(20_000)}`);
    const kept = JSON.stringify(session.remembered);
    assert.ok(kept.length < 1_000_000 && kept.includes("59 xx") && !kept.includes('"0 xx'));
  });
});
