// Logging in with a certificate (SASL EXTERNAL). https://ircv3.net/specs/extensions/sasl-3.2
import { strict as assert } from "node:assert";
import { TLSSocket } from "node:tls";
import type { ServerAddress } from "../../src/client/address.js";
import type { ClientCertificate } from "../../src/client/session-options.js";
import { onCleanup } from "../support/cleanup.js";
import { startServer, type TestServerOptions } from "../support/server.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import {
  addressOf,
  newCertificate,
  newSession,
  startScripted,
  type ScriptedServer,
  type ServerPeer,
  type TestSession,
  type TestSessionOptions,
} from "./scripted-peer.js";

const SASL = { account: "ann", password: "sesame" };

/** A session that has a certificate, at a server that speaks TLS. */
async function withCertificate(options: TestSessionOptions = {}): Promise<{
  server: ScriptedServer;
  session: TestSession;
  peer: ServerPeer;
  fingerprint: string;
}> {
  const tls = await newCertificate();
  const own = await newCertificate("ann");
  const server = await startScripted({ tls });
  const address = addressOf(server.port, { transport: "tls", fingerprint: tls.fingerprint });
  const clientCertificate = { cert: own.cert, key: own.key };
  const session = newSession(address, { clientCertificate, ...options });
  session.start();
  return { server, session, peer: await server.accept(), fingerprint: own.fingerprint };
}

/** Offers these capabilities and gives what is asked for. Returns what that was. */
async function offer(peer: ServerPeer, caps: string): Promise<string | undefined> {
  await peer.command("CAP");
  peer.send(`:irc.test CAP * LS :${caps}`);
  const asked = await peer.command("CAP");
  if (asked.params[0] === "REQ") peer.send(`:irc.test CAP * ACK :${asked.params[1]!}`);
  return asked.params[1];
}

describe("a certificate of our own", () => {
  it("is shown, and logged in with where the server can", async () => {
    const { session, peer, fingerprint } = await withCertificate();
    assert.ok(peer.socket instanceof TLSSocket);
    const shown = peer.socket.getPeerCertificate().fingerprint256;
    assert.equal(shown.replaceAll(":", "").toLowerCase(), fingerprint);
    assert.equal(await offer(peer, "sasl=PLAIN,EXTERNAL"), "sasl");
    assert.deepEqual((await peer.command("AUTHENTICATE")).params, ["EXTERNAL"]);
    peer.send("AUTHENTICATE +");
    assert.deepEqual((await peer.command("AUTHENTICATE")).params, ["+"]);
    peer.send(":irc.test 900 * ann!u@h ann :Logged in", ":irc.test 903 * :Success");
    assert.deepEqual((await peer.command("CAP")).params, ["END"]);
    peer.sayWelcome("ann");
    await session.online();
    assert.equal(session.state.account, "ann");
  });

  it("makes us a guest where nobody knows it, and registers nothing", async () => {
    const { session, peer } = await withCertificate();
    await offer(peer, "draft/account-registration=before-connect sasl=EXTERNAL");
    await peer.command("AUTHENTICATE");
    peer.send("AUTHENTICATE +");
    await peer.command("AUTHENTICATE");
    peer.send(":irc.test 904 * :SASL authentication failed");
    assert.deepEqual((await peer.command("CAP")).params, ["END"]);
    peer.sayWelcome("ann");
    await session.online();
    assert.equal(session.state.account, undefined);
    assert.ok(!session.state.caps.has("draft/account-registration"));
    assert.ok(!(await peer.settle()).some((line) => line.startsWith("REGISTER")));
  });

  it("is no use for a server without EXTERNAL", async () => {
    for (const caps of ["sasl=PLAIN", "server-time"]) {
      const { session, peer } = await withCertificate();
      await offer(peer, caps);
      assert.deepEqual((await peer.command("CAP")).params, ["END"]);
      peer.sayWelcome("ann");
      await session.online();
    }
  });

  it("says nothing where an account was named: that one must be logged in to", async () => {
    const { session, peer } = await withCertificate({ sasl: SASL });
    await offer(peer, "sasl");
    assert.deepEqual((await peer.command("AUTHENTICATE")).params, ["PLAIN"]);
    peer.send("AUTHENTICATE +");
    await peer.command("AUTHENTICATE");
    peer.send(":irc.test 904 * :No, really");
    const failure = await session.failed();
    assert.deepEqual([failure.code, failure.detail], ["wrong-password", "No, really"]);
  });

  it("is shown to nobody without TLS", async () => {
    const { cert, key } = await newCertificate("ann");
    const server = await startScripted();
    const session = newSession(addressOf(server.port), { clientCertificate: { cert, key } });
    session.start();
    const peer = await server.accept();
    await offer(peer, "sasl=EXTERNAL");
    assert.deepEqual((await peer.command("CAP")).params, ["END"]);
    peer.sayWelcome("ann");
    await session.online();
  });

  it("is refused at once when it is none, or not with this key", async () => {
    const [one, other] = [await newCertificate(), await newCertificate()];
    for (const clientCertificate of [
      { cert: "none", key: "none" },
      { cert: one.cert, key: other.key },
    ])
      assert.throws(() => newSession(addressOf(1), { clientCertificate }), RangeError);
  });
});

