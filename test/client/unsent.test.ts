// What is said while nothing can be sent is kept, up to a limit in bytes; beyond it a message is refused before it is taken.
import { strict as assert } from "node:assert";
import { runCommand, SlashCommandError } from "../../src/client/slash-commands.js";
import { SessionError } from "../../src/client/session-error.js";
import { addressOf, joined, newSession, startScripted, type TestSession } from "./scripted-peer.js";

const TEXT = "x".repeat(100_000);
const MOST_BYTES = 4_000_000;

/** A session that waits for its server. */
async function offline(): Promise<TestSession> {
  const server = await startScripted();
  const session = newSession(addressOf(server.port), { persistent: true });
  await server.close();
  session.start();
  await session.until(({ status }) => status.phase === "waiting");
  return session;
}

function isFull(error: unknown): boolean {
  return error instanceof SessionError && error.code === "queue-full";
}

/** Says `text` until it is refused, and returns how often it was taken. */
function fill(session: TestSession, text: string, target = "bob"): number {
  for (let count = 0; ; count++) {
    assert.ok(count < 10_000, "there is no limit");
    try {
      session.say(target, text);
    } catch (error) {
      assert.ok(isFull(error), String(error));
      return count;
    }
  }
}

describe("what waits to be sent", () => {
  it("is bounded in bytes, whether texts are long or short", async () => {
    const long = fill(await offline(), TEXT);
    assert.ok(long >= 10 && long * TEXT.length * 2 <= MOST_BYTES, `${long} long texts`);
    const short = fill(await offline(), "hi");
    assert.ok(short >= 1_000 && short <= MOST_BYTES / 500, `${short} short texts`);
  });

  it("counts over all conversations, and what failed counts too", async () => {
    const session = await offline();
    session.stopReconnecting();
    await session.closed();
    const count = fill(session, TEXT);
    for (const target of ["carl", "#room", "dora,eve"])
      assert.throws(() => {
        session.say(target, TEXT);
      }, isFull);
    const failed = session
      .buffer("bob")
      .entries.filter((entry) => entry.kind === "message" && entry.status === "failed");
    assert.ok(failed.length >= count);
    for (const { id } of failed.slice(0, failed.length / count)) session.discard("bob", id);
    session.say("bob", "x".repeat(50_000));
  });

  it("leaves nothing behind of what it refuses, for none of several recipients", async () => {
    const session = await offline();
    const count = fill(session, TEXT);
    assert.equal(session.said("bob").length, count);
    assert.throws(() => {
      session.say("carl,dora", TEXT);
    }, isFull);
    assert.ok(!session.state.buffers.has("carl") && !session.state.buffers.has("dora"));
  });

  it("refuses a text that alone is too much, cut into lines, and says so", async () => {
    const { session, peer } = await joined(await startScripted());
    assert.throws(
      () => {
        session.say("#room", "a\n".repeat(50_000));
      },
      (error: unknown) => error instanceof SessionError && error.code === "too-long",
    );
    assert.deepEqual(session.said("#room"), []);
    session.say("#room", "short");
    assert.equal((await peer.command("PRIVMSG")).params[1], "short");
  });

  it("is refused in the same way by a command, which keeps what was typed", async () => {
    const { session } = await joined(await startScripted(), {
      caps: ["message-tags", "echo-message", "batch", "labeled-response"],
    });
    fill(session, TEXT);
    for (const [name, args] of [
      ["msg", `bob ${TEXT}`],
      ["notice", `bob ${TEXT}`],
    ] as const)
      await assert.rejects(
        runCommand({ session, buffer: "bob" }, name, args),
        (error) => error instanceof SlashCommandError && error.code === "queue-full",
      );
  });

  it("is all sent when the server is there, and then there is room again", async () => {
    const { session, peer } = await joined(await startScripted(), {
      caps: ["message-tags", "echo-message", "batch", "labeled-response"],
    });
    const count = fill(session, "hello", "#room");
    for (let n = 0; n < count; n++) {
      const { tags } = await peer.command("PRIVMSG");
      const label = tags.get("label")!;
      peer.send(`@label=${label};msgid=m${n} :ann!u@h PRIVMSG #room :hello`);
    }
    await session.until((s) => s.said("#room").every((row) => row === "<ann> hello"));
    session.say("#room", "one more");
    assert.equal((await peer.command("PRIVMSG")).params[1], "one more");
  });
});
