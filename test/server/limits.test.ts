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
  it("names what there is, in lines of thirteen tokens at most", async () => {
    const server = await startServer({ network: "Testers" });
    const alice = await server.client("alice");
    alice.send("ISUPPORT");
    const lines = (await alice.roundtrip()).map((line) => line.split(" ").slice(3, -5));
    assert.ok(lines.every((tokens) => tokens.length <= 13));
    assert.deepEqual(lines.flat(), [
      "ACCOUNTEXTBAN=account,a",
      "AWAYLEN=200",
      "BOT=B",
      "CASEMAPPING=ascii",
      "CHANLIMIT=#:100",
      "CHANMODES=beI,k,l,Cimnst",
      "CHANNELLEN=64",
      "CHANTYPES=#",
      "CHATHISTORY=500",
      "ELIST=CMNTU",
      "EXCEPTS=e",
      "EXTBAN=~,am",
      "HOSTLEN=64",
      "INVEX=I",
      "KEYLEN=32",
      "KICKLEN=200",
      "MAXLIST=b:100,e:100,I:100",
      "MAXTARGETS=4",
      "MODES=6",
      "MONITOR=100",
      "MSGREFTYPES=msgid,timestamp",
      "NAMELEN=128",
      "NETWORK=Testers",
      "NICKLEN=64",
      "PREFIX=(qaohv)~&@%+",
      "SAFELIST",
      "STATUSMSG=~&@%+",
      "TARGMAX=NAMES:,LIST:,KICK:,WHOIS:1,PRIVMSG:4,NOTICE:4,TAGMSG:4,JOIN:,PART:",
      "TOPICLEN=300",
      "USERLEN=18",
      "UTF8ONLY",
      "WHOX",
      "parley/AVATAR=65536",
      "parley/FLOOD",
    ]);
  });

  for (const [name, command, before] of [
    ["TOPICLEN", "TOPIC #room", "TOPIC #room "],
    ["KICKLEN", "KICK #room bob", "KICK #room bob "],
    ["AWAYLEN", "AWAY", "AWAY "],
  ] as const)
    it(`${name}: so long is taken whole, and what is longer cut there`, async () => {
      const { server, alice, tokens } = await arrive();
      const length = Number(tokens.get(name));
      for (const text of [letters(length), letters(length).replaceAll("x", "y") + "y"]) {
        const bob = await server.join("bob", "#room", "away-notify");
        await alice.roundtrip();
        alice.send(`${command} :${text}`);
        await bob.until(new RegExp(`^:alice!~alice@host ${before}:${text.slice(0, length)}$`));
        bob.send("QUIT");
        await bob.rest();
      }
    });

  it("NICKLEN and CHANNELLEN: so long is allowed, and no longer", async () => {
    const { alice, tokens } = await arrive();
    const nick = letters(tokens.get("NICKLEN") ?? "");
    const channel = `#${letters(Number(tokens.get("CHANNELLEN")) - 1)}`;
    alice.send(`NICK ${nick}x`, `JOIN ${channel}x`, `JOIN ${channel}`, `NICK ${nick}`);
    await alice.expect(/ 432 alice /);
    await alice.expect(/ 403 alice /);
    await alice.expect(`:alice!~alice@host JOIN ${channel}`);
    await alice.until(new RegExp(`^:alice!~alice@host NICK :${nick}$`));
  });

  it("USERLEN and NAMELEN: what is longer is cut, or refused where it can be", async () => {
    const { server, alice, tokens } = await arrive();
    const [user, name] = [Number(tokens.get("USERLEN")), Number(tokens.get("NAMELEN"))];
    const bob = await server.connect();
    bob.send("NICK bob", `USER ${letters(user)} 0 * :${letters(name + 1)}`);
    await bob.until(/ 422 /);
    alice.send("WHOIS bob", `SETNAME :${letters(name + 1)}`, `SETNAME :${letters(name)}`);
    await alice.expect(`:parley.chat 311 alice bob ~${letters(user - 1)} host * :${letters(name)}`);
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
      ":parley.chat FAIL MODE TOO_MANY_MODES #room :Only the first 7 changes were made: one MODE can have at most 6 changes with a parameter, and 24 in total",
    );
    await alice.expect(":alice!~alice@host MODE #room +mvvvvvv n1 n2 n3 n4 n5 n6");
  });

  it("MODES: what does not fit one line with the sender's name is told in two", async () => {
    const { server, alice } = await arrive();
    const bob = await server.join("bob", "#room");
    await alice.roundtrip();
    const nick = letters(64);
    alice.send(`NICK ${nick}`);
    await bob.expect(`:alice!~alice@host NICK :${nick}`);
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
    await alice.expect(/ 407 alice n5 :.* at most 4 are allowed; nothing was sent$/);
    assert.deepEqual(await alice.roundtrip(), []);
  });

  it("TARGMAX: so many of what has a bound, and however many fit a line of the rest", async () => {
    const server = await startServer();
    const alice = await server.client("alice", "message-tags");
    const five = ["n1", "n2", "n3", "n4", "n5"];
    const peers = await Promise.all(five.map((nick) => server.client(nick, "message-tags")));
    alice.send(`NOTICE ${five.join(",")} :hi`, `@+x=1 TAGMSG ${five.join(",")}`);
    alice.send(`WHOIS ${five.slice(0, 2).join(",")}`);
    await alice.expect(/ 407 alice n5 :/);
    const described = await alice.until(/ 318 alice n1 /);
    assert.ok(described.every((line) => !line.includes("n2")));
    for (const peer of peers) assert.deepEqual(await peer.roundtrip(), []);
    const many = Array.from({ length: 60 }, (_, i) => `#c${i}`);
    const count = async (line: string, numeric: string) => {
      alice.send(line);
      return (await alice.roundtrip()).filter((seen) => seen.includes(` ${numeric} `)).length;
    };
    assert.equal(await count(`JOIN ${many.join(",")}`, "JOIN"), 60);
    assert.equal(await count(`NAMES ${many.join(",")}`, "353"), 60);
    assert.equal(await count(`LIST ${many.join(",")}`, "322"), 60);
    assert.equal(await count(`PART ${many.join(",")}`, "PART"), 60);
    alice.send("JOIN #room");
    for (const peer of peers) peer.send("JOIN #room");
    for (const peer of peers) await peer.roundtrip();
    assert.equal(await count(`KICK #room ${five.join(",")}`, "KICK"), 5);
  });

  it("STATUSMSG: what is said to a role is heard by that one and those above it", async () => {
    const { server, alice, tokens } = await arrive();
    const ranks = ["alice", "helper", "voiced", "plain"];
    const peers = new Map([["alice", alice]]);
    for (const nick of ranks.slice(1)) peers.set(nick, await server.join(nick, "#room"));
    alice.send("MODE #room +hv helper voiced");
    const sender = await server.join("sender", "#room");
    for (const peer of peers.values()) await peer.roundtrip();
    assert.equal(tokens.get("STATUSMSG"), "~&@%+");
    for (const [prefix, heard] of [
      ["~", 0],
      ["&", 0],
      ["@", 1],
      ["%", 2],
      ["+", 3],
    ] as const) {
      sender.send(`PRIVMSG ${prefix}#room :hi`);
      await sender.roundtrip();
      for (const [i, nick] of ranks.entries())
        assert.deepEqual(
          await peers.get(nick)?.roundtrip(),
          i < heard ? [`:sender!~sender@host PRIVMSG ${prefix}#room :hi`] : [],
        );
    }
  });

  it("CASEMAPPING: letters of ASCII are the same in both cases, and nothing else is", async () => {
    const { server, alice } = await arrive();
    await server.client("bob[x]");
    alice.send("WHOIS BOB[X]", "WHOIS bob{x}", "JOIN #ROOM", "TOPIC #Room", "TOPIC #röom");
    await alice.expect(/ 311 alice bob\[x\] /);
    await alice.until(/ 318 /);
    await alice.expect(/ 401 alice bob\{x\} /);
    await alice.expect(/ 318 /);
    await alice.expect(/ 331 alice #room /);
    await alice.expect(/ 403 alice #röom /);
  });

  it("metadata's and multiline's values in CAP LS: so much and no more", async () => {
    const server = await startServer({ limits: { maxMetadataKeys: 2, maxMetadataSubs: 2 } });
    const alice = await server.client("alice", "draft/metadata-3", "batch");
    alice.send("CAP LS 302");
    const offered = (await alice.roundtrip()).join(" ");
    assert.match(offered, /[ :]draft\/multiline=max-bytes=16384,max-lines=100( |$)/);
    const [, subs, keys, bytes] =
      /[ :]draft\/metadata-3=before-connect,max-subs=(\d+),max-keys=(\d+),max-value-bytes=(\d+)/.exec(
        offered,
      ) ?? [];
    assert.deepEqual([subs, keys], ["2", "2"]);
    const value = letters(bytes ?? "");
    alice.send(`METADATA * SET a ${value}x`, `METADATA * SET a ${value}`, "METADATA * SET b 1");
    alice.send("METADATA * SET c 1", "METADATA * SET a 2", "METADATA * SUB a b c");
    assert.deepEqual(
      (await alice.roundtrip()).map((line) => line.split(" ").slice(1, 6).join(" ")),
      [
        "FAIL METADATA INVALID_VALUE a :Invalid",
        "761 alice alice a *",
        "761 alice alice b *",
        "FAIL METADATA LIMIT_REACHED alice :Metadata",
        "761 alice alice a *",
        "FAIL METADATA TOO_MANY_SUBS c :Too",
        "770 alice a b",
      ],
    );
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
