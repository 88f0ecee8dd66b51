// Nicks and the certificates they belong to.
import { strict as assert } from "node:assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { loadCertificate } from "../../src/server/certificate.js";
import { MIGRATIONS } from "../../src/server/history/schema.js";
import type { Peer } from "../support/peer.js";
import { startServer, temporaryFolder, type TestServer } from "../support/server.js";

type Certificate = Pick<Awaited<ReturnType<typeof loadCertificate>>, "key" | "cert">;

const newCertificate = (): Promise<Certificate> =>
  loadCertificate({ certFile: undefined, keyFile: undefined, name: "client" }, undefined);

/** A connection with this certificate that asks for this nick; nothing of the answer is read. */
async function apply(server: TestServer, certificate: Certificate, nick: string): Promise<Peer> {
  const peer = await server.connectTls(certificate);
  peer.send("CAP LS 302", "CAP REQ :sasl standard-replies draft/chathistory batch");
  peer.send(`NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
  peer.send("AUTHENTICATE EXTERNAL", "AUTHENTICATE +", "CAP END");
  return peer;
}

/** The same, let in. */
async function come(server: TestServer, certificate: Certificate, nick: string): Promise<Peer> {
  const peer = await apply(server, certificate, nick);
  await peer.until(/ 422 /);
  return peer;
}

async function leave(peer: Peer): Promise<void> {
  peer.send("QUIT");
  await peer.rest();
}

async function isRefused(server: TestServer, nick: string): Promise<boolean> {
  const stranger = await server.connect();
  stranger.send(`NICK ${nick}`, "USER x 0 * :x", "QUIT");
  return (await stranger.rest()).some((line) => line.includes(` 433 * ${nick} :Nickname is reg`));
}

describe("a nick", () => {
  it("is not taken by one who is connected and not logged in to its account", async () => {
    const server = await startServer({ accounts: ["ann:sesame"] });
    const bob = await server.client("bob");
    bob.send("NICK ann");
    await bob.expect(/ 433 bob ann :Nickname is registered/);
  });

  it("is refused to another certificate, with what it takes to know why", async () => {
    const server = await startServer();
    await leave(await come(server, await newCertificate(), "ann"));
    const thief = await apply(server, await newCertificate(), "ann");
    await thief.until(/ 904 \* /);
    await thief.expect(/ NOTE NICK NICKNAME_RESERVED ann :Nickname is registered/);
    await thief.expect(/ 433 \* ann :Nickname is registered/);
  });

  it("that an owner changes to is his as well, and he keeps the one he had", async () => {
    const server = await startServer();
    const certificate = await newCertificate();
    const ann = await come(server, certificate, "ann");
    ann.send("NICK Annette");
    await ann.until(/ NICK :Annette$/);
    await leave(ann);
    assert.ok(await isRefused(server, "annette"));
    assert.ok(await isRefused(server, "ann"));
    await come(server, certificate, "annette");
  });

  it("that a second window takes for want of the first is nobody's afterwards", async () => {
    const server = await startServer();
    const certificate = await newCertificate();
    const ann = await come(server, certificate, "ann");
    await leave(await come(server, certificate, "ann2"));
    await leave(ann);
    assert.ok(!(await isRefused(server, "ann2")));
  });

  it("of very many is anybody's again when it was not used for longest", async () => {
    let now = Date.now();
    const server = await startServer({ now: () => ++now });
    const ann = await come(server, await newCertificate(), "ann");
    for (let i = 0; i < 8; i++) {
      ann.send(`NICK ann_${i}`);
      await ann.until(/ NICK :ann_/);
    }
    await leave(ann);
    assert.ok(!(await isRefused(server, "ann")));
    assert.ok(await isRefused(server, "ann_0"));
  });

  it("that looks like an owned one is refused as well, and not to its owner", async () => {
    const server = await startServer();
    const certificate = await newCertificate();
    await leave(await come(server, certificate, "Анна"));
    const thief = await apply(server, await newCertificate(), "анна");
    await thief.until(/ NOTE NICK NICKNAME_RESERVED анна :Nickname looks like Анна, which is/);
    await thief.expect(/ 433 \* анна :/);
    await come(server, certificate, "анна");
  });

  it("of an account made before nicks were kept by themselves is still its own", async () => {
    const data = temporaryFolder();
    const file = new DatabaseSync(join(data, "parley.sqlite"));
    const before = MIGRATIONS.findIndex((step) => step.includes("CREATE TABLE nicks"));
    for (const step of MIGRATIONS.slice(0, before)) file.exec(step);
    file.exec(`PRAGMA user_version = ${before}`);
    file.exec("INSERT INTO accounts (folded, name, created) VALUES ('ann', 'Ann', 1)");
    file.close();
    assert.ok(await isRefused(await startServer({ data }), "ann"));
  });

  it("changed while its owner is away leads others to what they said to each other", async () => {
    const server = await startServer();
    const certificate = await newCertificate();
    const bob = await come(server, await newCertificate(), "bob");
    const ann = await come(server, certificate, "ann");
    bob.send("PRIVMSG ann :for you alone");
    await ann.until(/ PRIVMSG ann /);
    ann.send("NICK annette");
    await ann.until(/ NICK /);
    await leave(ann);
    for (const nick of ["ann", "annette"]) {
      bob.send(`CHATHISTORY LATEST ${nick} * 9`);
      await bob.until(/ PRIVMSG ann :for you alone$/);
    }
    bob.send("CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00Z timestamp=2100-01-01T00:00:00Z 9");
    await bob.until(/ CHATHISTORY TARGETS annette /);
  });
});

describe("a nick that another connection of its owner has", () => {
  const ANN = { accounts: ["ann:sesame"] };
  const plain = Buffer.from("\0ann\0sesame").toString("base64");

  /** One more connection of Ann's, which asks for this nick; nothing of the answer is read. */
  async function another(server: TestServer, nick: string): Promise<Peer> {
    const peer = await server.connect();
    peer.send("CAP REQ :sasl standard-replies", `NICK ${nick}`, "USER ann 0 * :ann the user");
    peer.send("AUTHENTICATE PLAIN", `AUTHENTICATE ${plain}`, "CAP END");
    await peer.until(/ 903 /);
    return peer;
  }

  it("stays with that one as long as it answers", async () => {
    const server = await startServer(ANN);
    const first = await server.loggedIn("ann");
    const second = await another(server, "ann");
    await first.expect(/^PING /);
    first.send("PONG here");
    await second.expect(/ NOTE NICK NICKNAME_YOURS ann :/);
    await second.expect(/ 433 \* ann :Nickname is already in use by another connection of yours$/);
    second.send("NICK ann2");
    await second.until(/ 422 ann2 /);
    second.send("PRIVMSG ann :hello");
    await first.expect(":ann2!~ann@host PRIVMSG ann :hello");
    second.send("NICK ann");
    await first.expect(/^PING /);
    first.send("PONG here");
    await second.expect(/ NOTE NICK NICKNAME_YOURS ann :/);
    await second.expect(/ 433 ann2 ann :/);
    assert.deepEqual(await first.roundtrip(), []);
  });

  it("is taken from one that does not answer, and may be slow", async () => {
    const limits = { ghostTimeoutMs: 50, pingTimeoutMs: 100 };
    const server = await startServer({ ...ANN, limits });
    const slow = await server.loggedIn("ann");
    const ann = await another(server, "ann");
    await ann.until(/ 422 ann /);
    await slow.expect(/^PING /);
    await slow.expect(/^:ann!\S+ NICK :ann2$/);
    assert.match((await slow.rest()).at(-1) ?? "", /^ERROR :Closing link: Ping timeout/);
    ann.send("WHOIS ann2");
    await ann.expect(/ 401 ann ann2 /);
  });

  it("is taken so for one who has had to take another nick", async () => {
    const server = await startServer({ ...ANN, limits: { ghostTimeoutMs: 50 } });
    const slow = await server.loggedIn("ann");
    const again = await another(server, "ann_");
    await again.until(/ 422 /);
    again.send("NICK ann");
    await again.expect(":ann_!~ann@host NICK :ann");
    await slow.until(/ NICK :ann2$/);
  });

  it("is freed at once of a lost one from the same installation", async () => {
    const server = await startServer({ limits: { ghostTimeoutMs: 50 } });
    const certificate = await newCertificate();
    const ghost = await come(server, certificate, "ann");
    ghost.send("JOIN #room");
    await ghost.until(/ 366 /);
    const bob = await server.join("bob", "#room");
    await come(server, certificate, "ann");
    assert.match((await ghost.rest()).at(-1) ?? "", /Reconnected from another connection$/);
    assert.deepEqual(await bob.roundtrip(), [
      ":ann!~ann@host QUIT :Reconnected from another connection",
    ]);
  });

  it("stays with that one when who asked has gone meanwhile", async () => {
    const server = await startServer(ANN);
    const first = await server.loggedIn("ann");
    const second = await another(server, "ann");
    await first.expect(/^PING /);
    second.link.end();
    await second.rest();
    first.send("PONG here");
    assert.deepEqual(await first.roundtrip(), []);
    assert.equal(server.server.clients.size, 1);
  });
});

describe("RELEASE", () => {
  const OPTIONS = { opers: ["host:pw"] };

  async function host(server: TestServer): Promise<Peer> {
    const peer = await server.client("hanna", "standard-replies");
    peer.send("OPER host pw");
    await peer.roundtrip();
    return peer;
  }

  it("makes a nick anybody's, and its next owner reads nothing of what the last one did", async () => {
    const server = await startServer(OPTIONS);
    const [lost, found] = [await newCertificate(), await newCertificate()];
    const bob = await come(server, await newCertificate(), "bob");
    const before = await come(server, lost, "ann");
    bob.send("PRIVMSG ann :between us");
    await before.until(/ PRIVMSG ann /);
    await leave(before);
    const oper = await host(server);
    oper.send("RELEASE ANN");
    await oper.expect(/ NOTE RELEASE NICKNAME_RELEASED ANN :The nick is free/);
    const after = await come(server, found, "ann");
    after.send("CHATHISTORY LATEST bob * 9", "WHOIS ann");
    await after.until(/ BATCH \+\w+ chathistory bob$/);
    await after.expect(/ BATCH -/);
    await after.until(/ 330 ann ann ann2 :is logged in as$/);
    await leave(after);
    const again = await apply(server, lost, "ann");
    await again.until(/ 433 \* ann :Nickname is registered/);
  });

  it("says so to those without standard replies as well", async () => {
    const server = await startServer(OPTIONS);
    await leave(await come(server, await newCertificate(), "ann"));
    const oper = await server.client("hanna");
    oper.send("OPER host pw");
    await oper.roundtrip();
    oper.send("RELEASE ann");
    await oper.expect(/ NOTICE hanna :ann: The nick is free/);
  });

  it("is refused for a nick that is not registered, and for one whose owner is here", async () => {
    const server = await startServer(OPTIONS);
    const oper = await host(server);
    await come(server, await newCertificate(), "ann");
    oper.send("RELEASE nobody", "RELEASE ann");
    await oper.expect(/ FAIL RELEASE NICKNAME_NOT_OWNED nobody :/);
    await oper.expect(
      / FAIL RELEASE NICKNAME_IN_USE ann :The owner is connected; disconnect them first/,
    );
  });

  it("is for operators", async () => {
    const server = await startServer(OPTIONS);
    await leave(await come(server, await newCertificate(), "ann"));
    const bob = await server.client("bob");
    bob.send("RELEASE ann");
    await bob.expect(/ 481 bob :/);
    assert.ok(await isRefused(server, "ann"));
  });
});
