import { strict as assert } from "node:assert";
import { startServer, temporaryFolder } from "../support/server.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.parse("2026-01-01T12:00:00.000Z");

describe("a clock that is set back by an hour", () => {
  it("hides from nobody that a peer is gone", async () => {
    let now = NOON;
    let ticks = NOON;
    const server = await startServer({ now: () => now, ticks: () => ticks });
    const ann = await server.client("ann");
    now -= HOUR;
    ticks += MINUTE;
    await ann.expect(/^PING /);
    ticks += MINUTE;
    assert.match((await ann.rest()).join(), /ERROR :Closing link: Ping timeout: 120 seconds/);
  });

  it("leaves what is said in order, and is told to whoever runs the server", async () => {
    const data = temporaryFolder();
    let now = NOON;
    const first = await startServer({ data, now: () => now });
    const ann = await first.join("ann", "#room", "echo-message", "server-time");
    ann.send("PRIVMSG #room :one");
    await ann.expect(/^@time=2026-01-01T12:00:00\.000Z .* PRIVMSG #room :one$/);
    await first.close();
    now -= HOUR;
    const second = await startServer({ data, now: () => now });
    const bob = await second.join(
      "bob",
      "#room",
      "echo-message",
      "server-time",
      "draft/chathistory",
    );
    bob.send("PRIVMSG #room :two");
    await bob.expect(/^@time=2026-01-01T12:00:00\.000Z .* PRIVMSG #room :two$/);
    const warnings = () =>
      second.log.filter((line) => line.startsWith("warn the clock went back 3600 s"));
    while (warnings().length === 0) await bob.roundtrip();
    now += 2 * HOUR;
    bob.send("PRIVMSG #room :three");
    await bob.expect(/^@time=2026-01-01T13:00:00\.000Z .* PRIVMSG #room :three$/);
    bob.send("CHATHISTORY LATEST #room * 3");
    const found = (await bob.roundtrip()).map((line) => line.split(" ").at(-1));
    assert.deepEqual(found, [":one", ":two", ":three"]);
    assert.equal(warnings().length, 1);
  });
});

describe("a clock that was ten years ahead", () => {
  const YEARS = 10 * 365 * 24 * HOUR;
  const CAPS = ["echo-message", "server-time", "draft/chathistory", "draft/read-marker", "batch"];

  for (const isAfterRestart of [true, false])
    it(`freezes no times for good: ${isAfterRestart ? "after a restart" : "while the server runs"}`, async () => {
      const data = temporaryFolder();
      const clock = { time: NOON };
      const options = { data, now: () => clock.time, ticks: () => NOON };
      let server = await startServer(options);
      let ann = await server.join("ann", "#room", ...CAPS);
      ann.send("PRIVMSG #room :one");
      await ann.roundtrip();
      clock.time = NOON + YEARS;
      ann.send("PRIVMSG #room :two", "PRIVMSG #room :three");
      assert.match((await ann.roundtrip()).join(), /time=2035-12-30T12:00:00\.000Z .* :two/);
      const told = () =>
        server.log.filter((line) =>
          line.startsWith(
            "warn the clock was wrong: messages up to 2035-12-30T12:00:00.000Z got the time 2026-01-01T13:00:00.000Z",
          ),
        );
      if (isAfterRestart) {
        ann.send("MARKREAD #room timestamp=2035-12-30T12:00:00.000Z");
        await ann.roundtrip();
        await server.close();
        clock.time = NOON + HOUR;
        server = await startServer(options);
        ann = await server.join("ann", "#room", ...CAPS);
      } else {
        clock.time = NOON + HOUR;
        while (told().length === 0) await ann.roundtrip();
      }
      clock.time += HOUR;
      ann.send("PRIVMSG #room :four");
      await ann.until(/^@time=2026-01-01T14:00:00\.000Z .* PRIVMSG #room :four$/);
      ann.send("CHATHISTORY LATEST #room * 10");
      const found = (await ann.roundtrip()).filter((line) => line.includes(" PRIVMSG "));
      assert.deepEqual(
        found.map((line) => line.replace(/^@.*?time=([^; ]+).* :/, "$1 ")),
        [
          "2026-01-01T12:00:00.000Z one",
          "2026-01-01T13:00:00.000Z two",
          "2026-01-01T13:00:00.000Z three",
          "2026-01-01T14:00:00.000Z four",
        ],
      );
      ann.send("CHATHISTORY AFTER #room timestamp=2026-01-01T13:30:00.000Z 10");
      assert.match((await ann.roundtrip()).join(), /BATCH[^]* :four,[^,]*BATCH[^,]*$/);
      assert.equal(told().length, 1);
    });

  it("gives no guest what an earlier one was told", async () => {
    const clock = { time: NOON + YEARS };
    const server = await startServer({ now: () => clock.time, ticks: () => NOON });
    const first = await server.client("ann");
    const bob = await server.client("bob");
    bob.send("PRIVMSG ann :a secret");
    await bob.roundtrip();
    first.send("QUIT");
    await first.rest();
    clock.time += HOUR;
    const second = await server.client("ann", ...CAPS);
    clock.time = NOON;
    while (!server.log.some((line) => line.startsWith("warn the clock was wrong")))
      await second.roundtrip();
    second.send("CHATHISTORY LATEST bob * 10");
    assert.ok(!(await second.roundtrip()).join().includes("a secret"));
    bob.send("PRIVMSG ann :for you");
    await bob.roundtrip();
    await second.roundtrip();
    clock.time += HOUR;
    bob.send("PRIVMSG ann :and this");
    await bob.roundtrip();
    await second.roundtrip();
    second.send("CHATHISTORY LATEST bob * 10");
    assert.match((await second.roundtrip()).join(), /and this/);
  });

  it("is not taken for one where it is the clock that is wrong now", async () => {
    const data = temporaryFolder();
    const clock = { time: NOON };
    const options = { data, now: () => clock.time, ticks: () => NOON };
    const first = await startServer(options);
    const ann = await first.join("ann", "#room");
    ann.send("PRIVMSG #room :one");
    await ann.roundtrip();
    await first.close();
    clock.time = Date.parse("2000-01-01T00:00:00.000Z");
    const second = await startServer(options);
    assert.ok(second.log.some((line) => line.startsWith("warn the clock went back")));
    const bob = await second.join("bob", "#room", ...CAPS);
    bob.send("CHATHISTORY LATEST #room * 10");
    assert.match((await bob.roundtrip()).join(), /time=2026-01-01T12:00:00\.000Z[^,]* :one/);
  });
});
