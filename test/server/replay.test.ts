// What was missed, for clients that cannot ask for it: they know server-time and not draft/chathistory.
import { strict as assert } from "node:assert";
import { startServer, temporaryFolder, type TestServer } from "../support/server.js";
import type { Peer } from "../support/peer.js";

const START = Date.parse("2026-01-01T00:00:00.000Z");
const ON = { accounts: ["ann:sesame", "carl:sesame"], alwaysOn: true };

/** A clock that shows so many seconds after the start. */
function clock() {
  const state = { now: START };
  return {
    now: () => state.now,
    at: (second: number) => {
      state.now = START + second * 1000;
    },
  };
}

/** Says `lines` in #room, each a message. */
async function say(peer: Peer, ...lines: readonly string[]): Promise<void> {
  peer.send(...lines.map((line) => `PRIVMSG #room :${line}`));
  await peer.roundtrip();
}

/** Comes into #room. Resolves with what was said there before, as it is shown. */
async function shown(peer: Peer): Promise<(string | undefined)[]> {
  peer.send("JOIN #room");
  return texts(await peer.roundtrip());
}

const texts = (lines: readonly string[]) =>
  lines.flatMap((line) => / (?:PRIVMSG|NOTICE) \S+ :?(.*)$/.exec(line)?.[1] ?? []);

/** A server with somebody in #room who has said this. */
async function talk(...lines: readonly string[]): Promise<{ server: TestServer; ann: Peer }> {
  const server = await startServer();
  const ann = await server.join("ann", "#room");
  await say(ann, ...lines);
  return { server, ann };
}

describe("what was missed, on JOIN", () => {
  it("follows the names, with its time, for a client that knows server-time", async () => {
    const { now, at } = clock();
    const server = await startServer({ now });
    const ann = await server.join("ann", "#room");
    ann.send("TOPIC #room :tea", "PRIVMSG #room :one", "TAGMSG #room", "NOTICE #room :two");
    await ann.roundtrip();
    at(60);
    const bob = await server.client("bob", "server-time");
    bob.send("JOIN #room");
    const seen = await bob.roundtrip();
    const end = seen.findIndex((line) => line.includes(" 366 "));
    assert.deepEqual(seen.slice(end + 1), [
      "@time=2026-01-01T00:00:00.000Z :ann!~ann@host PRIVMSG #room :one",
      "@time=2026-01-01T00:00:00.000Z :ann!~ann@host NOTICE #room :two",
    ]);
  });

  it("stands in a batch for who knows batches", async () => {
    const { server } = await talk("one");
    const bob = await server.client("bob", "server-time", "batch");
    bob.send("JOIN #room");
    await bob.until(/ 366 /);
    const [, id] = /BATCH \+(\w+) chathistory #room$/.exec(await bob.expect(/ BATCH /)) ?? [];
    await bob.expect(new RegExp(`^@batch=${id};time=\\S+ :ann!~ann@host PRIVMSG #room :one$`));
    await bob.expect(new RegExp(` BATCH -${id}$`));
  });

  it("is not shown where old lines pass for new ones, nor to who can ask, nor to a bot", async () => {
    const { server } = await talk("!restart production");
    const able = ["server-time", "batch", "draft/chathistory"];
    for (const peer of [await server.client("plain"), await server.client("able", ...able)])
      assert.deepEqual(await shown(peer), []);
    const bot = await server.client("bot", "server-time");
    bot.send("MODE bot +B");
    assert.deepEqual(await shown(bot), []);
  });

  it("is what came after he left", async () => {
    const { server, ann } = await talk("before");
    const bob = await server.client("bob", "server-time");
    assert.deepEqual(await shown(bob), ["before"]);
    await say(ann, "heard");
    bob.send("PART #room");
    await bob.roundtrip();
    await say(ann, "missed");
    assert.deepEqual(await shown(bob), ["missed"]);
    assert.deepEqual(await shown(await server.client("carl", "server-time")), [
      "before",
      "heard",
      "missed",
    ]);
  });

  it("is what came after he was kicked, or had quit", async () => {
    const { server, ann } = await talk();
    const bob = await server.join("bob", "#room", "server-time");
    await say(ann, "heard");
    ann.send("KICK #room bob");
    await bob.until(/ KICK /);
    await say(ann, "missed");
    assert.deepEqual(await shown(bob), ["missed"]);
    bob.send("QUIT :bye");
    await bob.rest();
    await say(ann, "later");
    assert.deepEqual(await shown(await server.client("bob", "server-time")), ["later"]);
  });

  it("reaches back as far as a lost connection may have been dead", async () => {
    const { now, at } = clock();
    const server = await startServer({ now });
    const ann = await server.join("ann", "#room");
    const bob = await server.join("bob", "#room", "server-time");
    await say(ann, "heard");
    at(60);
    await say(ann, "perhaps heard");
    at(100);
    bob.link.end();
    await ann.until(/ QUIT :Connection closed$/);
    await say(ann, "missed");
    const again = await server.client("bob", "server-time");
    assert.deepEqual(await shown(again), ["perhaps heard", "missed"]);
  });

  it("is known by his account, and for a guest by his nick", async () => {
    const server = await startServer({ accounts: ["bob:sesame"] });
    const ann = await server.join("ann", "#room");
    const bob = await server.loggedIn("bob", "server-time");
    await shown(bob);
    await say(ann, "heard");
    bob.send("QUIT");
    await bob.rest();
    await say(ann, "missed");
    assert.deepEqual(await shown(await server.loggedIn("bob", "server-time")), ["missed"]);
    const other = await server.client("bobby", "server-time");
    assert.deepEqual(await shown(other), ["heard", "missed"]);
  });

  it("is what was said since the restart for who was there until it", async () => {
    const { now, at } = clock();
    const data = temporaryFolder();
    let server = await startServer({ data, now });
    let ann = await server.join("ann", "#room");
    await shown(await server.client("bob", "server-time"));
    await say(ann, "heard");
    await server.close();
    at(10);
    server = await startServer({ data, now });
    ann = await server.join("ann", "#room");
    await say(ann, "missed");
    assert.deepEqual(await shown(await server.client("bob", "server-time")), ["missed"]);
    assert.deepEqual(await shown(await server.client("carl", "server-time")), ["heard", "missed"]);
  });

  it("is as many lines as the host allows, the last ones", async () => {
    const server = await startServer({ replay: 3 });
    const ann = await server.join("ann", "#room", "draft/multiline", "batch");
    await say(ann, "one", "two", "three");
    const bob = await server.client("bob", "server-time");
    bob.send("JOIN #room,#room", "JOIN #other");
    assert.deepEqual(texts(await bob.roundtrip()), ["one", "two", "three"]);
    ann.send("BATCH +1 draft/multiline #room");
    ann.send("@batch=1 PRIVMSG #room :four", "@batch=1 PRIVMSG #room :five", "BATCH -1");
    await ann.roundtrip();
    assert.deepEqual(await shown(await server.client("carl", "server-time")), [
      "three",
      "four",
      "five",
    ]);
  });

  it("is nothing where the host wants that, and nothing that only operators were told", async () => {
    const off = await startServer({ replay: 0 });
    await say(await off.join("ann", "#room"), "one");
    assert.deepEqual(await shown(await off.client("bob", "server-time")), []);
    const { server, ann } = await talk("for all");
    ann.send("PRIVMSG @#room :for operators");
    await ann.roundtrip();
    assert.deepEqual(await shown(await server.client("bob", "server-time")), ["for all"]);
  });

  it("is for those who are let in", async () => {
    const { server, ann } = await talk("secret");
    ann.send("MODE #room +k sesame");
    await ann.roundtrip();
    const bob = await server.client("bob", "server-time");
    assert.deepEqual(await shown(bob), []);
    bob.send("JOIN #room sesame");
    assert.deepEqual(texts(await bob.roundtrip()), ["secret"]);
  });
});

