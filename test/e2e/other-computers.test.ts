// A server that people on other computers reach.
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { onCleanup } from "../support/cleanup.js";
import { ensureDebianPackage } from "../support/debian.js";
import { startHeadlessServer } from "../support/headless-server.js";
import {
  connectComputers,
  whyNoOtherComputers,
  type Computer,
  type Computers,
} from "../support/other-computers.js";
import { Peer, type Link } from "../support/peer.js";
import { packageExtension } from "../vscode-host/package-extension.js";

const port = 9898;

describe("other computers", () => {
  let computers: Computers;

  before(async function () {
    const why = await whyNoOtherComputers();
    if (why !== undefined) {
      console.log(`  Skipped: ${why}.`);
      this.skip();
    }
    await packageExtension();
    computers = await connectComputers();
  });

  after(async () => {
    // Undefined where it was skipped.
    await (computers as Computers | undefined)?.remove();
  });

  async function serve(listen: string): Promise<void> {
    const server = await startHeadlessServer(["--listen", listen], computers.near.command);
    onCleanup(() => server.stop());
  }

  it("reach a server that listens everywhere, and talk with those at its own", async () => {
    await serve(`[::]:${port}`);
    const far = await connectFrom(computers.far, computers.near.address);
    const near = await connectFrom(computers.near, "127.0.0.1");
    await far.register("far");
    await near.register("near");
    for (const peer of [near, far]) {
      peer.send("JOIN #general");
      await peer.until(/ 366 /);
    }
    far.send("PRIVMSG #general :hello from afar");

    const [line] = (await near.until(/PRIVMSG/)).slice(-1);
    assert.match(line ?? "", /^:far!.* PRIVMSG #general :hello from afar$/);
  });

  it("are told when they do not encrypt, and nothing they say is taken", async () => {
    await serve(`[::]:${port}`);
    const [command = "", ...args] = computers.far.command;
    const plain = `const socket = require("node:net").connect(${port}, "${computers.near.address}");
      process.stdin.pipe(socket).pipe(process.stdout);`;
    const far = peerOf(command, [...args, process.execPath, "-e", plain]);
    far.send("NICK far", "USER far 0 * :far");

    const lines = await far.rest();
    assert.match(lines.at(-1) ?? "", /^ERROR :.*(TLS|encrypt)/i);
    assert.ok(!lines.some((line) => line.includes(" 001 ")));
  });

  it("do not reach a server for this machine only", async () => {
    await serve(`127.0.0.1:${port}`);
    const far = await connectFrom(computers.far, computers.near.address);

    assert.deepEqual(await far.rest(), []);
  });
});

/** A connection by TLS of somebody at `computer`, made by OpenSSL's own client. */
async function connectFrom({ command: [command = "", ...args] }: Computer, host: string) {
  const openssl = await ensureDebianPackage({ name: "openssl" });
  return peerOf(command, [...args, openssl, "s_client", "-quiet", "-connect", `${host}:${port}`]);
}

/** A peer whose lines a program carries. */
function peerOf(command: string, args: readonly string[]): Peer {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
  onCleanup(() => void child.kill());
  // What was written to a connection that is gone.
  child.stdin.on("error", () => undefined);
  const link: Link = {
    write: (text) => void child.stdin.write(text),
    end: () => void child.stdin.end(),
    onText: (listener) => void child.stdout.setEncoding("utf8").on("data", listener),
    onClose: (listener) => void child.on("close", listener),
  };
  return new Peer(link);
}
