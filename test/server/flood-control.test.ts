import { strict as assert } from "node:assert";
import { mock } from "node:test";
import { Addresses } from "../../src/server/addresses.js";
import { DEFAULT_LIMITS, type ServerLimits } from "../../src/server/config.js";
import { Connection, type Input } from "../../src/server/connection.js";
import { OutputScheduler } from "../../src/server/outbox.js";
import type { Transport } from "../../src/server/transport.js";
import { onCleanup } from "../support/cleanup.js";
import { startServer } from "../support/server.js";

const nowhere: Transport = {
  pendingBytes: 0,
  write: () => undefined,
  end: () => undefined,
  destroy: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
};

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
  connect(address: string): { readonly connection: Connection; readonly handled: string[] } {
    const { limits, output, addresses } = this;
    const handled: string[] = [];
    const owner = {
      receive: (_: Connection, input: Input) => {
        handled.push(input.kind === "line" ? input.text : input.kind);
        return undefined;
      },
      closed: () => undefined,
    };
    const info = {
      id: "1",
      address,
      port: 1,
      localPort: 2,
      isSecure: false,
      kind: "plaintext",
      certificateFingerprint: undefined,
    } as const;
    const connection = new Connection(
      info,
      nowhere,
      owner,
      { limits, floodControl: true, now: Date.now, output },
      addresses.linesOf(address, Date.now()),
    );
    return { connection, handled };
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

/** So slow that what has to wait never comes. */
const HARDLY = { floodBurst: 60, floodLinesPerSecond: 0.001 };

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
