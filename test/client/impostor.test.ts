// Servers that are not the one we mean, and what they get to see of us.
import { strict as assert } from "node:assert";
import { X509Certificate } from "node:crypto";
import { connect, createServer, type AddressInfo } from "node:net";
import {
  createServer as createTlsServer,
  getCACertificates,
  setDefaultCACertificates,
  type TLSSocket,
  type TlsOptions,
} from "node:tls";
import { DEFAULT_TIMING } from "../../src/client/session-options.js";
import { handshake } from "../../src/client/net/tls.js";
import type { Certificate } from "../../src/server/certificate.js";
import { onCleanup } from "../support/cleanup.js";
import {
  addressOf,
  newCertificate,
  newSession,
  ServerPeer,
  type TestSession,
  type TestSessionOptions,
} from "./scripted-peer.js";

type Version = "TLSv1.2" | "TLSv1.3";
const VERSIONS: readonly Version[] = ["TLSv1.2", "TLSv1.3"];

interface Shown {
  readonly certificate: string | undefined;
  readonly serverName: string | false | null;
  readonly peer: ServerPeer;
}

/** A TLS server that asks for certificates and notes what it is shown, and every byte that reaches it. */
class NotingServer {
  readonly bytes: Buffer[] = [];
  readonly connections: Buffer[][] = [];
  private readonly shown: Shown[] = [];
  private waiting: (() => void) | undefined;

  private constructor(readonly port: number) {}

  static async start(
    identity: Certificate,
    version: Version,
    options: TlsOptions = {},
  ): Promise<NotingServer> {
    const { cert, key } = identity;
    const server = createTlsServer({
      cert,
      key,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: version,
      maxVersion: version,
      ...options,
    });
    server.on("tlsClientError", () => undefined);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const tap = createServer((near) => {
      const far = connect({ host: "127.0.0.1", port });
      const seen: Buffer[] = [];
      noting.connections.push(seen);
      near.on("data", (chunk: Buffer) => {
        seen.push(chunk);
        noting.bytes.push(chunk);
        far.write(chunk);
      });
      far.on("data", (chunk) => near.write(chunk));
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const)
        one.on("close", () => other.destroy()).on("error", () => undefined);
      onCleanup(() => void near.destroy());
    });
    await new Promise<void>((resolve) => tap.listen(0, "127.0.0.1", resolve));
    const noting = new NotingServer((tap.address() as AddressInfo).port);
    server.on("secureConnection", (socket) => {
      noting.note(socket);
    });
    onCleanup(() => {
      tap.close();
      server.close();
    });
    return noting;
  }

  private note(socket: TLSSocket): void {
    socket.on("error", () => undefined);
    const { fingerprint256 } = socket.getPeerCertificate() as { fingerprint256?: string };
    this.shown.push({
      certificate: fingerprint256?.replaceAll(":", "").toLowerCase(),
      serverName: socket.servername,
      peer: new ServerPeer(socket),
    });
    this.waiting?.();
  }

  /** The next handshake that came to its end. */
  async accept(): Promise<Shown> {
    while (this.shown.length === 0)
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    return this.shown.shift()!;
  }

  /** The handshakes nobody has asked for. */
  get others(): readonly Shown[] {
    return this.shown;
  }

  hasSeen(certificate: Certificate): boolean {
    return Buffer.concat(this.bytes).includes(new X509Certificate(certificate.cert).raw);
  }
}

interface Place {
  readonly server: NotingServer;
  readonly identity: Certificate;
  readonly own: Certificate;
  readonly session: TestSession;
}

/** A session with a certificate of its own, on its way to a server it takes for the holder of `fingerprint`. */
async function connecting(
  version: Version,
  { fingerprint, tls, ...options }: TestSessionOptions & { fingerprint?: string; tls?: TlsOptions },
): Promise<Place> {
  const [identity, own] = [await newCertificate(), await newCertificate("ann")];
  const server = await NotingServer.start(identity, version, tls);
  const address = addressOf(server.port, {
    transport: "tls",
    token: "secret",
    fingerprint: fingerprint ?? identity.fingerprint,
  });
  const clientCertificate = { cert: own.cert, key: own.key };
  const session = newSession(address, { clientCertificate, ...options });
  session.start();
  return { server, identity, own, session };
}

