import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { commandTable } from "../../src/server/commands/index.js";
import type { ServerLimits } from "../../src/server/config.js";
import type { Server } from "../../src/server/server.js";
import type { Peer } from "../support/peer.js";
import { startServer, type TestServer } from "../support/server.js";

/** Who sends what, in this order. */
type Script = readonly (readonly [who: number, bytes: Uint8Array])[];

const PEERS = 4;
/** So that lines wait for their turn, and not for long; or for ever. */
const QUICK = { floodBurst: 5, floodLinesPerSecond: 5000 };
const SLOW = { floodBurst: 5, floodLinesPerSecond: 0.01 };
/** How many turns of the event loop sockets may take to end. */
const MAX_TURNS = 10_000;
const RUNS = 60;
/** Whom nobody can throw out: no script knows the operator's password. */
const WITNESS = "witness";

const words = fc.oneof(
  fc.constantFrom(
    "a",
    "b",
    "c",
    "#x",
    "#y",
    "#X",
    "*",
    "0",
    "+o",
    "-b",
    "+ntkl",
    "LS",
    "REQ",
    "END",
  ),
  fc.constantFrom(
    "302",
    "LATEST",
    "timestamp=2019-01-04T14:33:26.123Z",
    "SET",
    "SUB",
    "color",
    "@#x",
  ),
  fc.constantFrom(
    "PLAIN",
    "AGEAc2VzYW1l",
    "sesame",
    "+1",
    "-1",
    "draft/multiline",
    "text=x",
    WITNESS,
  ),
  fc.constantFrom("sasl", "__proto__", "constructor", "a,b,#x", "#x,#y", "~m:~a:a", "*!*@*"),
  fc.string({ unit: "grapheme", maxLength: 12 }),
);
const tags = fc.constantFrom(
  "",
  "",
  "",
  "@label=1 ",
  "@batch=1 ",
  "@+parley/id=x ",
  "@+draft/react=y ",
);
const line = fc
  .tuple(tags, fc.constantFrom(...commandTable.keys()), fc.array(words, { maxLength: 5 }))
  .map(([prefix, command, params]) =>
    Buffer.from(
      `${prefix}${[command, ...params.slice(0, -1), ...params.slice(-1).map((p) => `:${p}`)].join(" ")}\r\n`,
    ),
  );
