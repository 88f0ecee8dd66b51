// How fast lines leave, and which of them first.
import { strict as assert } from "node:assert";
import { mock } from "node:test";
import { isFloodReason, Pacer, paceOf, slower, type Pace } from "../../src/client/pacing.js";
import { message, parseMessage } from "../../src/irc/message.js";
import { onCleanup } from "../support/cleanup.js";

const CAREFUL: Pace = { lineMs: 2_000, bytesMs: 1_000, burstMs: 10_000 };
const text = (length: number) => message("PRIVMSG", ["#room", "x".repeat(length)]);
/** Takes part in microtasks, but not in time. */
const soon = () => Promise.resolve();

function start(pace: Pace, isupport: ReadonlyMap<string, string> = new Map()) {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  onCleanup(() => {
    mock.timers.reset();
  });
  const written: string[] = [];
  const waiting: string[] = [];
  const pacer: Pacer = new Pacer({
    write: (line) => written.push(line),
    now: Date.now,
    pace: () => pace,
    isupport: () => isupport,
    onRoom: () => {
      talk();
    },
  });
  const talk = () => {
    while (waiting[0] !== undefined && pacer.say([message("PRIVMSG", ["#room", waiting[0]])]))
      waiting.shift();
  };
  const send = (...lines: string[]) => {
    for (const line of lines) pacer.send(parseMessage(line)!, line);
  };
  /** Says these lines, as long as it takes. */
  const paste = (...lines: string[]) => {
    waiting.push(...lines);
    talk();
  };
  const take = () => written.splice(0);
  return { pacer, send, paste, take };
}

describe("the pace of a connection", () => {
  it("is a burst of five lines, and one each two seconds, where the server says nothing", () => {
    const { send, take } = start(CAREFUL);
    send(...Array.from({ length: 8 }, (_, i) => `TOPIC #${i}`));
    assert.equal(take().length, 5);
    mock.timers.tick(1_999);
    assert.equal(take().length, 0);
    mock.timers.tick(1);
    assert.deepEqual(take(), ["TOPIC #5"]);
    mock.timers.tick(4_000);
    assert.deepEqual(take(), ["TOPIC #6", "TOPIC #7"]);
    mock.timers.tick(60_000);
    send("TOPIC #8");
    assert.equal(take().length, 1);
  });

  it("counts bytes as well: a paste of long lines never fills a receive queue of 1024 bytes", () => {
    const { pacer } = start(CAREFUL);
    let [queued, most] = [0, 0];
    const paste = Array.from({ length: 20 }, () => text(400));
    // Reads a line each time it has been two seconds and one more for 120 bytes, as the strictest servers do.
    let free = 0;
    for (let waited = 0; paste.length > 0; waited++) {
      assert.ok(waited < 1_000);
      while (paste[0] !== undefined && pacer.say([paste[0]])) {
        paste.shift();
        queued += 420;
        most = Math.max(most, queued);
      }
      mock.timers.tick(500);
      while (queued > 0 && Date.now() >= free) {
        queued -= 420;
        free = Math.max(free, Date.now()) + 2_000 + 3_000;
      }
    }
    assert.ok(most <= 1_024, `${most} bytes`);
  });

  it("is what a Parley server announces, and none where it has no limits", () => {
    const pace = paceOf(new Map([["parley/FLOOD", "60,10"]]), CAREFUL, 1);
    const { send, take } = start(pace);
    send(...Array.from({ length: 80 }, (_, i) => `TOPIC #${i}`));
    assert.equal(take().length, 54);
    mock.timers.tick(1_000);
    assert.equal(take().length, 10);
    assert.equal(paceOf(new Map([["parley/FLOOD", ""]]), CAREFUL, 1).lineMs, 0);
    for (const hostile of ["0,0", "-1,5", "x", "1e9,1", "60", "60,10,2"])
      assert.deepEqual(paceOf(new Map([["parley/FLOOD", hostile]]), CAREFUL, 1), CAREFUL);
    assert.ok(paceOf(new Map([["parley/FLOOD", "1,1"]]), CAREFUL, 1).lineMs <= 10_000);
  });

  it("halves each time a flood ended a connection, whatever the server announces, up to a limit", () => {
    const announced = new Map([["parley/FLOOD", ""]]);
    let slowdown = 1;
    for (const expected of [4_000, 8_000, 16_000, 16_000]) {
      slowdown = slower(slowdown);
      assert.equal(paceOf(announced, CAREFUL, slowdown).lineMs, expected);
    }
    const { send, take } = start(paceOf(announced, CAREFUL, slowdown));
    send("TOPIC #1", "TOPIC #2");
    assert.deepEqual(take(), ["TOPIC #1"], "one goes though it costs more than a burst");
    mock.timers.tick(16_000);
    assert.deepEqual(take(), ["TOPIC #2"]);
  });

  it("lets PONG, PING and QUIT pass what waits, without getting ever further behind by them", () => {
    const { send, take } = start(CAREFUL);
    send(...Array.from({ length: 9 }, (_, i) => `TOPIC #${i}`));
    take();
    for (let i = 0; i < 1_000; i++) send(`PONG ${i}`);
    assert.equal(take().length, 1_000);
    mock.timers.tick(2_000);
    assert.deepEqual(take(), ["TOPIC #5"]);
    send("QUIT :bye");
    assert.deepEqual(take(), ["QUIT :bye"]);
  });

  it("lets commands pass a paste, and questions nobody waits for pass it now and then", () => {
    const { send, paste, take } = start(CAREFUL);
    paste(...Array.from({ length: 30 }, (_, i) => `line${i}`));
    send("WHO #a", "WHO #b", "WHO #a");
    assert.equal(take().length, 5);
    send("TOPIC #room");
    mock.timers.tick(2_000);
    assert.deepEqual(take(), ["TOPIC #room"]);
    for (let second = 0; second < 60; second++) mock.timers.tick(1_000);
    const order = take();
    assert.deepEqual(
      order.filter((line) => line.startsWith("WHO")),
      ["WHO #a", "WHO #b"],
    );
    assert.equal(order.filter((line) => line.startsWith("PRIVMSG")).length, 25);
    assert.ok(order.indexOf("WHO #b") - order.indexOf("WHO #a") > 3, order.join("\n"));
  });

  it("sends the lines of one message together, however many they are", () => {
    const { pacer, take } = start(CAREFUL);
    const batch = [message("BATCH", ["+x"]), ...Array.from({ length: 98 }, () => text(10))];
    assert.equal(pacer.say([text(1)]), true);
    assert.equal(pacer.say(batch), false);
    mock.timers.tick(2_000);
    take();
    assert.equal(pacer.say(batch), true);
    assert.equal(take().length, 99);
    assert.equal(pacer.say([text(1)]), false);
  });

  it("keeps no more than a bounded number of lines, and none after its end", () => {
    const { pacer, send, take } = start(CAREFUL);
    for (let i = 0; i < 10_000; i++) send(`WHO #${i}`);
    take();
    pacer.close();
    mock.timers.tick(60_000);
    assert.deepEqual(take(), []);
  });
});

