// What the log says of lines: enough to find a fault, and no secret.
import { strict as assert } from "node:assert";
import { loggedFailure } from "../../src/client/connect-error.js";
import { loggedLine } from "../../src/client/log-line.js";
import { addressOf, joined, newSession, startScripted } from "./scripted-peer.js";

/** Each has the word hunter2 in a place where it is a secret. */
const SECRETS: readonly string[] = [
  "PASS hunter2",
  "pass :hunter2",
  "OPER host hunter2",
  "AUTHENTICATE hunter2",
  "REGISTER ann * hunter2",
  "REGISTER ann ann@example.org :hunter2",
  "VERIFY ann hunter2",
  "IDENTIFY hunter2",
  "identify ann hunter2",
  "NICKSERV IDENTIFY hunter2",
  "NS IDENTIFY hunter2",
  "NS :IDENTIFY ann hunter2",
  "CS IDENTIFY #room hunter2",
  "SQUERY NickServ :IDENTIFY hunter2",
  "LOGIN ann hunter2",
  "AUTH ann hunter2",
  "GHOST ann hunter2",
  "WEBIRC hunter2 gateway host 192.0.2.1",
  "BOUNCER ADDNETWORK name=x;pass=hunter2",
  "PROP #room MEMBERKEY :hunter2",
  "SOMESERV SET PASSWORD hunter2",
  "RESUME hunter2 2026-01-01T00:00:00.000Z",
  ":irc.test EXTJWT #room * hunter2",
  "PRIVMSG NickServ :IDENTIFY hunter2",
  "privmsg nickserv :IDENTIFY ann hunter2",
  "PRIVMSG NickServ hunter2",
  "  PRIVMSG   NickServ   :hunter2",
  "@label=1;+draft/reply=x PRIVMSG NickServ :IDENTIFY hunter2",
  "PRIVMSG NickServ@services.libera.chat :IDENTIFY hunter2",
  "PRIVMSG Q@CServe.quakenet.org :AUTH ann hunter2",
  "PRIVMSG X@channels.undernet.org :login ann hunter2",
  "PRIVMSG Q :AUTH ann hunter2",
  "PRIVMSG ChanServ :REGISTER #room hunter2",
  "PRIVMSG AuthServ :AUTH ann hunter2",
  "PRIVMSG bob,NickServ :hunter2",
  "PRIVMSG *status :hunter2",
  "PRIVMSG *controlpanel :Set Password ann hunter2",
  "PRIVMSG BouncerServ :network create -pass hunter2",
  "PRIVMSG &bitlbee :account add jabber ann@example.org hunter2",
  "PRIVMSG root :identify hunter2",
  "PRIVMSG Themis :identify ann hunter2",
  "PRIVMSG #room :/msg NickServ identify hunter2",
  "PRIVMSG #room : identify hunter2",
  "PRIVMSG #room :NickServ identify hunter2",
  "PRIVMSG bob :the password is hunter2",
  "NOTICE NickServ :IDENTIFY hunter2",
  ":ann!u@h PRIVMSG NickServ :IDENTIFY hunter2",
  "@msgid=x;time=2026-01-01T00:00:00.000Z :ann!u@h PRIVMSG NickServ :hunter2",
  ":NickServ!s@services NOTICE ann :Your key for mail is hunter2",
  ":irc.test NOTICE ann :*** Your passphrase: hunter2",
  "JOIN #room hunter2",
  "JOIN #room,#other hunter2,hunter2",
  "JOIN #room :hunter2",
  "MODE #room +k hunter2",
  "MODE #room -k hunter2",
  "MODE #room +ntk hunter2",
  "MODE #room +ok bob hunter2",
  "MODE #room +o bob +k hunter2",
  "MODE #room k hunter2",
  ":ann!u@h MODE #room +k :hunter2",
  ":irc.test 324 ann #room +ntk hunter2",
  ":irc.test 696 ann #room k hunter2 :Invalid key",
  "PRIVMSG #room :vscode://parley-chat.parley/join?host=a&token=hunter2&channel=x",
  "PRIVMSG #room :vscode://parley-chat.parley/join?host=a&token64=hunter2",
  "TOPIC #room :come by vscode://parley-chat.parley/join?token=hunter2",
  ":irc.test 332 ann #room :https://example.org/?access_token=hunter2#x",
  "PRIVMSG #room :https://ann:hunter2@example.org/",
  "PRIVMSG #room :https://example.org/?next=%2F%3Ftoken%3Dhunter2",
  "PRIVMSG #room :curl -H 'Authorization: Bearer hunter2'",
  "PRIVMSG bot :ident hunter2",
  "PRIVMSG bob :\x01ACTION identify hunter2\x01",
  "PRIVMSG bob :\x02identify hunter2",
  "PRIVMSG bob :> identify hunter2",
  "PRIVMSG bob :NickServ: identify hunter2",
  "PRIVMSG bob :ns:identify hunter2",
  "PRIVMSG bob :please /ns identify hunter2",
  "PRIVMSG bob :/quote nickserv identify hunter2",
  "PRIVMSG bob :/join #x hunter2",
  "PRIVMSG bob :/mode #x +k hunter2",
  "PRIVMSG bob :setpassword hunter2",
  "PRIVMSG bob hunter2",
  "PRIVMSG nickserv%srv :hunter2",
  "PRIVMSG services. :hunter2",
  "PRIVMSG NickServ2 :hunter2",
  "PRIVMSG -sBNC :set hunter2",
  "PRIVMSG b :postgres://u:hunter2#x@h/db",
  "PRIVMSG b :token%253Dhunter2",
  'PRIVMSG b :{"token":"hunter2"}',
  "PRIVMSG b :--token hunter2",
  "TAGMSG bob hunter2",
  "NOTICE bob :secret: hunter2",
  ":s 421 me :identify hunter2",
  ":s 421 me IDENTIFY hunter2 :Unknown command",
  ":s 421 me hunter2 :Unknown command",
  ":s 417 me :PASS hunter2",
  ":s 417 me PASS hunter2 :Too long",
  ":s 461 me hunter2 :Not enough",
  ":s 400 me :hunter2",
  ":s 001 me :hunter2",
  ":s 332 me #x :hunter2",
  ":s 475 me #x hunter2 :m",
  ":s 348 me #x hunter2",
  ":s 761 me me password * :hunter2",
  ":s 353 me = #x :hunter2",
  ":s 301 me bob :hunter2",
  ":s 372 me :hunter2",
  ":s 999 me x hunter2 :y",
  "QUIT :identify hunter2",
  "AWAY :pass hunter2",
  "PART #x :hunter2",
  "KICK #x bob :identify hunter2",
  "TOPIC #x hunter2",
  "SETNAME :hunter2",
  "USER hunter2 0 * :hunter2",
  "METADATA * SET password :hunter2",
  ":s METADATA me password * :hunter2",
  "INVITE bob #x hunter2",
  "KNOCK #x :hunter2",
  "KNOCK hunter2",
  "REDACT #x id :hunter2",
  "RENAME #a #b :hunter2",
  "WALLOPS :hunter2",
  "SEARCH text=hunter2",
  "NICK :ann hunter2",
  "PRIVMSG :identify hunter2",
  ":s ERROR :Closing link (Quit: hunter2)",
  "FAIL JOIN BAD #x hunter2 :m",
  "FAIL PRIVMSG CANNOT_SEND hunter2 :m",
  "FAIL * hunter2 :m",
  "FAIL hunter2 X :m",
  "WARN * X :hunter2",
  "NOTE REGISTER X hunter2 :m",
  "MODE #x +o bob k hunter2",
  "MODE #x +ov a b +k hunter2",
  "MODE #x +ak bob hunter2",
  "MODE #x :+k hunter2",
  ":s 324 me #x +lk 5 hunter2",
  "@+draft/x=hunter2 PRIVMSG NickServ :identify a",
  "@label=a\\nhunter2 PRIVMSG NickServ :x",
  "@+parley/ref=hunter2 TAGMSG bob hunter2",
  "hunter2",
  "@no-command",
  "PASS\0hunter2",
];

