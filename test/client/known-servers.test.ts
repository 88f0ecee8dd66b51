// What is known of servers from before, against what an address says of them.
import { strict as assert } from "node:assert";
import type { Endpoint, KnownEndpoints } from "../../src/client/session-options.js";
import { addressOf, newCertificate, newSession, startScripted } from "./scripted-peer.js";

/** Knows one server by its certificate, and a password for it. */
function knowing(host: string, port: number, fingerprint: string): KnownEndpoints {
  return {
    fingerprint: (server: Endpoint) =>
      server.host === host && server.port === port ? fingerprint : undefined,
    password: (_server, proof) => Promise.resolve(proof === fingerprint ? "stored" : undefined),
  };
}

describe("an address that contradicts what is known", () => {
  for (const [what, hosts] of [
    ["of its host", ["127.0.0.1"]],
    ["of its second host", ["127.0.0.1", "127.0.0.2"]],
    ["of its first host", ["127.0.0.2", "127.0.0.1"]],
  ] as const)
    it(`${what} is told as a changed certificate, and nothing is connected to`, async () => {
      const [evil, real] = [await newCertificate(), await newCertificate()];
      const server = await startScripted({ tls: evil });
      const { port } = server;
      const host = hosts.find((name) => name !== "127.0.0.1") ?? "127.0.0.1";
      const session = newSession(
        addressOf(port, { transport: "tls", hosts, fingerprint: evil.fingerprint }),
        { known: knowing(host, port, real.fingerprint) },
      );
      session.start();
      const failure = await session.failed();
      assert.ok(failure.code === "certificate-changed");
      assert.deepEqual(
        [failure.host, failure.port, failure.expected, failure.fingerprint],
        [host, port, real.fingerprint, evil.fingerprint],
      );
      assert.deepEqual(await server.received(), []);
    });
});

describe("a password that is remembered", () => {
  it("goes to the server we know, whatever host an address adds", async () => {
    const real = await newCertificate();
    const server = await startScripted({ tls: real });
    const { port } = server;
    const session = newSession(
      addressOf(port, { transport: "tls", hosts: ["127.0.0.9", "127.0.0.1"] }),
      { known: knowing("127.0.0.1", port, real.fingerprint) },
    );
    session.start();
    const peer = await server.accept();
    assert.deepEqual((await peer.command("PASS")).params, ["stored"]);
  });

  it("is not sent to a certificate that only the address vouches for", async () => {
    const [evil, real] = [await newCertificate(), await newCertificate()];
    const server = await startScripted({ tls: evil });
    const { port } = server;
    const session = newSession(
      addressOf(port, { transport: "tls", fingerprint: evil.fingerprint }),
      { known: knowing("127.0.0.2", port, real.fingerprint) },
    );
    session.start();
    const peer = await server.accept();
    const lines = await peer.until(/^USER /);
    assert.ok(!lines.some((line) => line.startsWith("PASS")), lines.join("\n"));
  });

  it("is not sent unencrypted to the port of a server we know by its certificate", async () => {
    const server = await startScripted();
    const { port } = server;
    const known = knowing("127.0.0.1", port, "ab".repeat(32));
    const session = newSession(addressOf(port), { known });
    session.start();
    const lines = await (await server.accept()).until(/^USER /);
    assert.ok(!lines.some((line) => line.startsWith("PASS")), lines.join("\n"));
  });

  it("gives way to the one that was typed", async () => {
    const real = await newCertificate();
    const server = await startScripted({ tls: real });
    const { port } = server;
    const session = newSession(addressOf(port, { transport: "tls" }), {
      known: knowing("127.0.0.1", port, real.fingerprint),
      password: "typed",
    });
    session.start();
    assert.deepEqual((await (await server.accept()).command("PASS")).params, ["typed"]);
  });
});
