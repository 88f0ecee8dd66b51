import { strict as assert } from "node:assert";
import { setDefaultCACertificates, getCACertificates } from "node:tls";
import { Registration } from "../../src/client/registration.js";
import { formatMessage, parseMessage } from "../../src/irc/message.js";
import { onCleanup } from "../support/cleanup.js";
import { addressOf, joined, newCertificate, newSession, startScripted } from "./scripted-peer.js";

describe("capabilities", () => {
  it("are listed over several lines, and only what we understand is asked for", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port));
    session.start();
    const peer = await server.accept();
    assert.deepEqual((await peer.command("CAP")).params, ["LS", "302"]);
    peer.send(":irc.test CAP * LS * :sasl=PLAIN,EXTERNAL server-time vendor/strange");
    peer.send(":irc.test CAP * LS :message-tags sts=duration=1 draft/metadata-3=max-subs=3");
    const asked = await peer.command("CAP");
    assert.deepEqual(asked.params, ["REQ", "server-time message-tags draft/metadata-3"]);
    peer.send(":irc.test CAP * ACK :server-time message-tags draft/metadata-3");
    assert.deepEqual((await peer.command("CAP")).params, ["END"]);
    peer.sayWelcome("ann");
    await session.online();
    assert.deepEqual([...session.state.caps], ["server-time", "message-tags", "draft/metadata-3"]);
  });

  it("are asked for one by one when the whole is refused", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port));
    session.start();
    const peer = await server.accept();
    peer.send(":irc.test CAP * LS :batch server-time");
    await peer.until(/CAP REQ/);
    peer.send(":irc.test CAP * NAK :batch server-time");
    assert.deepEqual((await peer.command("CAP")).params, ["REQ", "batch"]);
    assert.deepEqual((await peer.command("CAP")).params, ["REQ", "server-time"]);
    peer.send(":irc.test CAP * NAK batch", ":irc.test CAP * ACK server-time");
    assert.deepEqual((await peer.command("CAP")).params, ["END"]);
    peer.sayWelcome("ann");
    await session.online();
    assert.deepEqual([...session.state.caps], ["server-time"]);
  });

  for (const answer of [
    ":irc.test 410 * LS :Invalid CAP subcommand",
    ":irc.test 461 * CAP :Not enough parameters",
    ":irc.test 400 * CAP :Could not process",
    "FAIL CAP INVALID_SUBCOMMAND LS :No",
  ])
    it(`are done without where the list is refused: ${answer}`, async () => {
      const server = await startScripted();
      const session = newSession(addressOf(server.port));
      session.start();
      const peer = await server.accept();
      await peer.command("USER");
      peer.send(answer);
      assert.deepEqual((await peer.command("CAP")).params, ["END"]);
      peer.send(answer);
      peer.sayWelcome("ann");
      await session.online();
      assert.deepEqual([...session.state.caps], []);
    });

  for (const answer of [
    ":irc.test 410 * REQ :Invalid CAP subcommand",
    ":irc.test 461 * CAP :Not enough parameters",
    "FAIL CAP INVALID_SUBCOMMAND REQ :No",
    ":irc.test CAP * ACK :-multi-prefix",
    ":irc.test CAP * NAK :multi-prefix",
  ])
    it(`are done without where they are refused: ${answer}`, async () => {
      const server = await startScripted();
      const session = newSession(addressOf(server.port));
      session.start();
      const peer = await server.accept();
      peer.send(":irc.test CAP * LS :multi-prefix");
      await peer.until(/CAP REQ/);
      peer.send(answer);
      assert.deepEqual((await peer.command("CAP")).params, ["END"]);
      peer.sayWelcome("ann");
      await session.online();
      assert.deepEqual([...session.state.caps], []);
    });

  it("are in force but for those that the answer takes away", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port));
    session.start();
    const peer = await server.accept();
    peer.send(":irc.test CAP * LS :batch multi-prefix");
    await peer.until(/CAP REQ/);
    peer.send(":irc.test CAP * ACK :batch -multi-prefix");
    await peer.command("CAP");
    peer.sayWelcome("ann");
    await session.online();
    assert.deepEqual([...session.state.caps], ["batch"]);
  });

  it("come and go while we are connected", async () => {
    const { session, peer } = await joined(await startScripted(), {
      caps: ["cap-notify", "batch"],
    });
    peer.send(":irc.test CAP ann NEW :echo-message vendor/strange");
    assert.deepEqual((await peer.command("CAP")).params, ["REQ", "echo-message"]);
    peer.send(":irc.test CAP ann ACK :echo-message", ":irc.test CAP ann DEL :batch");
    await session.until((s) => !s.state.caps.has("batch"));
    assert.deepEqual([...session.state.caps], ["cap-notify", "echo-message"]);
  });
});

