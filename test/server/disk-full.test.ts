import { strict as assert } from "node:assert";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Peer } from "../support/peer.js";
import { startServer, temporaryFolder, type TestServer } from "../support/server.js";

/** How many pages the server's file may have from now on; without a number as many as it likes. */
function limitPages(server: TestServer, pages?: number): void {
  // What SQLite says of a full disk, it says of a file that may not grow: only here can the file be told so.
  databaseOf(server).exec(`PRAGMA max_page_count = ${pages ?? 1_000_000}`);
}

function databaseOf({ server }: TestServer): DatabaseSync {
  return (server.archive.store as unknown as { readonly database: DatabaseSync }).database;
}

/** Nothing can be written from now on, or everything again. */
function block(server: TestServer, isBlocked: boolean): void {
  databaseOf(server).exec(`PRAGMA query_only = ${isBlocked ? 1 : 0}`);
}

/** The commit of the next tick's messages finds no room: the log grows when all of them have been taken. */
function failNextCommit(server: TestServer): void {
  const { writing } = server.server.archive.store as unknown as {
    readonly writing: { end: Pick<StatementSync, "run"> };
  };
  const { end } = writing;
  writing.end = {
    run: () => {
      writing.end = end;
      throw new Error("database or disk is full");
    },
  };
}

async function untilLogged(server: TestServer, peer: Peer, line: string): Promise<void> {
  while (!server.log.includes(line)) await peer.roundtrip();
}

