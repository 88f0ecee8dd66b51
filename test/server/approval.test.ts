// The host lets people in, or not: who waits sees nothing, is seen by no one but the host, and comes in when they say so.
import { strict as assert } from "node:assert";
import { parseServerConfig } from "../../src/server/config.js";
import type { Decision, WaitingClient } from "../../src/server/control.js";
import {
  OPERS,
  applicant,
  apply,
  applyByPassword,
  decisionsOf,
  guarded,
  host,
  newCertificate,
} from "../support/approval.js";
import { startServer, temporaryFolder } from "../support/server.js";

describe("a newcomer where the host lets people in", () => {
  it("is welcomed, told that they wait, and joins what they asked for when they are let in", async () => {
    const server = await guarded();
    const ann = await host(server);
    const bob = await applicant(server, "bob");
    await ann.expect(
      ":parley.chat NOTICE ann :bob (127.0.0.1) wants to join (APPROVE bob, DENY bob, or WAITING for the list)",
    );
    bob.send("JOIN #general,#other", "JOIN #locked key");
    assert.deepEqual(await bob.roundtrip(), []);
    ann.send("APPROVE bob");
    await ann.expect(":parley.chat NOTICE ann :bob is in");
    await bob.expect(":parley.chat NOTICE bob :The host has let you in");
    await bob.until(/^:bob\S* JOIN #general$/);
    await bob.until(/^:bob\S* JOIN #other$/);
    await bob.until(/^:bob\S* JOIN #locked$/);
    bob.send("PRIVMSG ann :thanks");
    await ann.until(/^:bob\S* PRIVMSG ann :thanks$/);
  });

  it("gets the welcome once only", async () => {
    const server = await guarded();
    const ann = await host(server);
    const bob = await applicant(server, "bob");
    ann.send("APPROVE bob");
    await ann.roundtrip();
    const lines = await bob.roundtrip();
    assert.ok(!lines.some((line) => / (?:00[1-5]|37[256]|422) /.test(line)), lines.join("\n"));
  });

  it("who knows the capability is welcomed when they are let in", async () => {
    const server = await guarded();
    const ann = await host(server);
    const bob = await server.connect();
    bob.send("CAP LS 302", "CAP REQ :parley/approval", "NICK bob", "USER bob 0 * :Bob", "CAP END");
    const waiting = await bob.until(/ NOTE \* WAITING_FOR_APPROVAL :/);
    assert.ok(!waiting.some((line) => line.includes(" 001 ")));
    bob.send("JOIN #general");
    ann.send("APPROVE bob");
    await bob.until(/ 001 bob :/);
    await bob.until(/ 422 bob :/);
    await bob.expect(/ NOTE \* APPROVED :/);
    await bob.until(/^:bob\S* JOIN #general$/);
  });

  it("can say one line, by KNOCK or a message to anyone, which the host reads", async () => {
    const server = await guarded();
    const ann = await host(server);
    for (const [nick, line] of [
      ["bob", "KNOCK :it is me"],
      ["eve", "KNOCK #general :it is me"],
      ["joe", "PRIVMSG ann :it is me"],
      ["sue", "PRIVMSG nobody :it is me"],
      ["tom", "NOTICE parley.chat :it is me"],
    ] as const) {
      const peer = await applicant(server, nick);
      await ann.next();
      peer.send(line);
      await peer.expect(`:parley.chat NOTICE ${nick} :The host sees your line`);
      await ann.expect(
        `:parley.chat NOTICE ann :${nick} (127.0.0.1) wants to join: it is me (APPROVE ${nick}, DENY ${nick}, or WAITING for the list)`,
      );
      peer.send("KNOCK :again");
      await peer.expect(/ FAIL KNOCK ALREADY_KNOCKED :/);
    }
    assert.deepEqual(await ann.roundtrip(), []);
    ann.send("WAITING");
    const list = await ann.roundtrip();
    assert.match(list[0] ?? "", /bob \(127\.0\.0\.1, no account, .*\) says: it is me$/);
    assert.match(list.at(-1) ?? "", / :5 waiting\. /);
  });

  it("does not tell the host their password for services, nor a line that is empty or too long", async () => {
    const server = await guarded();
    const ann = await host(server);
    const bob = await applicant(server, "bob");
    await ann.next();
    for (const [line, answer] of [
      ["PRIVMSG NickServ :IDENTIFY sesame", / FAIL PRIVMSG WAITING_FOR_APPROVAL :/],
      ["PRIVMSG #general :hi", / FAIL PRIVMSG WAITING_FOR_APPROVAL :/],
      ["PRIVMSG ann,joe :hi", / FAIL PRIVMSG WAITING_FOR_APPROVAL :/],
      ["KNOCK", / 461 bob KNOCK :/],
      ["KNOCK :  ", / 461 bob KNOCK :/],
      [`KNOCK :${"é".repeat(151)}`, / FAIL KNOCK MESSAGE_TOO_LONG :.* 300 bytes$/],
    ] as const) {
      bob.send(line);
      await bob.expect(answer);
    }
    assert.deepEqual(await ann.roundtrip(), []);
  });

  it("can ask for another nick, answer PING, and leave", async () => {
    const server = await guarded();
    const ann = await host(server);
    const bob = await applicant(server, "bob");
    bob.send("NICK rob");
    await bob.expect(/^:bob!~bob@host NICK :rob$/);
    await ann.next();
    ann.send("APPROVE bob");
    await ann.expect(/ 401 ann bob :No one of this nick is waiting/);
    bob.send("QUIT");
    await bob.rest();
    ann.send("WAITING");
    assert.deepEqual(await ann.roundtrip(), [":parley.chat NOTICE ann :No one is waiting"]);
  });

  it("is denied with words, and may ask again, of which operators are not told once more", async () => {
    const server = await guarded();
    const ann = await host(server);
    const bob = await applicant(server, "bob", "standard-replies");
    await ann.next();
    ann.send("DENY bob :not today");
    await ann.expect(":parley.chat NOTICE ann :bob was not let in");
    assert.deepEqual(await bob.rest(), [
      ":parley.chat FAIL * APPROVAL_DENIED :not today",
      "ERROR :Closing link: not today",
    ]);
    const again = await applicant(server, "bob");
    assert.deepEqual(await ann.roundtrip(), []);
    ann.send("APPROVE bob");
    await again.until(/ :The host has let you in$/);
  });

  it("who waits too long is told so", async () => {
    let ticks = 0;
    const server = await guarded({ ticks: () => ticks, limits: { pingIntervalMs: 1e9 } });
    const bob = await applicant(server, "bob");
    ticks = 30 * 60_000;
    assert.deepEqual(await bob.rest(), [
      ":parley.chat NOTICE bob :The host has not answered; try again when they are there",
      "ERROR :Closing link: The host has not answered; try again when they are there",
    ]);
  });

  it("is asked for a sign of life while they wait", async () => {
    let ticks = 0;
    const server = await guarded({ ticks: () => ticks });
    const bob = await applicant(server, "bob");
    ticks = 45_000;
    await bob.expect(/^PING :/);
    ticks = 90_000;
    await bob.expect(/^ERROR :Closing link: Ping timeout/);
  });

  it("is one of so many who can wait", async () => {
    const server = await guarded({ limits: { maxWaiting: 2 } });
    await applicant(server, "bob");
    await applicant(server, "eve");
    const joe = await server.connect();
    joe.send("NICK joe", "USER joe 0 * :Joe");
    await joe.expect(
      "ERROR :Closing link: Too many people are waiting to be let in; try again later",
    );
  });

  it("does not learn who is here, nor anything of channels and what was said", async () => {
    const server = await guarded();
    const ann = await host(server, "message-tags", "draft/metadata-3");
    ann.send("JOIN #secretplan", "TOPIC #secretplan :hush", "PRIVMSG #secretplan :the secret");
    ann.send("METADATA * SET color :red");
    await ann.roundtrip();
    const caps = [
      "batch",
      "message-tags",
      "draft/chathistory",
      "soju.im/search",
      "draft/metadata-3",
    ];
    const bob = await server.connect();
    await bob.register("bob", ...caps, "draft/read-marker", "draft/pre-away", "sasl");
    const burst = await bob.roundtrip();
    for (const line of burst) assert.doesNotMatch(line, / 25[0-9] | 26[56] |ann|secret/);
    const questions = [
      ...["WHO *", "WHO ann", "WHOIS ann", "WHOWAS ann", "NAMES", "NAMES #secretplan", "LIST"],
      ...["LUSERS", "ISON ann", "USERHOST ann", "MONITOR + ann", "TOPIC #secretplan", "MODE ann"],
      ...["MODE #secretplan", "INVITE ann #secretplan", "KICK #secretplan ann", "PART #secretplan"],
      "CHATHISTORY LATEST #secretplan * 10",
      "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2099-01-01T00:00:00.000Z 10",
      ...[
        "SEARCH text=secret",
        "MARKREAD #secretplan",
        "METADATA ann GET color",
        "METADATA * SUB color",
      ],
      ...["REDACT #secretplan x", "RENAME #secretplan #x", "WALLOPS :x", "AWAY :x", "SETNAME :x"],
      ...["KILL ann", "REHASH", "RELEASE ann", "WAITING", "APPROVE bob", "DECISIONS", "LINKS ann"],
      ...[
        "TAGMSG ann",
        "BATCH +1 draft/multiline ann",
        "REGISTER * * sesame",
        "AUTHENTICATE PLAIN",
      ],
      ...["MOTD ann", "INFO ann", "TIME ann", "VERSION ann", "HELP", "ISUPPORT", "NONSENSE"],
    ];
    for (const question of questions) {
      bob.send(question);
      const [command = ""] = question.split(" ");
      const answer = await bob.roundtrip();
      assert.equal(answer.length, 1, question);
      assert.match(answer[0] ?? "", new RegExp(` FAIL ${command} WAITING_FOR_APPROVAL :`));
    }
    // Nor do they hear of anything.
    ann.send("WALLOPS :the secret", "PRIVMSG bob :the secret", "NOTICE bob :the secret");
    ann.send("INVITE bob #secretplan", "NICK anna", "AWAY :the secret");
    await ann.roundtrip();
    assert.deepEqual(await bob.roundtrip(), []);
  });

  it("is not found by those who are here", async () => {
    const server = await guarded();
    const caps = ["draft/metadata-3", "extended-monitor", "away-notify", "batch"];
    const ann = await host(server, ...caps);
    ann.send("MONITOR + bob,rob,bob2", "JOIN #general", "LUSERS");
    const before = (await ann.roundtrip()).filter((line) => / 2[56][0-9] /.test(line));
    const bob = await applicant(server, "bob", ...caps);
    await ann.until(/ :bob .* wants to join /);
    bob.send("JOIN #general", "NICK rob", "NICK bob");
    await bob.roundtrip();
    ann.send("LUSERS");
    assert.deepEqual(await ann.roundtrip(), before);
    for (const question of [
      ...["WHO *", "WHO bob", "WHOIS bob", "WHOWAS bob", "NAMES #general", "ISON bob"],
      ...["USERHOST bob", "MONITOR S", "LIST", "METADATA bob LIST", "WHO #general"],
    ]) {
      ann.send(question);
      const answer = (await ann.roundtrip()).join("\n");
      assert.doesNotMatch(answer, /!~?bob|~bob|bob the user/, question);
    }
    ann.send("PRIVMSG bob :hi", "INVITE bob #general", "KILL bob");
    const refusals = await ann.roundtrip();
    assert.ok(
      refusals.every((line) => line.includes(" 401 ann bob ")) && refusals.length === 3,
      refusals.join("\n"),
    );
    bob.send("QUIT");
    await bob.rest();
    ann.send("WHOWAS bob");
    assert.match((await ann.roundtrip()).join("\n"), / 406 ann bob /);
  });

  it("keeps the nick they wait by, and has to give way to its owner", async () => {
    const server = await guarded({ accounts: ["bob:sesame"] });
    const ann = await host(server);
    const eve = await applicant(server, "eve");
    const other = await server.connect();
    other.send("NICK Eve", "USER eve 0 * :x");
    await other.expect(/ 433 \* Eve :Nickname is already in use/);
    ann.send("NICK eve");
    await ann.until(/ 433 ann eve /);
    eve.send("NICK bob");
    await eve.expect(/ 433 eve bob :Nickname is registered/);
  });

  it("does not move aside who is here and has the nick they own, until they are let in", async () => {
    const server = await guarded({ accounts: ["bob:sesame"] });
    const ann = await host(server);
    server.server.accounts.nicks.release("bob");
    const guest = await applicant(server, "bob");
    ann.send("APPROVE bob");
    await guest.until(/ :The host has let you in$/);
    server.server.accounts.nicks.keep("bob", "bob", 1);
    const owner = await server.connect();
    await owner.logIn("bob");
    assert.ok(!(await guest.roundtrip()).some((line) => line.includes(" NICK ")));
    ann.send("APPROVE bob");
    await guest.until(/^:bob\S* NICK :bob2$/);
    await owner.until(/ :The host has let you in$/);
  });

  it("owns no nick by having asked to come in by it", async () => {
    const server = await guarded();
    const ann = await host(server);
    const thief = await apply(server, await newCertificate(), "bob");
    await thief.until(/ WAITING_FOR_APPROVAL /);
    ann.send("DENY bob");
    await thief.rest();
    const bob = await apply(server, await newCertificate(), "bob");
    await bob.until(/ WAITING_FOR_APPROVAL /);
    ann.send("APPROVE bob");
    await bob.until(/ NOTE \* APPROVED /);
    bob.send("QUIT");
    await bob.rest();
    const stranger = await server.connect();
    stranger.send("NICK bob", "USER x 0 * :x");
    await stranger.until(/ 433 \* bob :Nickname is registered/);
  });

  it("becomes an operator with the right password, and is in; a wrong one lets no one in", async () => {
    const server = await guarded();
    const ann = await server.connect();
    await ann.register("ann");
    ann.send("JOIN #general", "OPER host wrong");
    await ann.until(/ 464 ann /);
    ann.send("WAITING");
    await ann.expect(/ FAIL WAITING WAITING_FOR_APPROVAL /);
    ann.send("OPER host secret");
    await ann.until(/^:ann\S* JOIN #general$/);
    await ann.until(/ MODE ann \+o$/);
  });
});

describe("who was let in", () => {
  it("comes again without a question by their certificate, until the server stops", async () => {
    const data = temporaryFolder();
    const certificate = await newCertificate();
    const server = await guarded({ data });
    const ann = await host(server);
    const bob = await apply(server, certificate, "bob");
    await bob.until(/ WAITING_FOR_APPROVAL /);
    ann.send("APPROVE bob");
    await bob.until(/ NOTE \* APPROVED /);
    bob.send("QUIT");
    await bob.rest();
    const again = await apply(server, certificate, "bob");
    await again.until(/ 422 bob /);
    assert.deepEqual(await again.roundtrip(), []);
    await server.close();
    const next = await guarded({ data });
    const later = await apply(next, certificate, "bob");
    await later.until(/ WAITING_FOR_APPROVAL /);
  });

  it("does not wait after a restart that is not the end", async () => {
    const data = temporaryFolder();
    const certificate = await newCertificate();
    const server = await guarded({ data });
    const ann = await host(server);
    const bob = await apply(server, certificate, "bob");
    await bob.until(/ WAITING_FOR_APPROVAL /);
    ann.send("APPROVE bob");
    await bob.until(/ NOTE \* APPROVED /);
    await server.server.close("The window reloads", "for now");
    const next = await guarded({ data });
    const later = await apply(next, certificate, "bob");
    await later.until(/ 422 bob /);
    assert.deepEqual(await later.roundtrip(), []);
  });

  it("for always is known by account and certificate after a restart, until that is taken back", async () => {
    const data = temporaryFolder();
    const options = { data, accounts: ["bob:sesame"] };
    const server = await guarded(options);
    const ann = await host(server);
    const bob = await server.connect();
    await bob.logIn("bob");
    ann.send("APPROVE bob ALWAYS");
    await bob.until(/ :The host has let you in$/);
    await server.close();
    const next = await guarded(options);
    const again = await next.connect();
    await again.logIn("bob");
    assert.deepEqual(await again.roundtrip(), []);
    again.send("QUIT");
    await again.rest();
    const boss = await host(next);
    assert.ok((await decisionsOf(boss)).includes("bob is always let in (account bob)"));
    boss.send("FORGET bob");
    await boss.expect(":parley.chat NOTICE ann :Forgotten: bob (account bob)");
    const waiting = await next.connect();
    await waiting.logIn("bob");
    await waiting.until(/ :The host has to let you in/);
  });

  it("without account and certificate is not remembered, which the operator is told", async () => {
    const server = await guarded();
    const ann = await host(server);
    await applicant(server, "bob");
    await ann.next();
    ann.send("APPROVE bob ALWAYS");
    await ann.expect(":parley.chat NOTICE ann :bob is in");
    await ann.expect(/ :bob cannot be remembered, and waits again next time: /);
  });

  it("lets in their other windows", async () => {
    const server = await guarded({ accounts: ["bob:sesame"] });
    const ann = await host(server);
    const bob = await server.connect();
    await bob.logIn("bob");
    const second = await server.connect();
    const plain = Buffer.from("\0bob\0sesame").toString("base64");
    second.send("CAP REQ :sasl", "AUTHENTICATE PLAIN", `AUTHENTICATE ${plain}`);
    second.send("NICK bob_", "USER bob 0 * :Bob", "CAP END");
    await second.until(/ :The host has to let you in/);
    ann.send("APPROVE bob");
    await second.until(/ :The host has let you in$/);
    const third = await server.connect();
    third.send("CAP REQ :sasl", "AUTHENTICATE PLAIN", `AUTHENTICATE ${plain}`);
    third.send("NICK bob__", "USER bob 0 * :Bob", "CAP END");
    await third.until(/ 422 bob__ /);
    assert.deepEqual(await third.roundtrip(), []);
  });

  it("is the one the operator was told of, not one who took their nick meanwhile", async () => {
    const server = await guarded();
    const ann = await host(server);
    const evil = await applicant(server, "carl");
    const joe = await applicant(server, "joe");
    joe.send("NICK joe2");
    await joe.roundtrip();
    evil.send("NICK joe");
    await evil.roundtrip();
    await ann.roundtrip();
    for (const command of ["APPROVE joe", "DENY Joe", "BAN joe"]) {
      ann.send(command);
      await ann.expect(/ FAIL \S+ NICKNAME_CHANGED [Jj]oe :.*: see WAITING/);
    }
    assert.deepEqual(await evil.roundtrip(), []);
    joe.send("QUIT");
    await joe.rest();
    ann.send("APPROVE joe");
    await ann.expect(/ FAIL APPROVE NICKNAME_CHANGED /);
    ann.send("WAITING", "DENY joe");
    await evil.rest();
  });

  it("is denied with their other windows", async () => {
    const server = await guarded({ accounts: ["bob:sesame"] });
    const ann = await host(server);
    const bob = await applyByPassword(server, "bob", "bob");
    await bob.until(/ please wait\./);
    const second = await applyByPassword(server, "bob", "bob_");
    await second.until(/ please wait\./);
    const other = await applicant(server, "joe");
    ann.send("DENY bob :no");
    for (const peer of [bob, second])
      assert.equal((await peer.rest()).at(-1), "ERROR :Closing link: no");
    assert.deepEqual(await other.roundtrip(), []);
  });

  it("where that cannot be stored is told so to the operator", async () => {
    const server = await guarded({ accounts: ["bob:sesame"], mayLogErrors: true });
    const ann = await host(server);
    const bob = await applyByPassword(server, "bob", "bob");
    await bob.until(/ please wait\./);
    const { decisions } = server.server.approval;
    decisions.keep = () => {
      throw new Error("database or disk is full");
    };
    ann.send("APPROVE bob ALWAYS");
    await ann.until(/ :bob is in$/);
    await ann.expect(/ :bob could not be remembered, .* the server could not store it/);
  });

  it("waits again after they were thrown out", async () => {
    const server = await guarded({ accounts: ["bob:sesame"] });
    const ann = await host(server);
    const bob = await server.connect();
    await bob.logIn("bob");
    ann.send("APPROVE bob", "KILL bob :enough");
    await bob.rest();
    const again = await server.connect();
    await again.logIn("bob");
    await again.until(/ :The host has to let you in/);
  });

  it("waits again after they were thrown out of always-on channels while they were away", async () => {
    const data = temporaryFolder();
    const certificate = await newCertificate();
    const server = await guarded({ data, alwaysOn: true });
    const bob = await apply(server, certificate, "bob");
    await bob.until(/ WAITING_FOR_APPROVAL /);
    let ann = await host(server);
    ann.send("APPROVE bob");
    await bob.until(/ NOTE \* APPROVED /);
    bob.send("QUIT");
    await bob.rest();
    ann.send("KILL bob :enough");
    await ann.roundtrip();
    assert.ok(!(await decisionsOf(ann)).some((line) => line.startsWith("bob ")));
    const again = await apply(server, certificate, "bob");
    await again.until(/ WAITING_FOR_APPROVAL /);
    ann.send("APPROVE bob");
    await again.until(/ NOTE \* APPROVED /);
    await server.server.close("The window reloads", "for now");
    // Whoever stays is known by the account alone now.
    const next = await guarded({ data, alwaysOn: true });
    ann = await host(next);
    ann.send("KILL bob :enough");
    await ann.roundtrip();
    await (await apply(next, certificate, "bob")).until(/ WAITING_FOR_APPROVAL /);
  });

  it("for always is let in again after they were thrown out while they were away", async () => {
    const server = await guarded({ alwaysOn: true });
    const certificate = await newCertificate();
    const ann = await host(server);
    const bob = await apply(server, certificate, "bob");
    await bob.until(/ WAITING_FOR_APPROVAL /);
    ann.send("APPROVE bob ALWAYS");
    await bob.until(/ NOTE \* APPROVED /);
    bob.send("QUIT");
    await bob.rest();
    ann.send("KILL bob");
    await ann.roundtrip();
    await (await apply(server, certificate, "bob")).until(/ 422 bob /);
  });

  it("in always-on channels was let in before", async () => {
    const server = await guarded({ accounts: ["bob:sesame"], alwaysOn: true, approve: false });
    const bob = await server.connect();
    await bob.logIn("bob");
    bob.send("JOIN #general");
    await bob.until(/ JOIN #general$/);
    bob.send("QUIT");
    await bob.rest();
    server.server.setApproval(true);
    const again = await server.connect();
    await again.logIn("bob");
    await again.until(/^:bob\S* JOIN #general$/);
  });

  it("waits again once that is taken back, also where they would stay in always-on channels", async () => {
    const server = await guarded({ accounts: ["bob:sesame", "joe:sesame"], alwaysOn: true });
    const ann = await host(server);
    const [bob, joe] = [await server.connect(), await server.connect()];
    await bob.logIn("bob");
    await joe.logIn("joe");
    ann.send("APPROVE bob", "APPROVE joe ALWAYS");
    await joe.until(/ :The host has let you in$/);
    // One is away when it is taken back, the other goes later.
    bob.send("QUIT");
    await bob.rest();
    ann.send("FORGET bob", "FORGET joe");
    await ann.until(/ :Forgotten: joe /);
    await joe.roundtrip();
    joe.send("QUIT");
    await joe.rest();
    for (const nick of ["bob", "joe"]) {
      const again = await server.connect();
      await again.logIn(nick);
      await again.until(/ :The host has to let you in/);
    }
  });

  it("is one decision, which is taken back as a whole by any of what it was made of", async () => {
    const data = temporaryFolder();
    let server = await guarded({ data });
    const certificate = await newCertificate();
    const comesIn = async (command: string) => {
      const bob = await apply(server, certificate, "bob");
      await bob.until(/ WAITING_FOR_APPROVAL /);
      const ann = await host(server);
      ann.send(command);
      await bob.until(/ NOTE \* APPROVED /);
      bob.send("QUIT");
      await bob.rest();
      await ann.roundtrip();
      return ann;
    };
    const ann = await comesIn("APPROVE bob ALWAYS");
    const listed = /^bob is always let in \(account bob, certificate ([0-9a-f]{64})\)$/;
    const lines = await decisionsOf(ann);
    assert.equal(lines.length, 2, lines.join("\n"));
    const [, fingerprint = ""] = listed.exec(lines[0] ?? "") ?? [];
    for (const key of ["bob", fingerprint]) {
      await server.close();
      server = await guarded({ data });
      const boss = await host(server);
      assert.match((await decisionsOf(boss))[0] ?? "", listed);
      boss.send(`FORGET ${key}`);
      await boss.expect(/ :Forgotten: bob \(account bob, certificate [0-9a-f]{64}\)$/);
      assert.deepEqual(await decisionsOf(boss), ["Nothing is remembered"]);
      boss.send("QUIT");
      await boss.rest();
      const last = await comesIn("APPROVE bob ALWAYS");
      last.send("QUIT");
      await last.rest();
    }
  });

  it("and is banned by what they come with later is banned by all that they were let in by", async () => {
    const server = await guarded({ accounts: ["bob:sesame"] });
    const ann = await host(server);
    const certificate = await newCertificate();
    const bob = await server.connectTls(certificate);
    bob.send("CAP REQ :sasl");
    bob.sendPlain("bob");
    bob.send("NICK bob", "USER bob 0 * :Bob", "CAP END");
    await bob.until(/ please wait\./);
    ann.send("APPROVE bob ALWAYS");
    await bob.until(/ :The host has let you in$/);
    bob.send("QUIT");
    await bob.rest();
    // This time without the certificate.
    const later = await server.connect();
    await later.logIn("bob");
    ann.send("BAN bob");
    await later.rest();
    await ann.roundtrip();
    assert.equal((await decisionsOf(ann)).length, 2);
    const again = await server.connectTls(certificate);
    again.send("NICK rob", "USER rob 0 * :Rob");
    await again.until(/ 465 /);
  });

  it("is not the operator, who is in no list and comes back without a question while the server runs", async () => {
    const server = await guarded();
    const certificate = await newCertificate();
    const boss = await apply(server, certificate, "boss");
    await boss.until(/ WAITING_FOR_APPROVAL /);
    boss.send("OPER host secret");
    await boss.until(/ MODE boss \+o$/);
    assert.deepEqual(await decisionsOf(boss), ["Nothing is remembered"]);
    boss.send("QUIT");
    await boss.rest();
    const again = await apply(server, certificate, "boss");
    await again.until(/ 422 boss /);
    assert.deepEqual(await again.roundtrip(), []);
  });
});

describe("the host's decision whether to let people in", () => {
  it("can be changed while the server runs: who is here stays, and who waits is let in at the end", async () => {
    let approve = false;
    const base = { listen: ["127.0.0.1:0"], opers: OPERS };
    const server = await startServer({
      opers: OPERS,
      reload: () => parseServerConfig({ ...base, approve }),
    });
    const ann = await host(server);
    const bob = await server.client("bob");
    approve = true;
    ann.send("REHASH");
    await ann.roundtrip();
    bob.send("JOIN #general");
    await bob.until(/ JOIN #general$/);
    const eve = await applicant(server, "eve");
    approve = false;
    ann.send("REHASH");
    await eve.until(/ :The host has let you in$/);
  });

  it("is told to whoever started the server, with who waits and what was decided", async () => {
    let waiting: readonly WaitingClient[] = [];
    let decisions: readonly Decision[] = [];
    let nicks: string[] = [];
    const server = await guarded({
      password: "invite",
      accounts: ["bob:sesame"],
      onApprovals: (...told) => {
        [waiting, decisions] = told;
      },
      onClients: (clients) => {
        nicks = clients.map(({ nick }) => nick);
      },
    });
    const bob = await server.connect();
    bob.send("PASS invite");
    await bob.logIn("bob");
    bob.send("KNOCK :\u202ehello");
    await bob.until(/ :The host sees your line/);
    await bob.roundtrip();
    const [first] = waiting;
    assert.deepEqual(
      [first?.nick, first?.address, first?.account, first?.isNewAccount, first?.hasPassword],
      ["bob", "127.0.0.1", "bob", false, true],
    );
    assert.equal(first?.line, "\u202ehello");
    assert.deepEqual(nicks, []);
    server.server.approval.decide(first.id, "approved");
    await bob.until(/ :The host has let you in$/);
    await bob.roundtrip();
    assert.deepEqual([waiting, nicks], [[], ["bob"]]);
    assert.deepEqual(
      decisions.map(({ keys, verdict }) => [keys, verdict]),
      [[[{ kind: "account", value: "bob" }], "approved"]],
    );
  });

  it("needs the server's password first", async () => {
    const server = await guarded({ password: "invite" });
    const bob = await server.connect();
    bob.send("NICK bob", "USER bob 0 * :Bob");
    await bob.expect(/ 464 \* :Password incorrect/);
  });
});
