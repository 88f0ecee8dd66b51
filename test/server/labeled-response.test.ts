// https://ircv3.net/specs/extensions/labeled-response
import { strict as assert } from "node:assert";
import { startServer } from "../support/server.js";

const CAPS = ["labeled-response", "batch", "echo-message", "message-tags"] as const;

describe("a label", () => {
  it("comes back on an answer of one line", async () => {
    const server = await startServer();
    const alice = await server.client("alice", ...CAPS);
    alice.send("@label=x PING abc");
    await alice.expect("@label=x :parley.chat PONG parley.chat abc");
  });

  it("comes back on the batch around an answer of several lines", async () => {
    const server = await startServer();
    const alice = await server.client("alice", ...CAPS);
    alice.send("@label=w WHOIS alice");
    const lines = await alice.roundtrip();
    const id = /^@label=w :parley\.chat BATCH \+(\S+) labeled-response$/.exec(lines[0] ?? "")?.[1];
    assert.ok(id !== undefined, lines[0]);
    assert.ok(lines.slice(1, -1).every((line) => line.startsWith(`@batch=${id} `)));
    assert.equal(lines.at(-1), `:parley.chat BATCH -${id}`);
  });

  it("is acknowledged where there is nothing to answer", async () => {
    const server = await startServer();
    const alice = await server.client("alice", ...CAPS);
    await server.client("bob");
    alice.send("@label=1 PONG x", "@label=2 NOTICE nobody :x");
    await alice.expect("@label=1 :parley.chat ACK");
    await alice.expect("@label=2 :parley.chat ACK");
  });

  it("stands on the echo of a message, not on what others receive", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room", ...CAPS);
    const bob = await server.join("bob", "#room", ...CAPS);
    await alice.roundtrip();
    alice.send("@label=m PRIVMSG #room :hi");
    await alice.expect(/^@label=m;msgid=\w+ :alice!~alice@host PRIVMSG #room :hi$/);
    await bob.expect(/^@msgid=\w+ :alice!~alice@host PRIVMSG #room :hi$/);
  });

  it("stands on the echo alone when one writes to oneself", async () => {
    const server = await startServer();
    const alice = await server.client("alice", ...CAPS);
    alice.send("@label=s PRIVMSG alice :note to self");
    const lines = await alice.roundtrip();
    assert.equal(lines.length, 2);
    assert.equal(lines.filter((line) => line.includes("label=s")).length, 1);
  });

  it("comes back on errors and on commands that do not exist", async () => {
    const server = await startServer();
    const alice = await server.client("alice", ...CAPS);
    alice.send("@label=1 JOIN", "@label=2 NO_SUCH_THING", "@label=3 PRIVMSG nobody :x");
    await alice.expect("@label=1 :parley.chat 461 alice JOIN :Not enough parameters");
    await alice.expect("@label=2 :parley.chat 421 alice NO_SUCH_THING :Unknown command");
    await alice.expect(/^@label=3 :parley\.chat 401 /);
  });

  it("groups what one command does to several channels", async () => {
    const server = await startServer();
    const alice = await server.client("alice", ...CAPS);
    alice.send("@label=j JOIN #a,#b");
    const lines = await alice.roundtrip();
    assert.match(lines[0] ?? "", /^@label=j .* BATCH \+\S+ labeled-response$/);
    assert.equal(lines.filter((line) => / JOIN #[ab]$/.test(line)).length, 2);
    assert.match(lines.at(-1) ?? "", / BATCH -/);
  });

  it("marks a batch that is the whole answer by itself", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room", ...CAPS, "draft/chathistory");
    alice.send("@label=h CHATHISTORY LATEST #room * 10");
    await alice.expect(
      /^@label=h;draft\/chathistory-end :parley\.chat BATCH \+\S+ chathistory #room$/,
    );
    await alice.expect(/^:parley\.chat BATCH -/);
  });

  it("comes back on the end of what takes its time", async () => {
    const server = await startServer({ accounts: ["ann:sesame"] });
    const ann = await server.client("ann2", ...CAPS, "sasl", "soju.im/search");
    ann.send("@label=a AUTHENTICATE PLAIN", "@label=b AUTHENTICATE AGFubgBzZXNhbWU=");
    await ann.expect("@label=a :parley.chat AUTHENTICATE +");
    const [opening = "", ...rest] = await ann.until(/ BATCH -/);
    assert.match(opening, /^@label=b :parley\.chat BATCH \+\w+ labeled-response$/);
    assert.deepEqual(
      rest.map((line) => / (900|903|BATCH) /.exec(line)?.[1]),
      ["900", "903", "BATCH"],
    );
    ann.send("@label=c SEARCH text=nothing", "@label=d REGISTER * * x", "@label=e NICK ann");
    await ann.expect(/^@label=c :parley\.chat BATCH \+\w+ soju\.im\/search$/);
    await ann.expect(/^:parley\.chat BATCH -/);
    await ann.expect(/^@label=d :parley\.chat FAIL REGISTER ALREADY_AUTHENTICATED ann :/);
    await ann.expect(/^@label=e;msgid=\w+ :ann2!~ann2@host NICK :ann$/);
  });

  it("is acknowledged where only others hear of it, and groups what several are sent", async () => {
    const server = await startServer();
    const alice = await server.client("alice", "labeled-response", "batch", "message-tags");
    const bob = await server.client("bob", "message-tags");
    alice.send(
      "@label=1 PRIVMSG bob :hi",
      "@label=2;+typing=active TAGMSG bob",
      "@label=3 TAGMSG bob",
    );
    for (const label of [1, 2, 3]) await alice.expect(`@label=${label} :parley.chat ACK`);
    assert.ok((await bob.roundtrip()).every((line) => !line.includes("label")));
    alice.send("CAP REQ echo-message", "@label=4 PRIVMSG bob,nobody,alice :hi");
    await alice.expect(/ ACK echo-message$/);
    const seen = await alice.roundtrip();
    const [, id = ""] = /^@label=4 :\S+ BATCH \+(\w+) labeled-response$/.exec(seen[1] ?? "") ?? [];
    assert.match(seen[0] ?? "", /^@msgid=\w+ :alice!~alice@host PRIVMSG alice :hi$/);
    assert.deepEqual(
      seen.slice(2).map((line) => line.replace(/;msgid=\w+/, "").replaceAll(id, "ID")),
      [
        "@batch=ID :alice!~alice@host PRIVMSG bob :hi",
        "@batch=ID :parley.chat 401 alice nobody :No such nick/channel",
        "@batch=ID :alice!~alice@host PRIVMSG alice :hi",
        ":parley.chat BATCH -ID",
      ],
    );
  });

  it("holds a batch within its own, where that is not the whole answer", async () => {
    const server = await startServer();
    const alice = await server.client("alice", ...CAPS, "draft/extended-isupport");
    alice.send("@label=v VERSION");
    const seen = await alice.roundtrip();
    const [, outer = ""] =
      /^@label=v \S+ BATCH \+(\w+) labeled-response$/.exec(seen[0] ?? "") ?? [];
    assert.match(seen[1] ?? "", new RegExp(`^@batch=${outer} :parley\\.chat 351 `));
    const [, inner = ""] =
      new RegExp(`^@batch=${outer} \\S+ BATCH \\+(\\w+) draft/isupport$`).exec(seen[2] ?? "") ?? [];
    assert.ok(
      seen.slice(3, -2).every((line) => line.startsWith(`@batch=${inner} :parley.chat 005 `)),
    );
    assert.deepEqual(seen.slice(-2), [
      `@batch=${outer} :parley.chat BATCH -${inner}`,
      `:parley.chat BATCH -${outer}`,
    ]);
  });

  it("is answered on QUIT before the end", async () => {
    const server = await startServer();
    const alice = await server.client("alice", ...CAPS);
    alice.send("@label=q QUIT :bye");
    assert.deepEqual(await alice.rest(), [
      "@label=q :parley.chat ACK",
      "ERROR :Closing link: Quit: bye",
    ]);
  });

  it("longer than allowed, or of a client that asked for none, is nobody's", async () => {
    const server = await startServer();
    const alice = await server.client("alice", ...CAPS);
    alice.send(`@label=${"x".repeat(65)} PING a`);
    await alice.expect(":parley.chat PONG parley.chat a");
    for (const caps of [[], ["labeled-response"], ["batch"]]) {
      const plain = await server.client("plain", ...caps);
      plain.send("@label=x PING a", "@label=y NICK plainer", "@label=z WHOIS plainer");
      await plain.expect(":parley.chat PONG parley.chat a");
      await plain.expect(/^:plain!~plain@host NICK :plainer$/);
      assert.ok((await plain.roundtrip()).every((line) => line.startsWith(":parley.chat 3")));
      plain.send("QUIT");
      await plain.rest();
    }
  });
});
