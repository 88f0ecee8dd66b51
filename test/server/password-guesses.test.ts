import { strict as assert } from "node:assert";
import { connect } from "node:net";
import { makeClientCertificate } from "../../src/server/certificate.js";
import type { Client } from "../../src/server/client.js";
import { DEFAULT_LIMITS } from "../../src/server/config.js";
import { Guesses } from "../../src/server/guesses.js";
import { createLogger } from "../../src/server/logger.js";
import { onCleanup } from "../support/cleanup.js";
import { Peer, SocketLink } from "../support/peer.js";
import { startServer, type TestServer, type TestServerOptions } from "../support/server.js";

const BURST = DEFAULT_LIMITS.guessBurst;
/** Until two guesses of an address are checked. */
const ROUND_MS = 2000 / DEFAULT_LIMITS.guessesPerSecond;
const RIGHT = "sesame";

/** Sends a guess from a connection of its own. The next line that matches `answer` says whether it was right. */
interface Kind {
  readonly options: TestServerOptions;
  readonly prepare?: (server: TestServer) => Promise<unknown>;
  readonly guess: (server: TestServer, password: string) => Promise<Peer>;
  readonly wrong: RegExp;
  readonly right: RegExp;
}

let count = 0;
const newNick = () => `guest${++count}`;
const logIn = (peer: Peer, name: string, password: string) => {
  peer.send("CAP REQ sasl");
  peer.sendPlain(name, password);
};

const KINDS: Readonly<Record<string, Kind>> = {
  "the server's password": {
    options: { password: RIGHT },
    guess: async (server, password) => {
      const peer = await server.connect();
      peer.send(`PASS ${password}`, `NICK ${newNick()}`, "USER a 0 * :A");
      return peer;
    },
    wrong: / 464 /,
    right: / 001 /,
  },
  "the server's password, by REGISTER": {
    options: { password: RIGHT, registerBeforeConnect: true },
    guess: async (server, password) => {
      const peer = await server.connect();
      peer.send(`PASS ${password}`, `NICK ${newNick()}`, "REGISTER * * millet");
      return peer;
    },
    wrong: /FAIL REGISTER TEMPORARILY_UNAVAILABLE \* :Send the server's password/,
    right: /REGISTER SUCCESS/,
  },
  "the server's password, by a certificate that gets an account": {
    options: { password: RIGHT },
    guess: async (server, password) => {
      const peer = await server.connectTls(await makeClientCertificate());
      peer.send(`PASS ${password}`, "CAP REQ sasl", `NICK ${newNick()}`, "USER a 0 * :A");
      peer.send("AUTHENTICATE EXTERNAL", "AUTHENTICATE +");
      return peer;
    },
    wrong: / 904 /,
    right: / 903 /,
  },
  "an account's password": {
    options: { accounts: [`ann:${RIGHT}`] },
    guess: async (server, password) => {
      const peer = await server.connect();
      logIn(peer, "ann", password);
      return peer;
    },
    wrong: / 904 /,
    right: / 903 /,
  },
  "an operator's password": {
    options: { opers: [`host:${RIGHT}`] },
    guess: async (server, password) => {
      const peer = await server.client(newNick());
      peer.send(`OPER host ${password}`);
      return peer;
    },
    wrong: / 464 /,
    right: / 381 /,
  },
  "an operator's password, while waiting for approval": {
    options: { opers: [`host:${RIGHT}`], approve: true, limits: { maxWaitingPerAddress: 100 } },
    guess: async (server, password) => {
      const peer = await server.connect();
      peer.send(`NICK ${newNick()}`, "USER a 0 * :A", `OPER host ${password}`);
      return peer;
    },
    wrong: / 464 /,
    right: / 381 /,
  },
  "a channel's key": {
    options: {},
    prepare: async (server) => {
      const owner = await server.join(newNick(), "#room");
      owner.send(`MODE #room +k ${RIGHT}`);
      await owner.roundtrip();
    },
    guess: async (server, password) => {
      const peer = await server.client(newNick());
      peer.send(`JOIN #room ${password}`);
      return peer;
    },
    wrong: / 475 /,
    right: / 366 /,
  },
};

