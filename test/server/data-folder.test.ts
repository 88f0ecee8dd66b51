import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { connectTo, run } from "../support/server-program.js";
import { startServer, temporaryFolder } from "../support/server.js";

const rightsIn = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777]),
  );

describe("the files of the data folder", () => {
  it("can be read by their owner alone, whatever rights they had", async () => {
    const data = temporaryFolder();
    await (await startServer({ data, audit: true })).close();
    const left = ["certificate-key.pem.new", "cloak.key.new", "parley.sqlite.damaged-1"];
    for (const name of left) writeFileSync(join(data, name), "old");
    for (const name of readdirSync(data)) chmodSync(join(data, name), 0o666);
    writeFileSync(join(data, "notes.txt"), "the host's own");
    chmodSync(join(data, "notes.txt"), 0o644);
    mkdirSync(join(data, "audit"));
    chmodSync(join(data, "audit"), 0o755);
    const server = await startServer({ data, audit: true });
    const rights = rightsIn(data);
    assert.equal(rights["notes.txt"], 0o644);
    assert.equal(rights.audit, 0o755);
    for (const name of [...left, "audit.log", "certificate-key.pem", "parley.sqlite-wal"])
      assert.equal(rights[name], 0o600, name);
    const open = Object.entries(rights).filter(([, mode]) => (mode & 0o077) !== 0);
    assert.deepEqual(open.map(([name]) => name).sort(), ["audit", "notes.txt"]);
    assert.ok(!server.log.some((line) => line.startsWith("warn other users")));
  });

  it("are not written through what an interrupted write, or someone else, left behind", async () => {
    const data = temporaryFolder();
    const elsewhere = join(temporaryFolder(), "elsewhere");
    writeFileSync(elsewhere, "mine");
    symlinkSync(elsewhere, join(data, "cloak.key.new"));
    writeFileSync(join(data, "certificate-key.pem.new"), "stale");
    chmodSync(join(data, "certificate-key.pem.new"), 0o644);
    await startServer({ data });
    assert.equal(readFileSync(elsewhere, "utf8"), "mine");
    for (const [name, mode] of Object.entries(rightsIn(data))) assert.equal(mode, 0o600, name);
  });

  it("are told to be in danger where others can write to the folder", async () => {
    const data = temporaryFolder();
    chmodSync(data, 0o777);
    const server = await startServer({ data });
    assert.ok(
      server.log.includes(
        `warn other users of this computer can replace files in ${data}: change its rights`,
      ),
    );
  });
});

/** What all the files hold, by name, but for the lock's. */
const contentsOf = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => !name.startsWith("parley.lock"))
      .map((name) => [name, fileDigest(join(folder, name))]),
  );

const fileDigest = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

/** What a server leaves that is killed now, without some of its files. */
function leftOf(data: string, ...missing: readonly string[]): string {
  const copy = temporaryFolder();
  for (const name of readdirSync(data))
    if (!missing.includes(name)) copyFileSync(join(data, name), join(copy, name));
  return copy;
}