/** These are as they are: a log that hides everything helps nobody. */
const PLAIN: readonly string[] = [
  "NICK ann",
  "CAP REQ :sasl message-tags",
  ":irc.test CAP * LS :sasl=PLAIN,EXTERNAL sts=port=6697,duration=1",
  "JOIN #room",
  ":ann!u@h JOIN #room",
  "MODE #room +o bob",
  "MODE #room +b *!*@kite.example",
  "MODE #room -v+o ann bob",
  ":irc.test 324 ann #room +nt",
  ":irc.test 333 ann #room bob 1700000000",
  ":irc.test 366 ann #room",
  "CHATHISTORY LATEST #room * 100",
  "PING parley-sent-3",
  "BATCH +1 draft/multiline #room",
  "@batch=1;time=2026-01-01T00:00:00.000Z :bob!u@h TAGMSG #room",
];

/** What is written freely is left out, however harmless it looks, and what it belongs to is told. */
const CUT: readonly (readonly [line: string, logged: string])[] = [
  [":bob!u@h PRIVMSG #room :good morning", ":bob!u@h PRIVMSG #room … (up to 64 bytes)"],
  [`PRIVMSG #room :${"x".repeat(100)}`, "PRIVMSG #room … (up to 128 bytes)"],
  [
    "@label=1;+draft/reply=x PRIVMSG bob :hi",
    "@label=1;+draft/reply PRIVMSG bob … (up to 64 bytes)",
  ],
  [":a!b@c MODE #room +k key", ":a!b@c MODE #room +k … (up to 64 bytes)"],
  ["METADATA * SET color :#ff0000", "METADATA * SET color … (up to 64 bytes)"],
  [":irc.test 433 * ann :In use", ":irc.test 433 * ann … (up to 64 bytes)"],
  [
    ":irc.test 005 ann NICKLEN=9 MODES=4 :are",
    ":irc.test 005 ann NICKLEN=9 MODES=4 … (up to 64 bytes)",
  ],
  [":irc.test 461 ann JOIN :Not enough", ":irc.test 461 ann JOIN … (up to 64 bytes)"],
  [":irc.test FAIL JOIN BANNED #x :No", ":irc.test FAIL JOIN BANNED #x … (up to 64 bytes)"],
  ["ERROR :Closing link", "ERROR … (up to 64 bytes)"],
];

