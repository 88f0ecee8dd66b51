import { strict as assert } from "node:assert";
import type { Peer } from "../support/peer.js";
import { startServer, type TestServer } from "../support/server.js";

/** Few of each, so that going beyond is quick. */
const LIMITS = { maxChannelsPerClient: 4, maxListModes: 3, maxMonitors: 2 };

const letters = (count: number | string) => "x".repeat(Number(count));

/** Alice, an operator of #room, and what ISUPPORT told her. */
async function arrive(): Promise<{
  server: TestServer;
  alice: Peer;
  tokens: Map<string, string>;
}> {
  const server = await startServer({ limits: LIMITS });
  const alice = await server.connect();
  alice.send("NICK alice", "USER alice 0 * :alice");
  const tokens = new Map<string, string>();
  for (const line of await alice.until(/ 422 /))
    if (line.includes(" 005 "))
      for (const token of line.split(" ").slice(3)) {
        const [name = "", value = ""] = token.split("=");
        tokens.set(name, value);
      }
  alice.send("JOIN #room");
  await alice.roundtrip();
  return { server, alice, tokens };
}

describe("what ISUPPORT says of limits is so", () => {
  for (const [name, command, before] of [
    ["TOPICLEN", "TOPIC #room", "TOPIC #room "],
    ["KICKLEN", "KICK #room bob", "KICK #room bob "],
    ["AWAYLEN", "AWAY", "AWAY "],
  ] as const)
    it(`${name}: what is longer is cut there`, async () => {
      const { server, alice, tokens } = await arrive();
      const bob = await server.join("bob", "#room", "away-notify");
      await alice.roundtrip();
      const length = Number(tokens.get(name));
      alice.send(`${command} :${letters(length + 1)}`);
      await bob.expect(`:alice!~alice@host ${before}${letters(length)}`);
    });

  it("NICKLEN and CHANNELLEN: so long is allowed, and no longer", async () => {
    const { alice, tokens } = await arrive();
    const nick = letters(tokens.get("NICKLEN") ?? "");
    const channel = `#${letters(Number(tokens.get("CHANNELLEN")) - 1)}`;
    alice.send(`NICK ${nick}x`, `JOIN ${channel}x`, `JOIN ${channel}`, `NICK ${nick}`);
    await alice.expect(/ 432 alice /);
    await alice.expect(/ 403 alice /);
    await alice.expect(`:alice!~alice@host JOIN ${channel}`);
    await alice.until(new RegExp(`^:alice!~alice@host NICK ${nick}$`));
  });

  it("USERLEN and NAMELEN: what is longer is cut, or refused where it can be", async () => {
    const { server, alice, tokens } = await arrive();
    const [user, name] = [Number(tokens.get("USERLEN")), Number(tokens.get("NAMELEN"))];
    const bob = await server.connect();
    bob.send("NICK bob", `USER ${letters(user)} 0 * :${letters(name + 1)}`);
    await bob.until(/ 422 /);
    alice.send("WHOIS bob", `SETNAME :${letters(name + 1)}`, `SETNAME :${letters(name)}`);
    await alice.expect(`:parley.chat 311 alice bob ~${letters(user - 1)} host * ${letters(name)}`);
    await alice.until(/ FAIL SETNAME INVALID_REALNAME /);
    assert.deepEqual(await alice.roundtrip(), []);
  });

  it("KEYLEN: no longer key is taken", async () => {
    const { alice, tokens } = await arrive();
    const key = letters(tokens.get("KEYLEN") ?? "");
    alice.send(`MODE #room +k ${key}x`, `MODE #room +k ${key}`);
    await alice.expect(/ 525 alice #room /);
    await alice.expect(`:alice!~alice@host MODE #room +k ${key}`);
  });

  it("CHANLIMIT and MONITOR: so many and no more", async () => {
    const { alice, tokens } = await arrive();
    assert.equal(tokens.get("CHANLIMIT"), "#:4");
    assert.equal(tokens.get("MONITOR"), "2");
    alice.send("JOIN #2,#3,#4,#5", "MONITOR + a,b,c");
    const seen = await alice.roundtrip();
    assert.ok(seen.some((line) => line.includes(" 405 alice #5 ")));
    assert.ok(seen.includes(":parley.chat 734 alice 2 c :Monitor list is full."));
    alice.send("JOIN #5");
    await alice.expect(/ 405 alice #5 /);
  });

  it("MAXLIST: each list has so many entries and no more", async () => {
    const { alice, tokens } = await arrive();
    assert.equal(tokens.get("MAXLIST"), "b:3,e:3,I:3");
    for (const list of ["b", "e", "I"]) {
      alice.send(`MODE #room +${list.repeat(4)} a b c d`);
      await alice.expect(/ 478 alice #room d!\*@\* /);
      await alice.expect(`:alice!~alice@host MODE #room +${list.repeat(3)} a!*@* b!*@* c!*@*`);
    }
  });

  it("MODES: so many changes with a parameter are made, and of more it is told", async () => {
    const { server, alice, tokens } = await arrive();
    const nicks = ["n1", "n2", "n3", "n4", "n5", "n6", "n7"];
    for (const nick of nicks) await server.join(nick, "#room");
    await alice.roundtrip();
    assert.equal(tokens.get("MODES"), "6");
    alice.send(`MODE #room +mvvvvvvv ${nicks.join(" ")}`);
    await alice.expect(
      ":parley.chat FAIL MODE TOO_MANY_MODES #room :Only the first 7 changes are made: at most 6 with a parameter go into one MODE",
    );
    await alice.expect(":alice!~alice@host MODE #room +mvvvvvv n1 n2 n3 n4 n5 n6");
  });

  it("MODES: what does not fit one line with the sender's name is told in two", async () => {
    const { server, alice } = await arrive();
    const bob = await server.join("bob", "#room");
    await alice.roundtrip();
    const nick = letters(64);
    alice.send(`NICK ${nick}`);
    await bob.expect(`:alice!~alice@host NICK ${nick}`);
    const masks = ["a", "b", "c"].map((letter) => `${letter}${letters(150)}`);
    alice.send(`MODE #room +bbb ${masks.join(" ")}`);
    const [a = "", b = "", c = ""] = masks.map((mask) => `${mask}!*@*`);
    await bob.expect(`:${nick}!~alice@host MODE #room +bb ${a} ${b}`);
    await bob.expect(`:${nick}!~alice@host MODE #room +b ${c}`);
  });

  it("CHATHISTORY and MAXTARGETS: no more messages, no more targets", async () => {
    const { server, alice, tokens } = await arrive();
    const most = Number(tokens.get("CHATHISTORY"));
    const lines = Array.from({ length: most + 1 }, (_, i) => `PRIVMSG #room :${i}`);
    alice.send(...lines, `CHATHISTORY LATEST #room * ${most + 1}`);
    const seen = await alice.roundtrip();
    assert.equal(seen.length, most);
    const nicks = ["n1", "n2", "n3", "n4", "n5"];
    for (const nick of nicks) await server.client(nick);
    assert.equal(tokens.get("MAXTARGETS"), "4");
    alice.send(`PRIVMSG ${nicks.join(",")} :hello`, `PRIVMSG ${nicks.slice(1).join(",")} :hello`);
    await alice.expect(/ 407 alice n5 :.* at most 4 are allowed$/);
    assert.deepEqual(await alice.roundtrip(), []);
  });

  it("SAFELIST: a list of however many channels costs nobody his connection", async () => {
    const { server, alice } = await arrive();
    const topic = { text: "t".repeat(300), setBy: "alice", setAt: 0 };
    for (let i = 0; i < 12_000; i++) server.server.channels.open(`#channel${i}`).topic = topic;
    alice.send("LIST");
    const seen = await alice.roundtrip();
    assert.equal(seen.filter((line) => line.includes(" 322 ")).length, 5000);
    assert.ok(seen[1]?.startsWith(":parley.chat 322 alice #room 1 "), "the largest come first");
    assert.equal(seen.at(-1), ":parley.chat 323 alice :End of /LIST: the largest 5000 of 12001");
  });
});
