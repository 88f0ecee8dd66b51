import { strict as assert } from "node:assert";
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startServer, temporaryFolder, type TestServer } from "../support/server.js";

const PAGE = 4096;
const COUNT = 200;
const PADDING = "x".repeat(300);
const CAPS = ["draft/chathistory", "batch", "sasl", "draft/read-marker", "draft/metadata-3"];
const MARK = "timestamp=2020-01-04T14:33:26.123Z";

const fileOf = (data: string) => join(data, "parley.sqlite");

/** A folder with a history: accounts of ann and bob, a room of ann's with a key, and what they said there and to each other. */
async function lived(): Promise<string> {
  const data = temporaryFolder();
  const server = await startServer({ data, accounts: ["ann:sesame", "bob:sesame"] });
  const ann = await server.loggedIn("ann", ...CAPS);
  const bob = await server.loggedIn("bob", ...CAPS);
  ann.send("JOIN #room", "MODE #room +k secret", "TOPIC #room :tea", `MARKREAD #room ${MARK}`);
  ann.send("METADATA * SET color :#00ff00");
  await ann.roundtrip();
  bob.send("JOIN #room secret", "PRIVMSG ann :only for you");
  for (let n = 1; n <= COUNT; n++) bob.send(`PRIVMSG #room :said ${n} ${PADDING}`);
  await bob.roundtrip();
  await server.close();
  return data;
}

/** Overwrites a page of the file, the first having the number 1. */
function overwrite(data: string, page: number, byte = 0): void {
  const bytes = readFileSync(fileOf(data));
  bytes.fill(byte, (page - 1) * PAGE, page * PAGE);
  writeFileSync(fileOf(data), bytes);
}

/** The page some text is on. */
function pageOf(data: string, text: string): number {
  const at = readFileSync(fileOf(data)).indexOf(text);
  assert.ok(at >= 0, `${text} is in the file`);
  return Math.floor(at / PAGE) + 1;
}

function change<T>(data: string, action: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(fileOf(data));
  try {
    return action(database);
  } finally {
    database.close();
  }
}

/** The page a table begins on, which is all of a small one. */
function rootOf(data: string, table: string): number {
  return change(data, (database) => {
    const find = "SELECT rootpage FROM sqlite_schema WHERE name = ?";
    return Number(database.prepare(find).get(table)?.rootpage);
  });
}

/** What is damaged and costs nothing: all there is can be read. */
function damage(data: string): void {
  overwrite(data, rootOf(data, "messages_by_msgid"));
}

function restart(data: string, ...accounts: readonly string[]): Promise<TestServer> {
  return startServer({ data, accounts, mayLogErrors: true });
}

function told(server: TestServer): string {
  return server.log.find((line) => line.startsWith("error ")) ?? "";
}

/** What ann can read after having logged in. */
async function readAsAnn(server: TestServer, target: string): Promise<string[]> {
  const ann = await server.loggedIn("ann", ...CAPS);
  ann.send("JOIN #room secret", `CHATHISTORY LATEST ${target} * 500`);
  const lines = (await ann.roundtrip()).filter((line) => line.includes(" PRIVMSG "));
  ann.send("QUIT");
  await ann.rest();
  return lines.map((line) => line.replace(/^.* PRIVMSG \S+ :/, "").replace(` ${PADDING}`, ""));
}

const isRefused = async (server: TestServer, nick: string) => {
  const stranger = await server.connect();
  stranger.send(`NICK ${nick}`, "USER x 0 * :x", "QUIT");
  return (await stranger.rest()).some((line) => line.includes(` 433 * ${nick} :`));
};

const everything = Array.from({ length: COUNT }, (_, i) => `said ${i + 1}`);