describe("a full disk", () => {
  it("refuses what cannot be stored, says so, keeps serving, and recovers", async () => {
    const server = await startServer({ data: temporaryFolder(), mayLogErrors: true });
    const ann = await server.join("ann", "#room", "echo-message", "labeled-response", "batch");
    const bob = await server.join("bob", "#room", "draft/chathistory");
    await ann.roundtrip();
    limitPages(server, 1);
    const text = "x".repeat(300);
    const answers: string[] = [];
    for (let i = 0; i < 40; i++) {
      ann.send(`@label=l${i} PRIVMSG #room :${i} ${text}`);
      answers.push(...(await ann.roundtrip()));
    }
    // That something is not stored turns out after the tick is over.
    answers.push(...(await ann.roundtrip()));
    const said = answers.filter((line) => line.includes(" PRIVMSG #room :"));
    const failed = answers.filter((line) =>
      line.includes(" FAIL PRIVMSG MESSAGE_NOT_STORED :The server's disk is full"),
    );
    assert.ok(failed.length > 0);
    assert.equal(said.length + failed.length, 40);
    for (const line of answers) assert.match(line, /^@label=l\d+ /);
    const withoutTags = said.map((line) => line.replace(/^@\S+ /, ""));
    assert.deepEqual(await bob.roundtrip(), withoutTags);
    // People still come and go.
    const eve = await server.join("eve", "#room");
    eve.send("QUIT");
    await bob.until(/^:eve!~eve@host QUIT :Quit: $/);
    limitPages(server);
    ann.send("@label=end PRIVMSG #room :there is room again");
    await ann.until(/^@label=end .* PRIVMSG #room :there is room again$/);
    await bob.expect(":ann!~ann@host PRIVMSG #room :there is room again");
    bob.send("CHATHISTORY LATEST #room * 100");
    assert.deepEqual(await bob.roundtrip(), [
      ...withoutTags,
      ":ann!~ann@host PRIVMSG #room :there is room again",
    ]);
    assert.equal(server.log.filter((line) => line.includes("new messages are refused")).length, 1);
    assert.ok(server.log.includes("info the history can be written to again"));
  });

  it("is told once where channels cannot be kept, not for each of them", async () => {
    const server = await startServer({ data: temporaryFolder(), mayLogErrors: true });
    const ann = await server.client("ann");
    limitPages(server, 1);
    const warnings = () => server.log.filter((line) => line.includes("could not store"));
    const topic = "x".repeat(300);
    for (let i = 0; i < 90 && warnings().length === 0; i++) {
      ann.send(`JOIN #${i}`, `TOPIC #${i} :${topic}`);
      await ann.roundtrip();
    }
    for (let i = 90; i < 100; i++) ann.send(`JOIN #${i}`, `TOPIC #${i} :${topic}`);
    await ann.roundtrip();
    assert.equal(warnings().length, 1);
  });

  it("makes nobody's topic, key or profile forgotten that was set meanwhile", async () => {
    const options = { data: temporaryFolder(), accounts: ["ann:sesame"], mayLogErrors: true };
    const first = await startServer(options);
    const ann = await first.loggedIn("ann", "draft/metadata-3");
    ann.send("JOIN #room", "TOPIC #room :before");
    await ann.roundtrip();
    block(first, true);
    ann.send("TOPIC #room :tea", "MODE #room +k sesame", "METADATA * SET color #00ff00");
    await ann.until(/ 761 ann ann color /);
    block(first, false);
    await untilLogged(first, ann, "info everything that could not be stored is stored now");
    await first.close();
    const second = await startServer(options);
    const guest = await second.join("guest", "#room");
    const again = await second.loggedIn("ann", "draft/metadata-3");
    guest.send("JOIN #room");
    await guest.expect(/ 475 guest #room /);
    again.send("JOIN #room", "METADATA * GET color");
    await again.until(/ 332 ann #room :tea$/);
    await again.until(/ 761 ann ann color \* #00ff00$/);
  });

  it("lets no channel leave its history behind by RENAME", async () => {
    const server = await startServer({ data: temporaryFolder(), mayLogErrors: true });
    const ann = await server.join("ann", "#old", "draft/channel-rename", "draft/chathistory");
    ann.send("PRIVMSG #old :before");
    await ann.roundtrip();
    block(server, true);
    ann.send("RENAME #old #new");
    await ann.expect(
      / FAIL RENAME CANNOT_RENAME #old #new :The new name could not be stored; try /,
    );
    block(server, false);
    ann.send("CHATHISTORY LATEST #old * 5", "RENAME #old #new", "CHATHISTORY LATEST #new * 5");
    await ann.expect(/ PRIVMSG #old :before$/);
    await ann.expect(/ RENAME #old #new :$/);
    await ann.expect(/ PRIVMSG #old :before$/);
  });

  it("takes nothing along that was confirmed in the same tick as lost messages", async () => {
    const options = { data: temporaryFolder(), accounts: ["ann:sesame"], mayLogErrors: true };
    const first = await startServer(options);
    const ann = await first.loggedIn("ann", "message-tags", "draft/read-marker");
    ann.send("JOIN #room");
    await ann.roundtrip();
    failNextCommit(first);
    const marker = "MARKREAD #room timestamp=2020-01-04T14:33:26.123Z";
    ann.send("@+parley/id=1 PRIVMSG #room :1", "@+parley/id=2 PRIVMSG #room :2", marker);
    await ann.expect(`:parley.chat ${marker}`);
    await ann.expect(/ FAIL PRIVMSG MESSAGE_NOT_STORED /);
    await ann.expect(/ FAIL PRIVMSG MESSAGE_NOT_STORED /);
    await first.close();
    const second = await startServer(options);
    const again = await second.loggedIn("ann", "draft/read-marker");
    again.send("MARKREAD #room");
    await again.expect(`:parley.chat ${marker}`);
  });

  it("leaves a message where it is when nobody can be told that it was deleted", async () => {
    const caps = ["message-tags", "draft/message-redaction", "draft/chathistory", "echo-message"];
    const server = await startServer({ data: temporaryFolder(), mayLogErrors: true });
    const ann = await server.join("ann", "#room", ...caps);
    ann.send("PRIVMSG #room :oops");
    const [, msgid = ""] = /msgid=([^; ]+)/.exec(await ann.expect(/ PRIVMSG #room /)) ?? [];
    failNextCommit(server);
    ann.send(`REDACT #room ${msgid}`);
    await ann.expect(/ FAIL REDACT MESSAGE_NOT_STORED /);
    ann.send("CHATHISTORY LATEST #room * 5");
    await ann.until(/ PRIVMSG #room :oops$/);
  });

  it("makes no account that would be forgotten", async () => {
    const server = await startServer({ data: temporaryFolder(), mayLogErrors: true });
    const ann = await server.client("ann");
    limitPages(server, 1);
    let answer = "";
    for (let i = 0; i < 100 && !answer.includes("FAIL"); i++) {
      const peer = await server.client(`n${i}`);
      peer.send(`REGISTER * ${"x".repeat(200)}@host.example sesame`);
      answer = await peer.expect(/REGISTER/);
      peer.send("QUIT");
      await peer.rest();
    }
    assert.match(answer, / FAIL REGISTER TEMPORARILY_UNAVAILABLE \S+ :The account could not be/);
    limitPages(server);
    ann.send("REGISTER * * sesame");
    await ann.expect(/ REGISTER SUCCESS ann :/);
  });
});

describe("a history that cannot be read", () => {
  it("says so to who asks, while people go on", async () => {
    const caps = ["draft/chathistory", "soju.im/search"];
    const server = await startServer({ mayLogErrors: true });
    const ann = await server.join("ann", "#room", ...caps);
    const bob = await server.join("bob", "#room");
    ann.send("PRIVMSG #room :tea");
    await bob.expect(/ PRIVMSG #room :tea$/);
    await ann.roundtrip();
    const database = databaseOf(server);
    database.exec("ALTER TABLE messages RENAME TO lost");
    const [from, to] = [1, 2].map((n) => `timestamp=${n}999-01-01T00:00:00.000Z`);
    ann.send("CHATHISTORY LATEST #room * 5", `CHATHISTORY TARGETS ${from} ${to} 5`);
    ann.send("SEARCH text=tea", "TOPIC #room");
    assert.deepEqual(await ann.roundtrip(), [
      ":parley.chat FAIL CHATHISTORY MESSAGE_ERROR LATEST #room :Messages could not be retrieved; try again later",
      ":parley.chat FAIL CHATHISTORY MESSAGE_ERROR TARGETS :Messages could not be retrieved; try again later",
      ":parley.chat FAIL SEARCH INTERNAL_ERROR :The search failed; try again later",
      ":parley.chat 331 ann #room :No topic is set",
    ]);
    database.exec("ALTER TABLE lost RENAME TO messages");
    ann.send("CHATHISTORY LATEST #room * 5");
    await ann.expect(":ann!~ann@host PRIVMSG #room :tea");
  });

  it("and cannot be written refuses a read marker in plain words", async () => {
    const server = await startServer({ accounts: ["ann:sesame"], mayLogErrors: true });
    const ann = await server.loggedIn("ann");
    const marker = "MARKREAD #room timestamp=2020-01-04T14:33:26.123Z";
    block(server, true);
    ann.send(marker);
    await ann.expect(
      ":parley.chat FAIL MARKREAD INTERNAL_ERROR #room :The read timestamp could not be set",
    );
    block(server, false);
    ann.send(marker);
    await ann.expect(`:parley.chat ${marker}`);
  });
});

describe("retention", () => {
  it("removes what is older than the days, and what is more than the count", async () => {
    const DAY = 24 * 60 * 60 * 1000;
    const data = temporaryFolder();
    let now = Date.parse("2024-01-01T00:00:00Z");
    const session = async (options: object, ...texts: string[]): Promise<string[]> => {
      const server = await startServer({ data, now: () => now, ...options });
      const ann = await server.join("ann", "#room", "draft/chathistory");
      for (const text of texts) ann.send(`PRIVMSG #room :${text}`);
      await ann.roundtrip();
      ann.send("CHATHISTORY LATEST #room * 100");
      const seen = await ann.roundtrip();
      await server.close();
      return seen.map((line) => line.slice(line.lastIndexOf(" :") + 2));
    };
    assert.deepEqual(await session({}, "one", "two", "three"), ["one", "two", "three"]);
    now += 3 * DAY;
    assert.deepEqual(await session({ retention: 4 }, "four"), ["one", "two", "three", "four"]);
    now += 2 * DAY;
    assert.deepEqual(await session({ retention: 4 }, "five"), ["four", "five"]);
    // Joining counts as well.
    assert.deepEqual(await session({ historyLimit: 1 }), ["five"]);
    assert.deepEqual(await session({ historyLimit: 1 }), []);
  });
});