describe("a data folder that lacks what it had", () => {
  it("is told and left as it is when the write-ahead log was removed after a kill", async () => {
    const data = temporaryFolder();
    const program = await run(["--listen", "127.0.0.1:0", "--data", data]);
    const ann = await connectTo(await program.port());
    await ann.register("ann");
    ann.send("REGISTER * * sesame");
    await ann.until(/REGISTER SUCCESS/);
    program.child.kill("SIGKILL");
    await program.exited;
    rmSync(join(data, "parley.sqlite-wal"));
    rmSync(join(data, "parley.sqlite-shm"));
    const before = contentsOf(data);
    const second = await run(["--listen", "127.0.0.1:0", "--data", data]);
    assert.equal(await second.exited, 1);
    assert.match(
      second.stderr,
      /parley\.sqlite is older than it was: .*Put the data back\. .*--accept-data-loss/,
    );
    assert.deepEqual(contentsOf(data), before);
    const third = await run(["--listen", "127.0.0.1:0", "--data", data, "--accept-data-loss"]);
    await third.port();
    assert.match(third.stderr, /warn .*parley\.sqlite is older than it was: .*going on without it/);
    third.child.kill("SIGTERM");
    await third.exited;
    // From now on that is what there is.
    const fourth = await run(["--listen", "127.0.0.1:0", "--data", data]);
    await fourth.port();
  });

  it("is told when that happens after the log was moved into the database", async () => {
    const data = temporaryFolder();
    const server = await startServer({ data });
    const ann = await server.join("ann", "#room");
    const { store } = server.server.archive;
    ann.send("PRIVMSG #room :one");
    await ann.roundtrip();
    // As it does when no one has spoken for three seconds.
    const stamped = () => readFileSync(join(data, "parley.stamp"), "utf8");
    const before = stamped();
    for (let i = 0; i < 5; i++) store.rest();
    while (stamped() === before) await ann.roundtrip();
    const left = leftOf(data, "parley.sqlite-wal", "parley.sqlite-shm");
    await assert.rejects(startServer({ data: left }), /is older than it was/);
    // With its log it is complete.
    await startServer({ data: leftOf(data) });
  });

  for (const [what, missing] of [
    ["the database", ["parley.sqlite", "parley.sqlite-wal", "parley.sqlite-shm"]],
    [
      "everything but the stamp",
      [
        "parley.sqlite",
        "parley.sqlite-wal",
        "parley.sqlite-shm",
        "parley.lock",
        "cloak.key",
        "certificate.pem",
        "certificate-key.pem",
      ],
    ],
  ] as const)
    it(`is told and left as it is without ${what}`, async () => {
      const data = temporaryFolder();
      await (await startServer({ data })).close();
      const left = leftOf(data, ...missing);
      const before = contentsOf(left);
      await assert.rejects(
        startServer({ data: left }),
        /parley\.sqlite is missing, but this folder/,
      );
      assert.deepEqual(contentsOf(left), before);
      const server = await startServer({ data: left, acceptDataLoss: true });
      await server.close();
      await (await startServer({ data: left })).close();
    });

  it("is told when an old database was put in its place, and when that is empty", async () => {
    const data = temporaryFolder();
    await (await startServer({ data })).close();
    const old = leftOf(data);
    await (await startServer({ data })).close();
    copyFileSync(join(old, "parley.sqlite"), join(data, "parley.sqlite"));
    await assert.rejects(startServer({ data }), /is older than it was/);
    writeFileSync(join(data, "parley.sqlite"), "");
    await assert.rejects(startServer({ data }), /is older than it was/);
    assert.equal(statSync(join(data, "parley.sqlite")).size, 0);
    // A backup of all of it is in order.
    await startServer({ data: old });
  });

  it("is none where the stamp is older, or was deleted", async () => {
    const data = temporaryFolder();
    await (await startServer({ data })).close();
    const old = leftOf(data);
    await (await startServer({ data })).close();
    copyFileSync(join(old, "parley.stamp"), join(data, "parley.stamp"));
    await (await startServer({ data })).close();
    rmSync(join(data, "parley.stamp"));
    rmSync(join(data, "parley.sqlite"));
    await startServer({ data });
  });

  it("keeps its key from being made anew where a stamp is damaged, which is told", async () => {
    const data = temporaryFolder();
    writeFileSync(join(data, "parley.stamp"), "what?");
    await assert.rejects(startServer({ data }), /parley\.stamp is damaged: delete it/);
    rmSync(join(data, "parley.stamp"));
    await startServer({ data });
  });

  it("is told where only the certificate or the key of host names is missing", async () => {
    const data = temporaryFolder();
    const first = await startServer({ data });
    await first.close();
    assert.ok(!first.log.some((line) => line.includes("missing")));
    const left = leftOf(data, "certificate.pem", "certificate-key.pem", "cloak.key");
    const { log } = await startServer({ data: left });
    assert.deepEqual(
      log.filter((line) => line.includes("missing")),
      [
        `warn ${join(left, "cloak.key")} was missing: the disguised host names of all guests change`,
        `warn ${join(left, "certificate.pem")} was missing: the server has a new certificate, which everyone must trust again`,
      ],
    );
  });
});
