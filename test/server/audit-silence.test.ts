// Where everything is logged: no one is logged without knowing, and nothing others read is missing in the log.
import { strict as assert } from "node:assert";
import {
  chmodSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { OPERS, host as operator } from "../support/approval.js";
import { audited, breakLog, fileIn, logIn, mendLog, roundtrips, textOf } from "../support/audit.js";
import type { Peer } from "../support/peer.js";
import { startServer, temporaryFolder } from "../support/server.js";

const BEGINS = /^:parley\.chat NOTICE \S+ :From now on everything said on this server is logged/;
const ENDS = /^:parley\.chat NOTICE \S+ :The host has stopped logging/;
const NOT_LOGGED =
  /MESSAGE_NOT_STORED :The host logs everything on this server, and the log cannot/;

describe("logging that begins while someone waits to be let in", () => {
  it("is told to them before the line they say to the host is logged, and so is its end", async () => {
    const data = temporaryFolder();
    const server = await startServer({ data, approve: true });
    const plain = await server.client("bob");
    const parley = await server.connect();
    parley.send("CAP LS 302", "CAP REQ parley/approval", "NICK eve", "USER e 0 * :e", "CAP END");
    await parley.until(/ WAITING_FOR_APPROVAL /);
    await roundtrips(plain, parley);
    server.server.setAudit(true);
    await plain.expect(BEGINS);
    await parley.until(BEGINS);
    plain.send("KNOCK :my secret");
    await plain.roundtrip();
    assert.match(textOf(data), /bob \(127\.0\.0\.1\) waits to be let in, and says: my secret/);
    server.server.setAudit(false);
    await plain.expect(ENDS);
    await parley.until(ENDS);
  });

  it("is told to those who are not registered yet", async () => {
    const server = await startServer({ data: temporaryFolder() });
    const ann = await server.connect();
    ann.send("NICK ann");
    await ann.roundtrip();
    server.server.setAudit(true);
    await ann.expect(/^:parley\.chat NOTICE \* :From now on everything said/);
  });

  it("is told to who comes later to wait, also by clients that know of approval only", async () => {
    const [server] = await audited({ approve: true });
    const eve = await server.connect();
    eve.send("CAP REQ parley/approval", "NICK eve", "USER e 0 * :e", "CAP END");
    await eve.until(/^:parley\.chat NOTICE eve :Everything said on this server is logged/);
  });
});

describe("a message of several lines that was begun before logging", () => {
  it("is not logged and not sent, and its sender reads why", async () => {
    const data = temporaryFolder();
    const server = await startServer({ data });
    const ann = await server.join("ann", "#room", "batch", "draft/multiline", "labeled-response");
    const bob = await server.join("bob", "#room");
    ann.send("@label=1 BATCH +1 draft/multiline #room", "@batch=1 PRIVMSG #room :begun before");
    await ann.roundtrip();
    server.server.setAudit(true);
    ann.send("@batch=1 PRIVMSG #room :second", "BATCH -1");
    const seen = await ann.roundtrip();
    assert.match(
      seen.join("\n"),
      /@label=1 \S+ FAIL BATCH MULTILINE_INVALID :The host began to log everything while/,
    );
    assert.doesNotMatch(await roundtrips(bob), /begun before|second/);
    assert.doesNotMatch(textOf(data), /begun before|second/);
    ann.send("BATCH +2 draft/multiline #room", "@batch=2 PRIVMSG #room :all after", "BATCH -2");
    await bob.until(/all after/);
    await ann.roundtrip();
    assert.equal(logIn(data).at(-1), "ann -> #room: all after");
  });

  it("is refused also where all its lines came before", async () => {
    const data = temporaryFolder();
    const server = await startServer({ data });
    const ann = await server.join("ann", "#room", "batch", "draft/multiline");
    ann.send("BATCH +1 draft/multiline #room", "@batch=1 PRIVMSG #room :begun before");
    await ann.roundtrip();
    server.server.setAudit(true);
    ann.send("BATCH -1");
    assert.match(await roundtrips(ann), /FAIL BATCH MULTILINE_INVALID :The host began to log/);
    assert.doesNotMatch(textOf(data), /begun before/);
  });
});

describe("text that others read and no message has", () => {
  it("is logged: the tags of a message, of several lines too, but not Parley's own ids", async () => {
    const [server, data] = await audited();
    const caps = ["message-tags", "batch", "draft/multiline"];
    const ann = await server.join("ann", "#room", ...caps);
    const bob = await server.join("bob", "#room", ...caps);
    ann.send("@+x/y=launch\\sat\\snoon;+parley/id=1 PRIVMSG bob :ok");
    await bob.until(/\+x\/y=launch/);
    ann.send("@+x/y=one BATCH +1 draft/multiline #room", "@batch=1 PRIVMSG #room :a");
    ann.send("@batch=1 PRIVMSG #room :    @ +x/y=forged", "BATCH -1");
    await ann.roundtrip();
    assert.deepEqual(logIn(data).slice(-5), [
      "ann -> bob: ok",
      "    @ +x/y=launch\\sat\\snoon",
      "ann -> #room: a",
      "    |     @ +x/y=forged",
      "    @ +x/y=one",
    ]);
  });

  it("is logged where it hides in a tag that is not logged otherwise", async () => {
    const [server, data] = await audited();
    const ann = await server.join("ann", "#room", "message-tags");
    ann.send("@+typing=at\\snoon TAGMSG #room", "@+parley/id=launch TAGMSG #room");
    ann.send("@+parley/test-back-result=1\\slaunch TAGMSG #room", "@+typing=done TAGMSG #room");
    await ann.roundtrip();
    assert.deepEqual(logIn(data).slice(-3), [
      "ann -> #room (tags): +typing=at\\snoon",
      "ann -> #room (tags): +parley/id=launch",
      "ann -> #room (tags): +parley/test-back-result=1\\slaunch",
    ]);
  });

  it("is logged: what people write of themselves and of channels, and whom they invite", async () => {
    const [server, data] = await audited();
    const ann = await server.join("ann", "#room", "setname", "draft/metadata-3");
    await server.client("bob");
    ann.send("AWAY :at lunch", "AWAY :at lunch", "AWAY", "SETNAME :Ann Lee", "SETNAME :Ann Lee");
    ann.send("METADATA * SET status :at noon", "METADATA * SET status", "INVITE bob #room");
    ann.send("METADATA #room SET url :https://x.example", "METADATA * SET url :https://y.example");
    ann.send("METADATA * CLEAR");
    await ann.roundtrip();
    assert.deepEqual(logIn(data).slice(-9), [
      "* ann is away: at lunch",
      "* ann is back",
      "* ann changed their real name to: Ann Lee",
      "* ann set status to: at noon",
      "* ann removed status",
      "* ann invited bob to #room",
      "* ann set url of #room to: https://x.example",
      "* ann set url to: https://y.example",
      "* ann removed url",
    ]);
  });

  it("is logged also of someone who is not registered yet", async () => {
    const [server, data] = await audited();
    const ann = await server.connect();
    ann.send("CAP LS 302", "CAP REQ :draft/pre-away draft/metadata-3", "AWAY :at noon");
    ann.send("METADATA * SET status :at sea");
    await ann.roundtrip();
    const [away = "", status = ""] = logIn(data).slice(-2);
    assert.match(away, /^\* someone who connects from 127\.0\.0\.1 port PORT is away: at noon$/);
    assert.match(status, /^\* someone who connects from 127\.0\.0\.1 port PORT set status to: at/);
  });

  it("is logged: what they are told who are thrown out, or not let in", async () => {
    const [server, data] = await audited({ approve: true, opers: OPERS });
    const host = await operator(server);
    const bob = await server.client("bob");
    host.send("DENY bob :come at noon");
    await bob.rest();
    await host.roundtrip();
    assert.equal(logIn(data).at(-1), "* bob (127.0.0.1) was not let in: come at noon");
  });
});

describe("a log that cannot be written, where people go on", () => {
  const caps = ["setname", "away-notify", "draft/metadata-3", "message-tags", "extended-join"];

  it("lets no one read what they write in other ways than by messages, from the first moment", async () => {
    const [server, data] = await audited({ mayLogErrors: true, opers: ["host:pw"] });
    const ann = await server.join("ann", "#room", ...caps);
    const bob = await server.join("bob", "#room", ...caps, "draft/channel-rename");
    bob.send("METADATA * SUB status url", "MODE bob +w");
    ann.send("OPER host pw");
    await roundtrips(ann, bob);
    const lines = [
      "TOPIC #room :at noon",
      "AWAY :at noon",
      "SETNAME :at noon",
      "METADATA * SET status :at noon",
      "METADATA #room SET url :at noon",
      "NICK at_noon",
      "MODE #room +b at_noon!*@*",
      "RENAME #room #at_noon :at noon",
      "WALLOPS :at noon",
    ];
    for (const line of lines) {
      breakLog(data);
      ann.send(line);
      assert.match(await roundtrips(ann), NOT_LOGGED, line);
      assert.doesNotMatch(await roundtrips(bob), /noon/, line);
      mendLog(data);
      // It is tried again, and nothing was changed.
      ann.send("PRIVMSG #room :tea");
      await bob.until(/tea$/);
    }
    ann.send("TOPIC #room", "WHOIS ann", "METADATA * LIST", "METADATA #room LIST", "MODE #room b");
    assert.doesNotMatch(await roundtrips(ann), /noon/);
    assert.doesNotMatch(textOf(data), /noon/);
    ann.send("TOPIC #room :at one", "AWAY :at one");
    await bob.until(/ AWAY :at one$/);
    assert.match(textOf(data), /topic of #room to: at one\n\S+ \* ann is away: at one\n/);
  });

  it("lets people leave, and others be removed, without the reason", async () => {
    const [server, data] = await audited({ mayLogErrors: true, opers: ["host:pw"] });
    const ann = await server.join("ann", "#room");
    ann.send("OPER host pw");
    const bob = await server.join("bob", "#room");
    const peers = await Promise.all(
      ["carl", "dora", "eve"].map((nick) => server.join(nick, "#room")),
    );
    await roundtrips(ann, bob, ...peers);
    const [carl, dora, eve] = peers as [Peer, Peer, Peer];
    breakLog(data);
    carl.send("PART #room :at noon");
    await carl.roundtrip();
    dora.send("QUIT :at noon");
    await dora.rest();
    ann.send("KICK #room eve :at noon");
    await ann.roundtrip();
    const seen = await bob.roundtrip();
    ann.send("KILL eve :at noon");
    assert.doesNotMatch((await eve.rest()).join("\n"), /noon/);
    assert.deepEqual(
      seen.filter((line) => / (?:PART|QUIT|KICK) /.test(line)),
      [
        ":carl!~carl@host PART #room",
        ":dora!~dora@host QUIT :Quit: ",
        ":ann!~ann@host KICK #room eve :ann",
      ],
    );
    mendLog(data);
    ann.send("PRIVMSG #room :tea");
    await bob.until(/tea$/);
    assert.doesNotMatch(textOf(data), /noon/);
    assert.match(textOf(data), /\* carl left #room\n/);
  });

  it("gives no one a real name that is not logged", async () => {
    const [server, data] = await audited({ mayLogErrors: true });
    const ann = await server.join("ann", "#room", "extended-join");
    breakLog(data);
    const eve = await server.connect();
    eve.send("NICK eve", "USER e 0 * :at noon", "JOIN #room");
    await eve.until(/ 366 /);
    assert.match(await ann.expect(/ JOIN /), / JOIN #room \* :?eve$/);
  });

  it("keeps the one line of who waits for when it can be logged", async () => {
    const [server, data] = await audited({ mayLogErrors: true, approve: true, opers: OPERS });
    const host = await operator(server);
    const bob = await server.client("bob");
    await roundtrips(host, bob);
    breakLog(data);
    bob.send("KNOCK :at noon");
    await bob.until(NOT_LOGGED);
    host.send("WAITING");
    assert.doesNotMatch(await roundtrips(host), /noon/);
    mendLog(data);
    bob.send("KNOCK :at noon");
    await bob.until(/The host sees your line/);
    await bob.roundtrip();
    assert.match(textOf(data), /says: at noon/);
  });
});

describe("the file of the log", () => {
  it("that others could read is its owner's alone before anything is written", async () => {
    const data = temporaryFolder();
    const server = await startServer({ data });
    writeFileSync(fileIn(data), "");
    chmodSync(fileIn(data), 0o644);
    server.server.setAudit(true);
    assert.equal(statSync(fileIn(data)).mode & 0o777, 0o600);
  });

  it("is not written through a link to somewhere else, and the host reads why", async () => {
    const data = temporaryFolder();
    const elsewhere = join(temporaryFolder(), "elsewhere.log");
    symlinkSync(elsewhere, fileIn(data));
    await assert.rejects(
      startServer({ data, audit: true }),
      /audit\.log cannot be written: it is a link to another file; delete the link/,
    );
    assert.ok(!existsSync(elsewhere));
  });

  it("is not written through a link that takes its place meanwhile", async () => {
    const [server, data] = await audited({ mayLogErrors: true });
    const ann = await server.client("ann");
    const elsewhere = join(temporaryFolder(), "elsewhere.log");
    writeFileSync(elsewhere, "");
    rmSync(fileIn(data));
    symlinkSync(elsewhere, fileIn(data));
    ann.send("PRIVMSG ann :tea");
    await ann.until(/ FAIL PRIVMSG MESSAGE_NOT_STORED /);
    assert.equal(readFileSync(elsewhere, "utf8"), "");
  });
});