/** A server whose time passes as the test has it. */
async function startTimed(options: TestServerOptions = {}): Promise<{
  server: TestServer;
  pass: (ms: number) => void;
  waiting: (n: number) => Promise<void>;
}> {
  let ticks = 0;
  const server = await startServer({ floodControl: true, ticks: () => ticks, ...options });
  return {
    server,
    pass: (ms) => {
      ticks += ms;
    },
    waiting: async (wanted) => {
      while (server.server.guesses.waitingCount !== wanted) await new Promise(setImmediate);
    },
  };
}

function times<T>(n: number, make: (i: number) => T): T[] {
  return Array.from({ length: n }, (_, i) => make(i));
}

/** A connection that comes from 127.0.0.`n`. */
function connectFrom(server: TestServer, n: number): Promise<Peer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: server.port, host: "127.0.0.1", localAddress: `127.0.0.${n}` });
    socket.once("error", reject);
    socket.once("connect", () => {
      resolve(new Peer(new SocketLink(socket)));
    });
    onCleanup(() => {
      socket.destroy();
    });
  });
}

describe("guesses at a password", () => {
  for (const [name, { options, prepare, guess, wrong, right }] of Object.entries(KINDS))
    it(`are slowed down, and someone who knows it gets in: ${name}`, async () => {
      const { server, pass, waiting } = await startTimed(options);
      await prepare?.(server);
      for (const peer of await Promise.all(times(BURST, (i) => guess(server, `first${i}`))))
        await peer.until(wrong);
      const guessers = await Promise.all(times(20, (i) => guess(server, `next${i}`)));
      await waiting(20);
      const owner = await guess(server, RIGHT);
      await waiting(21);
      pass(ROUND_MS);
      await owner.until(right);
      // One of the others was checked together with it, and what was right does not count.
      await waiting(19);
      for (const peer of guessers) peer.link.end();
      await waiting(0);
    });

  it("wait for each other on one connection, and not for its successor", async () => {
    const { server, pass, waiting } = await startTimed({ opers: [`host:${RIGHT}`] });
    const eve = await server.client("eve");
    eve.send(...times(30, (i) => `OPER host wrong${i}`));
    for (let i = 0; i < BURST; i++) await eve.expect(":parley.chat 464 eve :Password incorrect");
    await waiting(1);
    const host = await server.client("anna");
    host.send(`OPER host ${RIGHT}`);
    await waiting(2);
    pass(ROUND_MS);
    await host.expect(/ 381 anna /);
    eve.link.end();
    await waiting(0);
  });

  it("by connections that leave without an answer do not keep out someone who waits", async () => {
    const { server, pass, waiting } = await startTimed({ password: RIGHT });
    const { guess, wrong, right } = KINDS["the server's password"] ?? assert.fail();
    for (const peer of await Promise.all(times(BURST, (i) => guess(server, `first${i}`))))
      await peer.until(wrong);
    const owner = await guess(server, RIGHT);
    await waiting(1);
    for (let i = 0; i < 5; i++) {
      const guessers = await Promise.all(times(20, (j) => guess(server, `next${i}-${j}`)));
      await waiting(21);
      for (const peer of guessers) peer.link.end();
      await waiting(1);
    }
    pass(ROUND_MS);
    await owner.until(right);
  });

  it("are counted by name as well, from however many addresses", async () => {
    const { server, pass, waiting } = await startTimed({
      accounts: [`ann:${RIGHT}`, "bob:sesame"],
    });
    const guess = async (address: number, name: string, password: string) => {
      const peer = await connectFrom(server, address);
      logIn(peer, name, password);
      return peer;
    };
    const burst = DEFAULT_LIMITS.guessBurstPerName;
    for (const peer of await Promise.all(
      times(burst, (i) => guess(2 + Math.floor(i / BURST), i % 2 === 0 ? "ann" : "ANN", "millet")),
    ))
      await peer.until(/ 904 /);
    await guess(99, "ann", "millet");
    const owner = await guess(100, "ann", RIGHT);
    await waiting(2);
    await (await guess(101, "bob", "sesame")).until(/ 903 /);
    pass(2000 / DEFAULT_LIMITS.guessesPerSecondPerName);
    await owner.until(/ 903 /);
    await waiting(0);
  });

  it("at many names are counted by address", async () => {
    const { server, waiting } = await startTimed({ accounts: [`ann:${RIGHT}`] });
    for (let i = 0; i < BURST; i++) {
      const peer = await server.connect();
      logIn(peer, `name${i}`, "millet");
      await peer.until(/ 904 /);
    }
    logIn(await server.connect(), "ann", "millet");
    await waiting(1);
    const neighbor = await connectFrom(server, 2);
    logIn(neighbor, "ann", RIGHT);
    await neighbor.until(/ 903 /);
  });

  it("do not slow down a certificate that has proved the same secret before", async () => {
    const { server, waiting } = await startTimed({ opers: [`host:${RIGHT}`] });
    const certificate = await makeClientCertificate();
    const oper = async (nick: string, password: string) => {
      const peer = await server.connectTls(certificate);
      await peer.register(nick);
      peer.send(`OPER host ${password}`);
      return peer;
    };
    await (await oper("anna", RIGHT)).until(/ 381 /);
    const eve = await server.client("eve");
    eve.send(...times(BURST + 1, () => "OPER host millet"));
    await waiting(1);
    await (await oper("anna2", RIGHT)).until(/ 381 /);
    // Its own guesses are bounded as well.
    for (let i = 0; i < BURST; i++) await (await oper(`anna-${i}`, "millet")).until(/ 464 /);
    await oper("anna3", "millet");
    await waiting(2);
  });

  it("that are right do not count, however many come at once", async () => {
    const { server } = await startTimed({ password: RIGHT, accounts: [`ann:${RIGHT}`] });
    const peers = await Promise.all(
      times(60, async (i) => {
        const peer = await server.connect();
        peer.send(`PASS ${RIGHT}`, `NICK ann${i}`, "USER a 0 * :A", "CAP REQ sasl");
        logIn(peer, "ann", RIGHT);
        peer.send("CAP END");
        return peer;
      }),
    );
    for (const peer of peers) await peer.until(/ 001 /);
  });

  it("are not bounded where flood control is off", async () => {
    const server = await startServer({ opers: [`host:${RIGHT}`] });
    const eve = await server.client("eve");
    eve.send(...times(50, () => "OPER host millet"));
    assert.equal((await eve.roundtrip()).length, 50);
  });

  it("are told to whoever runs the server, once", async () => {
    const { server, pass, waiting } = await startTimed({ opers: [`host:${RIGHT}`] });
    const eve = await server.client("eve");
    eve.send(...times(BURST + 5, () => "OPER host millet"));
    await waiting(1);
    pass(ROUND_MS);
    await eve.until(/ 464 /);
    await waiting(1);
    const told = server.log.filter((line) => line.startsWith("warn too many wrong passwords"));
    assert.deepEqual(told, [
      "warn too many wrong passwords, the latest from 127.0.0.1: further attempts are slowed down",
    ]);
  });

  it("at ever more names make the server forget no one, and are forgotten with time", async () => {
    let now = 0;
    const guesses = new Guesses(
      { ...DEFAULT_LIMITS, guessBurst: 100_000 },
      true,
      () => now,
      createLogger("error", () => undefined),
    );
    // What it goes by of a client, without a connection.
    const client = {
      address: "192.0.2.1",
      wrongGuesses: 0,
      connection: { isOpen: true, info: {} },
    } as unknown as Client;
    const guess = (name: string) => guesses.attempt(client, name, () => undefined);
    for (let i = 0; i < DEFAULT_LIMITS.guessBurstPerName; i++) await guess("account ann");
    for (let i = 0; i < 25_000; i++) await guess(`account x${i}`);
    assert.ok(guesses.size <= 20_001, String(guesses.size));
    void guess("account ann");
    // The first lane is passed at once, the second not.
    await Promise.resolve();
    assert.equal(guesses.waitingCount, 1);
    guesses.forget(client);
    assert.equal(guesses.waitingCount, 0);
    now += 1000 * 3600 * 100;
    guesses.tidy(now);
    assert.equal(guesses.size, 0);
  });
});