describe("a damaged history's file", () => {
  for (const [what, byte] of [
    ["zeros", 0],
    ["noise", 0xa5],
  ] as const)
    it(`with ${what} in the midst of what was said has all the rest`, async () => {
      const data = await lived();
      overwrite(data, pageOf(data, `said 100 ${PADDING}`), byte);
      const server = await restart(data);
      assert.match(
        told(server),
        /is damaged and was renamed to .*: 2 accounts, 0 certificates, 2 nicks, 1 channels, 1 metadata, /,
      );
      const left = await readAsAnn(server, "#room");
      assert.ok(left.length > COUNT - 20 && left.length < COUNT, `${left.length} are left`);
      assert.deepEqual(
        left,
        everything.filter((text) => left.includes(text)),
      );
      assert.deepEqual([left[0], left.at(-1)], ["said 1", `said ${COUNT}`]);
      assert.deepEqual(await readAsAnn(server, "bob"), ["only for you"]);
      assert.ok(await isRefused(server, "bob"));
      assert.equal(readdirSync(data).filter((name) => /\.damaged-[^.]*Z$/.test(name)).length, 1);
      await server.close();
      assert.deepEqual(await readAsAnn(await startServer({ data }), "#room"), left);
    });

  it("that has lost its end has what came before", async () => {
    const data = await lived();
    // The last pages are those of what was said last.
    truncateSync(fileOf(data), readFileSync(fileOf(data)).length - 5 * PAGE - 100);
    const server = await restart(data);
    const left = await readAsAnn(server, "#room");
    assert.ok(left.length > COUNT / 2, `${left.length} are left`);
    assert.deepEqual(
      left,
      everything.filter((text) => left.includes(text)),
    );
    assert.ok(await isRefused(server, "bob"));
  });

  it("of which an index is damaged has everything", async () => {
    const data = await lived();
    damage(data);
    const server = await restart(data);
    assert.deepEqual(await readAsAnn(server, "#room"), everything);
    const ann = await server.loggedIn("ann", ...CAPS);
    ann.send(
      "MARKREAD #room",
      "METADATA * GET color",
      "JOIN #room secret",
      "CHATHISTORY TARGETS timestamp=2020-01-01T00:00:00.000Z timestamp=2099-01-01T00:00:00.000Z 10",
    );
    const lines = (await ann.roundtrip()).join("\n");
    for (const wanted of [
      `MARKREAD #room ${MARK}`,
      " #00ff00",
      "332 ann #room :tea",
      "TARGETS bob ",
    ])
      assert.ok(lines.includes(wanted), `${wanted} in ${lines}`);
  });

  it("without its accounts makes nobody another's heir", async () => {
    const data = await lived();
    overwrite(data, rootOf(data, "accounts"));
    const server = await restart(data);
    assert.match(
      told(server),
      /only the names of these accounts were recovered: ann, bob\. No one can log in/,
    );
    assert.ok(await isRefused(server, "ann"));
    await server.close();
    const again = await startServer({ data, accounts: ["ann:sesame"] });
    assert.deepEqual(await readAsAnn(again, "bob"), ["only for you"]);
  });

  it("without its rooms lets nobody into what was said there", async () => {
    const data = await lived();
    overwrite(data, rootOf(data, "channels"));
    const server = await restart(data);
    assert.deepEqual(await readAsAnn(server, "#room"), []);
    assert.deepEqual(await readAsAnn(server, "bob"), ["only for you"]);
  });

  it("without the names of its conversations tells nobody what was said in them", async () => {
    const data = await lived();
    overwrite(data, rootOf(data, "buffers"));
    const server = await restart(data);
    const eve = await server.join("eve", "#other", ...CAPS);
    for (const room of ["#b", "#c", "#d"]) eve.send(`JOIN ${room}`, `PRIVMSG ${room} :mine`);
    eve.send(
      "CHATHISTORY LATEST #other * 100",
      "CHATHISTORY LATEST #b * 100",
      "CHATHISTORY LATEST #c * 100",
    );
    const said = (await eve.roundtrip()).filter((line) => line.includes(" PRIVMSG "));
    assert.equal(said.length, 2, said.join("\n"));
  });

  it("leaves behind what would do harm", async () => {
    const data = await lived();
    change(data, (database) => {
      database.exec(`
        UPDATE messages SET params = '{"no": "list"}' WHERE params LIKE '%said 1 %';
        UPDATE messages SET params = '["#room", 7]' WHERE params LIKE '%said 2 %';
        UPDATE messages SET params = '[' WHERE params LIKE '%said 3 %';
        UPDATE messages SET time = 9007199254740991 WHERE params LIKE '%said 200 %';
        UPDATE accounts SET iterations = 2147483647 WHERE folded = 'bob';
        UPDATE read_markers SET time = -1;
        INSERT INTO channels VALUES ('#odd', '#odd', NULL, '{"flags": 1}');
        INSERT INTO presences VALUES ('ann', '[]'), ('bob', '{');
      `);
    });
    damage(data);
    const server = await restart(data);
    assert.match(told(server), /accounts were recovered: bob\. No one can log in/);
    assert.deepEqual(await readAsAnn(server, "#room"), everything.slice(3, -1));
    const ann = await server.loggedIn("ann", ...CAPS, "soju.im/search");
    ann.send(
      "JOIN #odd",
      "JOIN #room secret",
      "MARKREAD #room",
      "SEARCH in=#room;text=said",
      "PRIVMSG #odd :still here",
    );
    const lines = (await ann.roundtrip()).join("\n");
    assert.ok(lines.includes("JOIN #odd") && lines.includes("MARKREAD #room *"), lines);
    assert.ok(!lines.includes("FAIL"), lines);
  });

  it("of a newer version is refused and stays where it is", async () => {
    const data = await lived();
    change(data, (database) => {
      database.exec("PRAGMA user_version = 999");
    });
    truncateSync(fileOf(data), readFileSync(fileOf(data)).length - PAGE);
    const before = readFileSync(fileOf(data));
    await assert.rejects(startServer({ data }), /written by a newer Parley.*schema 999/);
    assert.deepEqual(readFileSync(fileOf(data)), before);
    assert.ok(!existsSync(`${fileOf(data)}.new`));
  });

  it("of which nothing can be read is told as that", async () => {
    const data = await lived();
    overwrite(data, 1);
    const server = await restart(data);
    assert.match(
      told(server),
      /nothing could be recovered and a new file was created: all accounts/,
    );
  });

  it("is replaced though the server ended in the midst of that", async () => {
    const data = await lived();
    // It was set aside, and its successor not yet called by its name.
    renameSync(fileOf(data), `${fileOf(data)}.new`);
    assert.deepEqual(await readAsAnn(await startServer({ data }), "#room"), everything);
  });
});