/** A session with the certificate `own`, on its way to a server whose fingerprint it does not know. */
async function connectingByName(identity: Certificate, own: Certificate, version: Version) {
  const server = await NotingServer.start(identity, version);
  const address = addressOf(server.port, { transport: "tls", hosts: ["localhost"] });
  const { cert, key } = own;
  const session = newSession(address, { clientCertificate: { cert, key } });
  session.start();
  return { server, session };
}

for (const version of VERSIONS)
  describe(`an impostor that speaks ${version}`, () => {
    it("is not shown our certificate, and gets nothing but a ClientHello", async () => {
      const { server, own, session } = await connecting(version, { fingerprint: "0".repeat(64) });
      const failure = await session.failed();
      assert.equal(failure.code, "certificate-changed");
      assert.equal(server.hasSeen(own), false);
      assert.deepEqual(server.others, []);
      // One record: type 22, handshake; message type 1, ClientHello. An alert or the end may follow.
      const sent = Buffer.concat(server.bytes);
      const [hello, rest] = [sent.subarray(0, 6), sent.subarray(5 + sent.readUInt16BE(3))];
      assert.deepEqual([hello[0], hello[5]], [22, 1]);
      assert.ok(rest.length === 0 || rest[0] === 21, rest.toString("hex"));
    });

    it("gets nothing either where it makes us say hello twice", async () => {
      const { server, own, session } = await connecting(version, {
        fingerprint: "0".repeat(64),
        tls: { ecdhCurve: "P-521" },
      });
      assert.equal((await session.failed()).code, "certificate-changed");
      assert.equal(server.hasSeen(own), false);
      assert.deepEqual(server.others, []);
    });
  });

for (const version of VERSIONS)
  describe(`the server we mean, by ${version}`, () => {
    it("is shown our certificate, once it is proved", async () => {
      const { server, identity, own, session } = await connecting(version, {});
      const { certificate, peer } = await server.accept();
      assert.equal(certificate, own.fingerprint);
      assert.deepEqual((await peer.command("PASS")).params, ["secret"]);
      peer.sayWelcome("ann");
      await session.online();
      assert.ok(session.status.phase === "online");
      const { details } = session.status;
      assert.equal(details.tlsVersion, version);
      assert.equal(details.fingerprint, identity.fingerprint);
      assert.equal(details.remoteAddress, `127.0.0.1:${server.port}`);
      assert.deepEqual([details.host, details.port], ["127.0.0.1", server.port]);
    });

    it("talks on as over any connection: much, both ways, and its end is noticed", async () => {
      const { server, session } = await connecting(version, { channels: ["#room"] });
      const { peer } = await server.accept();
      await peer.command("NICK");
      peer.sayWelcome("ann");
      await peer.letIn("ann", "#room", "bob");
      await session.online();
      const text = "x".repeat(400);
      for (let i = 0; i < 500; i++) peer.send(`:bob!u@h PRIVMSG #room :${i} ${text}`);
      await session.until((s) => s.said("#room").length === 500);
      for (let i = 0; i < 500; i++) session.raw(`PING ${i}-${text}`);
      await peer.until(/^PING 499-/);
      peer.drop();
      await session.until(({ status }) => status.phase === "waiting");
      assert.ok(session.status.phase === "waiting");
      assert.equal(session.status.failure.code, "lost");
    });
  });

