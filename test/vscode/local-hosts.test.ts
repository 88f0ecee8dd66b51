// Trying it out on one computer: a second window finds the server of the first.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { formatInvite, type ServerAddress } from "../../src/client/address.js";
import { LocalHosts } from "../../src/extension/local-hosts.js";

const address: ServerAddress = {
  hosts: ["127.0.0.1"],
  port: 9898,
  transport: "tls",
  path: "/",
  channels: ["#general"],
  fingerprint: "ab".repeat(32),
  token: "a secret",
};

describe("servers of other windows on this computer", () => {
  let folder: string;
  let hosts: LocalHosts;

  beforeEach(() => {
    folder = path.join(mkdtempSync(path.join(tmpdir(), "parley-hosts-")), "hosting");
    hosts = new LocalHosts(vscode.Uri.file(folder));
  });

  afterEach(() => {
    hosts.dispose();
  });

  const write = async (record: unknown) => {
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "9898.json"), JSON.stringify(record));
  };
  const writeAs = (pid: number) => write({ pid, invite: formatInvite(address) });

  it("are none where nobody has ever hosted", async () => {
    assert.deepEqual(await hosts.others(), []);
  });

  it("are found while their window runs", async () => {
    await writeAs(process.ppid);

    assert.deepEqual(
      (await hosts.others()).map(({ port }) => port),
      [9898],
    );
  });

  it("are not found any more when their window has died without a word", async () => {
    const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    await once(child, "exit");
    await writeAs(child.pid ?? 0);

    assert.deepEqual(await hosts.others(), []);
  });

  for (const record of [
    null,
    5,
    {},
    { pid: process.ppid },
    { pid: process.ppid, invite: 5 },
    { pid: String(process.ppid), invite: formatInvite(address) },
    { pid: process.ppid, invite: "vscode://parley-chat.parley/join?host=%0d%0a&port=99999" },
  ])
    it(`are not those of a damaged file: ${JSON.stringify(record)}`, async () => {
      await write(record);

      assert.deepEqual(await hosts.others(), []);
    });

  it("are told without the token, and taken back", async () => {
    await hosts.announce(address);
    assert.ok(!(await readFile(path.join(folder, "9898.json"), "utf8")).includes("a secret"));
    assert.deepEqual(await hosts.others(), [], "our own is none of the others");
    await hosts.withdraw(9898);

    assert.deepEqual(await readdir(folder), []);
  });
});
