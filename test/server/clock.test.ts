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
