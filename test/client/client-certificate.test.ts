// Logging in with a certificate (SASL EXTERNAL). https://ircv3.net/specs/extensions/sasl-3.2
import { strict as assert } from "node:assert";
import { TLSSocket } from "node:tls";
import { startServer } from "../support/server.js";
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

  it("goes before the password of an account, which is for when it is refused", async () => {
    const { session, peer } = await withCertificate({ sasl: SASL });
    await offer(peer, "sasl");
    assert.deepEqual((await peer.command("AUTHENTICATE")).params, ["EXTERNAL"]);
    peer.send("AUTHENTICATE +");
    const [as = ""] = (await peer.command("AUTHENTICATE")).params;
    assert.equal(Buffer.from(as, "base64").toString(), "ann");
    peer.send(":irc.test 904 * :No");
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
  it("keeps our nick for us", async () => {
    const server = await startServer();
    const { port, fingerprint } = server;
    const address = addressOf(port, { transport: "tls", fingerprint });
    const { cert, key } = await newCertificate("ann");
    const ann = newSession(address, { clientCertificate: { cert, key } });
    ann.start();
    await ann.online();
    assert.equal(ann.state.account, "ann");
    await ann.close();
    const stranger = newSession(address);
    stranger.start();
    assert.equal((await stranger.failed()).code, "nick-in-use");
    const again = newSession(address, { clientCertificate: { cert, key } });
    again.start();
    await again.online();
    assert.deepEqual([again.state.nick, again.state.account], ["ann", "ann"]);
  });
});
