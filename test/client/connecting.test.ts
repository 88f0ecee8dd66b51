import { strict as assert } from "node:assert";
import { createServer, type AddressInfo } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { onCleanup } from "../support/cleanup.js";
import { listen } from "../support/listen.js";
import { addressOf, joined, newCertificate, newSession, startScripted } from "./scripted-peer.js";

/** A server that says `text` to whoever connects, or to whoever says something first. */
async function answering(text: string, when: "at-once" | "asked" = "asked"): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (when === "at-once") socket.end(text);
    else socket.once("data", () => socket.end(text));
  });
  return listen(server);
}

/** A port of this machine nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("connecting", () => {
  it("goes through its steps to online, with details of the connection", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port), { channels: ["#room"] });
    const steps: string[] = [];
    session.onDidChange(() => {
      const { status } = session;
      const step = status.phase === "connecting" ? status.step : status.phase;
      if (steps.at(-1) !== step) steps.push(step);
    });
    session.start();
    const peer = await server.accept();
    await peer.welcome();
    await peer.letIn("ann", "#room", "@bob");
    await session.online();
    // A connection on this machine is made before anybody can look.
    assert.deepEqual(
      steps.filter((step) => step !== "connecting"),
      ["registering", "joining", "online"],
    );
    assert.ok(session.status.phase === "online");
    assert.equal(session.status.details.remoteAddress, `127.0.0.1:${server.port}`);
    assert.equal(session.status.details.transport, "plaintext");
    assert.equal(session.state.serverName, "irc.test");
    assert.deepEqual(
      [...session.buffer("#room").members.values()],
      [
        { nick: "ann", prefixes: "" },
        { nick: "bob", prefixes: "@" },
      ],
    );
  });

  it("tries the hosts of an address in order until one answers", async () => {
    const server = await startScripted();
    const hosts = ["127.0.0.9", "127.0.0.1"];
    const session = newSession(addressOf(server.port, { hosts }));
    session.start();
    await (await server.accept()).welcome();
    await session.online();
  });

  it("says QUIT and resolves when the connection is closed", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server);
    const closing = session.close("good night");
    assert.deepEqual((await peer.command("QUIT")).params, ["good night"]);
    await closing;
    assert.deepEqual(session.status, { phase: "closed", cause: { type: "left" } });
  });

  it("can be given up while it waits for an answer", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port));
    session.start();
    await server.accept();
    await session.close();
    assert.deepEqual(session.status, { phase: "closed", cause: { type: "left" } });
  });
});

describe("a connection that cannot be made", () => {
  it("is refused where nobody listens", async () => {
    const session = newSession(addressOf(await closedPort()));
    session.start();
    assert.equal((await session.failed()).code, "refused");
  });

  it("has no such name", async () => {
    const session = newSession(addressOf(1, { hosts: ["no-such-host.invalid"] }));
    session.start();
    assert.equal((await session.failed()).code, "name-not-found");
  });

  for (const transport of ["tls", "ws"] as const)
    it(`is silent when the handshake stays without an answer (${transport})`, async () => {
      const server = await startScripted();
      const address = addressOf(server.port, { transport });
      const session = newSession(address, { timing: { handshakeTimeoutMs: 50 } });
      session.start();
      assert.equal((await session.failed()).code, "silent");
    });

  it("is silent when it never says anything", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port), { timing: { registerTimeoutMs: 50 } });
    session.start();
    assert.equal((await session.failed()).code, "silent");
  });

  it("times out when the server begins to talk and never welcomes", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port), { timing: { registerTimeoutMs: 100 } });
    session.start();
    (await server.accept()).send(":irc.test NOTICE * :Looking up your hostname");
    assert.equal((await session.failed()).code, "timed-out");
  });

  for (const [what, text, when] of [
    ["a web server", "HTTP/1.1 400 Bad Request\r\n\r\n", "asked"],
    ["a mail server", "220 mail.example ESMTP\r\n", "at-once"],
    ["a secure shell", "SSH-2.0-OpenSSH_9.2\r\n", "at-once"],
    ["something binary", "\x15\x03\x01\x00\x02\x02\x28\n", "asked"],
  ] as const)
    for (const transport of ["plaintext", "tls", "ws"] as const)
      it(`is no chat server when ${what} answers ${transport}`, async () => {
        const session = newSession(addressOf(await answering(text, when), { transport }));
        session.start();
        assert.equal((await session.failed()).code, "not-a-chat-server");
      });

  it("has no TLS when IRC answers the handshake in clear", async () => {
    const port = await answering(":irc.example NOTICE * :*** Looking up your hostname\r\n");
    const session = newSession(addressOf(port, { transport: "tls" }));
    session.start();
    assert.equal((await session.failed()).code, "tls-not-supported");
  });

  const refusals: readonly [string, string, string][] = [
    ["banned", ":irc.test 465 ann :You are banned", "banned"],
    ["full, by its words", "ERROR :Closing link: The server is full", "server-full"],
    ["full, by its code", "FAIL * SERVER_FULL :Come back later", "server-full"],
    ["closed by the server", "ERROR :Closing link: go away", "closed-by-server"],
    ["in want of a password", ":irc.test 464 ann :Password incorrect", "password-needed"],
  ];
  for (const [what, line, code] of refusals)
    it(`is told apart as ${what}`, async () => {
      const server = await startScripted();
      const session = newSession(addressOf(server.port));
      session.start();
      const peer = await server.accept();
      await peer.command("USER");
      peer.send(line);
      assert.equal((await session.failed()).code, code);
    });

  it("has a wrong password when one was given", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port, { token: "guess" }));
    session.start();
    const peer = await server.accept();
    assert.deepEqual((await peer.command("PASS")).params, ["guess"]);
    peer.send(":irc.test 464 * :Password incorrect");
    assert.equal((await session.failed()).code, "wrong-password");
    assert.ok(!session.log.some((line) => line.includes("guess")));
  });

  it("suggests another nick when ours is in use", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port));
    session.start();
    const peer = await server.accept();
    await peer.command("USER");
    peer.send(":irc.test 433 * ann :Nickname is already in use");
    const failure = await session.failed();
    assert.ok(failure.code === "nick-in-use");
    assert.deepEqual([failure.nick, failure.suggestion], ["ann", "ann2"]);
  });

  it("suggests a plainer nick when the server does not take ours", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port), { nick: "Zoë" });
    session.start();
    const peer = await server.accept();
    await peer.command("USER");
    peer.send(":irc.test 432 * Zoë :Erroneous nickname");
    const failure = await session.failed();
    assert.ok(failure.code === "nick-invalid");
    assert.equal(failure.suggestion, "Zoe");
  });
});

describe("TLS", () => {
  it("shows a certificate nothing vouches for, and sends nothing", async () => {
    const tls = await newCertificate();
    const server = await startScripted({ tls });
    const address = addressOf(server.port, { transport: "tls", token: "secret" });
    const session = newSession(address);
    session.start();
    const failure = await session.failed();
    assert.ok(failure.code === "certificate-unknown");
    assert.equal(failure.fingerprint, tls.fingerprint);
    assert.deepEqual(await server.received(), []);
  });

  it("refuses another certificate than the pinned one before any byte of the password", async () => {
    const tls = await newCertificate();
    const server = await startScripted({ tls });
    const pin = "0".repeat(64);
    const address = addressOf(server.port, { transport: "tls", token: "secret", fingerprint: pin });
    const session = newSession(address);
    session.start();
    const failure = await session.failed();
    assert.ok(failure.code === "certificate-changed");
    assert.deepEqual([failure.fingerprint, failure.expected], [tls.fingerprint, pin]);
    assert.deepEqual(await server.received(), []);
  });

  it("accepts the pinned certificate", async () => {
    const tls = await newCertificate();
    const server = await startScripted({ tls });
    const { fingerprint } = tls;
    const session = newSession(addressOf(server.port, { transport: "tls", fingerprint }));
    session.start();
    await (await server.accept()).welcome();
    await session.online();
    assert.ok(session.status.phase === "online");
    assert.equal(session.status.details.fingerprint, fingerprint);
    assert.match(session.status.details.tlsVersion ?? "", /^TLSv1\.[23]$/);
  });

  it("goes on to the next host when another machine has the address", async () => {
    const [wrong, right] = [await newCertificate(), await newCertificate()];
    const server = await startScripted({ tls: right });
    // The same port on another address of this machine, with another certificate.
    const impostor = createTlsServer(wrong);
    await new Promise<void>((resolve) => impostor.listen(server.port, "127.0.0.7", resolve));
    onCleanup(() => void impostor.close());
    const { fingerprint } = right;
    const hosts = ["127.0.0.7", "127.0.0.1"];
    const session = newSession(addressOf(server.port, { transport: "tls", hosts, fingerprint }));
    session.start();
    await (await server.accept()).welcome();
    await session.online();
  });
});

it("the channels of an address are joined with the keys it names", async () => {
  const server = await startScripted();
  const address = { channels: ["#open", "#locked"], keys: { "#locked": "secret" } };
  const session = newSession(addressOf(server.port, address));
  session.start();
  const peer = await server.accept();
  await peer.welcome();
  assert.deepEqual((await peer.command("JOIN")).params, ["#open"]);
  assert.deepEqual((await peer.command("JOIN")).params, ["#locked", "secret"]);
});
