import { strict as assert } from "node:assert";
import { mock } from "node:test";
import { Addresses } from "../../src/server/addresses.js";
import { DEFAULT_LIMITS, type ServerLimits } from "../../src/server/config.js";
import { Connection } from "../../src/server/connection.js";
import type { Input } from "../../src/server/input-queue.js";
import { OutputScheduler } from "../../src/server/outbox.js";
import type { Transport } from "../../src/server/transport.js";
import { onCleanup } from "../support/cleanup.js";
import { startServer } from "../support/server.js";
import { connectWebSocket } from "../support/websocket.js";

/** Leads nowhere, and knows whether it is read from. */
class Nowhere implements Transport {
  pendingBytes = 0;
  isRead = true;
  /** What waits until all was read. */
  drained: (() => void) | undefined;
  readonly write = ({ length }: Buffer) => {
    this.pendingBytes += length;
  };
  readonly end = () => undefined;
  readonly destroy = () => undefined;
  pause(): void {
    this.isRead = false;
  }
  resume(): void {
    this.isRead = true;
  }
  onceDrained(listener: () => void): void {
    this.drained = listener;
  }
  /** The peer reads all that was written. */
  drain(): void {
    this.pendingBytes = 0;
    this.drained?.();
  }
}

/** A line that is answered with so many bytes. */
const ASK = /^ask for ([0-9]+)$/;

/** Connections of any address, whose lines are counted while time passes as the test has it. */
class Network {
  private readonly limits: ServerLimits;
  private readonly addresses: Addresses;
  private readonly output = new OutputScheduler<Connection>(() => undefined);

  constructor(limits: Partial<ServerLimits>) {
    mock.timers.enable({ apis: ["setTimeout", "Date"] });
    onCleanup(() => {
      mock.timers.reset();
    });
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    this.addresses = new Addresses(this.limits, true);
  }

  /** A connection, and the lines of it that were handled. */
  connect(address: string): {
    readonly connection: Connection;
    readonly handled: string[];
    readonly transport: Nowhere;
  } {
    const { limits, output, addresses } = this;
    const handled: string[] = [];
    const transport = new Nowhere();
    const owner = {
      receive: (from: Connection, input: Input) => {
        const line = input.kind === "line" ? input.text : input.kind;
        handled.push(line);
        from.send(Buffer.alloc(Number(ASK.exec(line)?.[1] ?? 0)));
        return undefined;
      },
      closed: () => undefined,
    };
    const info = {
      id: "1",
      address,
      port: 1,
      localAddress: "127.0.0.1",
      localPort: 2,
      isSecure: false,
      kind: "plaintext",
      hostname: undefined,
      certificateFingerprint: undefined,
    } as const;
    const connection = new Connection(
      info,
      transport,
      owner,
      { limits, floodControl: true, now: Date.now, output },
      addresses.linesOf(address, Date.now()),
    );
    return { connection, handled, transport };
  }

