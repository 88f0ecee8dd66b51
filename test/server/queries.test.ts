import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { addressParam } from "../../src/server/cloak.js";
import { startServer, temporaryFolder } from "../support/server.js";

const TIME = 1_700_000_000_000;

describe("questions", () => {
  it("WHOIS tells who somebody is", async () => {
    const server = await startServer({ now: () => TIME });
    const alice = await server.client("alice");
    await server.join("bob", "#room");
    alice.send("WHOIS bob");
    assert.deepEqual(await alice.roundtrip(), [
      ":parley.chat 311 alice bob ~bob host * :bob the user",
      ":parley.chat 319 alice bob :@#room",
      ":parley.chat 312 alice bob parley.chat :Parley chat server",
      ":parley.chat 317 alice bob 0 1700000000 :seconds idle, signon time",
      ":parley.chat 318 alice bob :End of /WHOIS list",
    ]);
    alice.send("WHOIS nobody", "WHOIS");
    await alice.expect(/ 401 alice nobody /);
    await alice.expect(/ 318 alice nobody /);
    await alice.expect(/ 431 alice /);
  });

  it("WHOIS tells everything to operators, and to each of himself", async () => {
    const server = await startServer({
      now: () => TIME,
      opers: ["boss:pw"],
      accounts: ["bob:sesame"],
    });
    const alice = await server.join("alice", "#secret", "draft/metadata-3");
    const bob = await server.connectTls();
    await bob.logIn("bob", "draft/metadata-3");
    bob.send("OPER boss pw", "MODE bob +Bi", "AWAY :tea", "METADATA * SET color red", "JOIN #room");
    await bob.roundtrip();
    const ask = async () => {
      alice.send("WHOIS bob");
      return alice.until(/ 318 /);
    };
    const all = [
      ":parley.chat 311 alice bob ~bob host * :bob the user",
      ":parley.chat 319 alice bob :@#room",
      ":parley.chat 312 alice bob parley.chat :Parley chat server",
      ":parley.chat 313 alice bob :is an IRC operator",
      ":parley.chat 338 alice bob ~bob@127.0.0.1 127.0.0.1 :Is actually using host",
      ":parley.chat 379 alice bob :is using modes +oBi",
      ":parley.chat 671 alice bob :is using a secure connection",
      ":parley.chat 330 alice bob bob :is logged in as",
      ":parley.chat 335 alice bob :is a bot",
      ":parley.chat 301 alice bob :tea",
      ":parley.chat 760 alice bob color * red",
      ":parley.chat 317 alice bob 0 1700000000 :seconds idle, signon time",
      ":parley.chat 318 alice bob :End of /WHOIS list",
    ];
    const hidden = / (?:319|338|379) /;
    assert.deepEqual(
      await ask(),
      all.filter((line) => !hidden.test(line)),
    );
    alice.send("OPER boss pw");
    await alice.roundtrip();
    assert.deepEqual(await ask(), all);
    bob.send("WHOIS bob");
    assert.deepEqual(
      await bob.until(/ 318 /),
      all.map((line) => line.replace(" alice ", " bob ")),
    );
    bob.send("WHOIS alice");
    assert.ok((await bob.until(/ 318 /)).includes(":parley.chat 319 bob alice :@#secret"));
  });

  it("WHO lists a channel, a person, or those a mask fits", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const bob = await server.join("bob", "#room");
    bob.send("AWAY :out");
    await bob.roundtrip();
    await alice.roundtrip();
    const ask = async (text: string) => {
      alice.send(text);
      return (await alice.until(/ 315 /)).slice(0, -1);
    };
    assert.deepEqual(await ask("WHO #room"), [
      ":parley.chat 352 alice #room ~alice host parley.chat alice H@ :0 alice the user",
      ":parley.chat 352 alice #room ~bob host parley.chat bob G :0 bob the user",
    ]);
    assert.equal((await ask("WHO bo*")).length, 1);
    assert.deepEqual(await ask("WHO bob %tcuhnfar,42"), [
      ":parley.chat 354 alice 42 #room ~bob host bob G 0 :bob the user",
    ]);
    assert.deepEqual(await ask("WHO nobody"), []);
    assert.deepEqual(await ask("WHO bob o"), []);
  });

  it("WHOX gives each field that was asked for, in its order, or what stands for it", async () => {
    const server = await startServer({ opers: ["boss:pw"], accounts: ["ann:sesame"] });
    const alice = await server.client("alice");
    const ann = await server.loggedIn("ann");
    const ask = async (text: string) => {
      alice.send(text);
      return (await alice.until(/ 315 /)).slice(0, -1);
    };
    const place = "~ann 255.255.255.255 host parley.chat ann H 0 0 ann n/a :ann the user";
    assert.deepEqual(await ask("WHO ann %roaldfnshiuct,7"), [
      `:parley.chat 354 alice 7 * ${place}`,
    ]);
    alice.send("OPER boss pw", "JOIN #room");
    ann.send("JOIN #room");
    await ann.roundtrip();
    await alice.roundtrip();
    assert.deepEqual(await ask("WHO ann %ic"), [":parley.chat 354 alice #room 127.0.0.1"]);
    assert.deepEqual(await ask("WHO alice %axfq"), [":parley.chat 354 alice H*@ 0"]);
    assert.deepEqual(await ask("WHO ann %tn,1234"), [":parley.chat 354 alice 0 ann"]);
    assert.deepEqual(await ask("WHO #room o%n"), [":parley.chat 354 alice alice"]);
  });

  it("WHOIS may name the server to ask, or somebody on it, but no other", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    await server.client("bob");
    for (const target of ["parley.chat", "*.chat", "bob"]) {
      alice.send(`WHOIS ${target} bob`);
      await alice.expect(/ 311 alice bob /);
      await alice.until(/ 318 alice bob /);
    }
    alice.send("WHOIS elsewhere.example bob", "WHOIS nobody nobody");
    await alice.expect(":parley.chat 402 alice elsewhere.example :No such server");
    await alice.expect(":parley.chat 401 alice nobody :No such nick/channel");
  });

  it("an address that begins with a colon stands behind a zero", () => {
    assert.equal(addressParam("::1"), "0::1");
    assert.equal(addressParam("2001:db8::1"), "2001:db8::1");
    assert.equal(addressParam("192.0.2.1"), "192.0.2.1");
  });

  it("WHO does not find the invisible unless one shares a channel", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    const bob = await server.join("bob", "#room");
    bob.send("MODE bob +i");
    await bob.roundtrip();
    alice.send("WHO bo*");
    assert.match((await alice.roundtrip()).join(), / 315 /);
    alice.send("JOIN #room", "WHO bo*");
    await alice.until(/ 352 alice #room ~bob /);
  });

  it("AWAY is told to those who want to know", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room", "away-notify");
    const plain = await server.join("plain", "#room");
    const bob = await server.join("bob", "#room");
    for (const peer of [alice, plain]) await peer.roundtrip();
    bob.send("AWAY :lunch", "AWAY :lunch", "AWAY");
    assert.deepEqual(
      (await bob.roundtrip()).map((line) => line.split(" ")[1]),
      ["306", "306", "305"],
    );
    assert.deepEqual(await alice.roundtrip(), [
      ":bob!~bob@host AWAY :lunch",
      ":bob!~bob@host AWAY",
    ]);
    assert.deepEqual(await plain.roundtrip(), []);
  });

  it("AWAY of who joins is told with the JOIN", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room", "away-notify");
    const bob = await server.client("bob");
    bob.send("AWAY :lunch", "JOIN #room");
    await bob.roundtrip();
    assert.deepEqual(await alice.roundtrip(), [
      ":bob!~bob@host JOIN #room",
      ":bob!~bob@host AWAY :lunch",
    ]);
  });

  it("WHO and WHOIS show all roles to those with multi-prefix, and the highest to others", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room", "multi-prefix");
    alice.send("MODE #room +v alice");
    await alice.roundtrip();
    const plain = await server.client("plain");
    for (const [peer, nick, prefixes] of [
      [alice, "alice", "@+"],
      [plain, "plain", "@"],
    ] as const) {
      peer.send("WHO #room", "WHOIS alice");
      await peer.expect(
        `:parley.chat 352 ${nick} #room ~alice host parley.chat alice H${prefixes} :0 alice the user`,
      );
      await peer.until(new RegExp(` 319 ${nick} alice :${prefixes.replace("+", "\\+")}#room$`));
    }
  });

  it("SETNAME changes the realname", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room", "setname");
    const bob = await server.join("bob", "#room", "setname");
    await alice.roundtrip();
    bob.send("SETNAME :Robert", `SETNAME :${"x".repeat(129)}`);
    await bob.expect(":bob!~bob@host SETNAME :Robert");
    await bob.expect(/ FAIL SETNAME INVALID_REALNAME /);
    assert.deepEqual(await alice.roundtrip(), [":bob!~bob@host SETNAME :Robert"]);
  });

  it("ISON and USERHOST tell who is on", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    alice.send("ISON alice nobody", "USERHOST alice nobody");
    await alice.expect(":parley.chat 303 alice :alice");
    await alice.expect(":parley.chat 302 alice :alice=+~alice@host");
    alice.send("ISON nobody", "ISON :nobody ALICE", "ISON", "USERHOST nobody", "USERHOST");
    await alice.expect(":parley.chat 303 alice :");
    await alice.expect(":parley.chat 303 alice :alice");
    await alice.expect(/ 461 alice ISON :/);
    await alice.expect(":parley.chat 302 alice :");
    await alice.expect(/ 461 alice USERHOST :/);
  });

  it("USERHOST marks operators and those who are away, and takes five nicks", async () => {
    const server = await startServer({ opers: ["boss:pw"] });
    const alice = await server.client("alice");
    alice.send("OPER boss pw", "AWAY :tea");
    await alice.roundtrip();
    await server.client("bob");
    alice.send("USERHOST a alice b c bob bob");
    await alice.expect(":parley.chat 302 alice :alice*=-~alice@host bob=+~bob@host");
  });

  it("PING is answered by its text, and needs one", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    alice.send("PING :a b", "PING one two", "PING", "PONG");
    assert.deepEqual(await alice.roundtrip(), [
      ":parley.chat PONG parley.chat :a b",
      ":parley.chat PONG parley.chat one",
      ":parley.chat 409 alice :No origin specified",
    ]);
  });

  it("LUSERS counts who is here, who hides, and who has yet to say his name", async () => {
    const server = await startServer({ opers: ["boss:pw"] });
    const alice = await server.join("alice", "#a,#b");
    alice.send("OPER boss pw", "MODE alice +i");
    await alice.roundtrip();
    await server.client("bob");
    const gone = await server.client("carol");
    gone.send("QUIT");
    await gone.rest();
    const waiting = await server.connect();
    await waiting.roundtrip();
    alice.send("LUSERS");
    assert.deepEqual(await alice.roundtrip(), [
      ":parley.chat 251 alice :There are 1 users and 1 invisible on 1 servers",
      ":parley.chat 252 alice 1 :IRC Operators online",
      ":parley.chat 253 alice 1 :unregistered connections",
      ":parley.chat 254 alice 2 :channels formed",
      ":parley.chat 255 alice :I have 2 clients and 0 servers",
      ":parley.chat 265 alice 2 3 :Current local users 2, max 3",
      ":parley.chat 266 alice 2 3 :Current global users 2, max 3",
    ]);
  });

  it("MOTD, VERSION, TIME, INFO, LINKS and LUSERS describe the server", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "motd"), "Be kind.\n\nShip it.\n");
    const server = await startServer({ motd: join(folder, "motd"), now: () => TIME });
    const alice = await server.client("alice");
    alice.send("MOTD", "VERSION", "TIME", "INFO", "LINKS", "LUSERS", "MOTD elsewhere.example");
    const lines = await alice.roundtrip();
    for (const wanted of [
      ":parley.chat 375 alice :- parley.chat Message of the day -",
      ":parley.chat 372 alice :- Be kind.",
      ":parley.chat 372 alice :- Ship it.",
      ":parley.chat 376 alice :End of /MOTD command.",
      ":parley.chat 371 alice :Parley, chat in VS Code",
      ":parley.chat 374 alice :End of /INFO list.",
      ":parley.chat 391 alice parley.chat :Tue, 14 Nov 2023 22:13:20 GMT",
      ":parley.chat 365 alice * :End of /LINKS list.",
      ":parley.chat 265 alice 1 1 :Current local users 1, max 1",
      ":parley.chat 402 alice elsewhere.example :No such server",
    ])
      assert.ok(lines.includes(wanted), wanted);
    assert.ok(lines.some((line) => line.startsWith(":parley.chat 351 alice parley ")));
  });

  it("LINKS names servers to operators", async () => {
    const server = await startServer({ opers: ["boss:pw"] });
    const alice = await server.client("alice");
    alice.send("OPER boss pw", "LINKS");
    await alice.until(/^:parley.chat 364 alice parley.chat parley.chat :0 Parley chat server$/);
  });
});
