import { strict as assert } from "node:assert";
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { loadCertificate } from "../../src/server/certificate.js";
import type { Peer } from "../support/peer.js";
import { startServer, temporaryFolder, type TestServer } from "../support/server.js";

const ANN = { accounts: ["ann:sesame"] };

const base64 = (text: string) => Buffer.from(text).toString("base64");
const plain = (name: string, password: string) => base64(`\0${name}\0${password}`);

/** A key and certificate of a client's own. */
const makeClientCertificate = () =>
  loadCertificate({ certFile: undefined, keyFile: undefined, name: "client.example" }, undefined);

/** A connection that may log in and has not registered. */
async function applicant(server: TestServer): Promise<Peer> {
  const peer = await server.connect();
  peer.send("CAP LS 302", "CAP REQ sasl");
  await peer.until(/ ACK /);
  return peer;
}

async function logIn(peer: Peer, name: string, password: string): Promise<void> {
  peer.send("AUTHENTICATE PLAIN", `AUTHENTICATE ${plain(name, password)}`);
  await peer.until(/ 903 /);
}

describe("logging in", () => {
  it("is offered with its mechanisms to those who read values", async () => {
    const server = await startServer();
    const peer = await server.connect();
    peer.send("CAP LS 302");
    await peer.until(/ sasl=SCRAM-SHA-256,PLAIN( |$)/);
    const encrypted = await server.connectTls();
    encrypted.send("CAP LS 302");
    await encrypted.until(/ sasl=SCRAM-SHA-256,EXTERNAL,PLAIN( |$)/);
    const older = await server.connect();
    older.send("CAP LS");
    await older.expect(/ sasl /);
  });

  it("takes the right password and refuses a wrong one", async () => {
    const server = await startServer(ANN);
    const peer = await applicant(server);
    peer.send("AUTHENTICATE PLAIN");
    await peer.expect(":parley.chat AUTHENTICATE +");
    peer.send(`AUTHENTICATE ${plain("ann", "millet")}`);
    await peer.expect(/^:parley.chat 904 \* :SASL authentication failed: wrong name/);
    await logIn(peer, "ANN", "sesame");
    peer.send("NICK ann", "USER ann 0 * :Ann", "CAP END");
    await peer.expect(/^:parley.chat 001 ann /);
  });

  it("takes it also of somebody who is connected, and tells those with account-notify", async () => {
    const server = await startServer(ANN);
    const guest = await server.join("guest", "#room", "sasl");
    const knows = await server.join("knows", "#room", "account-notify");
    const lacks = await server.join("lacks", "#room");
    await guest.roundtrip();
    await knows.roundtrip();
    guest.send("AUTHENTICATE PLAIN", `AUTHENTICATE ${plain("ann", "sesame")}`);
    await guest.until(/ 900 guest guest!~guest@host ann :You are now logged in as ann$/);
    await guest.until(/ 903 /);
    assert.deepEqual(await knows.roundtrip(), [":guest!~guest@host ACCOUNT ann"]);
    assert.deepEqual(await lacks.roundtrip(), []);
    knows.send("WHOIS guest");
    await knows.until(/ 330 knows guest ann :is logged in as$/);
  });

  it("is seen in extended-join and account-tag by those who have them", async () => {
    const server = await startServer(ANN);
    const knows = await server.join("knows", "#room", "extended-join", "account-tag");
    const lacks = await server.join("lacks", "#room");
    await knows.roundtrip();
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #room", "PRIVMSG #room :hello");
    await ann.roundtrip();
    assert.deepEqual(await knows.roundtrip(), [
      "@account=ann :ann!~ann@host JOIN #room ann :ann the user",
      "@account=ann :ann!~ann@host PRIVMSG #room :hello",
    ]);
    assert.deepEqual(await lacks.roundtrip(), [
      ":ann!~ann@host JOIN #room",
      ":ann!~ann@host PRIVMSG #room :hello",
    ]);
  });

  it("needs the capability", async () => {
    const server = await startServer(ANN);
    const peer = await server.connect();
    peer.send("AUTHENTICATE PLAIN");
    await peer.expect(/ 904 \* :SASL authentication failed: request the sasl capability first$/);
  });

  it("may be done again, to another account", async () => {
    const server = await startServer({ accounts: ["ann:sesame", "bob:sesame"] });
    const peer = await server.loggedIn("ann");
    const knows = await server.join("knows", "#room", "account-notify");
    peer.send("JOIN #room");
    await knows.until(/ JOIN #room$/);
    await logIn(peer, "bob", "sesame");
    assert.deepEqual(await knows.roundtrip(), [":ann!~ann@host ACCOUNT bob"]);
    // Its owner still gets the nick.
    const owner = await server.loggedIn("ann");
    await peer.until(/ NICK :ann2$/);
    owner.send("WHOIS ann2");
    await owner.until(/ 330 ann ann2 bob :/);
  });

  it("says which mechanisms there are when asked for another", async () => {
    const server = await startServer();
    const peer = await applicant(server);
    peer.send("AUTHENTICATE KERBEROS");
    await peer.expect(":parley.chat 908 * SCRAM-SHA-256,PLAIN :are available SASL mechanisms");
    await peer.expect(/ 904 \* /);
  });

  it("can be given up", async () => {
    const server = await startServer(ANN);
    const peer = await applicant(server);
    peer.send("AUTHENTICATE PLAIN", "AUTHENTICATE *");
    await peer.until(/ 906 \* /);
    await logIn(peer, "ann", "sesame");
  });

  it("that is not finished when the connection is registered is given up for it", async () => {
    const server = await startServer(ANN);
    const peer = await applicant(server);
    peer.send("AUTHENTICATE PLAIN", "NICK bob", "USER bob 0 * :Bob", "CAP END");
    await peer.until(/ 906 \* /);
    await peer.until(/ 001 bob /);
  });

  for (const [name, response] of [
    ["no Base64", "!!!"],
    ["an empty name", base64("\0\0sesame")],
    ["an empty password", base64("\0ann\0")],
    ["a NUL in the password", base64("\0ann\0ses\0ame")],
    ["another one to act for", base64("bob\0ann\0sesame")],
    ["nothing", "+"],
  ] as const)
    it(`by PLAIN refuses ${name}`, async () => {
      const server = await startServer({ accounts: ["ann:sesame", "bob:sesame"] });
      const peer = await applicant(server);
      peer.send("AUTHENTICATE PLAIN", `AUTHENTICATE ${response}`);
      await peer.until(/ 904 \* /);
    });

  it("takes a response in chunks, an empty one after a full one", async () => {
    const server = await startServer({ accounts: [`ann:${"x".repeat(595)}`] });
    const peer = await applicant(server);
    const response = plain("ann", "x".repeat(595));
    assert.equal(response.length, 800);
    peer.send(
      "AUTHENTICATE PLAIN",
      `AUTHENTICATE ${response.slice(0, 400)}`,
      `AUTHENTICATE ${response.slice(400)}`,
      "AUTHENTICATE +",
    );
    await peer.until(/ 903 /);
  });

  it("refuses a chunk and a response that are too long", async () => {
    const server = await startServer(ANN);
    const peer = await applicant(server);
    peer.send("AUTHENTICATE PLAIN", `AUTHENTICATE ${"A".repeat(404)}`);
    await peer.until(/ 905 \* /);
    peer.send("AUTHENTICATE PLAIN");
    for (let i = 0; i < 4; i++) peer.send(`AUTHENTICATE ${"A".repeat(400)}`);
    await peer.until(/ 904 \* :SASL authentication failed: the response is too long$/);
  });

  it("ends the connection of one who keeps guessing", async () => {
    const server = await startServer(ANN);
    const peer = await applicant(server);
    for (let i = 0; i < 5; i++)
      peer.send("AUTHENTICATE PLAIN", `AUTHENTICATE ${plain("ann", String(i))}`);
    assert.equal((await peer.rest()).at(-1), "ERROR :Closing link: Too many failed logins");
  });

  it("does not write passwords to the log", async () => {
    const server = await startServer(ANN);
    const peer = await server.loggedIn("ann");
    await peer.roundtrip();
    const log = server.log.join("\n");
    assert.ok(!log.includes("sesame") && !log.includes(plain("ann", "sesame")), log);
  });
});

describe("SCRAM-SHA-256", () => {
  const hmac = (key: Buffer, text: string) => createHmac("sha256", key).update(text).digest();

  /** The exchange as a client does it; resolves with the server's last line of it. */
  async function scram(peer: Peer, name: string, password: string): Promise<string> {
    const first = `n=${name},r=clientnonce`;
    peer.send("AUTHENTICATE SCRAM-SHA-256", `AUTHENTICATE ${base64(`n,,${first}`)}`);
    await peer.until(/AUTHENTICATE \+$/);
    const answer = Buffer.from((await peer.expect(/AUTHENTICATE /)).split(" ")[2] ?? "", "base64");
    const [, nonce = "", salt = "", count] = /^r=(.*),s=(.*),i=(.*)$/.exec(answer.toString()) ?? [];
    const salted = pbkdf2Sync(password, Buffer.from(salt, "base64"), Number(count), 32, "sha256");
    const clientKey = hmac(salted, "Client Key");
    const last = `c=${base64("n,,")},r=${nonce}`;
    const signed = `${first},${answer.toString()},${last}`;
    const signature = hmac(createHash("sha256").update(clientKey).digest(), signed);
    const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0)));
    peer.send(`AUTHENTICATE ${base64(`${last},p=${proof.toString("base64")}`)}`);
    const line = await peer.expect(/./);
    if (!line.includes("AUTHENTICATE")) return line;
    const verifier = hmac(hmac(salted, "Server Key"), signed).toString("base64");
    assert.equal(line, `:parley.chat AUTHENTICATE ${base64(`v=${verifier}`)}`);
    peer.send("AUTHENTICATE +");
    await peer.expect(/ 900 /);
    return peer.expect(/./);
  }

  it("proves the password on both sides without sending it", async () => {
    const server = await startServer(ANN);
    assert.match(await scram(await applicant(server), "ann", "sesame"), / 903 /);
  });

  it("refuses a wrong password, and a name without an account the same way", async () => {
    const server = await startServer(ANN);
    const wrong = await scram(await applicant(server), "ann", "millet");
    const nobody = await scram(await applicant(server), "nobody", "millet");
    assert.match(wrong, / 904 /);
    assert.equal(nobody, wrong);
  });

  for (const [name, response] of [
    ["channel binding we do not have", "p=tls-unique,,n=ann,r=abc"],
    ["another one to act for", "n,a=bob,n=ann,r=abc"],
    ["a badly escaped name", "n,,n=a=nn,r=abc"],
    ["no nonce", "n,,n=ann"],
  ] as const)
    it(`refuses ${name}`, async () => {
      const server = await startServer(ANN);
      const peer = await applicant(server);
      peer.send("AUTHENTICATE SCRAM-SHA-256", `AUTHENTICATE ${base64(response)}`);
      await peer.until(/ 904 /);
    });

  it("refuses a final message with another nonce", async () => {
    const server = await startServer(ANN);
    const peer = await applicant(server);
    peer.send("AUTHENTICATE SCRAM-SHA-256", `AUTHENTICATE ${base64("n,,n=ann,r=abc")}`);
    peer.send(`AUTHENTICATE ${base64(`c=${base64("n,,")},r=abc,p=${base64("x".repeat(32))}`)}`);
    await peer.until(/ 904 /);
  });
});

