// https://ircv3.net/specs/extensions/metadata
import { strict as assert } from "node:assert";
import { startServer, type TestServer } from "../support/server.js";

const CAPS = ["draft/metadata-3", "batch"] as const;
const person = (server: TestServer, nick: string) => server.join(nick, "#room", ...CAPS);

describe("metadata", () => {
  it("is set, told to those who asked for the key, and taken back", async () => {
    const server = await startServer();
    const alice = await person(server, "alice");
    const bob = await person(server, "bob");
    const carol = await person(server, "carol");
    bob.send("METADATA * SUB color");
    assert.deepEqual(await bob.roundtrip().then((l) => l.slice(-1)), [
      ":parley.chat 770 bob color",
    ]);
    for (const peer of [alice, carol]) await peer.roundtrip();
    alice.send("METADATA * SET color #ff0000");
    await alice.expect(":parley.chat 761 alice alice color * #ff0000");
    assert.deepEqual(await bob.roundtrip(), [":parley.chat 761 * alice color * #ff0000"]);
    assert.deepEqual(await carol.roundtrip(), []);
    alice.send("METADATA * SET color");
    await alice.expect(":parley.chat 766 alice alice color :Key not set");
    assert.deepEqual(await bob.roundtrip(), [":parley.chat 766 * alice color :Key not set"]);
  });

  it("is told to who joins, and of who joins", async () => {
    const server = await startServer();
    const alice = await person(server, "alice");
    alice.send("METADATA * SUB avatar", "METADATA * SET avatar parley:fox");
    await alice.roundtrip();
    const bob = await server.client("bob", ...CAPS);
    bob.send("METADATA * SUB avatar", "METADATA * SET avatar parley:owl");
    await bob.roundtrip();
    bob.send("JOIN #room");
    const lines = await bob.roundtrip();
    const told = lines.filter((line) => line.includes(" 761 "));
    assert.match(told.join(), /^@batch=\w+ :parley\.chat 761 \* alice avatar \* parley:fox$/);
    assert.deepEqual(await alice.roundtrip(), [
      ":bob!~bob@host JOIN #room",
      ":parley.chat 761 * bob avatar * parley:owl",
    ]);
  });

  it("is told to who watches somebody, when that begins, when he comes, and when it changes", async () => {
    const server = await startServer();
    const watcher = await server.client("watcher", ...CAPS);
    const lacks = await server.client("lacks");
    const alice = await server.client("alice", ...CAPS);
    alice.send("METADATA * SET color red", "METADATA * SET url :https://example.org/");
    await alice.roundtrip();
    watcher.send("METADATA * SUB color", "MONITOR + alice");
    lacks.send("MONITOR + alice");
    await watcher.expect(":parley.chat 770 watcher color");
    await watcher.expect(":parley.chat 730 watcher :alice!~alice@host");
    await watcher.expect(":parley.chat 761 * alice color * red");
    alice.send("METADATA * SET color blue", "NICK gone", "NICK alice", "METADATA * SET color");
    await alice.roundtrip();
    assert.deepEqual(await watcher.roundtrip(), [
      ":parley.chat 761 * alice color * blue",
      ":parley.chat 731 watcher :alice",
      ":parley.chat 730 watcher :alice!~alice@host",
      ":parley.chat 761 * alice color * blue",
      ":parley.chat 766 * alice color :Key not set",
    ]);
    alice.send("METADATA * SET color green");
    await alice.roundtrip();
    watcher.send("METADATA * SUB color", "MONITOR C");
    assert.ok((await watcher.roundtrip()).includes(":parley.chat 761 * alice color * green"));
    alice.send("METADATA * SET color black");
    await alice.roundtrip();
    assert.deepEqual(await watcher.roundtrip(), []);
    assert.ok((await lacks.roundtrip()).every((line) => !line.includes(" 761 ")));
  });

  it("can be set before registration, and is shown in the welcome", async () => {
    const server = await startServer();
    const peer = await server.connect();
    peer.send("CAP LS 302", `CAP REQ :${CAPS.join(" ")}`, "METADATA * SET display-name :Alice A.");
    peer.send("NICK alice", "USER a 0 * :A", "CAP END");
    const lines = await peer.until(/ 422 /);
    assert.ok(lines.includes(":parley.chat 761 * * display-name * :Alice A."));
    assert.match(lines.at(-3) ?? "", / 761 \* alice display-name \* :Alice A\.$/);
  });

  it("of nobody else can be asked for before registration, and is bounded then as ever", async () => {
    const server = await startServer({ limits: { maxMetadataKeys: 1, maxMetadataSubs: 1 } });
    await server.client("bob", ...CAPS);
    const peer = await server.connect();
    peer.send(`CAP REQ :${CAPS.join(" ")}`, "METADATA bob LIST", "METADATA #room LIST");
    peer.send("METADATA * SUB a b", "METADATA * SET a x", "METADATA * SET b x", "METADATA * SUBS");
    await peer.expect(/ ACK /);
    const seen = (await peer.roundtrip()).map((line) => line.replace(/^@batch=\w+ /, ""));
    assert.deepEqual(
      seen.filter((line) => !line.includes(" BATCH ")),
      [
        ":parley.chat FAIL METADATA INVALID_TARGET bob :Invalid target: no such nick or channel",
        ":parley.chat FAIL METADATA INVALID_TARGET #room :Invalid target: no such nick or channel",
        ":parley.chat FAIL METADATA TOO_MANY_SUBS b :Too many subscriptions: at most 1 keys",
        ":parley.chat 770 * a",
        ":parley.chat 761 * * a * x",
        ":parley.chat FAIL METADATA LIMIT_REACHED * :Metadata limit reached: remove one of your 1 keys first",
        ":parley.chat 772 * a",
      ],
    );
  });

  it("of a channel and its members is given again to a member who asks", async () => {
    const server = await startServer();
    const alice = await person(server, "alice");
    const bob = await person(server, "bob");
    alice.send("METADATA #room SET url x", "METADATA #room SET topic y");
    alice.send("METADATA * SET url z", "METADATA * SET color red");
    await alice.roundtrip();
    bob.send("METADATA * SUB url");
    await bob.roundtrip();
    const sync = async (target: string) => {
      bob.send(`METADATA ${target} SYNC`);
      const [opening = "", ...rest] = await bob.roundtrip();
      const [, id = "", about] = / BATCH \+(\w+) metadata (\S+)$/.exec(opening) ?? [];
      assert.equal(rest.pop(), `:parley.chat BATCH -${id}`);
      return [about, ...rest.map((line) => line.replace(`@batch=${id} :parley.chat `, ""))];
    };
    assert.deepEqual(await sync("#room"), ["#room", "761 * #room url * x", "761 * alice url * z"]);
    assert.deepEqual(await sync("alice"), ["alice", "761 * alice url * z"]);
    assert.deepEqual(await sync("*"), ["bob"]);
    bob.send("PART #room", "METADATA #room SYNC");
    await bob.until(/ FAIL METADATA INVALID_TARGET #room :You are not in that channel$/);
  });

  it("of a channel is told to members who asked for the key, and cleared by operators alone", async () => {
    const server = await startServer();
    const alice = await person(server, "alice");
    const bob = await person(server, "bob");
    const lacks = await server.join("lacks", "#room");
    bob.send("METADATA * SUB url", "METADATA #room CLEAR", "METADATA alice CLEAR");
    await bob.until(/ 770 /);
    await bob.expect(/ FAIL METADATA KEY_NO_PERMISSION #room \* :You do not have permission/);
    await bob.expect(/ FAIL METADATA KEY_NO_PERMISSION alice \* :You do not have permission/);
    await lacks.roundtrip();
    alice.send("METADATA #room SET url x", "METADATA #room SET topic y", "METADATA #room CLEAR");
    await alice.roundtrip();
    assert.deepEqual(
      (await bob.roundtrip()).filter((line) => !line.includes(" JOIN ")),
      [":parley.chat 761 * #room url * x", ":parley.chat 766 * #room url :Key not set"],
    );
    assert.deepEqual(await lacks.roundtrip(), []);
  });

  it("lists, gets and clears", async () => {
    const server = await startServer();
    const alice = await person(server, "alice");
    alice.send("METADATA * SET color red", "METADATA * SET url :https://example.org/");
    await alice.roundtrip();
    const read = async (command: string) => {
      alice.send(command);
      return (await alice.roundtrip()).slice(1, -1).map((line) => line.replace(/^@batch=\w+ /, ""));
    };
    assert.deepEqual(await read("METADATA alice LIST"), [
      ":parley.chat 761 alice alice color * red",
      ":parley.chat 761 alice alice url * https://example.org/",
    ]);
    assert.deepEqual(await read("METADATA * GET url nope $bad"), [
      ":parley.chat 761 alice alice url * https://example.org/",
      ":parley.chat 766 alice alice nope :Key not set",
      ":parley.chat FAIL METADATA INVALID_KEY $bad :Invalid key: use 1 to 48 of a-z 0-9 _ . / -",
    ]);
    assert.equal((await read("METADATA * CLEAR")).length, 2);
    assert.deepEqual(await read("METADATA * LIST"), []);
  });

  it("of others is theirs; of a channel, its operators'", async () => {
    const server = await startServer();
    const alice = await person(server, "alice");
    const bob = await person(server, "bob");
    await alice.roundtrip();
    bob.send("METADATA alice SET color red", "METADATA #room SET url x", "METADATA nobody LIST");
    assert.deepEqual(
      (await bob.roundtrip()).map((line) => line.split(" ").slice(1, 4).join(" ")),
      [
        "FAIL METADATA KEY_NO_PERMISSION",
        "FAIL METADATA KEY_NO_PERMISSION",
        "FAIL METADATA INVALID_TARGET",
      ],
    );
    alice.send("METADATA #room SET url x");
    await alice.expect(":parley.chat 761 alice #room url * x");
  });

  it("of a channel that is closed is not for strangers", async () => {
    const server = await startServer();
    const alice = await person(server, "alice");
    alice.send("METADATA #room SET url x", "MODE #room +i");
    await alice.roundtrip();
    const bob = await server.client("bob", ...CAPS);
    bob.send("METADATA #room LIST");
    await bob.expect(/ FAIL METADATA KEY_NO_PERMISSION #room /);
  });

  for (const [key, value] of [
    ["color", "not a colour!"],
    ["color", "#12345"],
    ["avatar", "javascript:alert(1)"],
    ["avatar", "parley:../../etc"],
    ["avatar", "http://plain.example/"],
    ["display-name", "   "],
    ["display-name", "ali\u202ece"],
    ["display-name", "x".repeat(65)],
    ["url", "x".repeat(257)],
  ] as const)
    it(`refuses ${value.slice(0, 20)} as ${key}`, async () => {
      const server = await startServer();
      const alice = await person(server, "alice");
      alice.send(`METADATA * SET ${key} :${value}`);
      await alice.expect(new RegExp(` FAIL METADATA INVALID_VALUE ${key} :`));
    });

  it("says which of its commands there are, and that they are about keys", async () => {
    const server = await startServer();
    const alice = await person(server, "alice");
    for (const subcommand of ["GET", "set", "SUB", "UNSUB"]) {
      alice.send(`METADATA * ${subcommand}`);
      await alice.expect(
        `:parley.chat 461 alice METADATA :Use METADATA * ${subcommand.toUpperCase()} <key>`,
      );
    }
    alice.send("METADATA *", "METADATA * FROB x", "METADATA * SET color", "METADATA * SET $ x");
    await alice.expect(":parley.chat 461 alice METADATA :Not enough parameters");
    await alice.expect(
      ":parley.chat FAIL METADATA INVALID_PARAMS FROB :Invalid subcommand; valid ones are GET, LIST, SET, CLEAR, SUB, UNSUB, SUBS, SYNC",
    );
    await alice.expect(":parley.chat FAIL METADATA KEY_NOT_SET alice color :Key not set");
    await alice.expect(/ FAIL METADATA INVALID_KEY \$ :/);
  });

  it("is bounded in keys and subscriptions", async () => {
    const server = await startServer({ limits: { maxMetadataKeys: 1, maxMetadataSubs: 1 } });
    const alice = await person(server, "alice");
    alice.send("METADATA * SET color red", "METADATA * SET url x", "METADATA * SUB a b");
    assert.deepEqual((await alice.roundtrip()).slice(1), [
      ":parley.chat FAIL METADATA LIMIT_REACHED alice :Metadata limit reached: remove one of your 1 keys first",
      ":parley.chat FAIL METADATA TOO_MANY_SUBS b :Too many subscriptions: at most 1 keys",
      ":parley.chat 770 alice a",
    ]);
    alice.send("METADATA * UNSUB a", "METADATA * SUBS");
    await alice.expect(":parley.chat 771 alice a");
    await alice.expect(/BATCH \+\w+ metadata-subs$/);
    await alice.expect(/BATCH -/);
    alice.send(
      "METADATA * SUB b",
      "METADATA * SUB b",
      "METADATA * SUBS",
      "METADATA * SET color blue",
    );
    await alice.expect(":parley.chat 770 alice b");
    await alice.expect(":parley.chat 770 alice b");
    await alice.expect(/BATCH \+\w+ metadata-subs$/);
    await alice.expect(/^@batch=\w+ :parley\.chat 772 alice b$/);
    await alice.expect(/BATCH -/);
    await alice.expect(":parley.chat 761 alice alice color * blue");
  });
});
