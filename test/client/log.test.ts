// What the log says of lines: enough to find a fault, and no secret.
import { strict as assert } from "node:assert";
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
  "hunter2",
  "@no-command",
  "PASS\0hunter2",
];

/** These are as they are: a log that hides everything helps nobody. */
const PLAIN: readonly string[] = [
  ":bob!u@h PRIVMSG #room :good morning",
  "@time=2026-01-01T00:00:00.000Z :bob!u@h PRIVMSG #room :see https://example.org/?q=1#top",
  "PRIVMSG #serv-room :hello",
  "NICK ann",
  "USER ann 0 * :Ann",
  "CAP REQ :sasl message-tags",
  ":irc.test CAP * LS :sasl=PLAIN,EXTERNAL sts=port=6697,duration=1",
  "JOIN #room",
  ":ann!u@h JOIN #room",
  "MODE #room +o bob",
  "MODE #room +b *!*@kite.example",
  ":irc.test 005 ann KEYLEN=32 MODES=4 CHANMODES=b,k,l,n :are supported",
  ":irc.test 332 ann #room :Tokens and keys",
  "METADATA * SET color :#ff0000",
  "CHATHISTORY LATEST #room * 100",
  ":irc.test 433 * ann :Nickname is already in use",
  "ERROR :Closing link",
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

  it("still says which command it was, and to whom", () => {
    assert.equal(
      loggedLine("@label=1 PRIVMSG NickServ :IDENTIFY hunter2"),
      "@label=1 PRIVMSG NickServ …",
    );
    assert.equal(loggedLine(":a!b@c MODE #room +k hunter2"), ":a!b@c MODE #room +k …");
  });

  it("of a session has no secret, whichever way it went", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server, { caps: ["echo-message"] });
    session.raw("PRIVMSG NickServ :IDENTIFY hunter2");
    session.raw("NS IDENTIFY hunter2");
    session.say("NickServ", "IDENTIFY hunter2");
    session.join("#secret", "hunter2");
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

  it("has no token of the address", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port, { token: "hunter2" }));
    session.start();
    const peer = await server.accept();
    assert.deepEqual((await peer.command("PASS")).params, ["hunter2"]);
    assert.ok(!session.log.some((line) => line.includes("hunter2")), session.log.join("\n"));
  });
});
