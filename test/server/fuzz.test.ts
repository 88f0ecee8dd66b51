import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { CAP } from "../../src/irc/caps.js";
import { commandTable } from "../../src/server/commands/index.js";
import type { ServerLimits } from "../../src/server/config.js";
import type { Server } from "../../src/server/server.js";
import type { Peer } from "../support/peer.js";
import { startServer, type TestServer } from "../support/server.js";
import { connectWebSocket } from "../support/websocket.js";

/** Who sends what, in this order. */
type Script = readonly (readonly [who: number, bytes: Uint8Array])[];

/** The last of them comes by WebSocket. */
const PEERS = 4;
/** So that lines wait for their turn, and not for long; or for ever. */
const QUICK = { floodBurst: 5, floodLinesPerSecond: 5000 };
const SLOW = { floodBurst: 5, floodLinesPerSecond: 0.01 };
/** How many turns of the event loop sockets may take to end. */
const MAX_TURNS = 10_000;
/** More of them can be asked for: FUZZ_RUNS=2000 npx mocha test/server/fuzz.test.ts */
const RUNS = Number(process.env.FUZZ_RUNS ?? 25);
const TIMEOUT_MS = Math.max(60_000, RUNS * 500);
/** Whom nobody throws out: operators have no KILL for him. */
const WITNESS = "witness";

const one = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const some = (list: string) => one(...list.split(" "));
const all = (list: string) =>
  fc.subarray(list.split(" "), { minLength: 1 }).map((names) => names.join(","));
const nick = some(`a b c d A ä аnn constructor ${WITNESS}`);
const channel = some("#x #y #X #é #__proto__");
const target = fc.oneof(nick, channel, some("* a,b,#x #x,#y @#x +#y ~&@#X c,c nobody $* *.*"));
const mask = some("* 0 a a!*@* *!*@* *!~a@* ~a:c ~m:a ~m:~a:c ~q:a ?* $a:c");
const text = fc.oneof(
  some("hi \x01ACTION\x01 \x01VERSION\x01 \x02b timestamp=2019-01-04T14:33:26.123Z :) +x"),
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: "grapheme", minLength: 100, maxLength: 600 }),
);
const word = fc.oneof(
  some("302 LS REQ END SET SUB LATEST PLAIN EXTERNAL AGEAc2VzYW1l AGMAc2VzYW1l sesame"),
  some("+1 -1 draft/multiline text=x sasl __proto__ +o -b +ntkl 5 0 -1 999999999999"),
  target,
  mask,
  text,
);
const id = fc.nat({ max: 60 }).map((n) => `m${n}`);
const moment = fc.oneof(
  some("* timestamp=2019-01-04T14:33:26.123Z timestamp=2099-01-04T14:33:26.123Z msgid= timestamp="),
  id.map((msgid) => `msgid=${msgid}`),
);
const limit = some("1 2 500 0 -1 x");
const key = some("color avatar display-name x.y/z Bad __proto__");
const modes = fc.string({
  unit: some(Array.from("+-+-qaohvbeIklCimnstwBz").join(" ")),
  minLength: 1,
  maxLength: 8,
});
const caps = fc
  .subarray([...Object.values(CAP).filter((cap) => cap !== CAP.sts), "-batch", "-cap-notify"])
  .map((names) => `:${names.join(" ")}`);

