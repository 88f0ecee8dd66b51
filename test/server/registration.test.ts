import { strict as assert } from "node:assert";
import { startServer } from "../support/server.js";

describe("registration", () => {
  it("welcomes who gives a nick and a user name", async () => {
    const server = await startServer({ network: "Testers" });
    const peer = await server.connect();
    peer.send("NICK alice", "USER a 0 * :Alice");
    const lines = await peer.until(/ 422 /);
    assert.equal(lines[0], ":parley.chat 001 alice :Welcome to the Testers chat, alice!~a@host");
    assert.deepEqual(
      lines.filter((line) => / 00[24] /.test(line)),
      [
        ":parley.chat 002 alice :Your host is parley.chat, running version parley",
        ":parley.chat 004 alice parley.chat parley Biow beIklCimnstqaohv beIklqaohv",
      ],
    );
    const numerics = lines.map((line) => line.split(" ")[1]);
    assert.deepEqual(
      [...new Set(numerics)],
      ["001", "002", "003", "004", "005", "251", "252", "253", "254", "255", "265", "266", "422"],
    );
  });

  it("tells its limits and features", async () => {
    const server = await startServer();
    const peer = await server.connect();
    peer.send("NICK alice", "USER a 0 * :Alice");
    const tokens = (await peer.until(/ 422 /)).filter((line) => line.includes(" 005 ")).join(" ");
    for (const token of [
      "CASEMAPPING=ascii",
      "PREFIX=(qaohv)~&@%+",
      "CHANMODES=beI,k,l,Cimnst",
      "NICKLEN=64",
      "CHATHISTORY=500",
      "UTF8ONLY",
      "WHOX",
      "BOT=B",
    ])
      assert.ok(tokens.split(" ").includes(token), `${token} in ${tokens}`);
  });

  it("waits for the end of the negotiation", async () => {
    const server = await startServer();
    const peer = await server.connect();
    peer.send("CAP LS 302", "NICK alice", "USER a 0 * :Alice");
    await peer.until(/ CAP \* LS (?!\*)/);
    assert.deepEqual(await peer.roundtrip(), []);
    peer.send("CAP END");
    await peer.expect(/ 001 alice /);
  });

  it("gives back a capability and refuses unknown ones, all or nothing", async () => {
    const server = await startServer();
    const peer = await server.connect();
    peer.send("CAP REQ :echo-message unheard-of", "CAP REQ :echo-message setname", "CAP LIST");
    await peer.expect(":parley.chat CAP * NAK :echo-message unheard-of");
    await peer.expect(":parley.chat CAP * ACK :echo-message setname");
    await peer.expect(":parley.chat CAP * LIST :echo-message setname");
    peer.send("CAP REQ -setname", "CAP LIST", "CAP NONSENSE");
    await peer.expect(":parley.chat CAP * ACK -setname");
    await peer.expect(":parley.chat CAP * LIST echo-message");
    await peer.expect(/ 410 \* NONSENSE /);
  });

  it("shows the values of capabilities to those who speak version 302", async () => {
    const server = await startServer();
    const [old, current] = [await server.connect(), await server.connect()];
    old.send("CAP LS");
    current.send("CAP LS 302");
    assert.match((await old.next()) ?? "", / draft\/metadata-3 /);
    assert.match((await current.next()) ?? "", / draft\/metadata-3=before-connect,max-subs=/);
  });

  it("refuses a nick that somebody has, in any case", async () => {
    const server = await startServer();
    await server.client("Alice");
    const peer = await server.connect();
    peer.send("NICK aLICE", "USER a 0 * :A");
    await peer.expect(":parley.chat 433 * aLICE :Nickname is already in use");
    peer.send("NICK alice2");
    await peer.expect(/ 001 alice2 /);
  });

  it("gives a nick to the first who completes his registration", async () => {
    const server = await startServer();
    const [first, second] = [await server.connect(), await server.connect()];
    first.send("NICK alice");
    await first.roundtrip();
    second.send("NICK alice", "USER b 0 * :B");
    await second.expect(/ 001 alice /);
    first.send("USER a 0 * :A");
    await first.expect(/ 433 \* alice /);
  });

  for (const [what, nick] of [
    ["empty", ""],
    ["reserved", "HostServ"],
    ["with a colon", "a:b"],
    ["with a space", ":a b"],
    ["that begins with a digit", "1up"],
    ["that begins with a channel's sign", "#alice"],
    ["with a role's sign", "@alice"],
    ["longer than NICKLEN", "n".repeat(65)],
    ["with an invisible character", "ali\u200bce"],
  ] as const)
    it(`refuses a nick ${what}`, async () => {
      const server = await startServer();
      const peer = await server.connect();
      peer.send(`NICK ${nick}`, "USER a 0 * :A");
      await peer.expect(/ 43[12] \* /);
      assert.deepEqual(await peer.roundtrip(), []);
    });

  it("takes a nick of any script", async () => {
    const server = await startServer();
    await server.client("Ångström");
    await server.client("山田");
  });

  it("does nothing for who has not registered", async () => {
    const server = await startServer();
    const peer = await server.connect();
    peer.send("JOIN #room", "NOSUCH");
    await peer.expect(":parley.chat 451 * :You have not registered");
    await peer.expect(":parley.chat 451 * :You have not registered");
  });

  it("answers an unknown command and one without its parameters", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    alice.send("NOSUCH", "JOIN", "USER a 0 * :A", "PASS x");
    await alice.expect(":parley.chat 421 alice NOSUCH :Unknown command");
    await alice.expect(":parley.chat 461 alice JOIN :Not enough parameters");
    await alice.expect(/ 462 alice /);
    await alice.expect(/ 462 alice /);
  });

  it("asks for the password", async () => {
    const server = await startServer({ password: "open sesame" });
    const right = await server.connect();
    right.send("PASS :open sesame", "NICK alice", "USER a 0 * :A");
    await right.expect(/ 001 alice /);
    for (const pass of ["PASS :open sesam", "PASS :", "PING x"]) {
      const wrong = await server.connect();
      wrong.send(pass, "NICK bob", "USER b 0 * :B");
      const lines = (await wrong.rest()).filter((line) => !line.includes("PONG"));
      assert.match(lines.join("\n"), / 464 \* :Password incorrect\nERROR :Closing link: /);
    }
    assert.ok(!server.log.some((line) => line.includes("sesam")), "no password in the log");
  });

  it("closes a connection that does not register in time", async () => {
    const server = await startServer({ limits: { registrationTimeoutMs: 30 } });
    const [silent, talkative] = [await server.connect(), await server.connect()];
    talkative.send("NICK alice");
    assert.deepEqual(await talkative.rest(), ["ERROR :Closing link: Registration timed out"]);
    assert.deepEqual(await silent.rest(), []);
  });

  it("tells the new nick to all who see it, once", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#a,#b");
    const bob = await server.join("bob", "#a,#b");
    await alice.roundtrip();
    alice.send("NICK alicia");
    assert.deepEqual(await alice.roundtrip(), [":alice!~alice@host NICK :alicia"]);
    assert.deepEqual(await bob.roundtrip(), [":alice!~alice@host NICK :alicia"]);
    bob.send("PRIVMSG alice :still there?", "PRIVMSG alicia :hello");
    assert.deepEqual(await bob.roundtrip(), [":parley.chat 401 bob alice :No such nick/channel"]);
  });

  it("refuses more clients than it may have", async () => {
    const server = await startServer({ maxClients: 1 });
    await server.client("alice");
    const peer = await server.connect();
    peer.send("NICK bob");
    assert.deepEqual(await peer.rest(), ["ERROR :Closing link: The server is full"]);
  });
});
