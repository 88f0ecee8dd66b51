import { strict as assert } from "node:assert";
import type { Peer } from "../support/peer.js";
import { startServer } from "../support/server.js";

describe("channels", () => {
  it("welcomes the first as operator, and tells everybody who comes", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    alice.send("JOIN #room");
    assert.deepEqual(await alice.roundtrip(), [
      ":alice!~alice@host JOIN #room",
      ":parley.chat 353 alice = #room :@alice",
      ":parley.chat 366 alice #room :End of /NAMES list.",
    ]);
    const bob = await server.client("bob");
    bob.send("JOIN #Room");
    await bob.expect(":bob!~bob@host JOIN #room");
    await bob.expect(":parley.chat 353 bob = #room :@alice bob");
    assert.deepEqual(await alice.roundtrip(), [":bob!~bob@host JOIN #room"]);
  });

  it("takes a key for each channel of several, in their order, and none where it is empty", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#a,#b,#c");
    alice.send("MODE #a +k one", "MODE #b +k two");
    await alice.roundtrip();
    const bob = await server.client("bob");
    bob.send("JOIN #a,#c,#b one,,two");
    assert.deepEqual(
      (await bob.roundtrip()).filter((line) => line.includes(" JOIN ")),
      ["#a", "#c", "#b"].map((name) => `:bob!~bob@host JOIN ${name}`),
    );
    const carol = await server.client("carol");
    carol.send("JOIN #a,#b two,one", "JOIN #a");
    assert.deepEqual(
      (await carol.roundtrip()).map((line) => line.split(" ").slice(1, 4).join(" ")),
      ["475 carol #a", "475 carol #b", "475 carol #a"],
    );
  });

  it("shows account and realname of who joins to those who want it", async () => {
    const server = await startServer();
    const plain = await server.join("plain", "#room");
    const extended = await server.join("extended", "#room", "extended-join");
    await plain.roundtrip();
    await server.join("carol", "#room");
    assert.deepEqual(await plain.roundtrip(), [":carol!~carol@host JOIN #room"]);
    assert.deepEqual(await extended.roundtrip(), [
      ":carol!~carol@host JOIN #room * :carol the user",
    ]);
  });

  it("leaves several at once, with a reason", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#a,#b");
    const bob = await server.join("bob", "#a");
    await alice.roundtrip();
    bob.send("PART #a,#b :had enough");
    await bob.expect(":bob!~bob@host PART #a :had enough");
    await bob.expect(":parley.chat 442 bob #b :You're not on that channel");
    assert.deepEqual(await alice.roundtrip(), [":bob!~bob@host PART #a :had enough"]);
    alice.send("JOIN 0");
    assert.deepEqual(await alice.roundtrip(), [
      ":alice!~alice@host PART #a",
      ":alice!~alice@host PART #b",
    ]);
  });

  for (const name of ["room", "#", "#a b", "#a:b", "#a\u0007b", `#${"x".repeat(64)}`])
    it(`refuses the channel name ${JSON.stringify(name)}`, async () => {
      const server = await startServer();
      const alice = await server.client("alice");
      alice.send(`JOIN :${name}`);
      await alice.expect(/ 403 alice /);
      assert.deepEqual(await alice.roundtrip(), []);
    });

  it("bounds how many one may join", async () => {
    const server = await startServer({ limits: { maxChannelsPerClient: 2 } });
    const alice = await server.join("alice", "#a,#b");
    alice.send("JOIN #c");
    await alice.expect(/ 405 alice #c /);
  });

  it("keeps, shows and clears the topic", async () => {
    const server = await startServer({ now: () => 1_700_000_000_000 });
    const alice = await server.join("alice", "#room");
    alice.send("TOPIC #room", "TOPIC #room :We ship on Friday");
    assert.deepEqual(await alice.roundtrip(), [
      ":parley.chat 331 alice #room :No topic is set",
      ":alice!~alice@host TOPIC #room :We ship on Friday",
    ]);
    const bob = await server.client("bob");
    bob.send("JOIN #room");
    const lines = await bob.roundtrip();
    assert.deepEqual(lines.slice(1, 3), [
      ":parley.chat 332 bob #room :We ship on Friday",
      ":parley.chat 333 bob #room alice!~alice@host 1700000000",
    ]);
    bob.send("TOPIC #room :mine");
    await bob.expect(/ 482 bob #room /);
    alice.send("TOPIC #room :");
    await alice.until(/TOPIC #room :$/);
    alice.send("TOPIC #room");
    await alice.expect(/ 331 /);
  });

  it("lets operators kick, and nobody kick a higher one", async () => {
    const server = await startServer({ opers: ["host:pw"] });
    const host = await server.client("hanna");
    host.send("OPER host pw");
    const alice = await server.join("alice", "#room");
    const bob = await server.join("bob", "#room");
    host.send("JOIN #room");
    await host.roundtrip();
    await alice.roundtrip();
    await bob.roundtrip();
    bob.send("KICK #room alice :no");
    await bob.expect(/ 482 bob #room /);
    alice.send("KICK #room hanna :no", "KICK #room nobody", "KICK #room bob :off topic");
    await alice.expect(/ 482 alice #room /);
    await alice.expect(/ 401 alice nobody /);
    await alice.expect(":alice!~alice@host KICK #room bob :off topic");
    await bob.expect(":alice!~alice@host KICK #room bob :off topic");
    bob.send("PRIVMSG #room :am I still there?");
    await bob.expect(/ 404 bob #room /);
  });

  it("lets several be kicked, from one channel or each from his, and says who was not", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#a,#b");
    const bob = await server.join("bob", "#a,#b");
    const carol = await server.join("carol", "#a");
    await server.client("dave");
    for (const peer of [alice, bob]) await peer.roundtrip();
    alice.send("KICK #a,#b carol,bob :out", "KICK #a bob,dave,carol", "KICK #none bob", "KICK #a");
    assert.deepEqual(await alice.roundtrip(), [
      ":alice!~alice@host KICK #a carol :out",
      ":alice!~alice@host KICK #b bob :out",
      ":alice!~alice@host KICK #a bob :alice",
      ":parley.chat 441 alice dave #a :They aren't on that channel",
      ":parley.chat 441 alice carol #a :They aren't on that channel",
      ":parley.chat 403 alice #none :No such channel",
      ":parley.chat 461 alice KICK :Not enough parameters",
    ]);
    assert.deepEqual(await bob.roundtrip(), [
      ":alice!~alice@host KICK #a carol :out",
      ":alice!~alice@host KICK #b bob :out",
      ":alice!~alice@host KICK #a bob :alice",
    ]);
    carol.send("KICK #a alice");
    await carol.until(/ 442 carol #a :You're not on that channel$/);
  });

  it("lists channels, also by their size and by masks", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#big,#small,#secret");
    await server.join("bob", "#big");
    alice.send("MODE #secret +s");
    const carol = await server.client("carol");
    carol.send("LIST #big");
    await carol.expect(":parley.chat 321 carol Channel :Users Name");
    await carol.expect(":parley.chat 322 carol #big 2 :");
    await carol.expect(":parley.chat 323 carol :End of /LIST");
    const list = async (conditions: string) => {
      carol.send(`LIST ${conditions}`);
      const lines = await carol.until(/ 323 /);
      return lines.filter((l) => l.includes(" 322 ")).map((l) => l.split(" ")[3]);
    };
    assert.deepEqual(await list(""), ["#big", "#small"]);
    assert.deepEqual(await list(">1"), ["#big"]);
    assert.deepEqual(await list("<2"), ["#small"]);
    assert.deepEqual(await list("#b*"), ["#big"]);
    assert.deepEqual(await list("!#b*"), ["#small"]);
    assert.deepEqual(await list("#small"), ["#small"]);
    assert.deepEqual(await list(Array(10).fill("*").join(",")), ["#big", "#small"]);
    carol.send(`LIST ${Array(11).fill("*").join(",")}`);
    await carol.expect(":parley.chat 407 carol LIST :Too many conditions: at most 10 are allowed");
  });

  it("lists kept channels nobody is in, to those who may come in", async () => {
    const server = await startServer({ accounts: ["ann:sesame"] });
    const ann = await server.client("first", "sasl");
    const plain = Buffer.from("\0ann\0sesame").toString("base64");
    ann.send("AUTHENTICATE PLAIN", `AUTHENTICATE ${plain}`);
    await ann.until(/ 903 /);
    const modes = {
      "#open": "-t",
      "#full": "+l 1",
      "#hidden": "+s",
      "#invited": "+i",
      "#invex": "+iI bob!*@*",
      "#locked": "+k sesame",
      "#banned": "+b bob!*@*",
      "#excepted": "+be bob!*@* bob!*@*",
      "#busy": "+k sesame",
    };
    for (const [name, mode] of Object.entries(modes))
      ann.send(`JOIN ${name}`, `MODE ${name} ${mode}`);
    ann.send("TOPIC #open :tea and cake");
    for (const name of Object.keys(modes)) if (name !== "#busy") ann.send(`PART ${name}`);
    await ann.roundtrip();
    const list = async (peer: Peer, conditions: string) => {
      peer.send(`LIST ${conditions}`);
      const lines = await peer.until(/ 323 /);
      return lines.filter((l) => l.includes(" 322 ")).map((l) => l.split(" ").slice(3).join(" "));
    };
    const bob = await server.client("bob");

    assert.deepEqual(await list(bob, ""), [
      "#busy 1 :",
      "#excepted 0 :",
      "#full 0 :",
      "#invex 0 :",
      "#open 0 :tea and cake",
    ]);
    assert.deepEqual(await list(bob, "#OPEN,#hidden,#invited,#locked,#banned,#none"), [
      "#open 0 :tea and cake",
    ]);
    assert.deepEqual(await list(bob, "<1,#o*"), ["#open 0 :tea and cake"]);
    assert.deepEqual(await list(bob, ">0"), ["#busy 1 :"]);
    // Its founder may always come in, and knows what is secret.
    assert.equal((await list(ann, "")).length, Object.keys(modes).length);
    bob.send("JOIN #open", "PART #open");
    await bob.roundtrip();
    assert.deepEqual(await list(bob, "#open"), ["#open 0 :tea and cake"]);
  });

  it("lists no channel that guests have left: nothing of it is kept", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#gone");
    ann.send("TOPIC #gone :tea", "PART #gone", "LIST");

    const lines = await ann.until(/ 323 /);
    assert.ok(!lines.some((line) => line.includes(" 322 ")));
  });

  it("lists channels by when they were made and when their topic was set", async () => {
    let now = 1_700_000_000_000;
    const server = await startServer({ now: () => now });
    const alice = await server.join("alice", "#old,#quiet");
    now += 30 * 60_000;
    alice.send("TOPIC #old :news", "JOIN #new");
    await alice.roundtrip();
    now += 10 * 60_000;
    const list = async (conditions: string) => {
      alice.send(`LIST ${conditions}`);
      const lines = await alice.until(/ 323 /);
      return lines.filter((l) => l.includes(" 322 ")).map((l) => l.split(" ")[3]);
    };
    assert.deepEqual(await list("C<20"), ["#new"]);
    assert.deepEqual(await list("c>20"), ["#old", "#quiet"]);
    assert.deepEqual(await list("T<20"), ["#old"]);
    assert.deepEqual(await list("t>20"), []);
    assert.deepEqual(await list("C>20,!#q*"), ["#old"]);
  });

  it("says what a name must be, and how to make room", async () => {
    const server = await startServer({ limits: { maxChannelsPerClient: 1 } });
    const alice = await server.join("alice", "#room");
    alice.send("JOIN room", "JOIN #a:b", `JOIN #${"x".repeat(64)}`, "JOIN #other");
    await alice.expect(/ 403 alice room :No such channel: a channel name must begin with #/);
    await alice.expect(
      / 403 alice #a:b :No such channel: a channel name cannot contain spaces, commas/,
    );
    await alice.expect(
      / 403 alice #x{63} :No such channel: a channel name can have at most 64 bytes$/,
    );
    await alice.expect(
      / 405 alice #other :You have joined too many .*: the limit is 1; leave one first$/,
    );
  });

  it("names all members with all their roles to those who want it", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room", "multi-prefix", "userhost-in-names");
    const plain = await server.join("plain", "#room");
    alice.send("MODE #room +v alice", "NAMES #room");
    const lines = await alice.roundtrip();
    assert.ok(
      lines.includes(":parley.chat 353 alice = #room :@+alice!~alice@host plain!~plain@host"),
    );
    plain.send("NAMES #room");
    assert.ok((await plain.roundtrip()).includes(":parley.chat 353 plain = #room :@alice plain"));
  });

  it("does not name members unasked where that is not wanted", async () => {
    const server = await startServer();
    const alice = await server.client("alice", "draft/no-implicit-names");
    alice.send("JOIN #room");
    assert.deepEqual(await alice.roundtrip(), [":alice!~alice@host JOIN #room"]);
  });

  it("names members when asked all the same, and not when a channel is renamed", async () => {
    const server = await startServer();
    const bob = await server.join("bob", "#room");
    bob.send("TOPIC #room :tea");
    await bob.roundtrip();
    const alice = await server.client("alice", "draft/no-implicit-names", "draft/read-marker");
    alice.send("JOIN #room", "NAMES #room");
    const commands = async () => (await alice.roundtrip()).map((line) => line.split(" ")[1]);
    assert.deepEqual(await commands(), ["JOIN", "332", "333", "MARKREAD", "353", "366"]);
    bob.send("RENAME #room #hall");
    await bob.until(/ 366 /);
    assert.deepEqual(await commands(), ["PART", "JOIN", "332", "333", "MARKREAD"]);
  });

  it("splits the names of a large channel into lines that fit", async () => {
    const server = await startServer();
    for (let i = 0; i < 30; i++) await server.join(`somebody-with-a-long-name-${i}`, "#room");
    const alice = await server.client("alice");
    alice.send("JOIN #room");
    const lines = (await alice.roundtrip()).filter((line) => line.includes(" 353 "));
    assert.ok(lines.length > 1);
    assert.ok(lines.every((line) => Buffer.byteLength(line) <= 510));
    assert.equal(lines.flatMap((line) => line.split(":").at(-1)?.split(" ")).length, 31);
  });

  it("tells who went, and forgets an empty channel", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#a,#b");
    const bob = await server.join("bob", "#a,#b");
    bob.send("QUIT :good night");
    assert.deepEqual(await bob.rest(), ["ERROR :Closing link: Quit: good night"]);
    await alice.until(/JOIN #b$/);
    assert.deepEqual(await alice.roundtrip(), [":bob!~bob@host QUIT :Quit: good night"]);
    const carol = await server.join("carol", "#b");
    carol.send("QUIT");
    assert.deepEqual(await carol.rest(), ["ERROR :Closing link: Quit: "]);
    await alice.expect(/ JOIN #b$/);
    assert.deepEqual(await alice.roundtrip(), [":carol!~carol@host QUIT :Quit: "]);
    alice.send("MODE #a +s", "PART #a", "JOIN #a", "MODE #a");
    assert.ok((await alice.roundtrip()).includes(":parley.chat 324 alice #a +nt"));
  });
});
