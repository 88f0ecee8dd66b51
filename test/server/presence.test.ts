import { strict as assert } from "node:assert";
import { commandTable } from "../../src/server/commands/index.js";
import { HELP_TEXTS } from "../../src/server/commands/help.js";
import { startServer } from "../support/server.js";

describe("pre-away", () => {
  it("lets those who have it say that they are away before they are here", async () => {
    const server = await startServer();
    const peer = await server.connect();
    peer.send("AWAY :tea", "CAP REQ draft/pre-away", "AWAY :tea");
    await peer.expect(/ 451 \* /);
    await peer.expect(/ ACK draft\/pre-away$/);
    await peer.expect(/ 306 \* /);
    peer.send("NICK ann", "USER ann 0 * :Ann", "CAP END");
    await peer.until(/ 422 /);
    const bob = await server.client("bob");
    bob.send("PRIVMSG ann :there?");
    await bob.expect(":parley.chat 301 bob ann :tea");
  });

  it("may be taken back, and need not say why", async () => {
    const server = await startServer();
    const bob = await server.join("bob", "#room", "away-notify");
    const back = await server.connect();
    back.send(
      "CAP REQ draft/pre-away",
      "AWAY :tea",
      "AWAY",
      "NICK back",
      "USER b 0 * :B",
      "CAP END",
    );
    await back.until(/ 305 \* /);
    await back.until(/ 422 /);
    const gone = await server.connect();
    gone.send("CAP REQ draft/pre-away", "AWAY *", "NICK gone", "USER g 0 * :G", "CAP END");
    await gone.until(/ 422 /);
    for (const peer of [back, gone]) {
      peer.send("JOIN #room");
      await peer.roundtrip();
    }
    assert.deepEqual(await bob.roundtrip(), [
      ":back!~b@host JOIN #room",
      ":gone!~g@host JOIN #room",
      ":gone!~g@host AWAY :*",
    ]);
    bob.send("PRIVMSG back,gone :there?");
    assert.deepEqual(await bob.roundtrip(), [":parley.chat 301 bob gone :*"]);
  });

  it("given back before registration lets nobody say anything of the kind", async () => {
    const server = await startServer();
    const peer = await server.connect();
    peer.send("CAP REQ draft/pre-away", "CAP REQ -draft/pre-away", "AWAY :tea");
    await peer.until(/ ACK -draft\/pre-away$/);
    await peer.expect(":parley.chat 451 * :You have not registered");
  });
});

describe("extended-isupport", () => {
  it("answers before registration those who have it, in a batch", async () => {
    const server = await startServer();
    const peer = await server.connect();
    peer.send("ISUPPORT", "CAP REQ :batch draft/extended-isupport", "ISUPPORT");
    await peer.expect(/ 451 /);
    await peer.expect(/ ACK /);
    const [, id] = /BATCH \+(\S+) draft\/isupport$/.exec(await peer.expect(/BATCH/)) ?? [];
    const lines = await peer.until(/BATCH -/);
    assert.equal(lines.pop(), `:parley.chat BATCH -${id ?? ""}`);
    assert.ok(lines.length > 1);
    for (const line of lines) assert.ok(line.startsWith(`@batch=${id ?? ""} :parley.chat 005 * `));
    peer.send("NICK ann", "USER ann 0 * :Ann", "CAP END");
    const welcome = await peer.until(/ 422 /);
    for (const line of welcome.filter((each) => each.includes(" 005 ")))
      assert.match(line, /^@batch=/);
  });

  it("gives others their lines as ever", async () => {
    const server = await startServer();
    const ann = await server.client("ann", "batch");
    ann.send("ISUPPORT");
    await ann.expect(/^:parley.chat 005 ann /);
  });

  it("has all lines in a batch that come after both capabilities, in whatever order", async () => {
    const server = await startServer();
    const ann = await server.client("ann", "draft/extended-isupport");
    ann.send("VERSION", "CAP REQ batch", "VERSION");
    const plain = await ann.until(/ ACK batch$/);
    assert.ok(plain.slice(1, -1).every((line) => line.startsWith(":parley.chat 005 ann ")));
    const batched = await ann.roundtrip();
    assert.match(batched[0] ?? "", / 351 ann parley parley\.chat :/);
    assert.match(batched[1] ?? "", / BATCH \+\w+ draft\/isupport$/);
    assert.ok(batched.slice(2, -1).every((line) => /^@batch=\w+ \S+ 005 /.test(line)));
    assert.match(batched.at(-1) ?? "", / BATCH -\w+$/);
  });
});

describe("WHOWAS", () => {
  it("tells of who left or changed the nick, the latest first, as many as asked for", async () => {
    const server = await startServer();
    const ann = await server.client("ann");
    for (const user of ["one", "two"]) {
      const bob = await server.connect();
      bob.send("NICK bob", `USER ${user} 0 * :Bob`);
      await bob.until(/ 422 /);
      bob.send(user === "one" ? "QUIT" : "NICK rob");
      await (user === "one" ? bob.rest() : bob.roundtrip());
    }
    ann.send("WHOWAS BOB", "WHOWAS bob 1", "WHOWAS nobody", "WHOWAS");
    await ann.expect(":parley.chat 314 ann bob ~two host * :Bob");
    await ann.expect(/^:parley.chat 312 ann bob parley.chat :/);
    await ann.expect(":parley.chat 314 ann bob ~one host * :Bob");
    await ann.expect(/ 312 /);
    await ann.expect(":parley.chat 369 ann BOB :End of WHOWAS");
    assert.equal((await ann.until(/ 369 /)).length, 3);
    await ann.expect(":parley.chat 406 ann nobody :There was no such nickname");
    await ann.expect(/ 369 ann nobody /);
    await ann.expect(/ 431 ann /);
  });

  it("shows addresses to operators alone", async () => {
    const server = await startServer({ opers: ["host:pw"] });
    const ann = await server.client("ann");
    const bob = await server.client("bob");
    bob.send("QUIT");
    await bob.rest();
    ann.send("WHOWAS bob");
    assert.ok(!(await ann.until(/ 369 /)).join(" ").includes("127.0.0.1"));
    ann.send("OPER host pw", "WHOWAS bob");
    await ann.until(/ 338 ann bob ~bob@127.0.0.1 127.0.0.1 :Was using host$/);
  });
});

describe("HELP", () => {
  it("has a word on every command there is, and on no other", () => {
    assert.deepEqual(Object.keys(HELP_TEXTS), [...commandTable.keys()].sort());
  });

  it("tells about a command, lists them, and says when there is none", async () => {
    const server = await startServer();
    const ann = await server.client("ann");
    ann.send("HELP join", "HELPOP", "HELP nonsense");
    await ann.expect(":parley.chat 704 ann JOIN :JOIN <#channel>[,…] [key][,…]");
    await ann.expect(":parley.chat 705 ann JOIN :Joins channels.");
    await ann.expect(":parley.chat 706 ann JOIN :End of /HELP");
    await ann.expect(/ 704 ann index /);
    assert.ok((await ann.until(/ 706 ann index /)).length > 4);
    await ann.expect(/ 524 ann NONSENSE :/);
  });
});
