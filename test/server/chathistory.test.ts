// https://ircv3.net/specs/extensions/chathistory
import { strict as assert } from "node:assert";
import { startServer, temporaryFolder, type TestServer } from "../support/server.js";
import type { Peer } from "../support/peer.js";

const CAPS = ["draft/chathistory", "batch", "server-time", "message-tags"] as const;
const START = Date.parse("2026-01-01T00:00:00.000Z");

/** A server whose clock shows `second` seconds after the start. */
async function timedServer(): Promise<{ server: TestServer; at: (second: number) => void }> {
  let now = START;
  const server = await startServer({ now: () => now });
  return {
    server,
    at: (second) => {
      now = START + second * 1000;
    },
  };
}

/** `n` messages, one a second, said by alice in #room, beginning at second 1. */
async function chat(n: number): Promise<{ server: TestServer; alice: Peer; bob: Peer }> {
  const { server, at } = await timedServer();
  const alice = await server.join("alice", "#room");
  for (let i = 1; i <= n; i++) {
    at(i);
    alice.send(`PRIVMSG #room :${i}`);
    await alice.roundtrip();
  }
  const bob = await server.join("bob", "#room", ...CAPS);
  return { server, alice, bob };
}

async function history(peer: Peer, question: string): Promise<string[]> {
  peer.send(`CHATHISTORY ${question}`);
  // The clock has been put forward: the server may ask meanwhile whether we are still there.
  const lines = (await peer.roundtrip()).filter((line) => !line.startsWith("PING "));
  assert.match(lines[0] ?? "", / BATCH \+\w+ chathistory /, lines.join("\n"));
  assert.match(lines.at(-1) ?? "", / BATCH -\w+$/);
  return lines.slice(1, -1);
}

const texts = (lines: readonly string[]) =>
  lines.map((line) => line.slice(line.lastIndexOf(" :") + 2));
const timestamp = (second: number) => `timestamp=${new Date(START + second * 1000).toISOString()}`;
const msgid = (line: string | undefined) => `msgid=${/msgid=([^; ]+)/.exec(line ?? "")?.[1]}`;