describe("a server whose key nobody has checked yet", () => {
  it("may ask for another key share", async () => {
    const { server, own } = await connecting("TLSv1.3", { tls: { ecdhCurve: "P-521" } });
    assert.equal((await server.accept()).certificate, own.fingerprint);
  });

  it("is offered no way to be believed before it has proved its key", async () => {
    const { server, session } = await connecting("TLSv1.2", { fingerprint: "0".repeat(64) });
    await session.failed();
    const suites = cipherSuites(Buffer.concat(server.bytes));
    // https://www.rfc-editor.org/rfc/rfc5246#appendix-A.5: RSA key exchange with AES, where the key is proved last.
    const unsigned = [0x002f, 0x0035, 0x003c, 0x003d, 0x009c, 0x009d];
    assert.deepEqual(
      unsigned.filter((suite) => suites.includes(suite)),
      [],
    );
    assert.ok(suites.includes(0xc02f), "ECDHE with RSA and AES-128-GCM");
  });

  it("is proved by an authority before it sees our certificate, where no fingerprint is known", async () => {
    const [identity, own] = [await newCertificate(), await newCertificate("ann")];
    trustAsAuthority(identity);
    for (const version of VERSIONS) {
      const { server, session } = await connectingByName(identity, own, version);
      let shown = await server.accept();
      // The first connection, if the server has seen the end of its handshake.
      if (shown.certificate === undefined) shown = await server.accept();
      assert.equal(shown.certificate, own.fingerprint, version);
      assert.equal(server.connections.length, 2);
      await shown.peer.command("USER");
      shown.peer.sayWelcome("ann");
      await session.online();
    }
  });

  it("sees no certificate of ours where no authority knows it", async () => {
    const [identity, own] = [await newCertificate(), await newCertificate("ann")];
    for (const version of VERSIONS) {
      const { server, session } = await connectingByName(identity, own, version);
      const failure = await session.failed();
      assert.ok(failure.code === "certificate-unknown");
      assert.deepEqual([failure.host, failure.port], ["localhost", server.port]);
      assert.equal(server.hasSeen(own), false);
      assert.equal(server.connections.length, 1);
    }
  });
});

describe("a server that shows very many certificates", () => {
  /** A chain as long as it is said; only its first certificate counts. */
  async function longChain(count: number): Promise<Certificate> {
    const [identity, other] = [await newCertificate(), await newCertificate("other")];
    return { ...identity, cert: `${identity.cert}\n${`${other.cert}\n`.repeat(count)}` };
  }

  for (const version of VERSIONS)
    for (const isPinned of [true, false])
      it(`is refused before they are looked at: ${version}, ${isPinned ? "pinned" : "unknown"}`, async () => {
        const identity = await longChain(60);
        const server = await NotingServer.start(identity, version);
        const { fingerprint } = identity;
        const session = newSession(
          addressOf(server.port, { transport: "tls", ...(isPinned && { fingerprint }) }),
        );
        session.start();
        const failure = await session.failed();
        assert.equal(failure.code, "not-a-chat-server");
        assert.match(JSON.stringify(failure), /more than 16384 bytes of certificates/);
      });

  it("is joined where they are no more than authorities use", async () => {
    const identity = await longChain(8);
    const server = await NotingServer.start(identity, "TLSv1.3");
    const { fingerprint } = identity;
    const session = newSession(addressOf(server.port, { transport: "tls", fingerprint }));
    session.start();
    const { peer } = await server.accept();
    await peer.command("USER");
    peer.sayWelcome("ann");
    await session.online();
  });
});

describe("the server's name in the handshake", () => {
  for (const [host, wanted] of [
    ["chat.example", "chat.example"],
    ["chat.example.", "chat.example"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["127.0.0.1", false],
    ["fe80::1%eth0", false],
  ] as const)
    it(`is ${wanted} for ${host}`, async () => {
      const identity = await newCertificate();
      const server = await NotingServer.start(identity, "TLSv1.3");
      const { port } = server;
      const socket = connect({ host: "127.0.0.1", port });
      const { fingerprint } = identity;
      const tls = await handshake(socket, {
        address: addressOf(port, { transport: "tls", fingerprint }),
        host,
        timing: DEFAULT_TIMING,
        clientCertificate: undefined,
        signal: new AbortController().signal,
      });
      assert.equal((await server.accept()).serverName, wanted);
      tls.destroy();
    });
});

/** Makes a self-signed certificate one that authorities vouch for, for the length of the test. */
function trustAsAuthority({ cert }: Certificate): void {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, cert]);
  onCleanup(() => {
    setDefaultCACertificates(before);
  });
}

/** What a ClientHello offers. https://www.rfc-editor.org/rfc/rfc5246#section-7.4.1.2 */
function cipherSuites(hello: Buffer): number[] {
  const sessionIdAt = 5 + 4 + 2 + 32;
  const at = sessionIdAt + 1 + hello.readUInt8(sessionIdAt);
  const length = hello.readUInt16BE(at);
  return Array.from({ length: length / 2 }, (_, i) => hello.readUInt16BE(at + 2 + 2 * i));
}
