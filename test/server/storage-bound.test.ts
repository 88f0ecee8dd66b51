import { strict as assert } from "node:assert";
import { DEFAULT_LIMITS } from "../../src/server/config.js";
import type { Peer } from "../support/peer.js";
import { startServer, temporaryFolder, type TestServer } from "../support/server.js";

const CAPS = [
  "batch",
  "echo-message",
  "message-tags",
  "standard-replies",
  "draft/chathistory",
  "draft/multiline",
  "draft/message-redaction",
  "draft/event-playback",
];
const HOUR = 60 * 60 * 1000;
const REFUSED =
  "MESSAGE_NOT_STORED :More was sent from your address than the server stores in a day; try again later";

async function start(
  storageBytesPerDay: number,
  options: { audit?: boolean; data?: string } = {},
): Promise<{ server: TestServer; pass: (ms: number) => void }> {
  let ticks = 0;
  const server = await startServer({
    floodControl: true,
    ticks: () => ticks,
    limits: { storageBytesPerDay, floodBurst: 10_000, pingIntervalMs: 48 * HOUR },
    ...options,
  });
  return {
    server,
    pass: (ms) => {
      ticks += ms;
    },
  };
}

/** Says so much in #room that no more is stored. Returns how many messages were. */
async function fill(peer: Peer): Promise<number> {
  const text = "x".repeat(300);
  for (let stored = 0; ; stored++) {
    peer.send(`PRIVMSG #room :${text}`);
    const seen = await peer.roundtrip();
    if (seen.length === 1 && seen[0]?.includes(` FAIL PRIVMSG ${REFUSED}`) === true) return stored;
    assert.match(seen.join(), / PRIVMSG #room :?x+$/);
  }
}

describe("what one address can have stored", () => {
  it("is bounded by default, far below what flood control lets through", () => {
    assert.ok(DEFAULT_LIMITS.storageBytesPerDay <= 512 * 1024 * 1024);
  });

  it("is bounded, the sender and whoever runs the server are told, and it ends with time", async () => {
    const { server, pass } = await start(10_000);
    const ann = await server.join("ann", "#room", ...CAPS);
    assert.equal(await fill(ann), 19);
    ann.send("PRIVMSG ann :me", "NOTICE #room :note", `@+x=${"y".repeat(3000)} TAGMSG #room`);
    const seen = await ann.roundtrip();
    assert.deepEqual(
      seen.map((line) => line.replace(/^:\S+ /, "")),
      ["PRIVMSG", "NOTICE", "TAGMSG"].map((command) => `FAIL ${command} ${REFUSED}`),
    );
    ann.send("BATCH +1 draft/multiline #room", "@batch=1 PRIVMSG #room :one", "BATCH -1");
    await ann.roundtrip();
    await fill(ann);
    const told = server.log.filter((line) => line.includes("more than is stored in a day"));
    assert.deepEqual(told, [
      "warn ann (127.0.0.1) has sent more than is stored in a day from one address: further messages are refused",
    ]);
    pass(12 * HOUR);
    assert.ok((await fill(ann)) >= 8);
  });

  it("counts for all connections and targets, and for messages of several lines", async () => {
    const { server } = await start(10_000);
    const ann = await server.join("ann", "#room", ...CAPS);
    const bob = await server.join("bob", "#room", ...CAPS);
    await ann.roundtrip();
    ann.send("JOIN #b", "JOIN #c", "JOIN #d");
    await ann.roundtrip();
    for (let i = 0; i < 5; i++) ann.send(`PRIVMSG #b,#c,#d :${"x".repeat(300)}`);
    await ann.roundtrip();
    bob.send("BATCH +1 draft/multiline #room");
    for (let i = 0; i < 8; i++) bob.send(`@batch=1 PRIVMSG #room :${"y".repeat(300)}`);
    bob.send("BATCH -1");
    assert.match((await bob.roundtrip()).join(), new RegExp(` FAIL BATCH ${REFUSED}`));
  });

  it("keeps no one from deleting, coming and going, and being read", async () => {
    const { server } = await start(10_000);
    const ann = await server.join("ann", "#room", ...CAPS);
    ann.send("PRIVMSG #room :one");
    const [, msgid = ""] = /msgid=([^; ]+)/.exec((await ann.roundtrip()).join()) ?? [];
    await fill(ann);
    ann.send("PART #room", "JOIN #room", "TOPIC #room :tea", "NICK anna");
    const seen = (await ann.roundtrip()).join("\n");
    for (const done of [/ PART #room/, / JOIN #room/, / TOPIC #room :?tea/, / NICK :?anna/])
      assert.match(seen, done);
    ann.send(`REDACT #room ${msgid}`);
    assert.match((await ann.roundtrip()).join(), / REDACT #room /);
    ann.send("CHATHISTORY LATEST #room * 500");
    const history = (await ann.roundtrip()).filter((line) => !line.includes(" BATCH "));
    assert.ok(history.length < 40, String(history.length));
  });

  it("bounds what the log of everything grows by", async () => {
    const { server } = await start(10_000, { audit: true, data: temporaryFolder() });
    const ann = await server.join("ann", "#room", ...CAPS);
    let refused = 0;
    for (let i = 0; i < 40; i++) {
      ann.send(`PRIVMSG @#room :${"x".repeat(300)}`);
      refused += (await ann.roundtrip()).filter((line) => line.endsWith(REFUSED)).length;
    }
    assert.ok(refused >= 15, String(refused));
  });

  it("is not bounded where flood control is off", async () => {
    const server = await startServer({ limits: { storageBytesPerDay: 100 } });
    const ann = await server.join("ann", "#room", ...CAPS);
    ann.send(`PRIVMSG #room :${"x".repeat(300)}`);
    assert.match((await ann.roundtrip()).join(), / PRIVMSG #room :?x+$/);
  });
});
