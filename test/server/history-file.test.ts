import { strict as assert } from "node:assert";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SqliteHistory } from "../../src/server/history/sqlite.js";
import { onCleanup } from "../support/cleanup.js";
import { openHistory, storedMessage } from "../support/history.js";
import { run } from "../support/server-program.js";
import { startServer, temporaryFolder } from "../support/server.js";

const all = (history: SqliteHistory, buffer = "#room") =>
  history
    .find({ buffer, keep: "oldest", limit: 1000, withEvents: true })
    .map((found) => found.time);

describe("the history's file", () => {
  it("has what somebody said to nobody", async () => {
    const data = temporaryFolder();
    const server = await startServer({ data });
    const ann = await server.join("ann", "#room");
    const reader = new DatabaseSync(join(data, "parley.sqlite"), { readOnly: true });
    onCleanup(() => {
      reader.close();
    });
    ann.send("PRIVMSG #room :is anybody here?");
    // Nothing is to be sent to anybody that could bring it to the disk.
    const said = reader.prepare("SELECT * FROM messages WHERE params LIKE '%is anybody here?%'");
    while (said.get() === undefined) await new Promise((resolve) => setImmediate(resolve));
  });

  it("is one server's at a time, in whatever process, and the next one's after it", async () => {
    const data = temporaryFolder();
    const first = await startServer({ data });
    await assert.rejects(startServer({ data }), /is in use by another Parley server: stop that/);
    const second = await run(["--listen", "127.0.0.1:0", "--data", data]);
    assert.equal(await second.exited, 1);
    assert.match(second.stderr, /in use by another Parley server.* \(data-in-use\)$/m);
    await first.close();
    const third = await run(["--listen", "127.0.0.1:0", "--data", data]);
    await third.port();
    await assert.rejects(startServer({ data }), /is in use by another Parley server/);
    third.child.kill("SIGKILL");
    await third.exited;
    await startServer({ data });
  });

  it("is free again for who could not start", async () => {
    const data = temporaryFolder();
    const busy = await startServer();
    const listen = [`127.0.0.1:${busy.port}`];
    await assert.rejects(startServer({ data, listen }), /another program uses this port/);
    await assert.rejects(startServer({ data, cert: "no.pem", key: "no.pem" }), /no\.pem/);
    await startServer({ data });
  });

  it("of a newer version is refused and left as it is", async () => {
    const data = temporaryFolder();
    const file = join(data, "parley.sqlite");
    const newer = new DatabaseSync(file);
    newer.exec("PRAGMA user_version = 999");
    newer.close();
    const before = readFileSync(file);
    await assert.rejects(startServer({ data }), /written by a newer Parley.*schema 999/);
    assert.deepEqual(readFileSync(file), before);
  });

  it("that is damaged is set aside, and that is said", async () => {
    const data = temporaryFolder();
    writeFileSync(
      join(data, "parley.sqlite"),
      "this is no database, whatever its name says\n".repeat(100),
    );
    const server = await startServer({ data, mayLogErrors: true });
    assert.ok(server.log.some((line) => /^error .*is damaged and was renamed to /.test(line)));
    const aside = readdirSync(data).filter((name) => name.includes("damaged"));
    assert.equal(aside.length, 1);
    assert.match(readFileSync(join(data, aside[0] ?? ""), "utf8"), /^this is no database/);
  });

  it("takes the log in while people speak", async () => {
    const file = join(temporaryFolder(), "parley.sqlite");
    const { history } = openHistory(file);
    const before = statSync(file).size;
    for (let n = 1; statSync(file).size < before + 100_000; n++) {
      history.append(storedMessage(n));
      history.commit();
      // Nobody speaks so fast that a slow disk cannot follow.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    // SQLite alone would have waited for forty megabytes.
    assert.ok(statSync(`${file}-wal`).size < 39_000_000);
    assert.deepEqual(all(history).slice(0, 3), [1, 2, 3]);
  });

  it("takes the log in when nobody speaks", async () => {
    const file = join(temporaryFolder(), "parley.sqlite");
    const { history } = openHistory(file);
    const before = statSync(file).size;
    for (let n = 1; n <= 1000; n++) history.append(storedMessage(n));
    history.commit();
    assert.equal(statSync(file).size, before);
    for (let second = 1; second <= 3; second++) {
      history.rest();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(statSync(file).size > before + 100_000);
  });

  it("takes the log in while much is made ready for searching, and while much is removed", async () => {
    const file = join(temporaryFolder(), "parley.sqlite");
    const { history } = openHistory(file);
    for (let n = 1; n <= 20_000; n++) history.append(storedMessage(n));
    history.commit();
    for (let second = 1; second <= 3; second++) {
      history.rest();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const wanted = { from: undefined, after: undefined, before: undefined, limit: 1 };
    const before = statSync(file);
    await history.search({ buffers: ["#room"], text: "777", ...wanted });
    const searched = statSync(file);
    assert.ok(searched.size > before.size + 100_000);
    await history.prune(0, 10);
    assert.ok(statSync(file).mtimeMs > searched.mtimeMs);
    assert.ok(statSync(`${file}-wal`).size < 20_000_000);
  });

  it("of which much is too old keeps nobody waiting for the start", async () => {
    const data = temporaryFolder();
    const { history } = openHistory(join(data, "parley.sqlite"));
    for (let n = 1; n <= 20_000; n++) history.append(storedMessage(n));
    history.close();
    const server = await startServer({ data, retention: 1 });
    const { store } = server.server.archive;
    assert.ok(store.has("#room"));
    while (store.has("#room")) await new Promise((resolve) => setImmediate(resolve));
  });

  it("keeps as many messages of each conversation as it should", async () => {
    const { history } = openHistory();
    for (let n = 1; n <= 10; n++) history.append(storedMessage(n));
    history.append(storedMessage(11, "#other"));
    await history.prune(0, 3);
    assert.deepEqual(all(history), [8, 9, 10]);
    assert.deepEqual(all(history, "#other"), [11]);
  });

  it("keeps messages for as long as it should", async () => {
    const { history } = openHistory();
    for (let n = 1; n <= 10; n++) history.append(storedMessage(n));
    await history.prune(6, 0);
    assert.deepEqual(all(history), [6, 7, 8, 9, 10]);
  });

  it("lets people speak while much is removed, and finds the rest", async () => {
    const { history } = openHistory();
    for (let n = 1; n <= 5000; n++)
      history.append(storedMessage(n, n % 5 === 0 ? "#few" : "#room"));
    const find = async (text: string, buffer = "#room") => {
      const limits = { from: undefined, after: undefined, before: undefined, limit: 10_000 };
      return (await history.search({ buffers: [buffer], text, ...limits })).length;
    };
    assert.equal(await find("999"), 1);
    let said = 5000;
    const speak = () => {
      history.append(storedMessage(++said));
      history.commit();
      speaking = setImmediate(speak);
    };
    let speaking = setImmediate(speak);
    await history.prune(1000, 100);
    clearImmediate(speaking);
    assert.ok(said > 5010, `${said - 5000} messages were said meanwhile`);
    assert.deepEqual(
      all(history, "#few"),
      Array.from({ length: 100 }, (_, i) => 4505 + 5 * i),
    );
    const left = all(history);
    assert.equal(left.at(-1), said);
    assert.ok(left.length >= 100 && left.length <= 100 + said - 5000, `${left.length} are left`);
    assert.equal(await find("999"), 0);
    assert.equal(await find(String(said)), 1);
    assert.equal(await find("4505", "#few"), 1);
  });

  it("removes a part without merging what is left of the index of words", async () => {
    const { history, database } = openHistory();
    for (let n = 1; n <= 5000; n++) history.append(storedMessage(n));
    const wanted = { from: undefined, after: undefined, before: undefined, limit: 1 };
    await history.search({ buffers: ["#room"], text: "777", ...wanted });
    // One segment, which there is no other reason to merge.
    database.exec("INSERT INTO words (words) VALUES ('optimize')");
    const blocks = () =>
      database
        .prepare("SELECT CAST(id AS TEXT) AS id FROM words_data")
        .all()
        .map(({ id }) => id);
    const before = blocks();
    await history.prune(2500, 0);
    const after = new Set(blocks());
    assert.ok(before.length > 10);
    assert.deepEqual(
      before.filter((id) => !after.has(id)),
      [],
    );
  });

  it("ends while much is removed", async () => {
    const { history } = openHistory();
    for (let n = 1; n <= 5000; n++) history.append(storedMessage(n));
    const removing = history.prune(0, 10);
    history.close();
    await removing;
  });
});
