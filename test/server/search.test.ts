import { strict as assert } from "node:assert";
import type { Peer } from "../support/peer.js";
import { startServer } from "../support/server.js";

const CAPS = ["batch", "soju.im/search"];

/** The texts found, after the batch has been looked at. */
async function search(peer: Peer, attributes: string): Promise<string[]> {
  peer.send(`SEARCH ${attributes}`);
  const [, id = ""] = /BATCH \+(\S+) soju.im\/search$/.exec(await peer.expect(/BATCH/)) ?? [];
  const lines = await peer.until(/ BATCH -/);
  assert.ok(lines.pop()?.endsWith(`BATCH -${id}`));
  return lines.map((line) => line.replace(/^.* (?:PRIVMSG|NOTICE) \S+ :?/, ""));
}

describe("SEARCH", () => {
  it("finds by words, nick, place and time, in the order of time", async () => {
    let now = Date.parse("2020-01-01T00:00:00.000Z");
    const server = await startServer({ now: () => (now += 1000) });
    const ann = await server.join("ann", "#room", ...CAPS);
    const bob = await server.join("bob", "#room");
    ann.send("PRIVMSG #room :That was fast!", "PRIVMSG #room :slow");
    await ann.roundtrip();
    bob.send("PRIVMSG #room :Fasting is hard", "NOTICE ann :fast between us");
    await bob.roundtrip();
    await ann.roundtrip();
    assert.deepEqual(await search(ann, "text=fast"), [
      "That was fast!",
      "Fasting is hard",
      "fast between us",
    ]);
    assert.deepEqual(await search(ann, "text=FAST;in=#ROOM;limit=1"), ["Fasting is hard"]);
    assert.deepEqual(await search(ann, "from=Bob;in=#room"), ["Fasting is hard"]);
    assert.deepEqual(await search(ann, "in=bob"), ["fast between us"]);
    assert.deepEqual(await search(ann, String.raw`text=was\sfast`), ["That was fast!"]);
    assert.deepEqual(await search(ann, "before=2019-01-01T00:00:00.000Z"), []);
    assert.deepEqual(await search(ann, "after=2019-01-01T00:00:00.000Z;limit=1"), [
      "That was fast!",
    ]);
  });

  it("takes a time as the first or last that counts, and begins where after says", async () => {
    let now = Date.parse("2020-01-01T00:00:00.000Z");
    const server = await startServer({ now: () => now });
    const ann = await server.join("ann", "#room", ...CAPS);
    for (const text of ["one", "two", "three"]) {
      now += 60_000;
      ann.send(`PRIVMSG #room :${text}`);
      await ann.roundtrip();
    }
    const [first, last] = ["2020-01-01T00:01:00.000Z", "2020-01-01T00:03:00.000Z"];
    assert.deepEqual(await search(ann, `after=${first};before=${last}`), ["one", "two", "three"]);
    assert.deepEqual(await search(ann, `after=${last}`), ["three"]);
    assert.deepEqual(await search(ann, `before=${first}`), ["one"]);
    assert.deepEqual(await search(ann, `after=${first};limit=2`), ["one", "two"]);
    assert.deepEqual(await search(ann, `before=${last};limit=2`), ["two", "three"]);
  });

  it("finds what is said after a search, and not what was deleted", async () => {
    const server = await startServer();
    const ann = await server.join(
      "ann",
      "#room",
      ...CAPS,
      "message-tags",
      "echo-message",
      "draft/message-redaction",
    );
    ann.send("PRIVMSG #room :tea one");
    const [, msgid = ""] = /msgid=([^; ]+)/.exec(await ann.expect(/PRIVMSG/)) ?? [];
    assert.deepEqual(await search(ann, "text=tea"), ["tea one"]);
    ann.send(`REDACT #room ${msgid}`, "PRIVMSG #room :tea two");
    await ann.until(/tea two$/);
    assert.deepEqual(await search(ann, "text=tea"), ["tea two"]);
  });

  it("finds within writing that does not part its words, and signs", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#room", ...CAPS);
    ann.send("PRIVMSG #room :今日はお茶を飲む", "PRIVMSG #room :100% _sure_");
    await ann.roundtrip();
    assert.deepEqual(await search(ann, "text=お茶"), ["今日はお茶を飲む"]);
    assert.deepEqual(await search(ann, "text=%"), ["100% _sure_"]);
  });

  it("shows nobody what he may not read", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#secret");
    const bob = await server.client("bob");
    ann.send("PRIVMSG #secret :tea", "PRIVMSG bob :tea for you");
    await ann.roundtrip();
    await bob.roundtrip();
    const eve = await server.client("eve", ...CAPS);
    assert.deepEqual(await search(eve, "text=tea"), []);
    assert.deepEqual(await search(eve, "text=tea;in=bob"), []);
    eve.send("SEARCH text=tea;in=#secret");
    await eve.expect(/ FAIL SEARCH INVALID_PARAMS in :in must be a channel that you are in$/);
  });

  it("says what is wrong, and is no command without the capability", async () => {
    const server = await startServer();
    const ann = await server.client("ann", ...CAPS);
    ann.send("SEARCH what=x", "SEARCH limit=0", "SEARCH after=soon", "SEARCH text");
    await ann.expect(
      / FAIL SEARCH INVALID_PARAMS what :what is not a search key; valid ones are in, from/,
    );
    await ann.expect(/ FAIL SEARCH INVALID_PARAMS limit :limit must be a number greater than 0/);
    await ann.expect(/ FAIL SEARCH INVALID_PARAMS after :after must be a time/);
    await ann.expect(/ FAIL SEARCH INVALID_PARAMS text :text must have 1 to 200 bytes/);
    const lacks = await server.client("lacks");
    lacks.send("SEARCH text=x");
    await lacks.expect(/ 421 lacks SEARCH /);
  });
});