describe("the log", () => {
  for (const line of SECRETS)
    it(`has no secret of ${JSON.stringify(line.slice(0, 60))}`, () => {
      const logged = loggedLine(line);
      assert.ok(!logged.includes("hunter2"), logged);
      assert.ok(logged.includes("…"), logged);
    });

  for (const line of PLAIN)
    it(`shows ${JSON.stringify(line.slice(0, 60))} as it is`, () => {
      assert.equal(loggedLine(line), line);
    });

  for (const [line, logged] of CUT)
    it(`says what this is and no more: ${line.slice(0, 60)}`, () => {
      assert.equal(loggedLine(line), logged);
    });

  it("is one line of what is one", () => {
    assert.equal(loggedLine("@label=a\\nb PING x"), "@label PING x");
  });

  it("of a session has no secret, whichever way it went", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server, { caps: ["echo-message"] });
    session.raw("PRIVMSG NickServ :IDENTIFY hunter2");
    session.raw("NS IDENTIFY hunter2");
    session.say("NickServ", "IDENTIFY hunter2");
    void session.join("#secret", "hunter2");
    session.mode("#room", "+k", "hunter2");
    peer.send(
      ":ann!u@h PRIVMSG NickServ :IDENTIFY hunter2",
      ":NickServ!s@services NOTICE ann :hunter2 is now your key",
      ":irc.test 324 ann #room +k hunter2",
      ":ann!u@h MODE #room +k hunter2",
    );
    await peer.settle();
    assert.ok(session.log.some((line) => line.includes("PRIVMSG NickServ …")));
    assert.ok(!session.log.some((line) => line.includes("hunter2")), session.log.join("\n"));
  });

  const endings = ["ERROR :hunter2", "FAIL * SERVER_FULL :hunter2", "FAIL * APPROVAL_DENIED :hunter2", ":irc.test 465 ann :hunter2", ":irc.test 464 ann :hunter2", ":irc.test 010 ann hunter2 6667 :go", ":irc.test 433 * ann :hunter2", ":irc.test 432 * ann :hunter2", "HTTP/1.1 hunter2", "SSH-2.0-hunter2"]; // prettier-ignore
  for (const line of endings)
    it(`has nothing of how a server says no: ${line}`, async () => {
      const server = await startScripted();
      const session = newSession(addressOf(server.port), { persistent: false });
      session.start();
      const peer = await server.accept();
      await peer.command("USER");
      peer.send(line);
      await session.failed();
      const info = session.log.filter((entry) => !entry.startsWith("debug"));
      assert.ok(info.length > 0);
      assert.ok(!info.some((entry) => entry.includes("hunter2")), info.join("\n"));
    });

  it("has nothing of how a server closes the connection", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server);
    peer.send("ERROR :Closing link: hunter2");
    peer.socket.end();
    await session.until(({ status }) => status.phase !== "online");
    await server.accept();
    const info = session.log.filter((entry) => !entry.startsWith("debug"));
    assert.ok(info.some((entry) => entry.includes("closed-by-server")));
    assert.ok(!info.some((entry) => entry.includes("hunter2")), info.join("\n"));
  });

  it("has of a failure what is in our own words, and its code", () => {
    for (const [code, detail, logged] of [
      ["refused", "connect ECONNREFUSED 127.0.0.1:1", "refused (connect ECONNREFUSED 127.0.0.1:1)"],
      ["lost", "connection closed (1008: hunter2)", "lost (connection closed (1008))"],
      ["lost", "read ECONNRESET", "lost (read ECONNRESET)"],
      ["not-a-chat-server", 'it says "hunter2"', "not-a-chat-server"],
      ["closed-by-server", "hunter2", "closed-by-server"],
    ] as const)
      assert.equal(loggedFailure({ code, detail }), logged);
  });

  it("has no token of the address", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port, { token: "hunter2" }));
    session.start();
    const peer = await server.accept();
    assert.deepEqual((await peer.command("PASS")).params, ["hunter2"]);
    assert.ok(!session.log.some((line) => line.includes("hunter2")), session.log.join("\n"));
  });
});
