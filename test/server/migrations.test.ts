import { strict as assert } from "node:assert";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { makeKeys } from "../../src/server/accounts/keys.js";
import { MIGRATIONS, migrate, versionOf } from "../../src/server/history/schema.js";
import type { Peer } from "../support/peer.js";
import { startServer, temporaryFolder, type TestServer } from "../support/server.js";

const TIME = Date.parse("2020-01-04T14:33:26.123Z");
const MARK = "timestamp=2020-01-04T14:33:26.123Z";
/** The schema from which on a file has something. */
const SINCE = { accounts: 2, buffers: 3, readMarkers: 4, channels: 6 } as const;
const CAPS = [
  "sasl",
  "batch",
  "message-tags",
  "draft/chathistory",
  "draft/metadata-3",
  "soju.im/search",
];

type Row = Readonly<Record<string, SQLInputValue>>;

/** A file as the server of this schema left it. */
class OldFile {
  private readonly database: DatabaseSync;

  constructor(
    file: string,
    readonly version: number,
  ) {
    this.database = new DatabaseSync(file, { defensive: false });
    for (const step of MIGRATIONS.slice(0, version)) this.database.exec(step);
    this.database.exec(`PRAGMA user_version = ${version}`);
  }

  has(what: keyof typeof SINCE): boolean {
    return this.version >= SINCE[what];
  }

  insert(table: string, row: Row): void {
    const names = Object.keys(row);
    const places = names.map(() => "?").join(",");
    this.database
      .prepare(`INSERT INTO ${table} (${names.join(",")}) VALUES (${places})`)
      .run(...Object.values(row));
  }

  say(buffer: string, target: string, text: string, seq: number): void {
    if (this.has("buffers"))
      this.database.prepare("INSERT OR IGNORE INTO buffers (name) VALUES (?)").run(buffer);
    const id = this.has("buffers")
      ? this.database.prepare("SELECT id FROM buffers WHERE name = ?").get(buffer)?.id
      : buffer;
    this.insert("messages", {
      buffer: id ?? null,
      msgid: `id${seq}`,
      time: TIME + seq,
      is_event: 0,
      source: "bob!~bob@host",
      is_bot: 0,
      command: "PRIVMSG",
      params: JSON.stringify([target, text]),
      client_tags: "",
    });
  }

  async fill(): Promise<void> {
    this.say("#room", "#room", "tea in the garden", 1);
    this.say("#room", "#room", "and cake", 2);
    this.say("ann bob", "ann", "only for you", 3);
    for (const identity of ["ann", "bob"])
      this.insert("conversations", { identity, buffer: "ann bob" });
    if (this.has("accounts")) {
      const { salt, iterations, storedKey, serverKey } = await makeKeys("sesame");
      const keys = { salt, iterations, stored_key: storedKey, server_key: serverKey };
      this.insert("accounts", { folded: "ann", name: "Ann", created: TIME, ...keys });
    }
    if (this.has("readMarkers"))
      this.insert("read_markers", { account: "ann", target: "#room", time: TIME });
    if (!this.has("channels")) return;
    const topic = { text: "garden party", setBy: "bob!~bob@host", setAt: 1578148406 };
    const lists = { b: [], e: [], I: [] };
    const state = { createdAt: TIME, topic, flags: ["n", "m"], lists, metadata: [] };
    const channel = { folded: "#room", name: "#Room", founder: "ann" };
    this.insert("channels", { ...channel, state: JSON.stringify(state) });
    this.insert("metadata", { account: "ann", key: "color", value: "#00ff00" });
  }

  exec(sql: string): void {
    this.database.exec(sql);
  }

  /** Spoils an index, of which nothing is lost that cannot be made anew. */
  damage(): void {
    this.exec(
      `PRAGMA writable_schema = ON;
       UPDATE sqlite_schema SET rootpage = 99999 WHERE name = 'messages_by_msgid'`,
    );
  }

  close(): void {
    this.database.close();
  }
}

async function oldFile(version: number): Promise<{ data: string; file: OldFile }> {
  const data = temporaryFolder();
  const file = new OldFile(join(data, "parley.sqlite"), version);
  await file.fill();
  return { data, file };
}

/** Ann, logged in as far as she has an account. */
async function comeAsAnn(server: TestServer, hasAccount: boolean): Promise<Peer> {
  const ann = await server.connect();
  ann.send("CAP LS 302", `CAP REQ :${CAPS.join(" ")}`, "USER ann 0 * :Ann");
  if (hasAccount) {
    ann.send("AUTHENTICATE PLAIN", "AUTHENTICATE AGFubgBzZXNhbWU=");
    await ann.until(/ 903 /);
  }
  ann.send("NICK ann", "CAP END");
  await ann.until(/ 422 /);
  return ann;
}

const said = (lines: readonly string[]) =>
  lines.filter((line) => line.includes(" PRIVMSG ")).map((line) => line.split(" :").at(-1) ?? "");

