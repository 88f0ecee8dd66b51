import { strict as assert } from "node:assert";
import { startServer, temporaryFolder } from "../support/server.js";

const CAPS = ["message-tags", "batch", "echo-message", "labeled-response", "draft/multiline"];

/** Lines with ids written as letters, in the order they come. */
function withoutIds(lines: readonly string[]): string[] {
  const names = new Map<string, string>();
  const name = (id: string) => {
    if (!names.has(id)) names.set(id, String.fromCharCode(65 + names.size));
    return names.get(id) ?? "";
  };
  return lines.map((line) => line.replace(/t[0-9a-z]{9}[0-9a-f]{6}[0-9a-z]{2}/g, name));
}

describe("multiline messages", () => {
  it("go whole to those who know them, line by line to the others, and are echoed", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#room", ...CAPS);
    const knows = await server.join("knows", "#room", "message-tags", "batch", "draft/multiline");
    const tags = await server.join("tags", "#room", "message-tags");
    const lacks = await server.join("lacks", "#room");
    for (const peer of [ann, knows, tags]) await peer.roundtrip();
    ann.send(
      "@label=x;+draft/reply=y BATCH +1 draft/multiline #room",
      "@batch=1 PRIVMSG #room :hello",
      "@batch=1 PRIVMSG #room :",
      "@batch=1 PRIVMSG #room :how is ",
      "@batch=1;draft/multiline-concat PRIVMSG #room :everyone?",
      "BATCH -1",
    );
    const source = ":ann!~ann@host";
    const whole = (opening: string, end: string) => [
      `@${opening}msgid=A;+draft/reply=y ${source} BATCH +B draft/multiline #room`,
      `@batch=B ${source} PRIVMSG #room :hello`,
      `@batch=B ${source} PRIVMSG #room :`,
      `@batch=B ${source} PRIVMSG #room :how is `,
      `@batch=B;draft/multiline-concat ${source} PRIVMSG #room :everyone?`,
      `${end} BATCH -B`,
    ];
    assert.deepEqual(withoutIds(await ann.roundtrip()), whole("label=x;", ":parley.chat"));
    assert.deepEqual(withoutIds(await knows.roundtrip()), whole("", source));
    assert.deepEqual(withoutIds(await tags.roundtrip()), [
      `@msgid=A;+draft/reply=y ${source} PRIVMSG #room :hello`,
      `@+draft/reply=y ${source} PRIVMSG #room :how is `,
      `@+draft/reply=y ${source} PRIVMSG #room :everyone?`,
    ]);
    assert.deepEqual(await lacks.roundtrip(), [
      `${source} PRIVMSG #room :hello`,
      `${source} PRIVMSG #room :how is `,
      `${source} PRIVMSG #room :everyone?`,
    ]);
  });

  it("with long tags cut nobody off who gets them line by line", async () => {
    const server = await startServer();
    const eve = await server.join("eve", "#room", ...CAPS);
    const tags = await server.join("tags", "#room", "message-tags");
    await tags.roundtrip();
    const lines = Array.from({ length: 100 }, (_, i) => `@batch=1 PRIVMSG #room :${i}`);
    const long = `+x=${"y".repeat(4000)}`;
    for (let i = 0; i < 20; i++)
      eve.send(`@${long} BATCH +1 draft/multiline #room`, ...lines, "BATCH -1");
    await eve.roundtrip();
    const seen = (await tags.roundtrip()).filter((line) => line.includes(" PRIVMSG "));
    assert.equal(seen.length, 2000);
    assert.equal(seen.filter((line) => line.includes(long)).length, 20);
  });

  it("are whole in the history, also after a restart", async () => {
    const data = temporaryFolder();
    let server = await startServer({ data });
    let ann = await server.join("ann", "#room", ...CAPS);
    ann.send(
      "BATCH +1 draft/multiline #room",
      "@batch=1 PRIVMSG #room :one",
      "@batch=1 PRIVMSG #room :two",
      "BATCH -1",
    );
    await ann.roundtrip();
    await server.close();
    server = await startServer({ data });
    ann = await server.join("ann", "#room", ...CAPS, "draft/chathistory");
    const bob = await server.join("bob", "#room", "batch", "draft/chathistory");
    await ann.roundtrip();
    for (const peer of [ann, bob]) peer.send("CHATHISTORY LATEST #room * 10");
    const commands = (lines: readonly string[]) =>
      lines.map((line) => line.replace(/^@\S+ /, "").replace(/^\S+ (\S+).*?(\S+)$/, "$1 $2"));
    assert.deepEqual(commands(await ann.roundtrip()).length, 6);
    assert.deepEqual((await bob.roundtrip()).map((line) => line.split(" ").at(-1)).slice(1, -1), [
      ":one",
      ":two",
    ]);
  });

  it("sent again under the same id are stored and said once", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#room", ...CAPS);
    const bob = await server.join("bob", "#room");
    await ann.roundtrip();
    for (let i = 0; i < 2; i++)
      ann.send(
        "@+parley/id=abc BATCH +1 draft/multiline #room",
        "@batch=1 PRIVMSG #room :once",
        "BATCH -1",
      );
    assert.equal((await ann.roundtrip()).length, 6);
    assert.deepEqual(await bob.roundtrip(), [":ann!~ann@host PRIVMSG #room :once"]);
  });

  it("go to one person too, and to those of a role", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#room", "batch", "message-tags", "draft/multiline");
    const bob = await server.join("bob", "#room");
    await ann.roundtrip();
    bob.send("AWAY :tea");
    await bob.roundtrip();
    ann.send("BATCH +1 draft/multiline BOB", "@batch=1 NOTICE bob hi", "BATCH -1");
    ann.send("BATCH +2 draft/multiline @#room", "@batch=2 PRIVMSG @#room hi", "BATCH -2");
    assert.deepEqual(await ann.roundtrip(), []);
    assert.deepEqual(await bob.roundtrip(), [":ann!~ann@host NOTICE bob :hi"]);
  });

  for (const [name, lines, answer] of [
    ["another target", ["@batch=1 PRIVMSG #other :hi"], "MULTILINE_INVALID_TARGET #room #other :"],
    ["another batch", ["@batch=2 PRIVMSG #room :hi"], "MULTILINE_INVALID :There is no open batch"],
    [
      "both commands",
      ["@batch=1 PRIVMSG #room :a", "@batch=1 NOTICE #room :b"],
      "MULTILINE_INVALID :All",
    ],
    [
      "an empty line that continues",
      ["@batch=1 PRIVMSG #room :a", "@batch=1;draft/multiline-concat PRIVMSG #room :"],
      "MULTILINE_INVALID :An empty line",
    ],
    [
      "nothing but empty lines",
      ["@batch=1 PRIVMSG #room :", "BATCH -1"],
      "MULTILINE_INVALID :The message is empty",
    ],
    [
      "too many lines",
      Array.from({ length: 101 }, () => "@batch=1 PRIVMSG #room :a"),
      "MULTILINE_MAX_LINES 100 :",
    ],
    [
      "too many bytes",
      Array.from({ length: 42 }, () => `@batch=1 PRIVMSG #room :${"x".repeat(400)}`),
      "MULTILINE_MAX_BYTES 16384 :",
    ],
    [
      "a second batch",
      ["BATCH +2 draft/multiline #room"],
      "MULTILINE_INVALID :A batch was already open",
    ],
    [
      "lines that are no messages",
      ["@batch=1 TAGMSG #room :hi", "BATCH -1"],
      "MULTILINE_INVALID :All lines must be PRIVMSG, or all must be NOTICE",
    ],
    ["another end", ["BATCH -2"], "MULTILINE_INVALID :There is no open batch"],
    [
      "a line too long to be said",
      [`@batch=1 PRIVMSG #room :${"x".repeat(490)}`, "BATCH -1"],
      "MULTILINE_INVALID :A line was too long",
    ],
  ] as const)
    it(`with ${name} are refused and said to nobody`, async () => {
      const server = await startServer();
      const ann = await server.join("ann", "#room", ...CAPS);
      const bob = await server.join("bob", "#room");
      await ann.roundtrip();
      ann.send("BATCH +1 draft/multiline #room", ...lines);
      await ann.expect(new RegExp(` FAIL BATCH ${answer}`));
      await ann.roundtrip();
      assert.deepEqual(await bob.roundtrip(), []);
    });

  it("refused are refused once and by their label, and what is still to come is ignored", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#room", ...CAPS);
    const bob = await server.join("bob", "#room");
    await ann.roundtrip();
    const lines = Array.from({ length: 150 }, () => "@batch=1 PRIVMSG #room :a");
    ann.send("@label=x BATCH +1 draft/multiline #room", ...lines, "BATCH -1");
    ann.send("@label=y BATCH +2 draft/multiline #room", "BATCH +3 draft/multiline #room");
    ann.send("@batch=3 PRIVMSG #room a", "BATCH -3", "@label=z BATCH +4 draft/multiline #room");
    ann.send("@batch=4 PRIVMSG #room :heard", "BATCH -5", "BATCH -6");
    assert.deepEqual(await ann.roundtrip(), [
      "@label=x :parley.chat FAIL BATCH MULTILINE_MAX_LINES 100 :A message can have at most 100 lines",
      "@label=y :parley.chat FAIL BATCH MULTILINE_INVALID :A batch was already open; both were discarded",
      ":parley.chat FAIL BATCH MULTILINE_INVALID :A batch was already open; both were discarded",
      "@label=z :parley.chat FAIL BATCH MULTILINE_INVALID :There is no open batch with this name",
      ":parley.chat FAIL BATCH MULTILINE_INVALID :There is no open batch with this name",
    ]);
    assert.deepEqual(await bob.roundtrip(), []);
  });

  it("are the only batches, and have a name and a target", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#room", ...CAPS);
    ann.send("BATCH +1 chathistory #room", "@batch=1 PRIVMSG #room hi", "BATCH -1", "BATCH +1");
    ann.send("BATCH +a_b draft/multiline #room", `BATCH +${"x".repeat(65)} draft/multiline #room`);
    ann.send("BATCH + draft/multiline #room", "BATCH +2 draft/multiline", "BATCH 3", "BATCH");
    ann.send("@batch=9 PRIVMSG #room hi");
    const tag = "A batch name must have 1 to 64 letters, digits or hyphens";
    assert.deepEqual(
      (await ann.roundtrip()).map((line) => line.replace(":parley.chat ", "")),
      [
        "FAIL BATCH UNKNOWN_TYPE 1 chathistory :The only batch type you can send is draft/multiline",
        "FAIL BATCH UNKNOWN_TYPE 1 * :The only batch type you can send is draft/multiline",
        `FAIL BATCH INVALID_REFTAG a_b :${tag}`,
        `FAIL BATCH INVALID_REFTAG ${"x".repeat(64)} :${tag}`,
        `FAIL BATCH INVALID_REFTAG * :${tag}`,
        "FAIL BATCH MULTILINE_INVALID :A batch needs a target",
        "FAIL BATCH MULTILINE_INVALID :Start a batch with + and end it with -",
        "461 ann BATCH :Not enough parameters",
        "FAIL BATCH MULTILINE_INVALID :There is no open batch with this name",
      ],
    );
  });

  it("of just so many bytes and lines are taken", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#room", ...CAPS);
    const bob = await server.join("bob", "#room");
    await ann.roundtrip();
    const say = (texts: readonly string[]) => {
      const lines = texts.map((text) => `@batch=1 PRIVMSG #room :${text}`);
      ann.send("BATCH +1 draft/multiline #room", ...lines, "BATCH -1");
    };
    say(Array.from({ length: 100 }, () => "x"));
    await ann.roundtrip();
    assert.equal((await bob.roundtrip()).length, 100);
    // Line feeds count: forty lines of 400 bytes and the 39 between them leave 344 for the last, with its own.
    const full = Array.from({ length: 40 }, () => "x".repeat(400));
    say([...full, "x".repeat(344)]);
    await ann.roundtrip();
    assert.equal((await bob.roundtrip()).length, 41);
    say([...full, "x".repeat(345)]);
    await ann.expect(/ FAIL BATCH MULTILINE_MAX_BYTES 16384 :/);
    assert.deepEqual(await bob.roundtrip(), []);
  });

  it("need what any message needs", async () => {
    const server = await startServer();
    const oper = await server.join("oper", "#room");
    oper.send("MODE #room +m");
    await oper.roundtrip();
    const ann = await server.join("ann", "#room", ...CAPS);
    ann.send("BATCH +1 draft/multiline #room", "@batch=1 PRIVMSG #room a", "@label=z BATCH -1");
    await ann.expect(/ 404 ann #room /);
    ann.send("@label=z BATCH +1 draft/multiline nobody", "@batch=1 PRIVMSG nobody a", "BATCH -1");
    await ann.until(/^@label=z :parley.chat 401 ann nobody /);
    ann.send("@label=n BATCH +1 draft/multiline nobody", "@batch=1 NOTICE nobody a", "BATCH -1");
    assert.deepEqual(await ann.roundtrip(), ["@label=n :parley.chat ACK"]);
  });

  it("are no command for those who lack the capability", async () => {
    const server = await startServer();
    const ann = await server.client("ann");
    ann.send("BATCH +1 draft/multiline ann", "@batch=1 PRIVMSG ann hello");
    await ann.expect(/ 421 ann BATCH /);
    await ann.expect(":ann!~ann@host PRIVMSG ann :hello");
  });
});