  pass(ms: number): void {
    for (let i = 0; i < ms; i++) mock.timers.tick(1);
  }
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}`);

function say(connection: Connection, lines: readonly string[]): void {
  connection.receive(Buffer.from(lines.map((line) => `${line}\r\n`).join("")));
}

describe("flood control", () => {
  it("lets a person say so much at once, then so much a second, in order, and loses nothing", () => {
    const network = new Network({ floodBurst: 10, floodLinesPerSecond: 5 });
    const { connection, handled } = network.connect("192.0.2.1");
    const lines = numbered(20);
    say(connection, lines);
    assert.deepEqual(handled, lines.slice(0, 10));
    network.pass(1000);
    assert.deepEqual(handled, lines.slice(0, 15));
    network.pass(1000);
    assert.deepEqual(handled, lines);
  });

  it("gives twenty connections of one address together what an address may say", () => {
    const network = new Network({
      floodBurst: 60,
      floodLinesPerSecond: 10,
      floodBurstPerAddress: 200,
      floodLinesPerSecondPerAddress: 40,
    });
    const flood = Array.from({ length: 20 }, () => network.connect("192.0.2.1"));
    const other = network.connect("192.0.2.2");
    const lines = numbered(50);
    for (const { connection } of flood) say(connection, lines);
    say(other.connection, numbered(100));
    const total = () => flood.reduce((sum, { handled }) => sum + handled.length, 0);
    assert.equal(total(), 200);
    assert.equal(other.handled.length, 60, "others have all that is theirs");
    network.pass(1000);
    assert.equal(total(), 240);
    assert.equal(other.handled.length, 70);
    for (const { handled } of flood) assert.deepEqual(handled, lines.slice(0, handled.length));
  });

  it("gives each of an address its turn, however much the others want to say", () => {
    const network = new Network({ floodBurstPerAddress: 10, floodLinesPerSecondPerAddress: 10 });
    const flood = Array.from({ length: 5 }, () => network.connect("192.0.2.1"));
    for (const { connection } of flood) say(connection, numbered(50));
    const quiet = network.connect("192.0.2.1");
    say(quiet.connection, ["hello"]);
    network.pass(599);
    assert.deepEqual(quiet.handled, []);
    network.pass(1);
    assert.deepEqual(quiet.handled, ["hello"]);
  });

  it("has nobody wait for what those have no use for who are gone", () => {
    const network = new Network({ floodBurstPerAddress: 10, floodLinesPerSecondPerAddress: 10 });
    for (let i = 0; i < 100; i++) {
      const { connection } = network.connect("192.0.2.1");
      say(connection, ["hello"]);
      connection.lost("gone");
    }
    const next = network.connect("192.0.2.1");
    say(next.connection, ["hello"]);
    network.pass(100);
    assert.deepEqual(next.handled, ["hello"]);
  });

  it("does not count together who comes from this machine: a tunnel may bring anybody", () => {
    const network = new Network({ floodBurst: 5, floodBurstPerAddress: 5 });
    for (let i = 0; i < 3; i++) {
      const { connection, handled } = network.connect(i === 0 ? "::1" : "127.0.0.1");
      say(connection, numbered(5));
      assert.equal(handled.length, 5);
    }
  });
});

describe("flood control of what is no line", () => {
  const LINE = 4094 + 2 + 512;
  const LIMITS = { floodBurst: 10, floodLinesPerSecond: 5 };

  for (const [name, noise] of [
    ["blank lines", "\r\n"],
    ["lines of NUL", "\0\n"],
    ["a line without an end", "x"],
  ] as const)
    it(`does not hear ${name} for ever, one after the other`, () => {
      const { connection, transport } = new Network(LIMITS).connect("127.0.0.1");
      const network = (bytes: number) => {
        connection.receive(Buffer.from(noise.repeat(bytes / noise.length)));
      };
      network(9 * LINE);
      assert.ok(transport.isRead);
      network(6 * LINE);
      assert.ok(!transport.isRead);
      mock.timers.tick(1001);
      assert.ok(transport.isRead, "five lines' worth were paid for in a second");
    });

  it("has those pay for it who say something now and then", () => {
    const network = new Network(LIMITS);
    const { connection, handled } = network.connect("127.0.0.1");
    connection.receive(Buffer.from(`${"\n".repeat(12 * LINE)}one\ntwo\n`));
    assert.deepEqual(handled, []);
    network.pass(2000);
    assert.deepEqual(handled, ["one", "two"]);
  });

  it("lets long lines come in pieces", () => {
    const { connection, handled } = new Network(LIMITS).connect("127.0.0.1");
    const line = `@+x=${"x".repeat(4000)} PRIVMSG #room :hello`;
    for (let i = 0; i < 5; i++)
      for (const piece of [line.slice(0, 1448), line.slice(1448, 2896), `${line.slice(2896)}\r\n`])
        connection.receive(Buffer.from(piece));
    assert.equal(handled.length, 5);
  });

  it("counts the pongs of WebSocket that nobody asked for", async () => {
    const server = await startServer({ floodControl: true, limits: HARDLY });
    const alice = await server.client("alice");
    const { peer, webSocket } = await connectWebSocket(server.port, "ws", ["text.ircv3.net"]);
    await peer.register("eve");
    for (let i = 0; i < 3000; i++) webSocket.pong(Buffer.alloc(125));
    peer.send("PRIVMSG alice :done");
    for (let i = 0; i < 2; i++) assert.deepEqual(await alice.roundtrip(), []);
  });

  it("keeps the order of very many short lines, however they come", () => {
    const network = new Network({ floodBurst: 10_000, floodLinesPerSecond: 10_000 });
    const { connection, handled } = network.connect("127.0.0.1");
    const lines = numbered(20_000);
    say(connection, lines.slice(0, 15_000));
    for (const line of lines.slice(15_000)) say(connection, [line]);
    network.pass(2000);
    assert.deepEqual(handled, lines);
  });
});

describe("flood control of what is answered", () => {
  it("has whoever asks for much wait before he can ask for more", () => {
    const network = new Network({ floodBurst: 10, floodLinesPerSecond: 5 });
    const { connection, handled } = network.connect("127.0.0.1");
    const lines = ["ask for 8000", "ask for 200000", "ask for 50000", "hello"];
    say(connection, lines);
    assert.deepEqual(handled, lines.slice(0, 2));
    network.pass(1200);
    assert.deepEqual(handled, lines.slice(0, 3));
    network.pass(1000);
    assert.deepEqual(handled, lines);
  });
});