describe("many channels at once", () => {
  const channels = Array.from({ length: 30 }, (_, i) => `#c${i}`);

  it("are joined in a few lines, those with keys first", async () => {
    const { send, take } = start(CAREFUL, new Map([["TARGMAX", "NAMES:1,JOIN:,PRIVMSG:4"]]));
    send(...channels.map((name, i) => (i % 10 === 9 ? `JOIN ${name} key${i}` : `JOIN ${name}`)));
    await soon();
    const [line, ...others] = take();
    assert.deepEqual(others, []);
    const [names = "", keys] = parseMessage(line!)!.params;
    assert.equal(keys, "key9,key19,key29");
    assert.deepEqual(names.split(",").slice(0, 3), ["#c9", "#c19", "#c29"]);
    assert.deepEqual(names.split(",").sort(), [...channels].sort());
  });

  it("are as many in a line as the server takes, ten where it does not say", async () => {
    for (const [isupport, most] of [
      [{ TARGMAX: "JOIN:4" }, 4],
      [{ MAXTARGETS: "20" }, 20],
      [{ TARGMAX: "PRIVMSG:1" }, 10],
      [{ TARGMAX: "JOIN:0" }, 1],
      [{}, 10],
    ] as const) {
      const { send, take } = start({ ...CAREFUL, lineMs: 0 }, new Map(Object.entries(isupport)));
      send(...channels.map((name) => `JOIN ${name}`));
      await soon();
      const lines = take();
      const joined = lines.map((line) => parseMessage(line)!.params[0]!.split(","));
      assert.equal(Math.max(...joined.map(({ length }) => length)), most);
      assert.ok(lines.length <= Math.ceil(30 / most) + 1, lines.join("\n"));
      assert.deepEqual(joined.flat(), channels);
      mock.timers.reset();
    }
  });

  it("never make a line longer than one may be", async () => {
    const { send, take } = start({ ...CAREFUL, lineMs: 0 }, new Map([["TARGMAX", "JOIN:"]]));
    send(...channels.map((name) => `JOIN ${name}${"ü".repeat(60)} ${"k".repeat(30)}`));
    await soon();
    for (const line of take()) assert.ok(Buffer.byteLength(line) <= 510, line);
  });

  it("are joined one by one where they are few, and in the order of other commands", async () => {
    const { send, take } = start({ ...CAREFUL, lineMs: 0 });
    send("JOIN #a", "JOIN #b", "PART #a", "JOIN 0", "JOIN #a", "JOIN #c", "JOIN #d");
    await soon();
    assert.deepEqual(take(), ["JOIN #a", "JOIN #b", "PART #a", "JOIN 0", "JOIN #a,#c,#d"]);
  });
});

describe("the reason a connection was closed for", () => {
  it("is a flood in all the words servers have for it", () => {
    for (const reason of [
      "Closing Link: ann[host] (Excess Flood)",
      "Closing link: (ann@host) [RecvQ exceeded]",
      "Closing Link: host (Max SendQ exceeded)",
      "Receive buffer space exhausted",
      "Flooding detected",
      "Input queue exceeded",
      "You are sending too many commands",
      "Rate limit exceeded",
    ])
      assert.ok(isFloodReason(reason), reason);
    for (const reason of [
      "Ping timeout: 120 seconds",
      "Killed (oper (spam))",
      "Server shutting down",
    ])
      assert.ok(!isFloodReason(reason), reason);
  });
});
