// A session that has to be let in by the host.
import { strict as assert } from "node:assert";
import type { ConnectionStatus } from "../../src/client/status.js";
import { SessionError } from "../../src/client/session-error.js";
import type { Peer } from "../support/peer.js";
import { startServer, type TestServer } from "../support/server.js";
import {
  addressOf,
  newCertificate,
  newSession,
  startScripted,
  type TestSession,
} from "./scripted-peer.js";

type Options = Parameters<typeof newSession>[1];

async function guarded(): Promise<{ server: TestServer; ann: Peer }> {
  const server = await startServer({ approve: true, opers: ["host:secret"] });
  const ann = await server.connect();
  await ann.register("ann");
  ann.send("OPER host secret");
  await ann.until(/ MODE ann \+o$/);
  await ann.roundtrip();
  return { server, ann };
}

function start({ port, fingerprint }: TestServer, options: Options = {}): TestSession {
  const address = addressOf(port, { transport: "tls", fingerprint, channels: ["#general"] });
  const session = newSession(address, { nick: "bob", ...options });
  session.start();
  return session;
}

const isWaiting = ({ status }: { readonly status: ConnectionStatus }): boolean =>
  status.phase === "connecting" && status.step === "approval";

describe("a session that has to be let in", () => {
  it("says that it waits, tells the host a line, and goes on by itself once it may", async () => {
    const { server, ann } = await guarded();
    const session = start(server);
    await session.until(isWaiting);
    await ann.until(/ :bob \(127\.0\.0\.1\) wants to join \(/);
    await session.knock("it is\nme");
    await ann.expect(/ :bob \(127\.0\.0\.1\) wants to join: it is me \(/);
    const { status } = session;
    assert.equal(status.phase === "connecting" && status.saidLine, "it is me");
    ann.send("APPROVE bob");
    await session.online();
    assert.equal(session.buffer("#general").joined, true);
  });

  it("says only one line, and keeps what the host did not get", async () => {
    const { server } = await guarded();
    const session = start(server);
    await session.until(isWaiting);
    await assert.rejects(session.knock(" "), SessionError);
    await assert.rejects(session.knock("x".repeat(301)), /too long for the host: at most 300/);
    await session.knock("hello");
    await assert.rejects(session.knock("again"), /The host has your line already/);
  });

  it("ends for good with the host's words when it is denied", async () => {
    const { server, ann } = await guarded();
    const session = start(server, { persistent: true });
    await session.until(isWaiting);
    ann.send("DENY bob :not today");
    const { code, detail } = await session.failed();
    assert.deepEqual([code, detail], ["denied", "not today"]);
  });

  it("ends for good when it was banned, also when it comes again", async () => {
    const { server, ann } = await guarded();
    const clientCertificate = await newCertificate();
    const session = start(server, { persistent: true, clientCertificate });
    await session.until(isWaiting);
    ann.send("BAN bob :go away");
    assert.equal((await session.failed()).code, "denied");
    const again = start(server, { persistent: true, clientCertificate });
    assert.equal((await again.failed()).code, "banned");
  });

  it("is the host's own, and waits for no one", async () => {
    const { server } = await guarded();
    const session = start(server, { oper: { name: "host", password: "secret" } });
    await session.online();
  });

  it("waits again after a lost connection, and says its line again", async () => {
    const { server, ann } = await guarded();
    const session = start(server, { persistent: true });
    await session.until(isWaiting);
    await session.knock("hello");
    await ann.until(/ wants to join: hello /);
    const [waiting] = server.server.approval.queue.values();
    waiting?.client.connection.lost("the cable was pulled");
    await session.until(({ status }) => status.phase === "waiting");
    session.reconnectNow();
    await ann.until(/ wants to join: hello /);
    ann.send("APPROVE bob");
    await session.online();
  });

  it("can be given up", async () => {
    const { server, ann } = await guarded();
    const session = start(server);
    await session.until(isWaiting);
    await session.close();
    ann.send("WAITING");
    await ann.until(/ :No one is waiting$/);
  });

  it("asks whether the server is still there while it waits", async () => {
    const peers = await startScripted();
    const session = newSession(addressOf(peers.port), {
      nick: "bob",
      timing: { registerTimeoutMs: 50, pingIntervalMs: 20, pongTimeoutMs: 1500 },
    });
    session.start();
    const peer = await peers.accept();
    await peer.command("USER");
    peer.send(":irc.test NOTE * WAITING_FOR_APPROVAL :wait");
    for (let i = 0; i < 5; i++) {
      const ping = await peer.command("PING");
      peer.send(`:irc.test PONG irc.test ${ping.params[0] ?? ""}`);
    }
    assert.ok(isWaiting(session));
    // No one answers any more.
    assert.equal((await session.failed()).code, "lost");
  });
});