const hello = fc
  .constantFrom("a", "b", "c", "d")
  .map((nick) => Buffer.from(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\nJOIN #x,#y\r\n`));
const wishes = fc.constant(
  Buffer.from(
    "CAP REQ :sasl batch message-tags labeled-response echo-message draft/multiline\r\n" +
      "CAP REQ :draft/message-redaction draft/channel-rename soju.im/search extended-monitor\r\nCAP END\r\n",
  ),
);
const bytes = fc.uint8Array({ maxLength: 60 });
const piece = fc.oneof(
  { weight: 8, arbitrary: line },
  { weight: 2, arbitrary: hello },
  { weight: 1, arbitrary: wishes },
  { weight: 1, arbitrary: bytes },
);
/** Any cut of what is sent into chunks. */
const chunked = fc
  .tuple(piece, fc.nat({ max: 40 }))
  .map(([whole, at]) => [whole.subarray(0, at), whole.subarray(at)] as const);
const scripts: fc.Arbitrary<Script> = fc
  .array(fc.tuple(fc.nat({ max: PEERS - 1 }), chunked), { maxLength: 60 })
  .map((steps) => steps.flatMap(([who, [a, b]]) => [[who, a] as const, [who, b] as const]));

function checkInvariants(server: Server): void {
  const clients = [...server.clients.values()];
  assert.equal(clients.length, server.clients.size);
  assert.ok(server.unregisteredCount >= 0);
  for (const client of clients) {
    assert.equal(server.clients.find(client.nick), client);
    for (const channel of client.channels)
      assert.ok(channel.has(client), "a channel knows its members");
  }
  const channels = [...server.channels.values()];
  assert.equal(channels.length, server.channels.size);
  for (const channel of channels) {
    assert.equal(server.channels.find(channel.name), channel);
    assert.ok(channel.size > 0, "nobody is left in a channel that is there");
    for (const member of channel.members.keys()) {
      assert.equal(server.clients.find(member.nick), member, "a member is a client");
      assert.ok(member.channels.has(channel), "a member knows its channels");
    }
  }
}

/** The timers and sockets that keep a process alive, each by its kind. */
function resources(): string[] {
  const kinds = process.getActiveResourcesInfo();
  return kinds.filter((kind) => /^(?:Timeout|TCP\w+|TLS\w+)$/.test(kind)).sort();
}

/** The resources once they are these: sockets end a few turns after their peers have seen it, what is orphaned never. */
async function settled(wanted: readonly string[]): Promise<string[]> {
  for (let turns = 0; turns < MAX_TURNS; turns++) {
    if (isDeepStrictEqual(resources(), wanted)) break;
    await nextTurn();
  }
  return resources();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function start(limits: Partial<ServerLimits>): Promise<TestServer> {
  return startServer({ logLevel: "error", accounts: ["c:sesame"], floodControl: true, limits });
}

/** Connections that send what the script says. */
async function say(started: TestServer, script: Script): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (let i = 0; i < PEERS; i++) peers.push(await started.connect());
  for (const [who, chunk] of script) peers[who]?.sendRaw(chunk);
  return peers;
}

/** All is said, and everybody leaves. */
async function play(script: Script): Promise<void> {
  const started = await start(QUICK);
  const { server } = started;
  const witness = await started.client(WITNESS);
  const before = resources();
  const peers = await say(started, script);
  // Each has been heard, unless it was thrown out.
  for (const peer of peers) {
    peer.sendRaw("\r\n");
    peer.send("QUIT");
  }
  checkInvariants(server);
  for (const peer of peers) await peer.rest();
  const seen = await witness.roundtrip();
  assert.ok(!seen.some((each) => each.startsWith("ERROR")), "others are undisturbed");
  checkInvariants(server);
  assert.deepEqual(
    [...server.clients.values()].map(({ nick }) => nick),
    [WITNESS],
  );
  assert.equal(server.channels.size, 0);
  assert.equal(server.addresses.count("127.0.0.1"), 1);
  assert.equal(server.addresses.size, 1);
  assert.equal(server.monitors.size, 0);
  assert.equal(server.sessions.size, 0);
  witness.send("LUSERS");
  await witness.until(/ 251 witness :There are 1 users and 0 invisible /);
  for (const numeric of ["252", "253", "254"])
    await witness.until(new RegExp(` ${numeric} witness 0 `));
  assert.deepEqual(await settled(before), before, "no timer and no socket is orphaned");
  await started.close();
}

/** Everybody has more to say than he may, and the server stops. */
async function cutShort(script: Script): Promise<void> {
  // Mocha's own timer runs from then on.
  await nextTurn();
  const before = resources();
  const started = await start(SLOW);
  const witness = await started.client(WITNESS);
  const peers = await say(started, script);
  await witness.roundtrip();
  checkInvariants(started.server);
  await started.close();
  for (const peer of peers) await peer.rest();
  assert.deepEqual(await settled(before), before, "no timer and no socket is orphaned");
}

function corpus(): Script[] {
  const file = path.join(import.meta.dirname, "fuzz-corpus.json");
  const entries = JSON.parse(readFileSync(file, "utf8")) as (readonly [number, string])[][];
  return entries.map((entry) => entry.map(([who, text]) => [who, Buffer.from(text)] as const));
}

describe("whole sessions of anything", () => {
  for (const [index, script] of corpus().entries()) {
    it(`leave the server in order: kept script ${index + 1}`, () => play(script));
    it(`leave nothing when it stops: kept script ${index + 1}`, () => cutShort(script));
  }

  it("leave the server in order, whatever is sent and however it is cut", async () => {
    await fc.assert(fc.asyncProperty(scripts, play), { numRuns: RUNS });
  }).timeout(60_000);

  it("leave nothing when it stops, however much they had to say", async () => {
    await fc.assert(fc.asyncProperty(scripts, cutShort), { numRuns: RUNS / 3 });
  }).timeout(60_000);
});