/** A line of these words, the last of which may have spaces. */
function line(...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> {
  const arbitraries = parts.map((part) => (typeof part === "string" ? fc.constant(part) : part));
  return fc
    .tuple(...arbitraries)
    .map((words) =>
      [
        ...words.slice(0, -1),
        ...words.slice(-1).map((last) => last.replace(/^(?=.* |$)/, ":")),
      ].join(" "),
    );
}

/** What makes sense, mostly. */
const sensible = fc.oneof(
  line(some("PRIVMSG NOTICE TAGMSG"), target, text),
  line(some("PRIVMSG NOTICE TAGMSG"), channel, text),
  line("JOIN", fc.oneof(channel, all("#x #y #X #é 0")), some("x y,x")),
  line("PART", fc.oneof(channel, all("#x #y #é")), text),
  line("MODE", channel, modes, fc.oneof(nick, mask), fc.oneof(nick, mask), some("a 5 key")),
  line("MODE", nick, modes),
  line("TOPIC", channel, text),
  line("KICK", channel, fc.oneof(nick, all("a b c d")), text),
  line("INVITE", nick, channel),
  line("RENAME", channel, channel, text),
  line("NICK", nick),
  line("AWAY", text),
  line("SETNAME", text),
  line("METADATA", fc.oneof(target, one("*")), some("SET GET"), key, text),
  line("METADATA", fc.oneof(target, one("*")), some("LIST CLEAR SUB UNSUB SUBS SYNC"), key, key),
  line("CHATHISTORY", some("LATEST BEFORE AFTER AROUND"), target, moment, limit),
  line("CHATHISTORY", "BETWEEN", target, moment, moment, limit),
  line("CHATHISTORY", "TARGETS", moment, moment, limit),
  line(
    "SEARCH",
    some("text=h in=#x in=a;from=b text=hi;limit=1 after=2019-01-04T14:33:26.123Z x="),
  ),
  line("REDACT", target, id, text),
  line("MARKREAD", target, moment),
  line("MONITOR", some("+ - C L S"), all("a b c d nobody")),
  line("WHO", fc.oneof(target, mask), some("o %tcuihsnfdlaor,1 o%n x")),
  line("LIST", fc.oneof(mask, some(">0 <9 C>0 T<9 !*x* #x,#y"))),
  line("REGISTER", some("* a b c"), some("* a@b"), some("sesame secret")),
  line(
    "AUTHENTICATE",
    some("PLAIN EXTERNAL SCRAM-SHA-256 * + AGMAc2VzYW1l AGMAd3Jvbmc= biwsbj1jLHI9eA=="),
  ),
  line("CAP", some("REQ LS END LIST"), caps),
  line("BATCH", some("+1 -1 +2 -2"), some("draft/multiline x"), target),
  line("OPER", some("boss nobody"), some("sesame secret")),
  line("KILL", nick, text),
  line("RELEASE", nick),
  line("WALLOPS", text),
);
const anything = fc
  .tuple(one(...commandTable.keys()), fc.array(word, { maxLength: 5 }))
  .map(([command, params]) =>
    [command, ...params.slice(0, -1), ...params.slice(-1).map((last) => `:${last}`)].join(" "),
  );
const tag = fc.oneof(
  some("label=1 label= batch=1 batch=2 draft/multiline-concat +parley/id=x +parley/id=y"),
  some("+draft/react=y +draft/unreact=y +typing=active +draft/reply=m9 +parley/ref=a\\:b"),
  some("msgid=m1 time=2019-01-04T14:33:26.123Z account=c bot parley/address=1.2.3.4 +=\\ = ;"),
);
const tags = fc.oneof(
  { weight: 2, arbitrary: one("") },
  {
    weight: 1,
    arbitrary: fc
      .array(tag, { minLength: 1, maxLength: 3 })
      .map((several) => `@${several.join(";")} `),
  },
);
const said = fc
  .tuple(tags, fc.oneof({ weight: 3, arbitrary: sensible }, { weight: 1, arbitrary: anything }))
  .map(([prefix, command]) => `${prefix}${command}`)
  // The witness is to see what becomes of the others.
  .filter((whole) => !(/KILL/i.test(whole) && whole.includes(WITNESS)))
  .map((whole) => Buffer.from(`${whole}\r\n`));
const pasted = fc
  .tuple(target, fc.array(fc.tuple(some("@batch=1 @batch=1;draft/multiline-concat"), text)))
  .map(([to, lines]) =>
    [
      `BATCH +1 draft/multiline ${to}`,
      ...lines.map(([prefix, each]) => `${prefix} PRIVMSG ${to} :${each}`),
      "BATCH -1\r\n",
    ].join("\r\n"),
  )
  .map((whole) => Buffer.from(whole));
/** Somebody comes by this nick, with an account or without. */
const helloAs = (name: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.option(caps), name, fc.boolean())
    .map(([wanted, called, logsIn]) => [
      ...(wanted === null ? [] : [`CAP REQ ${wanted}`]),
      ...(logsIn ? ["CAP REQ sasl", "AUTHENTICATE PLAIN", "AUTHENTICATE AGMAc2VzYW1l"] : []),
      `NICK ${called}`,
      `USER ${called} 0 * :${called}`,
      "CAP END",
      "JOIN #x,#y",
      "",
    ])
    .map((lines) => Buffer.from(lines.join("\r\n")));
const hello = helloAs(some("a b c d"));
const bytes = fc.uint8Array({ maxLength: 60 });
/** HTTP, and what looks like it. */
const request = fc
  .tuple(
    one(
      "GET / HTTP/1.1",
      "PUT /avatar HTTP/1.1",
      "PUT / HTTP/1.0",
      "GET /avatars/x HTTP/1.1",
      "PUT",
    ),
    fc.array(
      one(
        "Host: x",
        "Authorization: Bearer x",
        "Content-Length: 5",
        "Transfer-Encoding: chunked",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Expect: 100-continue",
      ),
      { maxLength: 3 },
    ),
    bytes,
  )
  .map(([start, headers, body]) =>
    Buffer.concat([Buffer.from([start, ...headers, "", ""].join("\r\n")), body]),
  );
const piece = fc.oneof(
  { weight: 16, arbitrary: said },
  { weight: 2, arbitrary: hello },
  { weight: 1, arbitrary: pasted },
  { weight: 1, arbitrary: bytes },
  { weight: 1, arbitrary: request },
);
/** Any cut of what is sent into chunks. */
const chunked = fc
  .tuple(piece, fc.nat({ max: 40 }))
  .map(([whole, at]) => [whole.subarray(0, at), whole.subarray(at)] as const);
const who = fc.nat({ max: PEERS - 1 });
/** Most come in before they say anything else. */
const arrivals = fc.tuple(
  ...["a", "b", "c", "d"].map((name) => fc.option(helloAs(one(name)), { freq: 9 })),
);
const scripts: fc.Arbitrary<Script> = fc
  .tuple(arrivals, fc.array(fc.tuple(who, chunked), { maxLength: 60, size: "max" }))
  .map(([first, steps]) => [
    ...first.flatMap((arrival, by) => (arrival === null ? [] : [[by, arrival] as const])),
    ...steps.flatMap(([by, [a, b]]) => [[by, a] as const, [by, b] as const]),
  ]);

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
  let ids = 0;
  return startServer({
    logLevel: "error",
    accounts: ["c:sesame"],
    opers: ["boss:sesame"],
    floodControl: true,
    // Nobody here answers a PING.
    limits: { ...limits, ghostTimeoutMs: 1 },
    newId: () => `m${ids++}`,
  });
}

/** Connections that send what the script says. */
async function say(started: TestServer, script: Script): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (let i = 1; i < PEERS; i++) peers.push(await started.connect());
  peers.push((await connectWebSocket(started.port, "ws", ["binary.ircv3.net"])).peer);
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
  }).timeout(TIMEOUT_MS);

  it("leave nothing when it stops, however much they had to say", async () => {
    await fc.assert(fc.asyncProperty(scripts, cutShort), { numRuns: Math.ceil(RUNS / 3) });
  }).timeout(TIMEOUT_MS);
});