describe("EXTERNAL", () => {
  async function withCertificate(
    server: TestServer,
    certificate: { readonly key: string; readonly cert: string },
    nick: string,
    response = "+",
  ): Promise<Peer> {
    const peer = await server.connectTls(certificate);
    peer.send("CAP LS 302", "CAP REQ sasl", `NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
    peer.send("AUTHENTICATE EXTERNAL", `AUTHENTICATE ${response}`, "CAP END");
    return peer;
  }

  it("logs in to the certificate's own account, whatever the nick, and to no other", async () => {
    const server = await startServer({ accounts: ["bob:sesame"] });
    const ann = await makeClientCertificate();
    const first = await withCertificate(server, ann, "ann", base64("ann"));
    await first.until(/ 900 \* \*!\S+ ann :You are now logged in as ann$/);
    await first.until(/ 001 ann /);
    const again = await withCertificate(server, ann, "annie");
    await again.until(/ 900 \* \S+ ann :/);
    await again.until(/ 001 annie /);
    for (const other of ["bob", "nobody"]) {
      const peer = await withCertificate(server, ann, "annabel", base64(other));
      await peer.until(/ 904 \* :SASL authentication failed: wrong name, password or certificate$/);
    }
  });

  it("needs the capability, and works once somebody is connected", async () => {
    const server = await startServer();
    const peer = await server.connectTls(await makeClientCertificate());
    peer.send("NICK ann", "USER ann 0 * :Ann");
    await peer.until(/ 422 /);
    peer.send("AUTHENTICATE EXTERNAL", "CAP REQ sasl", "AUTHENTICATE EXTERNAL", "AUTHENTICATE +");
    await peer.expect(/ 904 ann :SASL authentication failed: request the sasl capability first$/);
    await peer.expect(/ ACK sasl$/);
    await peer.expect(":parley.chat AUTHENTICATE +");
    await peer.expect(":parley.chat 900 ann ann!~ann@host ann :You are now logged in as ann");
    await peer.expect(/ 903 ann /);
    peer.send("WHOIS ann");
    const seen = await peer.until(/ 318 /);
    assert.ok(seen.some((line) => line.includes(" 330 ann ann ann ")));
    assert.ok(seen.some((line) => / 276 ann ann :.* fingerprint [0-9a-f]{64}$/.test(line)));
  });

  it("makes no account where the host wants an e-mail address for each", async () => {
    const server = await startServer({ registerRequiresEmail: true });
    const peer = await withCertificate(server, await makeClientCertificate(), "ann");
    await peer.until(/ 904 \* /);
    await peer.until(/ 001 ann /);
  });

  it("gives a nick to the first certificate that comes by it, and to no other", async () => {
    const data = temporaryFolder();
    const ann = await makeClientCertificate();
    let server = await startServer({ data });
    const first = await withCertificate(server, ann, "ann");
    await first.until(/ 903 \* /);
    await first.until(/ 001 ann /);
    await server.close();
    server = await startServer({ data });
    const thief = await withCertificate(server, await makeClientCertificate(), "ann");
    await thief.until(/ 904 \* /);
    await thief.until(/ 433 \* ann :Nickname is registered: log in to its account/);
    const again = await withCertificate(server, ann, "ann");
    await again.until(/ 001 ann /);
  });

  it("is not there for one without a certificate", async () => {
    const server = await startServer();
    const peer = await server.connectTls();
    peer.send("CAP REQ sasl", "AUTHENTICATE EXTERNAL");
    await peer.until(/ 908 \* SCRAM-SHA-256,PLAIN /);
    await peer.until(/ 904 \* /);
  });

  it("makes no account for one who lacks the server's password", async () => {
    const server = await startServer({ password: "secret" });
    const peer = await withCertificate(server, await makeClientCertificate(), "ann");
    await peer.until(/ 904 \* /);
    assert.match((await peer.rest()).at(-1) ?? "", /Password incorrect/);
  });
});

describe("registering an account", () => {
  it("logs in, and keeps the nick for its owner, also after a restart", async () => {
    const data = temporaryFolder();
    let server = await startServer({ data });
    const ann = await server.client("ann");
    ann.send("REGISTER * * sesame");
    await ann.expect(":parley.chat REGISTER SUCCESS ann :Account created; you are now logged in");
    await ann.expect(/ 900 ann ann!~ann@host ann /);
    await server.close();
    server = await startServer({ data });
    const thief = await server.connect();
    thief.send("NICK Ann", "USER x 0 * :x");
    await thief.expect(/ 433 \* Ann :Nickname is registered: log in to its account/);
    const peer = await server.loggedIn("ann");
    peer.send("NICK ann2", "NICK ANN");
    await peer.until(/ NICK :ANN$/);
  });

  it("is told to those with account-notify, in channels and by extended-monitor, once", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#room");
    const both = await server.join("both", "#room", "account-notify", "extended-monitor");
    const lacks = await server.join("lacks", "#room", "extended-monitor");
    for (const peer of [both, lacks]) {
      peer.send("MONITOR + ann");
      await peer.roundtrip();
      await both.roundtrip();
    }
    ann.send("REGISTER * * sesame");
    await ann.until(/ 900 /);
    assert.deepEqual(await both.roundtrip(), [":ann!~ann@host ACCOUNT ann"]);
    assert.deepEqual(await lacks.roundtrip(), []);
  });

  it("is refused before the connection is registered, unless the host allows it", async () => {
    const server = await startServer();
    const peer = await server.connect();
    peer.send("CAP LS 302");
    await peer.expect(/ draft\/account-registration /);
    await peer.expect(/ LS (?!\*)/);
    peer.send("NICK ann", "REGISTER * * sesame", "VERIFY ann 1234");
    await peer.expect(/ FAIL REGISTER COMPLETE_CONNECTION_REQUIRED \* :/);
    await peer.expect(/ FAIL VERIFY COMPLETE_CONNECTION_REQUIRED \* :/);
  });

  it("happens before that where the host allows it", async () => {
    const server = await startServer({ registerBeforeConnect: true });
    const peer = await server.connect();
    peer.send("CAP LS 302");
    await peer.expect(/ draft\/account-registration=before-connect /);
    await peer.expect(/ LS (?!\*)/);
    peer.send("REGISTER * * sesame");
    await peer.expect(/ FAIL REGISTER NEED_NICK \* :/);
    peer.send("NICK ann", "REGISTER * * sesame");
    await peer.expect(/ REGISTER SUCCESS ann :/);
    await peer.expect(/ 900 \* \*!unknown@host ann /);
    peer.send("USER ann 0 * :Ann", "CAP END");
    await peer.expect(/ 001 ann /);
  });

  it("needs the server's password before the connection is registered", async () => {
    const server = await startServer({ registerBeforeConnect: true, password: "secret" });
    const peer = await server.connect();
    peer.send("NICK ann", "REGISTER * * sesame");
    await peer.expect(/ FAIL REGISTER TEMPORARILY_UNAVAILABLE \* :Send the server's password/);
    peer.send("PASS secret", "REGISTER * * sesame");
    await peer.expect(/ REGISTER SUCCESS ann :/);
  });

  it("asks for an e-mail address where the host wants one", async () => {
    const server = await startServer({ registerRequiresEmail: true });
    const ann = await server.client("ann");
    ann.send("CAP LS 302");
    await ann.expect(/ draft\/account-registration=email-required /);
    await ann.expect(/ LS (?!\*)/);
    ann.send("REGISTER * * sesame", "REGISTER * nonsense sesame", "REGISTER * a@b.example sesame");
    await ann.expect(/ FAIL REGISTER INVALID_EMAIL ann :This server requires/);
    await ann.expect(/ FAIL REGISTER INVALID_EMAIL ann :This is not/);
    await ann.expect(/ REGISTER SUCCESS ann :Account created; you are now logged in$/);
    await ann.expect(/ 900 /);
    ann.send("VERIFY ann 1234");
    await ann.expect(/ FAIL VERIFY ALREADY_AUTHENTICATED ann :.*nothing to verify$/);
  });

  it("says what is wrong", async () => {
    const server = await startServer({ accounts: ["bob:sesame"] });
    const ann = await server.client("ann");
    ann.send("REGISTER carl * sesame", "REGISTER * * ab", `REGISTER * * ${"x".repeat(601)}`);
    await ann.expect(/ FAIL REGISTER ACCOUNT_NAME_MUST_BE_NICK carl :Your account name must be/);
    await ann.expect(
      / FAIL REGISTER WEAK_PASSWORD ann :The password is too short: use at least 3 bytes/,
    );
    await ann.expect(
      / FAIL REGISTER UNACCEPTABLE_PASSWORD ann :The password is too long: use at most 600/,
    );
    ann.send("VERIFY ann 1234");
    await ann.expect(/ FAIL VERIFY INVALID_CODE ann :There is nothing to verify/);
    ann.send("REGISTER * * sesame");
    await ann.until(/ 900 /);
    ann.send("REGISTER * * sesame", "VERIFY ann 1234");
    await ann.expect(/ FAIL REGISTER ALREADY_AUTHENTICATED ann :/);
    await ann.expect(/ FAIL VERIFY ALREADY_AUTHENTICATED ann :/);
  });

  it("gives an account to one of two who ask for it at once", async () => {
    const server = await startServer({ registerBeforeConnect: true });
    const peers = [await server.connect(), await server.connect()];
    for (const peer of peers) peer.send("CAP LS", "NICK ann");
    for (const peer of peers) await peer.until(/ CAP /);
    for (const peer of peers) peer.send("REGISTER * * sesame");
    const answers = await Promise.all(peers.map((peer) => peer.next()));
    assert.equal(answers.filter((line) => line?.includes("SUCCESS ann") === true).length, 1);
    assert.equal(answers.filter((line) => line?.includes("ACCOUNT_EXISTS ann") === true).length, 1);
  });
});

describe("account bans", () => {
  it("keep out whoever is logged in to the account, by both names of the ban", async () => {
    const server = await startServer(ANN);
    const oper = await server.join("bob", "#room");
    const ann = await server.loggedIn("ann");
    for (const mask of ["~a:ann", "~account:ann"]) {
      oper.send(`MODE #room +b ${mask}`);
      await oper.roundtrip();
      ann.send("JOIN #room");
      await ann.expect(/ 474 ann #room /);
      oper.send(`MODE #room -b ${mask}`);
      await oper.roundtrip();
    }
    ann.send("JOIN #room");
    await ann.expect(":ann!~ann@host JOIN #room");
  });

  it("of the kind that mutes let people in and not speak", async () => {
    const server = await startServer(ANN);
    const oper = await server.join("bob", "#room");
    oper.send("MODE #room +b ~m:~a:ann");
    await oper.roundtrip();
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #room");
    await ann.roundtrip();
    ann.send("PRIVMSG #room :hello");
    await ann.expect(/ 404 ann #room /);
    oper.send("MODE #room +v ann");
    await oper.roundtrip();
    await ann.roundtrip();
    ann.send("PRIVMSG #room :hello", "PING end");
    await ann.expect(/ PONG /);
  });
});
