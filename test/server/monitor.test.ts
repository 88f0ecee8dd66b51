import { strict as assert } from "node:assert";
import { startServer } from "../support/server.js";

describe("MONITOR", () => {
  it("tells who is here and who is not, and when that changes", async () => {
    const server = await startServer();
    const watcher = await server.client("watcher");
    const bar = await server.client("bar");
    watcher.send("MONITOR + bar,baz");
    await watcher.expect(":parley.chat 730 watcher :bar!~bar@host");
    await watcher.expect(":parley.chat 731 watcher :baz");
    const baz = await server.client("baz");
    await watcher.expect(":parley.chat 730 watcher :baz!~baz@host");
    baz.send("NICK BAZ", "NICK other");
    await watcher.expect(":parley.chat 731 watcher :BAZ");
    bar.send("QUIT");
    await watcher.expect(":parley.chat 731 watcher :bar");
    assert.deepEqual(await watcher.roundtrip(), []);
  });

  it("tells of a new nick after NICK, which those who share a channel need first", async () => {
    const server = await startServer();
    const watcher = await server.join("watcher", "#room");
    const bar = await server.join("bar", "#room");
    watcher.send("MONITOR + bar,baz");
    await watcher.until(/ 731 /);
    bar.send("NICK baz");
    await watcher.expect(":bar!~bar@host NICK :baz");
    await watcher.expect(":parley.chat 731 watcher :bar");
    await watcher.expect(":parley.chat 730 watcher :baz!~bar@host");
  });

  it("lists, removes and clears", async () => {
    const server = await startServer();
    const watcher = await server.client("watcher");
    watcher.send("MONITOR + one,two,three", "MONITOR - TWO", "MONITOR L", "MONITOR S");
    await watcher.until(/ 731 /);
    await watcher.expect(":parley.chat 732 watcher :one,three");
    await watcher.expect(":parley.chat 733 watcher :End of MONITOR list");
    await watcher.expect(":parley.chat 731 watcher :one,three");
    watcher.send("MONITOR C", "MONITOR L");
    await watcher.expect(/ 733 /);
    await server.client("one");
    assert.deepEqual(await watcher.roundtrip(), []);
  });

  it("refuses masks, more than its limit, and what it does not know", async () => {
    const server = await startServer({ limits: { maxMonitors: 2 } });
    const watcher = await server.client("watcher");
    watcher.send("MONITOR + *!*@host", "MONITOR + a,b,c,d", "MONITOR X", "MONITOR +");
    await watcher.expect(
      ":parley.chat 432 watcher *!*@host :Erroneous nickname: it can contain only letters, digits and - _ [ ] \\ ` ^ { } |",
    );
    await watcher.expect(":parley.chat 734 watcher 2 c,d :Monitor list is full.");
    await watcher.expect(":parley.chat 731 watcher :a,b");
    await watcher.expect(/ 461 watcher MONITOR :Use MONITOR \+ <nick>/);
    await watcher.expect(/ 461 watcher MONITOR :Not enough/);
  });

  it("is forgotten when the watcher leaves", async () => {
    const server = await startServer();
    const watcher = await server.client("watcher");
    watcher.send("MONITOR + bar", "QUIT");
    await watcher.rest();
    await server.client("bar");
    assert.deepEqual([...server.server.monitors.watchersOf("bar")], []);
  });
});

describe("extended-monitor", () => {
  it("tells of away, name and account those who also have these capabilities", async () => {
    const server = await startServer({ accounts: ["bar:sesame"] });
    const caps = ["away-notify", "setname", "account-notify"];
    const knows = await server.client("knows", "extended-monitor", ...caps);
    const only = await server.client("only", "extended-monitor");
    const lacks = await server.client("lacks", ...caps);
    for (const watcher of [knows, only, lacks]) {
      watcher.send("MONITOR + bar");
      await watcher.roundtrip();
    }
    const bar = await server.client("guest", "sasl");
    const plain = Buffer.from("\0bar\0sesame").toString("base64");
    bar.send("AUTHENTICATE PLAIN", `AUTHENTICATE ${plain}`);
    await bar.until(/ 903 /);
    bar.send("NICK bar", "AWAY :tea", "SETNAME :Bar", "AWAY");
    await bar.roundtrip();
    const online = (nick: string) => `:parley.chat 730 ${nick} :bar!~guest@host`;
    assert.deepEqual(await knows.roundtrip(), [
      online("knows"),
      ":bar!~guest@host AWAY :tea",
      ":bar!~guest@host SETNAME :Bar",
      ":bar!~guest@host AWAY",
    ]);
    assert.deepEqual(await only.roundtrip(), [online("only")]);
    assert.deepEqual(await lacks.roundtrip(), [online("lacks")]);
  });
});
