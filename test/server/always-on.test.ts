import { strict as assert } from "node:assert";
import { parseServerConfig } from "../../src/server/config.js";
import { connectTo, run } from "../support/server-program.js";
import { startServer, temporaryFolder, type TestServer } from "../support/server.js";

const ACCOUNTS = { accounts: ["ann:sesame", "carl:sesame"] };
const ON = { ...ACCOUNTS, alwaysOn: true };

describe("always on", () => {
  it("keeps who is logged in in his channels, and gives them back to him", async () => {
    const server = await startServer(ON);
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #room", "TOPIC #room :stay");
    await ann.roundtrip();
    const bob = await server.join("bob", "#room", "away-notify");
    ann.send("QUIT :later");
    await ann.rest();
    await bob.expect(":ann!~ann@host AWAY :Not connected");
    bob.send("PRIVMSG ann :are you there?");
    await bob.expect(":parley.chat 301 bob ann :Not connected");
    const again = await server.loggedIn("ann");
    await again.expect(":ann!~ann@host JOIN #room");
    await again.expect(/ 332 ann #room :stay$/);
    await again.until(/ 353 ann = #room :?bob @ann$/);
    await bob.expect(":ann!~ann@host AWAY");
    again.send("PRIVMSG #room :back");
    await bob.expect(":ann!~ann@host PRIVMSG #room :back");
  });

  it("tells of a new user name by chghost, or by a QUIT and a JOIN", async () => {
    const server = await startServer(ON);
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #room");
    await ann.roundtrip();
    const knows = await server.join("knows", "#room", "chghost");
    const lacks = await server.join("lacks", "#room");
    const watches = await server.client("watches", "chghost", "extended-monitor");
    const stranger = await server.client("stranger", "chghost");
    for (const peer of [watches, stranger]) {
      peer.send("MONITOR + ann");
      await peer.roundtrip();
    }
    await knows.roundtrip();
    ann.send("QUIT");
    await ann.rest();
    const again = await server.connect();
    again.send("CAP REQ sasl", "AUTHENTICATE PLAIN", "AUTHENTICATE AGFubgBzZXNhbWU=");
    again.send("NICK ann", "USER other 0 * :ann the user", "CAP END");
    await again.until(/ 366 /);
    assert.deepEqual(await knows.roundtrip(), [":ann!~ann@host CHGHOST ~other host"]);
    assert.deepEqual(await watches.roundtrip(), [":ann!~ann@host CHGHOST ~other host"]);
    assert.deepEqual(await stranger.roundtrip(), []);
    assert.deepEqual(await lacks.roundtrip(), [
      ":ann!~ann@host QUIT :Changing host",
      ":ann!~other@host JOIN #room",
      ":parley.chat MODE #room +o ann",
    ]);
  });

  it("tells of the away message that he comes back with, if that is another one", async () => {
    const server = await startServer(ON);
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #room");
    await ann.roundtrip();
    const knows = await server.join("knows", "#room", "away-notify");
    ann.send("QUIT");
    await ann.rest();
    await knows.expect(":ann!~ann@host AWAY :Not connected");
    const again = await server.connect();
    again.send(
      "CAP REQ :sasl draft/pre-away",
      "AUTHENTICATE PLAIN",
      "AUTHENTICATE AGFubgBzZXNhbWU=",
    );
    again.send("AWAY :tea", "NICK ann", "USER ann 0 * :ann the user", "CAP END");
    await again.until(/ 366 /);
    assert.deepEqual(await knows.roundtrip(), [":ann!~ann@host AWAY :tea"]);
  });

  it("keeps no guest, and nobody who was thrown out", async () => {
    const server = await startServer({ ...ON, opers: ["host:pw"] });
    const oper = await server.join("bob", "#room");
    oper.send("OPER host pw");
    await oper.roundtrip();
    const guest = await server.join("guest", "#room");
    guest.send("QUIT");
    await oper.until(/^:guest!~guest@host QUIT :Quit: $/);
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #room");
    await ann.roundtrip();
    oper.send("KILL ann :enough");
    await oper.until(/^:ann!~ann@host QUIT /);
  });

  it("lets an operator throw out one who is not connected", async () => {
    const server = await startServer({ ...ON, opers: ["host:pw"] });
    const oper = await server.join("bob", "#room");
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #room");
    await ann.roundtrip();
    ann.send("QUIT");
    await ann.rest();
    oper.send("OPER host pw", "KILL ann :enough");
    await oper.until(/^:ann!~ann@host QUIT :Killed \(enough\)$/);
    oper.send("LUSERS");
    await oper.until(/ 253 bob 0 /);
  });

  it("is off unless the host turns it on", async () => {
    const server = await startServer(ACCOUNTS);
    const bob = await server.join("bob", "#room");
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #room", "QUIT");
    await bob.until(/^:ann!~ann@host QUIT :Quit: $/);
  });

  it("keeps one of him: the last of his connections, or the one that has his own nick", async () => {
    const server = await startServer(ON);
    const bob = await server.join("guest", "#room");
    const old = await server.loggedIn("ann");
    old.send("JOIN #room");
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #room");
    await ann.roundtrip();
    await bob.roundtrip();
    old.send("QUIT");
    await bob.expect(":ann2!~ann@host QUIT :Quit: ");
    ann.send("QUIT");
    await ann.rest();
    bob.send("NAMES #room");
    await bob.expect(":parley.chat 353 guest = #room :@guest ann");
  });

  it("gives him his place also under another nick", async () => {
    const server = await startServer(ON);
    const bob = await server.join("guest", "#room");
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #room", "QUIT");
    await ann.rest();
    await bob.roundtrip();
    const again = await server.connect();
    again.send("CAP REQ sasl", "AUTHENTICATE PLAIN", "AUTHENTICATE AGFubgBzZXNhbWU=");
    again.send("NICK annie", "USER ann 0 * :ann the user", "CAP END");
    await again.until(/ JOIN #room$/);
    assert.deepEqual(await bob.roundtrip(), [":ann!~ann@host NICK :annie"]);
  });

  it("gives him his place also when he logs in later", async () => {
    const server = await startServer(ON);
    const bob = await server.join("guest", "#room");
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #room");
    await ann.roundtrip();
    bob.send("MODE #room +v ann");
    await bob.roundtrip();
    ann.send("QUIT");
    await ann.rest();
    const first = await server.client("first", "sasl");
    first.send("AUTHENTICATE PLAIN", "AUTHENTICATE AGFubgBzZXNhbWU=", "NICK ann");
    await first.until(/^:first!~first@host JOIN #room$/);
    await first.until(/^:first!~first@host NICK :ann$/);
    assert.deepEqual(await bob.roundtrip(), [
      ":first!~first@host JOIN #room",
      ":parley.chat MODE #room +v first",
      ":ann!~ann@host QUIT :Reconnected",
      ":first!~first@host NICK :ann",
    ]);
  });

  it("ends when the host turns it off", async () => {
    let alwaysOn = true;
    const options = { ...ACCOUNTS, opers: ["host:pw"] };
    const reload = () => parseServerConfig({ ...options, alwaysOn });
    const server = await startServer({ ...options, alwaysOn, reload });
    const bob = await server.join("guest", "#room");
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #room", "QUIT");
    await ann.rest();
    await bob.roundtrip();
    alwaysOn = false;
    bob.send("OPER host pw", "REHASH");
    await bob.until(/^:ann!~ann@host QUIT :Always-on was turned off$/);
  });
});

describe("always on, after a restart", () => {
  /** Who is in the room, as everybody sees it. */
  async function look(server: TestServer) {
    const guest = await server.join("guest", "#room", "multi-prefix");
    guest.send("NAMES #room", "WHO #room %nfa", "WHOIS ann", "MONITOR + ann");
    return guest.roundtrip();
  }

  it("has him as he was: nick, account, roles, modes, away; and what he said of himself", async () => {
    const data = temporaryFolder();
    let server = await startServer({ ...ON, data });
    const ann = await server.loggedIn("ann", "draft/metadata-3");
    ann.send("JOIN #room,#other", "MODE ann +B", "AWAY :gone fishing", "SETNAME :Ann of Green");
    ann.send("METADATA * SET color #00ff00");
    await ann.roundtrip();
    const carl = await server.loggedIn("carl");
    carl.send("JOIN #room");
    await carl.roundtrip();
    ann.send("MODE #room +hv carl carl");
    await ann.roundtrip();
    carl.send("NICK karl", "QUIT");
    await carl.rest();
    await server.close();
    server = await startServer({ ...ON, data });
    assert.ok(
      server.log.includes("info people who are not connected but stay in their channels: 2"),
    );
    const seen = await look(server);
    for (const line of [
      ":parley.chat 353 guest = #room :@ann %+karl guest",
      ":parley.chat 354 guest ann G@B ann",
      ":parley.chat 354 guest karl G%+ carl",
      ":parley.chat 311 guest ann ~ann host * :Ann of Green",
      ":parley.chat 319 guest ann :@#room @#other",
      ":parley.chat 330 guest ann ann :is logged in as",
      ":parley.chat 301 guest ann :gone fishing",
      ":parley.chat 730 guest :ann!~ann@host",
    ])
      assert.ok(seen.includes(line), `${line} in\n${seen.join("\n")}`);
    const watcher = await server.client("watcher", "draft/metadata-3");
    watcher.send("METADATA ann GET color", "LUSERS");
    await watcher.expect(/ 761 watcher ann color \* #00ff00$/);
    await watcher.expect(/ 251 watcher :There are 4 users /);
    await watcher.until(/ 253 watcher 0 :unregistered/);
  });

  it("gives him his channels, what was said there, and what was said to him", async () => {
    const data = temporaryFolder();
    let server = await startServer({ ...ON, data });
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #room", "QUIT");
    await ann.rest();
    await server.close();
    server = await startServer({ ...ON, data });
    const guest = await server.join("guest", "#room", "away-notify");
    guest.send("PRIVMSG #room :anybody there?", "PRIVMSG ann :hello");
    await guest.expect(":parley.chat 301 guest ann :Not connected");
    const again = await server.loggedIn("ann", "draft/chathistory");
    again.send("CHATHISTORY LATEST #room * 1", "CHATHISTORY LATEST guest * 1");
    const seen = await again.roundtrip();
    assert.deepEqual(
      seen.filter((line) => / (?:JOIN|353|PRIVMSG) /.test(line)),
      [
        ":ann!~ann@host JOIN #room",
        ":parley.chat 353 ann = #room :guest @ann",
        ":guest!~guest@host PRIVMSG #room :anybody there?",
        ":guest!~guest@host PRIVMSG ann :hello",
      ],
    );
    assert.deepEqual(await guest.roundtrip(), [":ann!~ann@host AWAY"]);
  });

  it("has forgotten whom others sent away, and where he left", async () => {
    const data = temporaryFolder();
    let server = await startServer({ ...ON, data, opers: ["host:pw"] });
    const oper = await server.join("guest", "#room,#second");
    for (const nick of ["ann", "carl"]) {
      const peer = await server.loggedIn(nick);
      peer.send("JOIN #room,#second,#third", "PART #third", "QUIT");
      await peer.rest();
    }
    oper.send("KICK #second ann", "OPER host pw", "KILL carl");
    await oper.roundtrip();
    await server.close();
    server = await startServer({ ...ON, data });
    const seen = (await look(server)).join("\n");
    assert.match(seen, / 353 guest = #room :ann guest\n/);
    assert.match(seen, / 319 guest ann :#room\n/);
  });

  it("has nobody where the host has turned it off meanwhile, nor later", async () => {
    const data = temporaryFolder();
    let server = await startServer({ ...ON, data });
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #room", "QUIT");
    await ann.rest();
    for (const alwaysOn of [false, true]) {
      await server.close();
      server = await startServer({ ...ACCOUNTS, alwaysOn, data });
      assert.match((await look(server)).join("\n"), / 401 guest ann /);
    }
  });

  it("has also him who was connected when it was killed, up to what others had seen", async () => {
    const args = ["--listen", "127.0.0.1:0", "--account", "ann:sesame", "--always-on"];
    args.push("--data", temporaryFolder());
    for (const channel of ["#one", "#two", "#three"]) {
      const program = await run(args);
      const port = await program.port();
      const guest = await connectTo(port);
      await guest.register("guest");
      guest.send(`JOIN ${channel}`);
      await guest.roundtrip();
      const ann = await connectTo(port);
      await ann.logIn("ann");
      ann.send(`JOIN ${channel}`);
      await guest.until(/^:ann!~ann@host JOIN /);
      program.child.kill("SIGKILL");
      await program.exited;
    }
    const guest = await connectTo(await (await run(args)).port());
    await guest.register("guest");
    guest.send("JOIN #one,#two,#three");
    const seen = (await guest.roundtrip()).filter((line) => line.includes(" 353 "));
    assert.deepEqual(seen, [
      ":parley.chat 353 guest = #one :ann guest",
      ":parley.chat 353 guest = #two :ann guest",
      ":parley.chat 353 guest = #three :ann guest",
    ]);
  });
});
