// Servers with modest limits: what is sent stays within them, and slows down where it did not.
import { strict as assert } from "node:assert";
import type { Message } from "../../src/irc/message.js";
import { addressOf, joined, newSession, startScripted, type ServerPeer } from "./scripted-peer.js";

/** Two seconds of an ordinary server. */
const LINE_MS = 10;
const timing = { lineMs: LINE_MS, lineBurstMs: 5 * LINE_MS, backoffBaseMs: 1, backoffMaxMs: 2 };
const FLOOD = "ERROR :Closing Link: ann[127.0.0.1] (Excess Flood)";

async function next(peer: ServerPeer): Promise<string> {
  const line = await peer.next();
  assert.ok(line !== undefined, "the connection ended");
  return line;
}

/**
 * Reads what a session says, as slowly as a server does that takes one line in `LINE_MS` and has a receive queue of 1024 bytes:
 * the most that ever waited in it is what is returned.
 */
async function readSlowly(peer: ServerPeer, texts: number): Promise<number> {
  let [free, queue, most, heard] = [0, [] as { bytes: number; due: number }[], 0, 0];
  while (heard < texts) {
    const line = await next(peer);
    const now = performance.now();
    free = Math.max(free, now - 5 * LINE_MS) + LINE_MS;
    queue = [...queue.filter(({ due }) => due > now), { bytes: line.length + 2, due: free }];
    most = Math.max(
      most,
      queue.reduce((sum, { bytes, due }) => sum + (due > now ? bytes : 0), 0),
    );
    if (line.startsWith("PING")) peer.send(`:irc.test PONG irc.test ${line.slice(5)}`);
    if (line.startsWith("PRIVMSG")) heard++;
  }
  return most;
}

describe("a server with modest limits", () => {
  it("gets a paste of twenty lines without its receive queue running over", async () => {
    const { session, peer } = await joined(await startScripted(), {}, { timing });
    const text = Array.from({ length: 20 }, (_, i) => `${i} ${"x".repeat(150)}`).join("\n");
    session.say("#room", text);
    assert.ok((await readSlowly(peer, 20)) <= 1_024);
    while (session.said("#room").some((row) => row.endsWith("(pending)"))) await answer(peer);
    assert.equal(session.said("#room").length, 20);
  });

  it("is asked for thirty channels in a few lines, and then who is there, one after the other", async () => {
    const channels = Array.from({ length: 30 }, (_, i) => `#c${i}`);
    const server = await startScripted();
    const session = newSession(addressOf(server.port), { channels, timing });
    session.start();
    const peer = await server.accept();
    await peer.welcome();
    const lines: Message[] = [];
    const names: string[] = [];
    while (names.length < 30) {
      const join = await peer.command("JOIN");
      lines.push(join);
      for (const name of join.params[0]!.split(",")) {
        names.push(name);
        peer.send(
          `:ann!u@h JOIN ${name}`,
          `:irc.test 353 ann = ${name} :ann`,
          `:irc.test 366 ann ${name} :End`,
        );
      }
    }
    assert.ok(lines.length <= 5, `${lines.length} lines`);
    assert.deepEqual(names, channels);
    await session.online();
    const asked = new Set<string>();
    while (asked.size < 30) asked.add((await peer.command("WHO")).params[0]!);
  });

  it("that speaks of a flood is sent the rest more slowly, and all of it once", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server, { caps: ["message-tags"] }, { timing });
    session.say("#room", Array.from({ length: 6 }, (_, i) => `line ${i}`).join("\n"));
    await peer.command("PRIVMSG");
    peer.send(FLOOD);
    peer.drop();
    const again = await server.accept();
    await again.welcome({ caps: ["message-tags"] });
    await again.letIn("ann", "#room");
    const texts: string[] = [];
    while (texts.length < 6) {
      const line = await next(again);
      if (line.startsWith("PING")) again.send(`:irc.test PONG irc.test ${line.slice(5)}`);
      if (!line.includes("PRIVMSG")) continue;
      texts.push(line.replace(/^.* :/, ""));
    }
    assert.deepEqual(
      texts,
      Array.from({ length: 6 }, (_, i) => `line ${i}`),
    );
    while (session.said("#room").some((row) => row.endsWith("(pending)"))) await answer(again);
    assert.equal(session.said("#room").length, 6);
  });

  it("that closes each time is not sent the same for ever: it fails, and what follows it goes", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server, { caps: ["message-tags"] }, { timing });
    session.say("#room", "too much");
    let current = peer;
    for (let i = 0; i < 3; i++) {
      await current.command("PRIVMSG");
      current.send(FLOOD);
      current.drop();
      current = await server.accept();
      await current.welcome({ caps: ["message-tags"] });
      await current.letIn("ann", "#room");
    }
    assert.deepEqual(session.said("#room"), ["<ann> too much (failed)"]);
    session.say("#room", "sorry");
    assert.equal((await current.command("PRIVMSG")).params[1], "sorry");
  });

  it("hears PONG at once while a paste waits", async () => {
    const slow = { ...timing, lineMs: 60_000, lineBurstMs: 300_000 };
    const { session, peer } = await joined(await startScripted(), {}, { timing: slow });
    session.say("#room", Array.from({ length: 30 }, (_, i) => `line ${i}`).join("\n"));
    // settle() asks, and reads up to the answer.
    assert.ok((await peer.settle()).filter((line) => line.startsWith("PRIVMSG")).length <= 3);
  });

  it("of our own kind, which announces its limits, gets a window full at once", async () => {
    const isupport = ["parley/FLOOD=60,10"];
    const slow = { ...timing, lineMs: 60_000, lineBurstMs: 60_000 };
    const caps = ["message-tags", "echo-message", "batch", "labeled-response"];
    const { session, peer } = await joined(
      await startScripted(),
      { caps, isupport },
      { timing: slow },
    );
    for (let i = 0; i < 16; i++) session.say("#room", `line ${i}`);
    assert.equal((await peer.settle()).filter((line) => line.includes("PRIVMSG")).length, 16);
  });
});

async function answer(peer: ServerPeer): Promise<void> {
  for (const line of await peer.settle())
    if (line.startsWith("PING")) peer.send(`:irc.test PONG irc.test ${line.slice(5)}`);
}
