// Messages of several lines, on our own server.
import { strict as assert } from "node:assert";
import { onCleanup } from "../support/cleanup.js";
import { startServer } from "../support/server.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import {
  addressOf,
  newSession,
  type TestSession,
  type TestSessionOptions,
} from "./scripted-peer.js";

const CODE = "ann, like so:\n```ts\nif (isHere) {\n\n  greet();\n}\n```";

/** An online session in #room. */
async function online(
  port: number,
  nick: string,
  options: TestSessionOptions = {},
): Promise<TestSession> {
  const session = newSession(addressOf(port), { nick, channels: ["#room"], ...options });
  session.start();
  await session.online();
  return session;
}

/** The texts of the messages that are not waiting. */
function texts(session: TestSession, buffer = "#room"): string[] {
  const entries = session.state.buffers.get(buffer)?.entries ?? [];
  return entries.flatMap((entry) =>
    entry.kind === "message" && entry.status === "sent" ? [entry.text] : [],
  );
}

describe("several lines on our server", () => {
  it("are one message: for who says it, who hears it, and who comes later", async () => {
    const { port } = await startServer();
    const [ann, bob] = [await online(port, "ann"), await online(port, "bob")];
    bob.say("#room", CODE);
    bob.say("ann", "psst\nann");
    await ann.until((s) => texts(s, "bob").length === 1);
    await bob.until((s) => texts(s, "ann").length === 1);
    const carl = await online(port, "carl");
    await carl.until((s) => texts(s).length > 0);
    for (const session of [ann, bob, carl]) assert.deepEqual(texts(session), [CODE]);
    for (const [session, other] of [
      [ann, "bob"],
      [bob, "ann"],
    ] as const)
      assert.deepEqual(texts(session, other), ["psst\nann"]);
    assert.deepEqual([ann.buffer("#room").unread, ann.buffer("#room").mentions], [1, 1]);
    assert.equal(bob.buffer("#room").unread, 0);
  });

  it("arrive as they were typed", async () => {
    const { port } = await startServer();
    const [ann, bob] = [await online(port, "ann"), await online(port, "bob")];
    const typed = [
      ":a\n: b\n:",
      "  indented\n\tby a tab\n   \nand trailing spaces  ",
      `${"a long line of words ".repeat(60)}\n${"ü🙂".repeat(200)}\n${"x".repeat(2_000)}`,
      "/slash\n//two\n@at;a=b +c",
      `${" ".repeat(1_500)}end`,
    ];
    for (const text of typed) ann.say("#room", text);
    await bob.until((s) => texts(s).length === typed.length);
    assert.deepEqual(texts(bob), typed);
    await ann.until((s) => texts(s).length === typed.length);
    assert.deepEqual(texts(ann), typed);
  });

  it("become more than one message only where they are too many, also under flood control", async () => {
    const limits = { floodLinesPerSecond: 100 };
    const { port } = await startServer({ floodControl: true, limits });
    const [ann, bob] = [await online(port, "ann"), await online(port, "bob")];
    const lines = Array.from({ length: 210 }, (_, i) => `line ${i}`);
    ann.say("#room", lines.join("\n"));
    await bob.until((s) => texts(s).length === 3);
    assert.equal(texts(bob).join("\n"), lines.join("\n"));
    await ann.until((s) => texts(s).length === 3);
    assert.ok(ann.said("#room").every((row) => !row.includes("failed")));
  });

  it("are neither lost nor shown twice when the plug is pulled again and again", async function () {
    this.timeout(60_000);
    const { port } = await startServer();
    const wire = await TcpProxy.start(port);
    onCleanup(() => wire.close());
    const bob = await online(port, "bob");
    const ann = await online(wire.port, "ann", { timing: { regainNickMs: 20 } });
    const wanted: string[] = [];
    for (let round = 0; round < 10; round++) {
      const before = wanted.length;
      for (let i = 0; i < 20; i++) {
        wanted.push(`round ${round}\n\nmessage ${i}\n${"long ".repeat(150)}end`);
        ann.say("#room", wanted.at(-1)!);
      }
      // Pulled at another moment each time: after so many have come through.
      await bob.until((s) => texts(s).length > before + round);
      await wire.cut();
      await wire.mend();
    }
    await ann.until((s) => s.said("#room").every((row) => !row.includes("pending")));
    await bob.until((s) => texts(s).length >= wanted.length);
    assert.deepEqual(texts(bob), wanted);
    assert.deepEqual(texts(ann), wanted);
  });
});