describe("answers that nobody reads", () => {
  const ask = Array<string>(5).fill("ask for 200000");
  /** What is to be written is written, in two turns of the event loop. */
  const written = async () => {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  it("are not followed by more of them, and by the rest once they are read", async () => {
    const network = new Network({ floodBurst: 1000 });
    const { connection, handled, transport } = network.connect("127.0.0.1");
    say(connection, [...ask, "hello"]);
    await written();
    assert.equal(handled.length, 2);
    assert.ok(!transport.isRead);
    for (const reached of [4, 6]) {
      transport.drain();
      await written();
      assert.equal(handled.length, reached);
    }
    assert.ok(transport.isRead);
  });

  it("do not keep for ever whoever asked for them", async () => {
    const network = new Network({ pingIntervalMs: 50, pingTimeoutMs: 30 });
    const { connection, transport } = network.connect("127.0.0.1");
    connection.registered();
    say(connection, ask);
    await written();
    network.pass(50);
    transport.drain();
    await written();
    const sweep = () => {
      connection.sweep(Date.now());
      return connection.isOpen;
    };
    assert.ok(sweep(), "has just read");
    network.pass(50);
    assert.ok(sweep(), "is asked whether it lives");
    network.pass(30);
    assert.ok(!sweep());
  });

  it("come one by one, and in between others are heard", async () => {
    const server = await startServer({ limits: { maxSendQueueBytes: 100_000_000 } });
    const { store } = server.server.archive;
    const find = store.find.bind(store);
    let asked = 0;
    store.find = (query) => {
      asked++;
      return find(query);
    };
    const alice = await server.client("alice");
    const eves = await Promise.all([1, 2, 3].map((i) => server.join(`eve${i}`, "#room")));
    for (const eve of eves) eve.send(...Array<string>(50).fill("CHATHISTORY LATEST #room * 500"));
    await alice.roundtrip();
    assert.ok(asked < 100, `${asked} of 150`);
    for (const eve of eves) await eve.roundtrip();
    assert.equal(asked, 150);
  });
});

/** So slow that what has to wait never comes. */
const HARDLY = { floodBurst: 60, floodLinesPerSecond: 0.001 };

describe("flood control of what concerns many", () => {
  const channels = (letter: string) => numbered(100).map((_, i) => `#${letter}${i}`);
  const asked: [what: string, lines: readonly string[]][] = [
    ["into and out of a hundred channels", [`JOIN ${channels("e").join(",")}`, "JOIN 0"]],
    ["for everybody of a name", Array<string>(25).fill("WHO *x*y*z")],
    ["for all channels of a kind", Array<string>(5).fill(`LIST ${"*x,".repeat(9)}*x`)],
  ];
  for (const [what, lines] of asked)
    it(`has whoever asks ${what} wait before he can ask for more`, async () => {
      const server = await startServer({ floodControl: true, limits: HARDLY });
      const others = await Promise.all(numbered(110).map((_, i) => server.client(`n${i}`)));
      for (const [i, peer] of others.slice(0, 11).entries())
        peer.send(`JOIN ${channels(String.fromCharCode(0x61 + i)).join(",")}`);
      for (const peer of others.slice(0, 11)) await peer.roundtrip();
      const [alice] = others.slice(-1);
      const eve = await server.client("eve");
      eve.send(...lines, ...lines, "PRIVMSG n109 :and now?");
      for (let i = 0; i < 2; i++) assert.deepEqual(await alice?.roundtrip(), []);
    });
});

const batch = (id: string, lines: readonly string[]) => [
  `BATCH +${id} draft/multiline #room`,
  ...lines.map((line) => `@batch=${id} PRIVMSG #room :${line}`),
  `BATCH -${id}`,
];

describe("flood control of messages of several lines", () => {
  it("takes a paste of 210 lines at once", async () => {
    const server = await startServer({ floodControl: true, limits: HARDLY });
    const alice = await server.join("alice", "#room");
    const eve = await server.join("eve", "#room", "batch", "draft/multiline");
    await alice.roundtrip();
    const lines = numbered(210);
    eve.send(...batch("1", lines.slice(0, 100)), ...batch("2", lines.slice(100, 200)));
    eve.send(...batch("3", lines.slice(200)));
    const seen = await alice.until(/line 209$/);
    assert.deepEqual(
      seen.map((line) => line.replace(/^.*#room :/, "")),
      lines,
    );
  });

  it("takes no more than so many of them", async () => {
    const server = await startServer({ floodControl: true, limits: HARDLY });
    const alice = await server.join("alice", "#room");
    const eve = await server.join("eve", "#room", "batch", "draft/multiline");
    await alice.roundtrip();
    for (let i = 0; i < 10; i++) eve.send(...batch(`b${i}`, numbered(100)));
    const seen = [...(await alice.until(/line 99$/)), ...(await alice.until(/line 99$/))];
    assert.equal(seen.length, 200);
    for (let i = 0; i < 2; i++) assert.deepEqual(await alice.roundtrip(), []);
  });

  it("makes nothing cheaper that does not go into the batch", async () => {
    const server = await startServer({ floodControl: true, limits: HARDLY });
    const alice = await server.join("alice", "#room");
    const eve = await server.join("eve", "#room", "batch", "draft/multiline");
    await alice.roundtrip();
    eve.send("BATCH +1 draft/multiline #room", ...numbered(100).map((n) => `PRIVMSG #room :${n}`));
    for (let i = 0; i < 2; i++) {
      const seen = await alice.roundtrip();
      assert.ok(seen.length < 60, `${seen.length} lines`);
    }
  });
});
