// A server that says that its host logs everything: what the session knows of it, and what it does not send unasked.
import { strict as assert } from "node:assert";
import { SEND_ERRORS } from "../../src/client/texts.js";
import { startServer, temporaryFolder } from "../support/server.js";
import { addressOf, newSession, startScripted } from "./scripted-peer.js";

describe("a host who logs everything", () => {
  it("is known before anything is sent, until it is no longer so", async () => {
    const server = await startServer({ data: temporaryFolder(), audit: true });
    const session = newSession(addressOf(server.port, { channels: ["#room"] }));
    session.start();
    await session.until(({ state }) => state.isAudited);
    assert.notEqual(session.status.phase, "online");
    await session.online();
    server.server.setAudit(false);
    await session.until(({ state }) => !state.isAudited);
    server.server.setAudit(true);
    await session.until(({ state }) => state.isAudited);
    assert.equal(session.state.isAudited, true);
  });

  it("tells it by the banner: our client gets no notice for every channel", async () => {
    const server = await startServer({ data: temporaryFolder(), audit: true });
    const session = newSession(addressOf(server.port, { channels: ["#room"] }));
    session.start();
    await session.online();
    const rows = [...session.state.buffers].flatMap(([, { entries }]) => entries);
    assert.doesNotMatch(JSON.stringify(rows), /is logged by the host/);
  });

  it("that begins is a row of every channel, which shows from where on", async () => {
    const server = await startServer({ data: temporaryFolder() });
    const session = newSession(addressOf(server.port, { channels: ["#room"] }));
    session.start();
    await session.online();
    server.server.setAudit(true);
    const shown = "From now on everything said on this server is logged by the host";
    await session.until(() => session.rows("#room").some((row) => row.includes(shown)));
  });

  it("that begins and ends is in the history, each between what was said before and after", async () => {
    const server = await startServer({ data: temporaryFolder() });
    const talker = newSession(addressOf(server.port, { channels: ["#room"] }));
    talker.start();
    await talker.online();
    const say = async (text: string) => {
      talker.say("#room", text);
      await talker.until(
        ({ state }) =>
          state.buffers
            .get("#room")
            ?.entries.some(
              (entry) => entry.kind === "message" && entry.text === text && entry.status === "sent",
            ) === true,
      );
    };
    await say("before");
    server.server.setAudit(true);
    await say("between");
    server.server.setAudit(false);
    await say("after");
    const later = newSession(addressOf(server.port, { channels: ["#room"] }), { nick: "late" });
    later.start();
    await later.online();
    await later.until(() => later.rows("#room").some((row) => row.includes("after")));
    const texts = ["before", "From now on everything", "between", "has stopped logging", "after"];
    for (const session of [talker, later]) {
      const rows = session.rows("#room");
      const places = texts.map((text) => rows.findIndex((row) => row.includes(text)));
      assert.ok(!places.includes(-1), rows.join("\n"));
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
        rows.join("\n"),
      );
    }
  });

  it("is still known while the connection is lost, and is asked again by the next one", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port, { channels: [] }), { persistent: true });
    session.start();
    const first = await server.accept();
    await first.welcome({ caps: ["parley/audit"] });
    await session.online();
    assert.equal(session.state.isAudited, true);
    first.link.end();
    await session.until(() => session.status.phase === "waiting");
    assert.equal(session.state.isAudited, true);
    session.reconnectNow();
    await (await server.accept()).welcome({});
    await session.online();
    assert.equal(session.state.isAudited, false);
  });

  it("gets nothing that was written before one could know", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port, { channels: [] }), { persistent: true });
    session.start();
    const first = await server.accept();
    await first.welcome({});
    await session.online();
    session.openDirect("bob");
    first.link.end();
    await session.until(() => session.status.phase === "waiting");
    session.say("bob", "for you alone");
    session.reconnectNow();
    const second = await server.accept();
    await second.welcome({ caps: ["parley/audit"] });
    await session.online();
    const [entry] = session.buffer("bob").entries.filter(({ kind }) => kind === "message");
    assert.ok(entry?.kind === "message");
    assert.deepEqual([entry.status, entry.error], ["failed", SEND_ERRORS.audited]);
    session.say("bob", "this may be logged");
    const sent = await second.command("PRIVMSG");
    assert.equal(sent.params.at(-1), "this may be logged");
  });

  it("is known from the session before, so that what is written meanwhile is sent", async () => {
    const server = await startScripted();
    const options = { persistent: true, isAudited: true };
    const session = newSession(addressOf(server.port, { channels: [] }), options);
    assert.equal(session.state.isAudited, true);
    session.start();
    session.openDirect("bob");
    session.say("bob", "hello");
    const peer = await server.accept();
    await peer.welcome({ caps: ["parley/audit"] });
    const sent = await peer.command("PRIVMSG");
    assert.equal(sent.params.at(-1), "hello");
  });
});
