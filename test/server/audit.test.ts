// The log of everything that is said, where the host declares it.
import { strict as assert } from "node:assert";
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AuditLog } from "../../src/server/audit/audit-log.js";
import { parseServerConfig } from "../../src/server/config.js";
import { createLogger } from "../../src/server/logger.js";
import { audited, breakLog, fileIn, logIn, mendLog, roundtrips, textOf } from "../support/audit.js";
import { startServer, temporaryFolder } from "../support/server.js";

const LOGGED = "Everything said on this server is logged by the host, including direct messages.";
const BEGINS = /From now on everything said on this server is logged by the host, including direct/;

describe("a server whose host logs everything", () => {
  it("writes who said what to whom, direct messages included, and who came and went", async () => {
    const [server, data] = await audited();
    const ann = await server.join("ann", "#general");
    const bob = await server.join("bob", "#general");
    ann.send("PRIVMSG #general :hello", "PRIVMSG bob :only for you", "NOTICE #general :look");
    ann.send("PRIVMSG bob :\x01ACTION waves\x01", "TOPIC #general :tea", "TOPIC #general :");
    ann.send("MODE #general +ok bob sesame", "PRIVMSG @#general :for some", "NICK anna");
    await ann.roundtrip();
    bob.send("PART #general :tired", "QUIT :bye");
    await bob.rest();
    ann.send("JOIN #other", "KICK #other anna :out", "QUIT");
    await ann.rest();
    await server.close("closing time");
    assert.deepEqual(logIn(data), [
      "* logging began: the server has started",
      "* ann connected from 127.0.0.1 port PORT",
      "* ann has the real name: ann the user",
      "* ann joined #general",
      "* bob connected from 127.0.0.1 port PORT",
      "* bob has the real name: bob the user",
      "* bob joined #general",
      "ann -> #general: hello",
      "ann -> bob: only for you",
      "ann -> #general (notice): look",
      "ann -> bob (action): waves",
      "* ann changed the topic of #general to: tea",
      "* ann removed the topic of #general",
      "* ann set the modes +ok bob * of #general",
      "ann -> @#general: for some",
      "* ann is now anna",
      "* bob left #general: tired",
      "* bob disconnected: Quit: bye",
      "* anna joined #other",
      "* anna removed anna from #other: out",
      "* anna disconnected: Quit: ",
      "* logging ended: the server stopped (closing time)",
    ]);
  });

  it("has a line on disk before anyone reads the message", async () => {
    const [server, data] = await audited();
    const ann = await server.client("ann");
    const bob = await server.client("bob");
    ann.send("PRIVMSG bob :tea");
    await bob.until(/ PRIVMSG bob :tea$/);
    assert.equal(logIn(data).at(-1), "ann -> bob: tea");
  });

  it("keeps the lines of one message together, so that none passes for another", async () => {
    const [server, data] = await audited();
    const ann = await server.join("ann", "#room", "batch", "draft/multiline");
    ann.send("BATCH +1 draft/multiline #room", "@batch=1 PRIVMSG #room :first");
    ann.send("@batch=1 PRIVMSG #room :2026-01-01T00:00:00.000Z bob -> ann: forged");
    ann.send("@batch=1;draft/multiline-concat PRIVMSG #room : to the end", "BATCH -1");
    await ann.roundtrip();
    assert.deepEqual(logIn(data).slice(-2), [
      "ann -> #room: first",
      "    | 2026-01-01T00:00:00.000Z bob -> ann: forged to the end",
    ]);
  });

  it("shows control characters, and lets no text begin a line of its own", async () => {
    const [server, data] = await audited();
    const ann = await server.join("ann", "#room");
    const before = logIn(data).length;
    for (const text of [
      "a\u2028b -> c: d",
      "\x1b[2J\x02bold",
      "\u202etxt\u200b.exe",
      "a\x85\x0b\x0cb",
    ])
      ann.send(`PRIVMSG #room :${text}`);
    ann.send("PART #room :x\u2029* bob joined #room", "QUIT :\x1b]0;x\x07");
    await ann.rest();
    await server.close();
    assert.deepEqual(logIn(data).slice(before, -1), [
      "ann -> #room: a\\u2028b -> c: d",
      "ann -> #room: \\u001b[2J\\u0002bold",
      "ann -> #room: \\u202etxt\\u200b.exe",
      "ann -> #room: a\\u0085\\u000b\\u000cb",
      "* ann left #room: x\\u2029* bob joined #room",
      "* ann disconnected: Quit: \\u001b]0;x\\u0007",
    ]);
  });

  it("logs no password: not the server's, an account's, an operator's or a channel's", async () => {
    const [server, data] = await audited({ password: "sesame-1", opers: ["root:sesame-2"] });
    const ann = await server.connect();
    ann.send("PASS sesame-1");
    await ann.register("ann");
    ann.send("OPER root sesame-2", "REGISTER * * sesame-3", "JOIN #room sesame-4");
    ann.send(
      "MODE #room +k sesame-5",
      "MODE #room -k sesame-5",
      "PRIVMSG NickServ :IDENTIFY sesame-6",
    );
    await ann.roundtrip();
    const eve = await server.connect();
    eve.send("PASS sesame-1x", "NICK eve", "USER eve 0 * :eve");
    await eve.rest();
    assert.doesNotMatch(textOf(data), /sesame/);
  });

  it("keeps what is deleted, and says who deleted it", async () => {
    const caps = ["message-tags", "echo-message", "draft/message-redaction"];
    const [server, data] = await audited();
    const ann = await server.join("ann", "#room", ...caps);
    ann.send("PRIVMSG #room :oops");
    const [, msgid = ""] = /msgid=([^; ]+)/.exec(await ann.expect(/ PRIVMSG /)) ?? [];
    ann.send(`REDACT #room ${msgid} :a slip`);
    await ann.expect(/ REDACT /);
    const [said = "", deleted = ""] = textOf(data).trimEnd().split("\n").slice(-2);
    const [time = ""] = said.split(" ");
    assert.match(said, /ann -> #room: oops$/);
    assert.ok(deleted.endsWith(` * ann deleted the message ann sent at ${time} in #room: a slip`));
  });

  it("logs reactions and what else is said by tags, but not who is typing", async () => {
    const [server, data] = await audited();
    const ann = await server.join("ann", "#room", "message-tags");
    ann.send("@+typing=active TAGMSG #room", "@+draft/react=👍;+draft/reply=x TAGMSG #room");
    await ann.roundtrip();
    assert.deepEqual(logIn(data).slice(-2), [
      "* ann joined #room",
      "ann -> #room (tags): +draft/react=👍;+draft/reply=x",
    ]);
  });

  it("logs what someone says who waits to be let in", async () => {
    const [server, data] = await audited({ approve: true });
    const eve = await server.connect();
    eve.send("NICK eve", "USER eve 0 * :eve", "KNOCK :let me in");
    await eve.until(/The host sees your line/);
    await eve.roundtrip();
    assert.equal(logIn(data).at(-1), "* eve (127.0.0.1) waits to be let in, and says: let me in");
  });

  it("logs what is sent twice under one id once", async () => {
    const [server, data] = await audited();
    const ann = await server.join("ann", "#room", "message-tags");
    ann.send("@+parley/id=1 PRIVMSG #room :tea", "@+parley/id=1 PRIVMSG #room :tea");
    await ann.roundtrip();
    assert.equal(logIn(data).filter((line) => line === "ann -> #room: tea").length, 1);
  });

  it("goes on in the same file after a restart, on a line of its own", async () => {
    const data = temporaryFolder();
    writeFileSync(fileIn(data), "2026-01-01T00:00:00.000Z ann -> bob: cut o");
    const server = await startServer({ data, audit: true });
    await server.client("ann");
    await server.close("over");
    assert.deepEqual(logIn(data), [
      "ann -> bob: cut o",
      "* logging began: the server has started",
      "* ann connected from 127.0.0.1 port PORT",
      "* ann has the real name: ann the user",
      "* logging ended: the server stopped (over)",
    ]);
    assert.equal(statSync(fileIn(data)).mode & 0o077, 0);
  });

  it("makes a file that only its owner can read", async () => {
    const [, data] = await audited();
    assert.equal(statSync(fileIn(data)).mode & 0o777, 0o600);
  });

  it("does not start where the log cannot be written, and says what to do", async () => {
    const data = temporaryFolder();
    mkdirSync(fileIn(data));
    await assert.rejects(
      startServer({ data, audit: true }),
      /audit: .*audit\.log cannot be written: /,
    );
    assert.throws(() => parseServerConfig({ audit: true }), /audit: needs --data DIR, the folder /);
  });

  it("logs nothing and makes no file where it is off", async () => {
    const data = temporaryFolder();
    const server = await startServer({ data });
    const ann = await server.join("ann", "#room", "cap-notify");
    ann.send("PRIVMSG #room :tea", "CAP LS 302");
    assert.doesNotMatch((await ann.roundtrip()).join("\n"), /parley\/audit|logged/);
    assert.ok(!readdirSync(data).includes("audit.log"));
  });
});

describe("people on a server whose host logs everything", () => {
  it("are told at the welcome and in every channel they join", async () => {
    const [server] = await audited();
    const ann = await server.connect();
    ann.send("NICK ann", "USER ann 0 * :ann");
    await ann.until(/ 422 /);
    assert.deepEqual(await ann.roundtrip(), [`:parley.chat NOTICE ann :${LOGGED}`]);
    ann.send("JOIN #one,#two");
    const seen = await ann.roundtrip();
    assert.deepEqual(
      seen.filter((line) => line.includes("NOTICE")),
      [`:parley.chat NOTICE #one :${LOGGED}`, `:parley.chat NOTICE #two :${LOGGED}`],
    );
  });

  it("are told before they register where their client asks for capabilities, and then show it", async () => {
    const [server] = await audited();
    const ann = await server.connect();
    ann.send("CAP LS 302");
    await ann.until(/ CAP \* LS :.* parley\/audit(?: |$)/);
    await ann.register("ann", "parley/audit");
    ann.send("JOIN #room");
    assert.doesNotMatch((await ann.roundtrip()).join("\n"), /NOTICE/);
  });

  it("who stayed in their channels are told when they are back", async () => {
    const [server] = await audited({ accounts: ["ann:sesame"], alwaysOn: true });
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #room", "QUIT");
    await ann.rest();
    const again = await server.loggedIn("ann");
    const seen = (await again.roundtrip()).filter((line) => line.includes("NOTICE"));
    assert.deepEqual(seen.slice(0, 2), [
      `:parley.chat NOTICE ann :${LOGGED}`,
      `:parley.chat NOTICE #room :${LOGGED}`,
    ]);
  });
});

describe("logging that is turned on for a running server", () => {
  it("is told to everyone, also in their channels, and leaves what was said before unlogged", async () => {
    const data = temporaryFolder();
    const server = await startServer({ data });
    const ann = await server.join("ann", "#room");
    const bob = await server.join("bob", "#room", "cap-notify", "draft/chathistory");
    const eve = await server.connect();
    eve.send("CAP LS 302");
    await eve.until(/ CAP \* LS :/);
    ann.send("PRIVMSG bob :before");
    await roundtrips(ann, bob);
    server.server.setAudit(true);
    await ann.expect(BEGINS);
    await ann.expect(/ NOTICE #room :From now on /);
    await bob.expect(":parley.chat CAP bob NEW parley/audit");
    await bob.expect(/ NOTICE bob :From now on /);
    await bob.expect(/ NOTICE #room :From now on /);
    // Who is not registered yet must not miss it either.
    await eve.expect(":parley.chat CAP * NEW parley/audit");
    bob.send("CHATHISTORY LATEST ann * 10", "PRIVMSG ann :after");
    await roundtrips(bob, ann);
    assert.deepEqual(logIn(data), [
      "* logging began while the server was running; nothing before is logged",
      "bob -> ann: after",
    ]);
    bob.send("CAP REQ parley/audit");
    await bob.expect(/ ACK /);
    server.server.setAudit(false);
    await bob.expect(":parley.chat CAP bob DEL parley/audit");
    await bob.expect(
      ":parley.chat NOTICE bob :The host has stopped logging what is said on this server.",
    );
    await bob.expect(/ NOTICE #room :The host has stopped logging/);
    bob.send("CAP LIST", "PRIVMSG ann :unlogged");
    assert.doesNotMatch((await bob.roundtrip()).join("\n"), /parley\/audit/);
    assert.equal(logIn(data).at(-1), "* logging ended: the host turned it off");
  });

  it("comes with REHASH, and is refused there in words where it cannot be", async () => {
    const data = temporaryFolder();
    let wanted: object = { data, audit: true };
    const server = await startServer({
      data,
      opers: ["root:pw"],
      reload: () => parseServerConfig({ opers: ["root:pw"], ...wanted }),
    });
    const ann = await server.client("ann");
    ann.send("OPER root pw", "REHASH");
    await ann.until(/ NOTICE ann :From now on everything /);
    wanted = { data };
    ann.send("REHASH");
    await ann.until(/ NOTICE ann :The host has stopped logging /);
    breakLog(data);
    wanted = { data, audit: true };
    ann.send("REHASH");
    await ann.until(/ 400 ann REHASH :audit: .*audit\.log cannot be written: /);
    assert.equal(server.server.config.audit, false);
  });
});

describe("a log that cannot be written", () => {
  it("refuses messages instead of having holes, tells operators, and goes on when it can", async () => {
    const [server, data] = await audited({ opers: ["root:pw"], mayLogErrors: true });
    const root = await server.join("root", "#room");
    root.send("OPER root pw");
    const ann = await server.join(
      "ann",
      "#room",
      "echo-message",
      "draft/chathistory",
      "message-tags",
    );
    await roundtrips(root, ann);
    breakLog(data);
    ann.send("@+parley/id=1 PRIVMSG #room :lost", "PRIVMSG root :lost", "PRIVMSG @#room :lost");
    for (let i = 0; i < 3; i++)
      await ann.expect(
        / FAIL PRIVMSG MESSAGE_NOT_STORED :The host logs everything on this server, and /,
      );
    await root.until(
      / NOTICE root :The server has a problem: the audit log cannot be written to: /,
    );
    assert.ok(
      server.log.some((line) => line.startsWith("error the audit log cannot be written to: ")),
    );
    // People still come and go.
    const eve = await server.join("eve", "#room");
    eve.send("QUIT");
    const seen = await root.until(/ QUIT /);
    assert.doesNotMatch(seen.join("\n"), /lost/);
    ann.send("CHATHISTORY LATEST #room * 10");
    assert.doesNotMatch((await ann.roundtrip()).join("\n"), /lost/);
    mendLog(data);
    ann.send("@+parley/id=1 PRIVMSG #room :there is room again");
    await ann.until(/ PRIVMSG #room :there is room again$/);
    await root.until(/ PRIVMSG #room :there is room again$/);
    const log = logIn(data);
    assert.deepEqual(
      log.filter((line) => /lost|eve|again/.test(line)),
      [
        "* eve connected from 127.0.0.1 port PORT",
        "* eve joined #room",
        "* eve disconnected: Quit: ",
        "ann -> #room: there is room again",
      ],
    );
    assert.match(
      log.join("\n"),
      /\* the log could not be written from \S+ on; messages were refused/,
    );
  });

  it("says so where a message was logged and then could not be stored", async () => {
    const [server, data] = await audited({ mayLogErrors: true });
    const ann = await server.join("ann", "#room", "echo-message");
    const { writing } = server.server.archive.store as unknown as {
      readonly writing: { end: { run: () => void } };
    };
    const { end } = writing;
    writing.end = {
      run: () => {
        writing.end = end;
        throw new Error("database or disk is full");
      },
    };
    ann.send("PRIVMSG #room :lost");
    await ann.expect(/ FAIL PRIVMSG MESSAGE_NOT_STORED :The server's disk is full/);
    await ann.roundtrip();
    assert.deepEqual(logIn(data).slice(-2), [
      "ann -> #room: lost",
      "* the last 1 messages above could not be stored: no one saw them",
    ]);
  });

  it("that someone deletes or moves away meanwhile is begun again", async () => {
    const [server, data] = await audited();
    const ann = await server.join("ann", "#room");
    rmSync(fileIn(data));
    ann.send("PRIVMSG #room :tea");
    await ann.roundtrip();
    assert.deepEqual(logIn(data), ["ann -> #room: tea"]);
  });
});

describe("an audit log", () => {
  const quiet = createLogger("error", () => undefined);
  const make = (folder: string, maxFileBytes: number) =>
    new AuditLog({
      path: fileIn(folder),
      logger: quiet,
      now: () => Date.parse("2026-01-02T03:04:05.678Z"),
      wake: () => undefined,
      maxFileBytes,
    });

  it("begins a new file when it has grown large, and deletes none", () => {
    const folder = temporaryFolder();
    const log = make(folder, 100);
    log.turnOn("on");
    log.event("x".repeat(100));
    log.write();
    log.event("y");
    log.write();
    const older = "audit-2026-01-02T03-04-05.678Z.log";
    assert.deepEqual(readdirSync(folder).sort(), [older, "audit.log"]);
    assert.deepEqual(logIn(folder), [`* continued from ${older}`, "* y"]);
    // One of the same name is not written over.
    log.event("z".repeat(100));
    log.write();
    assert.match(readFileSync(join(folder, older), "utf8"), /x{100}\n$/);
  });

  it("waits with a bounded number of events, and says how many are missing", () => {
    const folder = temporaryFolder();
    const log = make(folder, 1e9);
    log.turnOn("on");
    breakLog(folder);
    log.event("first");
    assert.throws(() => {
      log.write();
    });
    for (let i = 0; i < 2_000; i++) log.event("more");
    mendLog(folder);
    log.retry();
    const lines = logIn(folder);
    assert.equal(lines.length, 1_002);
    assert.equal(lines.at(-1), "* events missing here: 1001");
  });
});