describe("a history's file of an older version", () => {
  for (let version = 1; version <= MIGRATIONS.length; version++)
    it(`has all there was, and more can be said: schema ${version}`, async () => {
      const { data, file } = await oldFile(version);
      file.close();
      const server = await startServer({ data });
      const ann = await comeAsAnn(server, file.has("accounts"));
      ann.send("JOIN #room", "CHATHISTORY LATEST #room * 10");
      const room = await ann.roundtrip();
      assert.deepEqual(said(room), ["tea in the garden", "and cake"]);
      ann.send("SEARCH text=cake", "SEARCH text=gard");
      assert.deepEqual(said(await ann.roundtrip()), ["and cake", "tea in the garden"]);
      ann.send("CHATHISTORY AROUND #room msgid=id2 1", "PRIVMSG #room :more cake");
      ann.send("SEARCH text=cake", "CHATHISTORY BEFORE #room msgid=id2 10");
      assert.deepEqual(said(await ann.roundtrip()), [
        "and cake",
        "and cake",
        "more cake",
        "tea in the garden",
      ]);
      if (file.has("accounts")) {
        ann.send("CHATHISTORY LATEST bob * 10");
        assert.deepEqual(said(await ann.roundtrip()), ["only for you"]);
      }
      if (file.has("readMarkers")) {
        ann.send("MARKREAD #room");
        await ann.expect(`:parley.chat MARKREAD #room ${MARK}`);
      }
      if (!file.has("channels")) return;
      assert.ok(room.includes(":parley.chat 332 ann #Room :garden party"), room.join("\n"));
      assert.ok(room.includes(":parley.chat 353 ann = #Room :@ann"));
      ann.send("MODE #room", "METADATA * GET color");
      await ann.expect(":parley.chat 324 ann #Room +nm");
      await ann.until(/ 761 ann ann color \* #00ff00$/);
    });

  for (let version = 1; version <= MIGRATIONS.length; version++)
    it(`that is damaged has what can be read of it: schema ${version}`, async () => {
      const { data, file } = await oldFile(version);
      file.damage();
      file.close();
      const server = await startServer({ data, mayLogErrors: true });
      assert.ok(server.log.some((line) => /^error .* is damaged and was renamed to/.test(line)));
      const ann = await comeAsAnn(server, file.has("accounts"));
      ann.send("JOIN #room", "CHATHISTORY LATEST #room * 10", "CHATHISTORY LATEST bob * 10");
      const texts = ["tea in the garden", "and cake"];
      if (file.has("accounts")) texts.push("only for you");
      assert.deepEqual(said(await ann.roundtrip()), texts);
      if (!file.has("channels")) return;
      ann.send("TOPIC #room", "METADATA * GET color");
      await ann.expect(":parley.chat 332 ann #Room :garden party");
      await ann.until(/ 761 ann ann color \* #00ff00$/);
    });

  it("that cannot be brought to this one stays what it was", async () => {
    const { data, file } = await oldFile(1);
    // In the way of a later step, when others have been taken.
    file.exec("CREATE TABLE metadata (mine TEXT); INSERT INTO metadata VALUES ('mine')");
    file.close();
    await assert.rejects(startServer({ data }), /could not open .*: table metadata already exists/);
    const left = new DatabaseSync(join(data, "parley.sqlite"));
    const read = (sql: string) => left.prepare(sql).all();
    assert.equal(read("PRAGMA user_version")[0]?.user_version, 1);
    assert.deepEqual(
      read("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").map((r) => r.name),
      ["conversations", "messages", "metadata"],
    );
    assert.deepEqual(
      read("SELECT buffer FROM messages ORDER BY seq").map((row) => row.buffer),
      ["#room", "#room", "ann bob"],
    );
    left.exec("DROP TABLE metadata");
    left.close();
    const server = await startServer({ data });
    const ann = await comeAsAnn(server, false);
    ann.send("JOIN #room", "CHATHISTORY LATEST #room * 10");
    assert.deepEqual(said(await ann.roundtrip()), ["tea in the garden", "and cake"]);
  });

  it("for whose upgrade the disk has no room is left as it is, and the reason is told", async () => {
    const { data, file } = await oldFile(2);
    for (let i = 10; i < 500; i++) file.say("#room", "#room", `more ${"x".repeat(100)}`, i);
    file.close();
    const database = new DatabaseSync(join(data, "parley.sqlite"));
    // What SQLite says of a full disk, it says of a file that may not grow.
    const pages = database.prepare("PRAGMA page_count").get() as { page_count: number };
    database.exec(`PRAGMA max_page_count = ${pages.page_count}`);
    assert.throws(() => {
      migrate(database);
    }, /^Error: database or disk is full$/);
    assert.equal(versionOf(database), 2);
    database.close();
    const server = await startServer({ data });
    const ann = await comeAsAnn(server, true);
    ann.send("JOIN #room", "CHATHISTORY LATEST #room * 1");
    assert.equal(said(await ann.roundtrip()).length, 1);
  });
});