describe("history", () => {
  it("gives back messages as they were, with id and time", async () => {
    const { server, at } = await timedServer();
    const alice = await server.join("alice", "#room", "message-tags", "server-time");
    const bob = await server.join("bob", "#room", "message-tags", "server-time");
    await bob.roundtrip();
    at(1);
    alice.send("@+draft/reply=x PRIVMSG #room :hello, all", "NOTICE #room :note");
    await alice.roundtrip();
    const heard = await bob.roundtrip();
    const carol = await server.join("carol", "#room", ...CAPS);
    at(100);
    const told = await history(carol, "LATEST #room * 10");
    assert.deepEqual(
      told.map((line) => line.replace(/^@batch=\w+;/, "@")),
      heard,
    );
  });

  it("LATEST gives the last ones, oldest first", async () => {
    const { bob } = await chat(5);
    assert.deepEqual(texts(await history(bob, "LATEST #room * 3")), ["3", "4", "5"]);
    assert.deepEqual(texts(await history(bob, `LATEST #room ${timestamp(3)} 10`)), ["4", "5"]);
    const all = await history(bob, "LATEST #room * 10");
    assert.deepEqual(texts(await history(bob, `LATEST #room ${msgid(all[1])} 2`)), ["4", "5"]);
  });

  it("says with each page whether it is the last", async () => {
    const { server, bob } = await chat(5);
    const all = await history(bob, "LATEST #room * 10");
    const endsWith = async (peer: Peer, question: string) => {
      peer.send(`CHATHISTORY ${question}`);
      const [opening = ""] = await peer.roundtrip();
      assert.match(opening, / BATCH \+/);
      return /^@[^ ]*draft\/chathistory-end[; ]/.test(opening);
    };
    const between = `${timestamp(1)} ${timestamp(5)}`;
    for (const [question, isLast] of [
      ["LATEST #room * 4", false],
      ["LATEST #room * 5", true],
      ["LATEST #room * 6", true],
      [`LATEST #room ${timestamp(2)} 2`, false],
      [`LATEST #room ${timestamp(2)} 3`, true],
      [`BEFORE #room ${msgid(all[2])} 1`, false],
      [`BEFORE #room ${msgid(all[2])} 2`, true],
      [`BEFORE #room ${msgid(all[0])} 2`, true],
      [`AFTER #room ${timestamp(3)} 1`, false],
      [`AFTER #room ${timestamp(3)} 2`, true],
      [`BETWEEN #room ${between} 2`, false],
      [`BETWEEN #room ${between} 3`, true],
      [`AROUND #room ${msgid(all[2])} 10`, false],
      [`TARGETS ${timestamp(0)} ${timestamp(9)} 1`, true],
    ] as const)
      assert.equal(await endsWith(bob, question), isLast, question);
    const untagged = await server.join("carol", "#room", "draft/chathistory", "batch");
    assert.equal(await endsWith(untagged, "LATEST #room * 6"), false);
  });

  it("of long lines gives those next to where it was asked from, and does not call them all", async () => {
    const { server, at } = await timedServer();
    const alice = await server.join("alice", "#room", "message-tags");
    for (let i = 1; i <= 200; i++) {
      at(i);
      alice.send(`@+x=${"x".repeat(4000)} PRIVMSG #room :${i}`);
      await alice.roundtrip();
    }
    const bob = await server.join("bob", "#room", ...CAPS);
    const ends = async (question: string) => {
      bob.send(`CHATHISTORY ${question} 200`);
      const lines = (await bob.roundtrip()).filter((line) => !line.startsWith("PING "));
      assert.doesNotMatch(lines[0]!, /chathistory-end/, question);
      const said = texts(lines.slice(1, -1));
      assert.ok(said.length < 199, question);
      return [said[0], said.at(-1)];
    };
    assert.equal((await ends("LATEST #room *"))[1], "200");
    assert.equal((await ends(`AFTER #room ${timestamp(1)}`))[0], "2");
    assert.equal((await ends(`BETWEEN #room ${timestamp(1)} ${timestamp(201)}`))[0], "2");
    assert.equal((await ends(`BETWEEN #room ${timestamp(201)} ${timestamp(1)}`))[1], "200");
  });

  it("BEFORE and AFTER exclude what they are given", async () => {
    const { bob } = await chat(5);
    const all = await history(bob, "LATEST #room * 10");
    assert.deepEqual(texts(await history(bob, `BEFORE #room ${msgid(all[3])} 2`)), ["2", "3"]);
    assert.deepEqual(texts(await history(bob, `BEFORE #room ${timestamp(4)} 2`)), ["2", "3"]);
    assert.deepEqual(texts(await history(bob, `AFTER #room ${msgid(all[1])} 2`)), ["3", "4"]);
    assert.deepEqual(texts(await history(bob, `AFTER #room ${timestamp(2)} 10`)), ["3", "4", "5"]);
    assert.deepEqual(await history(bob, `AFTER #room ${msgid(all[4])} 10`), []);
  });

  it("AROUND gives what is before and after", async () => {
    const { bob } = await chat(7);
    const all = await history(bob, "LATEST #room * 10");
    assert.deepEqual(texts(await history(bob, `AROUND #room ${msgid(all[3])} 3`)), ["3", "4", "5"]);
    assert.deepEqual(texts(await history(bob, `AROUND #room ${timestamp(4)} 1`)), ["4"]);
  });

  it("BETWEEN counts from the first, forwards or backwards", async () => {
    const { bob } = await chat(6);
    const ask = (a: number, b: number, n: number) =>
      history(bob, `BETWEEN #room ${timestamp(a)} ${timestamp(b)} ${n}`);
    assert.deepEqual(texts(await ask(1, 6, 10)), ["2", "3", "4", "5"]);
    assert.deepEqual(texts(await ask(1, 6, 2)), ["2", "3"]);
    assert.deepEqual(texts(await ask(6, 1, 2)), ["4", "5"]);
    const all = await history(bob, "LATEST #room * 10");
    const [one, four] = [msgid(all[0]), msgid(all[3])];
    assert.deepEqual(texts(await history(bob, `BETWEEN #room ${one} ${four} 10`)), ["2", "3"]);
    assert.deepEqual(texts(await history(bob, `BETWEEN #room ${four} ${one} 1`)), ["3"]);
    const mixed = `BETWEEN #room ${timestamp(6)} ${four} 10`;
    assert.deepEqual(texts(await history(bob, mixed)), ["5"]);
  });

  it("has tags alone for those who know events and tags, and counts none for others", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room", "message-tags");
    const reader = (nick: string, ...caps: readonly string[]) =>
      server.join(nick, "#room", "draft/chathistory", "batch", ...caps);
    const both = await reader("both", "message-tags", "draft/event-playback");
    const tags = await reader("tags", "message-tags");
    const events = await reader("events", "draft/event-playback");
    alice.send("PRIVMSG #room :one", "PRIVMSG #room :two");
    alice.send("@+draft/react=a TAGMSG #room", "@+draft/react=b TAGMSG #room");
    alice.send("@+parley/test-back=a TAGMSG #room", "@+parley/test-back-result=a TAGMSG #room");
    // Who typed then is nobody's concern any more.
    alice.send("@+typing=active TAGMSG #room", "@+typing=done;+parley/id=1 TAGMSG #room");
    await alice.roundtrip();
    for (const peer of [both, tags])
      assert.equal((await peer.roundtrip()).filter((line) => line.includes("+typing=")).length, 2);
    for (const [peer, wanted] of [
      [both, ["TAGMSG", "TAGMSG"]],
      [tags, ["PRIVMSG", "PRIVMSG"]],
      [events, ["PRIVMSG", "PRIVMSG"]],
    ] as const) {
      await peer.roundtrip();
      const seen = await history(peer, "LATEST #room * 2");
      assert.deepEqual(
        seen.map((line) => / (\S+) #room/.exec(line)?.[1]),
        wanted,
      );
      assert.ok(!seen.some((line) => line.includes("typing")));
    }
  });

  it("leads through everything page by page, without gaps or repeats", async () => {
    const { bob } = await chat(25);
    const seen: (string | undefined)[] = [];
    let before = "LATEST #room *";
    for (;;) {
      const page = await history(bob, `${before} 4`);
      if (page.length === 0) break;
      seen.unshift(...texts(page));
      before = `BEFORE #room ${msgid(page[0])}`;
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 25 }, (_, i) => String(i + 1)),
    );
  });

  it("orders messages of the same moment", async () => {
    const server = await startServer({ now: () => START });
    const alice = await server.join("alice", "#room");
    alice.send(...Array.from({ length: 10 }, (_, i) => `PRIVMSG #room :${i}`));
    await alice.roundtrip();
    const bob = await server.join("bob", "#room", ...CAPS);
    const all = await history(bob, "LATEST #room * 10");
    assert.equal(texts(all).join(""), "0123456789");
    assert.deepEqual(texts(await history(bob, `AFTER #room ${msgid(all[6])} 10`)), ["7", "8", "9"]);
  });

  it("has joins, topics and departures for those who understand them", async () => {
    const { server } = await timedServer();
    const alice = await server.join("alice", "#room");
    const carol = await server.join("carol", "#room");
    carol.send("NICK caro", "QUIT :bye");
    await carol.rest();
    alice.send("TOPIC #room :news", "MODE #room +m", "PRIVMSG #room :hi");
    await alice.roundtrip();
    const plain = await server.join("bob", "#room", ...CAPS);
    assert.deepEqual(texts(await history(plain, "LATEST #room * 10")), ["hi"]);
    const full = await server.client("dora", ...CAPS, "draft/event-playback");
    full.send("JOIN #room");
    await full.roundtrip();
    const commands = (await history(full, "LATEST #room * 20")).map((line) => line.split(" ")[2]);
    assert.deepEqual(commands, [
      "JOIN",
      "JOIN",
      "NICK",
      "QUIT",
      "TOPIC",
      "MODE",
      "PRIVMSG",
      "JOIN",
      "JOIN",
    ]);
  });

  it("has what two said to each other, for these two alone", async () => {
    const server = await startServer();
    const alice = await server.client("alice", ...CAPS);
    const bob = await server.client("bob", ...CAPS);
    const eve = await server.client("eve", ...CAPS);
    alice.send("PRIVMSG bob :ping");
    await alice.roundtrip();
    bob.send("PRIVMSG alice :pong");
    await bob.roundtrip();
    await alice.roundtrip();
    assert.deepEqual(texts(await history(alice, "LATEST bob * 10")), ["ping", "pong"]);
    assert.deepEqual(texts(await history(bob, "LATEST alice * 10")), ["ping", "pong"]);
    assert.deepEqual(await history(eve, "LATEST alice * 10"), []);
    alice.send("QUIT");
    await alice.rest();
    assert.deepEqual(texts(await history(bob, "LATEST alice * 10")), ["ping", "pong"]);
  });

  it("calls a conversation as it was asked for, and a channel by its name", async () => {
    const server = await startServer();
    const ann = await server.client("ann", ...CAPS);
    await server.client("Bob");
    ann.send("PRIVMSG bob :hello", "CHATHISTORY LATEST bOB * 5", "CHATHISTORY LATEST nobody * 5");
    await ann.expect(/ BATCH \+\w+ chathistory bOB$/);
    await ann.expect(/ PRIVMSG Bob :hello$/);
    await ann.until(/ BATCH \+\w+ chathistory nobody$/);
    ann.send("JOIN #Room", "CHATHISTORY LATEST #rOOM * 5");
    await ann.until(/ BATCH \+\w+ chathistory #Room$/);
  });

  it("names the conversations there were news in", async () => {
    const { server, at } = await timedServer();
    const alice = await server.join("alice", "#room", ...CAPS);
    const bob = await server.join("bob", "#room,#quiet", ...CAPS);
    at(10);
    alice.send("PRIVMSG #room :hi");
    await alice.roundtrip();
    at(20);
    alice.send("PRIVMSG bob :psst");
    await alice.roundtrip();
    await bob.roundtrip();
    const ask = async (from: number, to: number) => {
      bob.send(`CHATHISTORY TARGETS ${timestamp(from)} ${timestamp(to)} 10`);
      const lines = await bob.roundtrip();
      assert.match(lines[0] ?? "", / BATCH \+\w+ draft\/chathistory-targets$/);
      return lines.slice(1, -1).map((line) => line.split(" ").slice(2).join(" "));
    };
    assert.deepEqual(await ask(0, 100), [
      "CHATHISTORY TARGETS #room 2026-01-01T00:00:10.000Z",
      "CHATHISTORY TARGETS alice 2026-01-01T00:00:20.000Z",
    ]);
    assert.deepEqual(await ask(15, 100), ["CHATHISTORY TARGETS alice 2026-01-01T00:00:20.000Z"]);
    assert.deepEqual(await ask(30, 100), []);
  });

  it("names of many conversations those nearest to the first time that was given", async () => {
    const { server, at } = await timedServer();
    const alice = await server.client("alice");
    const bob = await server.client("bob", ...CAPS);
    for (const [i, nick] of ["one", "two", "three"].entries()) {
      at(10 * (i + 1));
      alice.send(`NICK ${nick}`, "PRIVMSG bob :psst");
      await alice.roundtrip();
    }
    await bob.roundtrip();
    const ask = async (from: number, to: number) => {
      bob.send(`CHATHISTORY TARGETS ${timestamp(from)} ${timestamp(to)} 2`);
      return (await bob.roundtrip()).slice(1, -1).map((line) => line.split(" ").at(-2));
    };
    assert.deepEqual(await ask(0, 100), ["one", "two"]);
    assert.deepEqual(await ask(100, 0), ["two", "three"]);
  });

  it("is for members of a channel alone", async () => {
    const { server } = await chat(1);
    const eve = await server.client("eve", ...CAPS);
    eve.send("CHATHISTORY LATEST #room * 10", "CHATHISTORY LATEST #none * 10");
    for (const line of await eve.roundtrip())
      assert.match(line, / FAIL CHATHISTORY INVALID_TARGET LATEST #/);
  });

  it("refuses what makes no sense", async () => {
    const { bob } = await chat(1);
    for (const question of [
      "NONSENSE #room * 10",
      "LATEST #room",
      "LATEST #room * many",
      "LATEST #room * 0",
      "BEFORE #room * 10",
      "BEFORE #room timestamp=yesterday 10",
      "AFTER #room msgid= 10",
      "BETWEEN #room msgid=a 10",
      "TARGETS msgid=a msgid=b 10",
    ]) {
      bob.send(`CHATHISTORY ${question}`);
      const lines = await bob.roundtrip();
      assert.match(lines.join("\n"), /^\S+ \S+ FAIL CHATHISTORY INVALID_PARAMS [^\n]*$/, question);
    }
    assert.deepEqual(await history(bob, "AFTER #room msgid=unheard-of 10"), []);
  });

  it("of a repeated send has it once", async () => {
    const { server } = await chat(0);
    const alice = await server.join("alicia", "#room", "message-tags");
    alice.send("@+parley/id=one PRIVMSG #room :once", "@+parley/id=one PRIVMSG #room :once");
    await alice.roundtrip();
    const bob = await server.join("bobby", "#room", ...CAPS);
    assert.deepEqual(texts(await history(bob, "LATEST #room * 10")), ["once"]);
  });

  it("outlives the server where it has a folder", async () => {
    const data = temporaryFolder();
    const first = await startServer({ data });
    const alice = await first.join("alice", "#room", "message-tags", "echo-message");
    alice.send("@+parley/id=one PRIVMSG #room :before", "TOPIC #room :news");
    const [echo] = await alice.roundtrip();
    await first.close();
    const second = await startServer({ data });
    const again = await second.join("alice", "#room", "message-tags", "echo-message");
    again.send("@+parley/id=one PRIVMSG #room :before", "PRIVMSG #room :after");
    assert.equal((await again.roundtrip())[0], echo);
    const bob = await second.join("bob", "#room", ...CAPS);
    assert.deepEqual(texts(await history(bob, "LATEST #room * 10")), ["before", "after"]);
  });
});