describe("a certificate of our own, on our server", () => {
  interface Place {
    /** A started session with the certificate of the person of this name, if that is one who has any. */
    readonly come: (person: string, options?: TestSessionOptions) => TestSession;
    readonly address: ServerAddress;
  }

  async function startPlace(options: TestServerOptions = {}): Promise<Place> {
    const server = await startServer({ opers: ["host:pw"], ...options });
    const { port, fingerprint } = server;
    const address = addressOf(port, { transport: "tls", fingerprint });
    const certificates = new Map<string, ClientCertificate>();
    for (const person of ["ann", "bob", "eve"]) {
      const { cert, key } = await newCertificate(person);
      certificates.set(person, { cert, key });
    }
    const come = (person: string, more: TestSessionOptions = {}) => {
      const clientCertificate = certificates.get(person);
      const session = newSession(address, {
        nick: person,
        channels: ["#room"],
        ...(clientCertificate !== undefined && { clientCertificate }),
        ...more,
      });
      session.start();
      return session;
    };
    return { come, address };
  }

  it("keeps our nick for us while we are away, from guests and from other certificates", async () => {
    const { come } = await startPlace();
    const ann = come("ann");
    await ann.online();
    assert.equal(ann.state.account, "ann");
    await ann.close();
    for (const stranger of ["eve", "a guest"]) {
      const failure = await come(stranger, { nick: "ann" }).failed();
      assert.ok(failure.code === "nick-owned", failure.code);
      assert.deepEqual([failure.nick, failure.suggestion], ["ann", "ann2"]);
    }
    const again = come("ann");
    await again.online();
    assert.deepEqual([again.state.nick, again.state.account], ["ann", "ann"]);
  });

  it("keeps the nick we changed to as well, and what was said to us by it", async () => {
    const { come } = await startPlace();
    const [ann, bob] = [come("ann"), come("bob")];
    await Promise.all([ann.online(), bob.online()]);
    void ann.setNick("annette");
    await bob.until((s) => s.state.buffers.get("#room")?.members.has("annette") === true);
    bob.say("annette", "for you alone");
    await ann.until((s) => s.state.buffers.has("bob"));
    await ann.close();
    assert.equal((await come("eve", { nick: "annette" }).failed()).code, "nick-owned");
    const again = come("ann", { nick: "annette" });
    await again.online();
    again.openDirect("bob");
    await again.until((s) => s.said("bob").length > 0);
    assert.deepEqual(again.said("bob"), ["<bob> for you alone"]);
  });

  it("lets two windows of ours be here at once, and gives the nick to the other when one goes", async () => {
    const { come } = await startPlace();
    const timing = { regainNickMs: 20 };
    let ids = 0;
    const first = come("ann", { timing });
    await first.online();
    const second = come("ann", { timing, newId: () => `second-${++ids}` });
    await second.online();
    assert.deepEqual([first.state.nick, second.state.nick], ["ann", "ann2"]);
    // The second asks for the nick again and again; the first answers each time that it lives.
    first.say("#room", "here");
    await second.until((s) => s.said("#room").length === 1);
    second.say("#room", "here as well");
    await first.until((s) => s.said("#room").length === 2);
    assert.deepEqual(second.said("#room"), ["<ann> here", "<ann2> here as well"]);
    // What one says oneself, wherever, is no news.
    assert.deepEqual(
      [first, second].map((s) => s.buffer("#room").unread),
      [0, 0],
    );
    assert.deepEqual(
      [first, second].flatMap((s) => s.rows("").filter((row) => row.includes("Nickname"))),
      [],
    );
    await first.close();
    await second.until((s) => s.state.nick === "ann");
  });

  it("tells our other window what we have read", async () => {
    const { come } = await startPlace();
    const [first, bob] = [come("ann"), come("bob")];
    await Promise.all([first.online(), bob.online()]);
    const second = come("ann");
    await second.online();
    bob.say("#room", "news");
    await second.until((s) => s.buffer("#room").unread === 1);
    await first.until((s) => s.buffer("#room").unread === 1);
    first.markRead("#room", first.buffer("#room").entries.at(-1)!.id);
    await second.until((s) => s.buffer("#room").unread === 0);
  });

  it("takes the nick back at once from the ghost of a lost connection", async () => {
    const { come, address } = await startPlace({ limits: { ghostTimeoutMs: 50 } });
    const network = await TcpProxy.start(address.port);
    onCleanup(() => network.close());
    const bob = come("bob");
    const ann = come("ann", { address: { ...address, port: network.port } });
    await Promise.all([ann.online(), bob.online()]);
    // The server hears nothing more of this connection, and not of its end either.
    network.abandon();
    await ann.until((s) => s.status.phase !== "online");
    await ann.online();
    assert.equal(ann.state.nick, "ann");
    await bob.until((s) => s.rows("#room").at(-1) === "-- join ann");
    assert.ok(bob.rows("#room").includes("-- quit ann"));
  });

  it("is lost with its key: the host releases the nick, and a new one has it", async () => {
    const { come } = await startPlace();
    const ann = come("ann");
    await ann.online();
    await ann.close();
    const host = come("bob", { oper: { name: "host", password: "pw" } });
    await host.online();
    await host.until((s) => s.state.users.get("bob")?.isOperator === true);
    await assert.rejects(host.releaseNick("nobody"), /is not registered/);
    await host.releaseNick("ann");
    const again = come("eve", { nick: "ann" });
    await again.online();
    assert.equal(again.state.nick, "ann");
    await assert.rejects(again.releaseNick("bob"), /Only the host and operators/);
  });
});
