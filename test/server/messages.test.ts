import { strict as assert } from "node:assert";
import { startServer } from "../support/server.js";

const TIME = 1_700_000_000_000;
const ISO = "2023-11-14T22:13:20.000Z";

describe("messages", () => {
  it("reach everybody in the channel but their sender", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const bob = await server.join("bob", "#room");
    const carol = await server.join("carol", "#other");
    await alice.roundtrip();
    alice.send("PRIVMSG #room :hello, all", "NOTICE #room :and take note");
    assert.deepEqual(await alice.roundtrip(), []);
    assert.deepEqual(await bob.roundtrip(), [
      ":alice!~alice@host PRIVMSG #room :hello, all",
      ":alice!~alice@host NOTICE #room :and take note",
    ]);
    assert.deepEqual(await carol.roundtrip(), []);
  });

  it("come back to a sender who asked for his echo, with what the server added", async () => {
    const server = await startServer({ now: () => TIME });
    const alice = await server.join(
      "alice",
      "#room",
      "echo-message",
      "server-time",
      "message-tags",
    );
    alice.send("@+draft/reply=x;secret=y PRIVMSG #room :hello");
    assert.match(
      (await alice.roundtrip())[0] ?? "",
      /^@time=2023-11-14T22:13:20\.000Z;msgid=[0-9a-z]+;\+draft\/reply=x :alice!~alice@host PRIVMSG #room :hello$/,
    );
  });

  it("show each receiver the tags it asked for and no others", async () => {
    const server = await startServer({ now: () => TIME });
    const alice = await server.join("alice", "#room", "message-tags");
    const plain = await server.join("plain", "#room");
    const timed = await server.join("timed", "#room", "server-time");
    const tagged = await server.join("tagged", "#room", "message-tags");
    for (const peer of [plain, timed, tagged]) await peer.roundtrip();
    alice.send("@+x=1 PRIVMSG #room :hi");
    await alice.roundtrip();
    const line = ":alice!~alice@host PRIVMSG #room :hi";
    assert.deepEqual(await plain.roundtrip(), [line]);
    timed.send("PING x");
    await timed.expect(`@time=${ISO} ${line}`);
    assert.match((await tagged.roundtrip())[0] ?? "", /^@msgid=[0-9a-z]+;\+x=1 :alice!/);
  });

  it("of a bot say so to those who read tags, and so do WHO and what else it does", async () => {
    const server = await startServer();
    const bot = await server.join("bot", "#room");
    const alice = await server.join("alice", "#room", "message-tags");
    const plain = await server.join("plain", "#room");
    await alice.roundtrip();
    bot.send(
      "MODE bot +B",
      "PRIVMSG #room :beep",
      "TOPIC #room :boop",
      "MODE bot -B",
      "PART #room",
    );
    await bot.roundtrip();
    const said = [":bot!~bot@host PRIVMSG #room :beep", ":bot!~bot@host TOPIC #room :boop"];
    const left = ":bot!~bot@host PART #room";
    assert.deepEqual(
      (await alice.roundtrip()).map((line) => line.replace(/msgid=\w+/, "id")),
      [...said.map((line) => `@id;bot ${line}`), `@id ${left}`],
    );
    assert.deepEqual(await plain.roundtrip(), [...said, left]);
    bot.send("MODE bot +B", "WHO bot");
    await bot.until(/ 352 bot \* ~bot host parley\.chat bot HB :0 bot the user$/);
  });

  it("give all receivers the same id", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room", "message-tags", "echo-message");
    const bob = await server.join("bob", "#room", "message-tags");
    await alice.roundtrip();
    alice.send("PRIVMSG #room :hi");
    const [echo] = await alice.roundtrip();
    const [copy] = await bob.roundtrip();
    assert.equal(echo, copy);
  });

  it("reach one person, who may be away", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    const bob = await server.client("bob");
    bob.send("AWAY :lunch");
    await bob.roundtrip();
    alice.send("PRIVMSG Bob :are you there?");
    assert.deepEqual(await alice.roundtrip(), [":parley.chat 301 alice bob :lunch"]);
    assert.deepEqual(await bob.roundtrip(), [":alice!~alice@host PRIVMSG bob :are you there?"]);
  });

  it("may consist of tags alone, for those who read them", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room", "message-tags");
    const bob = await server.join("bob", "#room", "message-tags");
    const plain = await server.join("plain", "#room");
    await bob.roundtrip();
    alice.send("@+typing=active TAGMSG #room", "TAGMSG #room");
    await alice.roundtrip();
    assert.match(
      (await bob.roundtrip()).join(),
      /^@msgid=\w+;\+typing=active :alice!~alice@host TAGMSG #room$/,
    );
    assert.deepEqual(await plain.roundtrip(), []);
  });

  it("go to several at once, up to a limit", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    const bob = await server.client("bob");
    const carol = await server.client("carol");
    alice.send("PRIVMSG bob,carol,bob :hi both", "PRIVMSG a,b,c,d,e :too many");
    await alice.expect(/ 407 alice e /);
    assert.deepEqual(await bob.roundtrip(), [":alice!~alice@host PRIVMSG bob :hi both"]);
    assert.deepEqual(await carol.roundtrip(), [":alice!~alice@host PRIVMSG carol :hi both"]);
  });

  it("can be for those with a role alone", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const bob = await server.join("bob", "#room");
    const carol = await server.join("carol", "#room");
    for (const peer of [alice, bob]) await peer.roundtrip();
    carol.send("PRIVMSG @#room :operators only");
    await carol.roundtrip();
    assert.deepEqual(await alice.roundtrip(), [
      ":carol!~carol@host PRIVMSG @#room :operators only",
    ]);
    assert.deepEqual(await bob.roundtrip(), []);
  });

  it("tell their sender what was wrong, except notices", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    alice.send("PRIVMSG", "PRIVMSG bob", "PRIVMSG bob :", "PRIVMSG nobody :x", "PRIVMSG #none :x");
    alice.send("NOTICE nobody :x", "NOTICE");
    assert.deepEqual(
      (await alice.roundtrip()).map((line) => line.split(" ")[1]),
      ["411", "412", "412", "401", "401"],
    );
  });

  it("are refused rather than cut when they do not fit behind their sender's name", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const bob = await server.join("bob", "#room");
    await alice.roundtrip();
    alice.send(`PRIVMSG #room :${"é".repeat(246)}`);
    await alice.expect(/ 417 alice /);
    assert.deepEqual(await bob.roundtrip(), []);
  });

  it("carry text that looks like the protocol as text", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const bob = await server.join("bob", "#room");
    await alice.roundtrip();
    for (const text of [":bob!x@y JOIN #room", ">>carol|Joined", "!Exit", "@time=1 PART", " x "]) {
      alice.send(`PRIVMSG #room :${text}`);
      await bob.expect(`:alice!~alice@host PRIVMSG #room :${text}`);
    }
  });

  it("sent again under the same id are stored once and confirmed again", async () => {
    const server = await startServer();
    const caps = ["message-tags", "echo-message", "labeled-response", "batch"] as const;
    const alice = await server.join("alice", "#room", ...caps);
    const bob = await server.join("bob", "#room", "message-tags");
    await alice.roundtrip();
    alice.send("@label=a;+parley/id=one PRIVMSG #room :hello");
    const [first = ""] = await alice.roundtrip();
    alice.send("@label=b;+parley/id=one PRIVMSG #room :hello");
    const [second = ""] = await alice.roundtrip();
    assert.equal(first.replace("label=a", "label=b"), second);
    assert.equal((await bob.roundtrip()).length, 1);
  });

  it("sent again after a drop, by another nick, are known", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room", "message-tags", "echo-message");
    const bob = await server.join("bob", "#room");
    alice.send("@+parley/id=one PRIVMSG #room :hello");
    const [first] = (await alice.roundtrip()).slice(-1);
    const again = await server.join("alice2", "#room", "message-tags", "echo-message");
    again.send("@+parley/id=one PRIVMSG #room :hello");
    assert.deepEqual(await again.roundtrip(), [first]);
    const heard = (await bob.roundtrip()).filter((line) => line.includes("PRIVMSG"));
    assert.equal(heard.length, 1);
  });
});