describe("the server's password, where anybody on the way could read it", () => {
  /** A registration that is begun, and what it has sent. */
  function begin(capTimeoutMs = 60_000): { registration: Registration; sent: string[] } {
    const sent: string[] = [];
    const registration = new Registration({
      nick: "ann",
      username: "ann",
      realname: "ann",
      password: "sesame",
      sasl: undefined,
      isPrivate: () => false,
      capTimeoutMs,
      hasCertificate: false,
      hasShownCertificate: () => false,
      takesOtherNick: false,
      send: (line) => sent.push(formatMessage(line)),
    });
    onCleanup(() => {
      registration.ended("the test is over");
    });
    registration.start();
    return { registration, sent };
  }

  const INTRODUCTION = ["PASS sesame", "NICK ann", "USER ann 0 * ann"];

  it("waits for the end of the list of capabilities, where sts would stand", () => {
    const { registration, sent } = begin();
    for (const line of [":irc.test NOTICE * :Looking up your name", ":irc.test CAP * LS * :batch"])
      registration.handle(parseMessage(line)!);
    assert.deepEqual(sent, ["CAP LS 302"]);
    registration.handle(parseMessage(":irc.test CAP * LS :server-time")!);
    assert.deepEqual(sent, ["CAP LS 302", "CAP REQ :batch server-time", ...INTRODUCTION]);
  });

  // One that knows the command may wait to be told its end.
  for (const [answer, end] of [
    [":irc.test 421 * CAP :Unknown command", []],
    [":irc.test 451 * :You have not registered", []],
    [":irc.test 410 * LS :Invalid CAP command", ["CAP END"]],
  ] as const)
    it(`goes to a server without capabilities, which says ${answer.split(" ")[1]!}`, () => {
      const { registration, sent } = begin();
      registration.handle(parseMessage(answer)!);
      assert.deepEqual(sent, ["CAP LS 302", ...INTRODUCTION, ...end]);
      registration.handle(parseMessage(answer)!);
      assert.equal(sent.length, 4 + end.length);
    });

  it("goes after a while to one that says nothing at all", async () => {
    const { sent } = begin(0);
    while (sent.length < 4) await new Promise(setImmediate);
    assert.deepEqual(sent, ["CAP LS 302", ...INTRODUCTION]);
  });

  it("never goes when the attempt has ended before", async () => {
    const { registration, sent } = begin(0);
    registration.abandon(new Error("it wants to be reached encrypted"));
    await assert.rejects(registration.done);
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(sent, ["CAP LS 302"]);
  });
});

describe("logging in", () => {
  const sasl = { account: "ann", password: "p\u00e4ss" };

  it("answers SASL PLAIN before the capabilities end, and never logs the password", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port), { sasl });
    session.start();
    const peer = await server.accept();
    peer.send(":irc.test CAP * LS :sasl=PLAIN,EXTERNAL");
    await peer.until(/CAP REQ/);
    peer.send(":irc.test CAP * ACK sasl");
    assert.deepEqual((await peer.command("AUTHENTICATE")).params, ["PLAIN"]);
    peer.send("AUTHENTICATE +");
    const [payload = ""] = (await peer.command("AUTHENTICATE")).params;
    assert.equal(Buffer.from(payload, "base64").toString(), "\0ann\0päss");
    peer.send(":irc.test 900 * ann!u@h ann :Logged in", ":irc.test 903 * :Success");
    assert.deepEqual((await peer.command("CAP")).params, ["END"]);
    peer.sayWelcome("ann");
    await session.online();
    assert.equal(session.state.account, "ann");
    assert.ok(!session.log.some((line) => line.includes(payload)));
  });

  it("sends no account's password where anybody on the way could read it", async () => {
    const sent: string[] = [];
    const registration = new Registration({
      nick: "ann",
      username: "ann",
      realname: "ann",
      password: undefined,
      sasl,
      isPrivate: () => false,
      capTimeoutMs: 60_000,
      hasCertificate: false,
      hasShownCertificate: () => false,
      takesOtherNick: false,
      send: (line) => sent.push(formatMessage(line)),
    });
    registration.start();
    for (const line of [":irc.test CAP * LS :sasl=PLAIN", ":irc.test CAP * ACK :sasl"])
      registration.handle(parseMessage(line)!);
    await assert.rejects(registration.done, /tls-not-supported/);
    assert.ok(!sent.some((line) => line.startsWith("AUTHENTICATE")));
  });

  it("ends with a wrong password when the server does not take it", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port), { sasl });
    session.start();
    const peer = await server.accept();
    peer.send(":irc.test CAP * LS :sasl");
    await peer.until(/CAP REQ/);
    peer.send(":irc.test CAP * ACK sasl");
    await peer.until(/AUTHENTICATE/);
    peer.send(":irc.test 904 * :SASL authentication failed");
    assert.equal((await session.failed()).code, "wrong-password");
  });
});