describe("what was missed by one who stays without a connection", () => {
  it("is shown when he is back: in his channels, and what was said to him", async () => {
    const { now, at } = clock();
    const server = await startServer({ ...ON, now });
    const bob = await server.join("bob", "#room");
    const ann = await server.loggedIn("ann", "server-time");
    await shown(ann);
    await say(bob, "heard");
    at(1);
    ann.send("QUIT");
    await ann.rest();
    bob.send("PRIVMSG #room :missed", "PRIVMSG ann :are you there?");
    await bob.roundtrip();
    const again = await server.loggedIn("ann", "server-time");
    assert.deepEqual(
      (await again.roundtrip())
        .filter((line) => line.includes("PRIVMSG"))
        .map((line) => line.replace(/^@time=\S+ /, "")),
      [":bob!~bob@host PRIVMSG #room :missed", ":bob!~bob@host PRIVMSG ann :are you there?"],
    );
  });

  it("is shown also after a restart, before which he had gone or had not", async () => {
    const { now, at } = clock();
    const data = temporaryFolder();
    let server = await startServer({ ...ON, data, now });
    let bob = await server.join("bob", "#room");
    const ann = await server.loggedIn("ann", "server-time");
    await shown(ann);
    const carl = await server.loggedIn("carl", "server-time");
    await shown(carl);
    at(1);
    ann.send("QUIT");
    await ann.rest();
    at(2);
    await say(bob, "before the restart");
    await carl.roundtrip();
    await server.close();
    at(10);
    server = await startServer({ ...ON, data, now });
    bob = await server.join("bob", "#room");
    await say(bob, "after the restart");
    const missed = async (nick: string) =>
      texts(await (await server.loggedIn(nick, "server-time")).roundtrip());
    assert.deepEqual(await missed("ann"), ["before the restart", "after the restart"]);
    assert.deepEqual(await missed("carl"), ["after the restart"]);
  });

  it("is shown also when he logs in later", async () => {
    const server = await startServer(ON);
    const bob = await server.join("bob", "#room");
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #room", "QUIT");
    await ann.rest();
    bob.send("PRIVMSG #room :missed", "PRIVMSG ann :hello");
    await bob.roundtrip();
    const first = await server.client("first", "sasl", "server-time");
    first.send("AUTHENTICATE PLAIN", "AUTHENTICATE AGFubgBzZXNhbWU=", "NICK ann");
    assert.deepEqual(texts(await first.roundtrip()), ["missed", "hello"]);
  });
});
