import { strict as assert } from "node:assert";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
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
