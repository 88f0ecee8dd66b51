// https://ircv3.net/specs/extensions/sts
import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerAddress } from "../../src/client/address.js";
import { startServer, temporaryFolder } from "../support/server.js";
import {
  addressOf,
  newCertificate,
  newSession,
  startScripted,
  type ScriptedServer,
} from "./scripted-peer.js";

interface Host {
  readonly plain: ScriptedServer;
  readonly secure: ScriptedServer;
  /** The unencrypted one, with the print of the encrypted one's certificate. */
  readonly address: ServerAddress;
}

/** One host with a server that wants everybody on its other port. */
async function startHost(): Promise<Host> {
  const tls = await newCertificate();
  const [plain, secure] = [await startScripted(), await startScripted({ tls })];
  return { plain, secure, address: addressOf(plain.port, { fingerprint: tls.fingerprint }) };
}

/** Takes a connection to the unencrypted port and sends it on. */
async function sendOn({ plain, secure }: Host): Promise<string[]> {
  const peer = await plain.accept();
  await peer.command("CAP");
  peer.send(
    `:irc.test CAP * LS * :batch sts=duration=60,port=${secure.port},what`,
    ":irc.test CAP * LS :server-time",
    ":irc.test 001 ann :Welcome all the same",
    ":irc.test 422 ann :No message of the day",
  );
  return peer.rest();
}

describe("a server that wants to be reached encrypted", () => {
  it("is: before registering, at once, and again after a lost connection", async () => {
    const host = await startHost();
    const session = newSession(host.address);
    session.start();
    const left = await sendOn(host);
    assert.ok(!left.some((line) => /^CAP (?:REQ|END)|^PONG/.test(line)), left.join("\n"));
    const peer = await host.secure.accept();
    await peer.welcome({ caps: ["batch"] });
    await session.online();
    assert.ok(session.status.phase === "online");
    assert.equal(session.status.details.transport, "tls");
    assert.equal(session.state.serverName, "irc.test");
    peer.drop();
    await (await host.secure.accept()).welcome();
    await session.online();
    assert.deepEqual(await host.plain.received(), []);
  });

  it("is not when what answers there is another: nothing more is said unencrypted", async () => {
    const host = await startHost();
    const session = newSession({ ...host.address, fingerprint: "0".repeat(64) });
    session.start();
    await sendOn(host);
    assert.equal((await session.failed()).code, "certificate-changed");
    assert.deepEqual(await host.plain.received(), []);
  });

  it("is asked anew each time while its word has not been proved", async () => {
    const host = await startHost();
    await host.secure.close();
    const session = newSession(host.address, { persistent: true });
    session.start();
    await sendOn(host);
    await session.until(({ status }) => status.phase === "waiting");
    await (await host.plain.accept()).welcome();
    await session.online();
  });

  it("is for as long as it says, counted from the end of the connection", async () => {
    let now = 0;
    const host = await startHost();
    const timing = { backoffBaseMs: 60_000, backoffMaxMs: 60_000 };
    const session = newSession(host.address, { now: () => now, timing });
    session.start();
    await sendOn(host);
    let peer = await host.secure.accept();
    await peer.welcome({ caps: ["sts=duration=60"] });
    await session.online();
    now += 3_600_000;
    peer.drop();
    await session.until(({ status }) => status.phase === "waiting");
    now += 59_000;
    session.reconnectNow();
    peer = await host.secure.accept();
    await peer.welcome();
    await session.online();
    peer.drop();
    await session.until(({ status }) => status.phase === "waiting");
    now += 60_000;
    session.reconnectNow();
    await (await host.plain.accept()).welcome();
    await session.online();
  });

  it("may take that back, but not by CAP DEL", async () => {
    const host = await startHost();
    const session = newSession(host.address);
    session.start();
    await sendOn(host);
    let peer = await host.secure.accept();
    await peer.welcome();
    await session.online();
    peer.send(":irc.test CAP ann DEL :sts");
    await peer.settle();
    peer.drop();
    peer = await host.secure.accept();
    await peer.welcome();
    await session.online();
    peer.send(":irc.test CAP ann NEW :sts=duration=0");
    await peer.settle();
    peer.drop();
    await (await host.plain.accept()).welcome();
    await session.online();
  });

  it("may say so later too", async () => {
    const host = await startHost();
    const session = newSession(host.address);
    session.start();
    const peer = await host.plain.accept();
    await peer.welcome();
    await session.online();
    peer.send(`:irc.test CAP ann NEW :sts=port=${host.secure.port}`);
    await peer.rest();
    await sendOn(host);
    await (await host.secure.accept()).welcome();
    await session.online();
  });

  it("says nothing by a policy without a port, or with none that could be", async () => {
    for (const policy of ["sts", "sts=duration=60", "sts=port=0", "sts=port=99999,duration=x"]) {
      const server = await startScripted();
      const session = newSession(addressOf(server.port));
      session.start();
      const peer = await server.accept();
      peer.send(`:irc.test CAP * LS :${policy}`);
      await peer.until(/^CAP END$/);
      peer.sayWelcome("ann");
      await session.online();
      assert.deepEqual([...session.state.caps], []);
    }
  });

  it("is tried host by host, each once, until one answers", async () => {
    const host = await startHost();
    const nowhere = await startScripted();
    const gone = nowhere.port;
    await nowhere.close();
    const session = newSession({ ...host.address, hosts: ["127.0.0.1", "localhost"] });
    session.start();
    for (let i = 0; i < 2; i++) {
      const peer = await host.plain.accept();
      await peer.command("CAP");
      peer.send(`:irc.test CAP * LS :sts=port=${gone}`);
    }
    assert.equal((await session.failed()).code, "refused");
    assert.deepEqual(await host.plain.received(), []);
  });
});

describe("our server, with a policy", () => {
  it("is reached encrypted by those who come unencrypted", async () => {
    const made = await newCertificate();
    const folder = temporaryFolder();
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    writeFileSync(cert, made.cert);
    writeFileSync(key, made.key);
    const server = await startServer({ cert, key, stsDays: 1 });
    const session = newSession(addressOf(server.port, { fingerprint: server.fingerprint }));
    session.start();
    await session.online();
    assert.ok(session.status.phase === "online" && session.status.details.transport === "tls");
  });
});