describe("a certificate an authority vouches for", () => {
  it("needs no pin, and must be for the name that was asked for", async () => {
    const tls = await newCertificate("localhost");
    const before = getCACertificates("default");
    setDefaultCACertificates([tls.cert]);
    onCleanup(() => {
      setDefaultCACertificates(before);
    });
    const server = await startScripted({ tls });
    const named = newSession(addressOf(server.port, { transport: "tls", hosts: ["localhost"] }));
    named.start();
    await (await server.accept()).welcome();
    await named.online();
    const other = newSession(addressOf(server.port, { transport: "tls", hosts: ["127.0.0.2"] }));
    other.start();
    const { code } = await other.failed();
    assert.ok(code === "certificate-unknown" || code === "refused", code);
  });
});

describe("an operator of the server", () => {
  it("says so after registering, and the password is not logged", async () => {
    const server = await startScripted();
    const oper = { name: "host", password: "secret" };
    const session = newSession(addressOf(server.port), { oper });
    session.start();
    const peer = await server.accept();
    await peer.welcome();
    assert.deepEqual((await peer.command("OPER")).params, ["host", "secret"]);
    peer.send(":irc.test 381 ann :You are now an operator");
    await session.until((s) => s.state.users.get("ann")?.isOperator === true);
    assert.ok(!session.log.some((line) => line.includes("secret")));
  });
});

describe("what has been read", () => {
  /** A session with these capabilities to which bob said three things, of which it has read the first. */
  async function readFirstOfThree(caps: readonly string[]) {
    const { session, peer } = await joined(await startScripted(), { caps });
    const line = (i: number) =>
      `@msgid=${i};time=2024-01-01T00:00:0${i}.000Z :bob!u@h PRIVMSG #room :${i}`;
    peer.send(line(1), line(2), line(3));
    await session.until((s) => s.buffer("#room").unread === 3);
    session.markRead("#room", "1");
    return { session, peer };
  }

  it("is told to the server, and heard of from our other clients", async () => {
    const caps = ["message-tags", "server-time", "batch", "draft/read-marker"];
    const { session, peer } = await readFirstOfThree(caps);
    assert.deepEqual((await peer.command("MARKREAD")).params, [
      "#room",
      "timestamp=2024-01-01T00:00:01.000Z",
    ]);
    peer.send(":irc.test MARKREAD #room timestamp=2024-01-01T00:00:02.000Z");
    await session.until((s) => s.buffer("#room").unread === 1);
    assert.equal(session.buffer("#room").unreadFrom, "3");
    assert.equal(session.remembered[0]!.readAt, Date.UTC(2024, 0, 1, 0, 0, 2));
    peer.send(
      ":irc.test MARKREAD #room *",
      ":irc.test MARKREAD nowhere timestamp=2024-01-01T00:00:02.000Z",
    );
    assert.deepEqual(await peer.settle(), []);
  });

  it("is told to an older bouncer in its own words", async () => {
    const caps = ["message-tags", "server-time", "soju.im/read"];
    const { session, peer } = await readFirstOfThree(caps);
    assert.deepEqual((await peer.command("READ")).params, [
      "#room",
      "timestamp=2024-01-01T00:00:01.000Z",
    ]);
    peer.send(":irc.test READ #room timestamp=2024-01-01T00:00:02.000Z");
    await session.until((s) => s.buffer("#room").unread === 1);
  });
});
