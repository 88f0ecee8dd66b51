// Clients that show more certificates than their own.
import "reflect-metadata";
import { strict as assert } from "node:assert";
import { connect } from "node:tls";
import { BasicConstraintsExtension, PemConverter, X509CertificateGenerator } from "@peculiar/x509";
import { Addresses } from "../../src/server/addresses.js";
import { DEFAULT_LIMITS } from "../../src/server/config.js";
import { startServer } from "../support/server.js";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

interface Shown {
  readonly cert: string;
  readonly key: string;
}

/** A client's certificate, with so many issuers one above the other, the last of which signed itself. */
async function chainOf(issuers: number): Promise<Shown> {
  const { subtle } = globalThis.crypto;
  const newKeys = () => subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  let issuer = { name: "CN=issuer 0", keys: await newKeys() };
  const certs: string[] = [];
  for (let i = 0; i <= issuers; i++) {
    const isRoot = i === 0;
    const subject = { name: `CN=issuer ${i}`, keys: isRoot ? issuer.keys : await newKeys() };
    const certificate = await X509CertificateGenerator.create(
      {
        serialNumber: String(i + 1).padStart(2, "0"),
        subject: subject.name,
        issuer: issuer.name,
        notBefore: new Date(Date.now() - 1000),
        notAfter: new Date(Date.now() + 3_600_000),
        publicKey: subject.keys.publicKey,
        signingKey: issuer.keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [new BasicConstraintsExtension(i < issuers)],
      },
      globalThis.crypto,
    );
    certs.unshift(certificate.toString("pem"));
    issuer = subject;
  }
  const key = await subtle.exportKey("pkcs8", issuer.keys.privateKey);
  return { cert: certs.join("\n"), key: PemConverter.encode(key, "PRIVATE KEY") };
}

describe("a client that shows a chain of certificates", () => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`comes in with a short one, by ${version}`, async () => {
      const server = await startServer();
      const chain = await chainOf(3);
      const alice = await server.connectTls({ ...chain, minVersion: version, maxVersion: version });
      await alice.register("alice");
    });

    it(`is refused with a long one, by ${version}`, async () => {
      const server = await startServer();
      const chain = await chainOf(20);
      const socket = connect({
        port: server.port,
        host: "127.0.0.1",
        rejectUnauthorized: false,
        ...chain,
        minVersion: version,
        maxVersion: version,
      });
      let read = "";
      socket.on("data", (chunk: Buffer) => (read += chunk.toString()));
      socket.on("error", () => undefined);
      socket.write("NICK eve\r\nUSER eve 0 * :eve\r\n");
      await new Promise((resolve) => socket.once("close", resolve));
      assert.equal(read, "");
      assert.ok(server.log.some((line) => /^warn .*showed too many certificates/.test(line)));
    });
  }

  it("is not heard for ten minutes, where its address is its own", () => {
    const addresses = new Addresses(DEFAULT_LIMITS, true);
    assert.equal(addresses.exclude("192.0.2.1", 0), true);
    assert.equal(addresses.mayWait("192.0.2.1", 9 * 60_000), false);
    assert.equal(addresses.mayWait("192.0.2.2", 0), true);
    addresses.tidy(9 * 60_000);
    assert.equal(addresses.mayWait("192.0.2.1", 9 * 60_000), false);
    assert.equal(addresses.mayWait("192.0.2.1", 11 * 60_000), true);
    assert.equal(addresses.exclude("127.0.0.1", 0), false);
    assert.equal(addresses.mayWait("127.0.0.1", 0), true);
  });
});
