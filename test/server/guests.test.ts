import { strict as assert } from "node:assert";
import type { Peer } from "../support/peer.js";
import { startServer } from "../support/server.js";

const CAPS = [
  "batch",
  "message-tags",
  "draft/chathistory",
  "draft/message-redaction",
  "soju.im/search",
  "echo-message",
];

const read = async (peer: Peer, ...questions: readonly string[]) => {
  peer.send(...questions);
  const lines = await peer.roundtrip();
  return lines.flatMap((line) => / PRIVMSG \S+ :(.*)$/.exec(line)?.[1] ?? []);
};

/** Everything a client can ask that could show a direct message with ann. */
const QUESTIONS = [
  "CHATHISTORY LATEST ann * 10",
  "CHATHISTORY BEFORE ann timestamp=2999-01-01T00:00:00.000Z 10",
  "CHATHISTORY AFTER ann timestamp=2000-01-01T00:00:00.000Z 10",
  "CHATHISTORY AROUND ann timestamp=2000-01-01T00:00:00.000Z 10",
  "CHATHISTORY BETWEEN ann timestamp=2000-01-01T00:00:00.000Z timestamp=2999-01-01T00:00:00.000Z 10",
  "SEARCH in=ann",
  "SEARCH text=secret",
  "SEARCH text=secret;after=2000-01-01T00:00:00.000Z",
];

describe("a guest who takes the nick of another guest of the same address", () => {
  it("reads nothing of what was said to the other, and does not learn that there was", async () => {
    const server = await startServer();
    const ann = await server.client("ann", ...CAPS);
    const first = await server.client("guest", ...CAPS);
    ann.send("PRIVMSG guest :a secret");
    const [echo = ""] = await ann.roundtrip();
    const msgid = /msgid=(\w+)/.exec(echo)?.[1] ?? "";
    first.send("QUIT");
    await first.rest();

    const second = await server.client("guest", ...CAPS);
    for (const question of [
      ...QUESTIONS,
      `CHATHISTORY AFTER ann msgid=${msgid} 10`,
      `CHATHISTORY AROUND ann msgid=${msgid} 10`,
    ])
      assert.deepEqual(await read(second, question), [], question);
    second.send(
      "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2999-01-01T00:00:00.000Z 10",
    );
    assert.equal((await second.roundtrip()).join("\n").includes("TARGETS ann"), false);
  });

  it("reads what is said from then on; and whoever they talk with goes on reading it all", async () => {
    const server = await startServer();
    const ann = await server.client("ann", ...CAPS);
    const first = await server.client("guest", ...CAPS);
    ann.send("PRIVMSG guest :to the first");
    await ann.roundtrip();
    first.send("QUIT");
    await first.rest();
    const second = await server.client("guest", ...CAPS);
    ann.send("PRIVMSG guest :to the second");
    await ann.roundtrip();
    await second.roundtrip();
    assert.deepEqual(await read(second, "CHATHISTORY LATEST ann * 10"), ["to the second"]);
    assert.deepEqual(await read(second, "SEARCH text=to"), ["to the second"]);
    assert.deepEqual(await read(ann, "CHATHISTORY LATEST guest * 10"), [
      "to the first",
      "to the second",
    ]);
  });

  it("reads nothing either when they are here already, and take it by NICK", async () => {
    const server = await startServer();
    const ann = await server.client("ann", ...CAPS);
    const first = await server.client("guest", ...CAPS);
    const second = await server.client("other", ...CAPS);
    ann.send("PRIVMSG guest :a secret");
    await ann.roundtrip();
    first.send("QUIT");
    await first.rest();
    second.send("NICK guest");
    await second.roundtrip();
    for (const question of QUESTIONS) assert.deepEqual(await read(second, question), [], question);
    second.send("NICK Guest");
    await second.roundtrip();
    for (const question of QUESTIONS) assert.deepEqual(await read(second, question), [], question);
  });

  it("deletes nothing the other said, neither to someone nor in a channel", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#room", ...CAPS);
    const first = await server.join("guest", "#room", ...CAPS);
    first.send("PRIVMSG ann :mine", "PRIVMSG #room :mine");
    const echoes = (await first.roundtrip()).filter((line) => line.includes(" PRIVMSG "));
    const [direct, open] = echoes.map((line) => /msgid=(\w+)/.exec(line)?.[1] ?? "");
    first.send("QUIT");
    await first.rest();
    const second = await server.join("guest", "#room", ...CAPS);
    second.send(`REDACT ann ${direct}`);
    await second.until(/ FAIL REDACT UNKNOWN_MSGID /);
    second.send(`REDACT #room ${open}`);
    await second.until(/ FAIL REDACT REDACT_FORBIDDEN /);
    await ann.roundtrip();
    assert.deepEqual(await read(ann, "CHATHISTORY LATEST guest * 10"), ["mine"]);
    assert.deepEqual(await read(ann, "CHATHISTORY LATEST #room * 10"), ["mine"]);
  });
});
