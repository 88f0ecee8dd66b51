import { strict as assert } from "node:assert";
import { backoffMs } from "../../src/client/backoff.js";
import { DEFAULT_TIMING } from "../../src/client/session-options.js";
import { onCleanup } from "../support/cleanup.js";
import {
  addressOf,
  besideGhost,
  joined,
  newSession,
  startScripted,
  type ServerPeer,
  type WelcomeOptions,
} from "./scripted-peer.js";

const ECHO = ["message-tags", "echo-message", "batch", "labeled-response", "server-time"];
const HISTORY = [...ECHO, "draft/chathistory", "draft/event-playback"];
/** Only our own servers announce it. */
const PARLEY = ["parley/FLOOD"];

/** Answers one CHATHISTORY with these lines. */
function playHistory(peer: ServerPeer, ...lines: readonly string[]): Promise<string[]> {
  return answerHistory(peer, "", lines);
}

/** The same, and says that there is no more. */
function playLastPage(peer: ServerPeer, ...lines: readonly string[]): Promise<string[]> {
  return answerHistory(peer, "@draft/chathistory-end ", lines);
}

async function answerHistory(
  peer: ServerPeer,
  tags: string,
  lines: readonly string[],
): Promise<string[]> {
  const { params } = await peer.command("CHATHISTORY");
  const isTargets = params[0] === "TARGETS";
  const type = isTargets ? "draft/chathistory-targets" : `chathistory ${params[1]!}`;
  peer.send(
    `${tags}:irc.test BATCH +h ${type}`,
    ...lines.map((line) =>
      line.startsWith("@") ? `@batch=h;${line.slice(1)}` : `@batch=h ${line}`,
    ),
    ":irc.test BATCH -h",
  );
  return [...params];
}

/** A session that was in #room, lost its connection, and is back with nothing missed there. */
async function backAgain(welcome: WelcomeOptions) {
  const server = await startScripted();
  const { session, peer } = await joined(server, welcome);
  await playHistory(peer, "@msgid=0;time=2024-01-01T00:00:00.000Z :bob!u@h PRIVMSG #room :old");
  await session.until((s) => s.said("#room").length === 1);
  const live = "@msgid=1;time=2024-01-01T00:00:01.000Z :bob!u@h PRIVMSG #room :live";
  peer.send(live);
  await session.until((s) => s.said("#room").length === 2);
  peer.drop();
  const again = await server.accept();
  await again.welcome(welcome);
  await again.letIn("ann", "#room", "bob");
  assert.match((await playLastPage(again, live))[2]!, /^msgid=/);
  assert.match((await playLastPage(again, live))[2]!, /^timestamp=/);
  return { session, again };
}

describe("a lost connection", () => {
  it("comes back by itself and joins its channels again", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server);
    peer.send(":bob!u@h PRIVMSG #room :before");
    await session.until((s) => s.said("#room").length === 1);
    peer.drop();
    await session.until((s) => s.status.phase === "waiting");
    assert.ok(session.status.phase === "waiting");
    assert.equal(session.status.failure.code, "lost");
    assert.equal(session.buffer("#room").joined, false);
    const again = await server.accept();
    await again.welcome();
    await again.letIn("ann", "#room", "bob");
    await session.online();
    assert.equal(session.buffer("#room").joined, true);
    assert.deepEqual(session.said("#room"), ["<bob> before"]);
  });

  it("is noticed when nothing answers any more", async () => {
    const timing = { pingIntervalMs: 10, pongTimeoutMs: 10 };
    const { session, peer } = await joined(await startScripted(), {}, { timing });
    await peer.command("PING");
    await session.until((s) => s.status.phase === "waiting");
    assert.ok(session.status.phase === "waiting");
    assert.match(session.status.failure.detail, /PING/);
  });

  it("is noticed by whoever speaks, and what they say goes again on the next one", async () => {
    const server = await startScripted();
    const timing = { answerTimeoutMs: 10, pongTimeoutMs: 30 };
    const welcome = { caps: ECHO, isupport: PARLEY };
    const { session, peer } = await joined(server, welcome, { timing });
    session.say("#room", "is anybody");
    const { tags } = await peer.command("PRIVMSG");
    await peer.command("PING");
    session.say("#room", "there?");
    const again = await server.accept();
    assert.deepEqual(session.said("#room"), [
      "<ann> is anybody (pending)",
      "<ann> there? (pending)",
    ]);
    await again.welcome(welcome);
    await again.letIn("ann", "#room", "bob");
    const repeated = await again.command("PRIVMSG");
    assert.equal(repeated.params[1], "is anybody");
    assert.equal(repeated.tags.get("+parley/id"), tags.get("+parley/id"));
    assert.equal((await again.command("PRIVMSG")).params[1], "there?");
  });

  it("is noticed however often somebody speaks meanwhile", async () => {
    const timing = { answerTimeoutMs: 4, pongTimeoutMs: 60 };
    const { session, peer } = await joined(await startScripted(), { caps: ECHO }, { timing });
    const talk = setInterval(() => {
      session.say("#room", "hello?");
    }, 10);
    onCleanup(() => {
      clearInterval(talk);
    });
    await peer.command("PING");
    await session.until((s) => s.status.phase === "waiting");
  });

  it("is not waited for when the person gives up, and starts again when they want", async () => {
    const server = await startScripted();
    const timing = { backoffBaseMs: 60_000, backoffMaxMs: 60_000 };
    const { session, peer } = await joined(server, {}, { timing });
    peer.drop();
    await session.until((s) => s.status.phase === "waiting");
    session.stopReconnecting();
    assert.equal((await session.failed()).code, "lost");
    session.reconnectNow();
    await (await server.accept()).welcome();
  });

  it("is tried at once when the person wants", async () => {
    const server = await startScripted();
    const timing = { backoffBaseMs: 60_000, backoffMaxMs: 60_000 };
    const { session, peer } = await joined(server, {}, { timing });
    peer.drop();
    await session.until((s) => s.status.phase === "waiting");
    session.reconnectNow();
    await (await server.accept()).welcome();
  });

  it("brings back what was missed, in order and once", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server, { caps: HISTORY });
    await playHistory(peer, "@msgid=0;time=2024-01-01T00:00:00.000Z :bob!u@h PRIVMSG #room :old");
    peer.send("@msgid=1;time=2024-01-01T00:01:00.000Z :bob!u@h PRIVMSG #room :one");
    await session.until((s) => s.said("#room").length === 2);
    session.markRead("#room", "1");
    peer.drop();
    const again = await server.accept();
    await again.welcome({ caps: HISTORY });
    await again.letIn("ann", "#room", "bob");
    again.send("@msgid=4;time=2024-01-01T00:04:00.000Z :bob!u@h PRIVMSG #room :four");
    const asked = await playHistory(
      again,
      "@msgid=1;time=2024-01-01T00:01:00.000Z :bob!u@h PRIVMSG #room :one",
      "@msgid=2;time=2024-01-01T00:02:00.000Z :bob!u@h PRIVMSG #room :two",
      "@msgid=3;time=2024-01-01T00:03:00.000Z :bob!u@h QUIT :gone",
      "@msgid=4;time=2024-01-01T00:04:00.000Z :bob!u@h PRIVMSG #room :four",
    );
    assert.deepEqual(asked.slice(0, 2), ["AFTER", "#room"]);
    await session.until((s) => s.said("#room").length === 4);
    assert.deepEqual(session.said("#room"), ["<bob> old", "<bob> one", "<bob> two", "<bob> four"]);
    assert.ok(session.rows("#room").includes("-- quit bob"), "the event shows …");
    assert.ok(session.buffer("#room").members.has("bob"), "… and changes nothing");
    assert.equal(session.buffer("#room").unread, 2);
  });

  it("sends what was not confirmed again, with the same id, after it has caught up", async () => {
    const server = await startScripted();
    const welcome = { caps: HISTORY, isupport: PARLEY };
    const { session, peer } = await joined(server, welcome);
    await playHistory(peer, "@msgid=0;time=2024-01-01T00:00:00.000Z :bob!u@h PRIVMSG #room :old");
    session.say("#room", "arrived, but the echo got lost");
    session.say("#room", "never arrived");
    const first = (await peer.command("PRIVMSG")).tags.get("+parley/id")!;
    const second = (await peer.command("PRIVMSG")).tags.get("+parley/id")!;
    peer.drop();
    await session.until((s) => s.status.phase === "waiting");
    session.say("#room", "said while away");
    const again = await server.accept();
    await again.welcome(welcome);
    await again.letIn("ann", "#room", "bob");
    assert.deepEqual(
      (await again.settle()).filter((line) => line.includes("PRIVMSG")),
      [],
      "nothing before the history is known",
    );
    await session.until((s) => s.status.phase === "online");
    again.send(
      "@draft/chathistory-end :irc.test BATCH +h chathistory #room",
      `@batch=h;msgid=1;+parley/id=${first};time=2024-01-01T00:01:00.000Z :ann!u@h PRIVMSG #room :arrived, but the echo got lost`,
      "@batch=h;msgid=2;time=2024-01-01T00:02:00.000Z :bob!u@h PRIVMSG #room :really?",
      ":irc.test BATCH -h",
    );
    const resent = await again.command("PRIVMSG");
    assert.deepEqual(resent.params, ["#room", "never arrived"]);
    assert.equal(resent.tags.get("+parley/id"), second);
    assert.deepEqual((await again.command("PRIVMSG")).params, ["#room", "said while away"]);
    assert.deepEqual(session.said("#room"), [
      "<bob> old",
      "<ann> arrived, but the echo got lost",
      "<bob> really?",
      "<ann> never arrived (pending)",
      "<ann> said while away (pending)",
    ]);
  });

  it("finds direct messages of people we did not know of", async () => {
    const { session, again } = await backAgain({ caps: HISTORY });
    const targets = await playLastPage(
      again,
      ":irc.test CHATHISTORY TARGETS dora 2024-01-01T00:05:00.000Z",
    );
    assert.equal(targets[0], "TARGETS");
    const asked = await playHistory(
      again,
      "@msgid=d;time=2024-01-01T00:05:00.000Z :dora!u@h PRIVMSG ann :call me",
    );
    assert.deepEqual(asked.slice(0, 2), ["LATEST", "dora"]);
    await session.until((s) => s.state.buffers.get("dora")?.unread === 1);
    assert.deepEqual(session.said("dora"), ["<dora> call me"]);
  });

  it("finds them all where one answer does not hold them", async () => {
    const { session, again } = await backAgain({ caps: HISTORY, isupport: ["CHATHISTORY=2"] });
    const target = (nick: string, minute: number) =>
      `:irc.test CHATHISTORY TARGETS ${nick} 2024-01-01T00:0${minute}:00.000Z`;
    await playHistory(again, target("dora", 1), target("eve", 2));
    const more = await playLastPage(again, target("fred", 3));
    assert.deepEqual(more.slice(0, 2), ["TARGETS", "timestamp=2024-01-01T00:01:59.999Z"]);
    for (const nick of ["dora", "eve", "fred"]) {
      const line = `@msgid=${nick};time=2024-01-01T00:05:00.000Z :${nick}!u@h PRIVMSG ann :hello`;
      assert.equal((await playLastPage(again, line))[1], nick);
    }
    await session.until((s) => s.state.buffers.has("fred"));
  });

  it("begins anew, with more to scroll back to, when more was missed than is kept", async () => {
    const server = await startScripted();
    const caps = HISTORY;
    const isupport = ["CHATHISTORY=2"];
    const limits = { maxEntries: 4 };
    const { session, peer } = await joined(server, { caps, isupport }, { limits });
    const at = (i: number) =>
      `@msgid=m${i};time=2024-01-01T00:00:${String(i).padStart(2, "0")}.000Z`;
    const line = (i: number) => `${at(i)} :bob!u@h PRIVMSG #room :${i}`;
    await playHistory(peer, line(1));
    await session.until((s) => s.said("#room").length === 1);
    peer.drop();
    const again = await server.accept();
    await again.welcome({ caps, isupport });
    await again.letIn("ann", "#room", "bob");
    await playHistory(again, line(2), line(3));
    assert.equal((await playHistory(again, line(4), line(5)))[2], "msgid=m3");
    assert.deepEqual((await playHistory(again, line(30), line(31))).slice(0, 3), [
      "LATEST",
      "#room",
      "*",
    ]);
    await session.until((s) => s.said("#room").includes("<bob> 31"));
    assert.deepEqual(session.said("#room"), ["<bob> 30", "<bob> 31"]);
    assert.equal(session.buffer("#room").entries[0]?.kind, "gap");
  });

  it("takes another nick while our ghost has ours, and takes it back when it is free", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server);
    peer.drop();
    const again = await server.accept();
    await again.command("USER");
    again.send(":irc.test 433 * ann :Nickname is already in use");
    assert.deepEqual((await again.command("NICK")).params, ["ann2"]);
    again.sayWelcome("ann2");
    await again.letIn("ann2", "#room", "ann");
    await session.online();
    assert.equal(session.state.nick, "ann2");
    again.send(":ann!u@h QUIT :Ping timeout");
    assert.deepEqual((await again.command("NICK")).params, ["ann"]);
    again.send(":ann2!u@h NICK ann");
    await session.until((s) => s.state.nick === "ann");
    assert.ok(session.buffer("#room").members.has("ann"));
  });

  it("asks for its nick again and again where the ghost is not in sight, and says nothing of refusals", async () => {
    const { session, again } = await besideGhost({ timing: { regainNickMs: 10 } }, []);
    for (let i = 0; i < 2; i++) {
      assert.deepEqual((await again.command("NICK")).params, ["ann"]);
      again.send(":irc.test 433 ann2 ann :Nickname is already in use");
    }
    assert.ok(!session.rows("").some((row) => row.startsWith("-- error")));
  });
});

describe("giving up", () => {
  it("ends the attempt that is under way", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server);
    peer.drop();
    await server.accept();
    await session.until((s) => s.status.phase === "connecting");
    session.stopReconnecting();
    assert.equal((await session.closed()).type, "failed");
  });

  it("does nothing while online", async () => {
    const { session, peer } = await joined(await startScripted());
    session.stopReconnecting();
    session.reconnectNow();
    assert.deepEqual(await peer.settle(), []);
    assert.equal(session.status.phase, "online");
  });
});

describe("an end that is no accident", () => {
  it("is not followed by a new attempt when the host stops the server", async () => {
    const { session, peer } = await joined(await startScripted());
    peer.send(":irc.test NOTE * SERVER_STOPPING :Good night", "ERROR :Closing link");
    peer.link.end();
    assert.deepEqual(await session.closed(), { type: "host-stopped", reason: "Good night" });
  });

  it("is not followed by a new attempt when an operator throws us out", async () => {
    const { session, peer } = await joined(await startScripted());
    peer.send(":oper!u@h KILL ann :spam", "ERROR :Closing link");
    peer.link.end();
    assert.deepEqual(await session.closed(), { type: "kicked", reason: "spam" });
  });

  it("is an accident when somebody else was killed", async () => {
    const { session, peer } = await joined(await startScripted());
    peer.send(":oper!u@h KILL bob :spam");
    peer.link.end();
    await session.until((s) => s.status.phase === "waiting");
  });

  it("is tried again when a network closes with ERROR alone", async () => {
    const { session, peer } = await joined(await startScripted());
    peer.send("ERROR :Closing link: Ping timeout");
    peer.link.end();
    await session.until((s) => s.status.phase === "waiting");
    assert.ok(session.status.phase === "waiting");
    assert.equal(session.status.failure.code, "closed-by-server");
  });
});

describe("a host that is not up yet", () => {
  it("is waited for when the session is persistent, with the time of the next attempt", async () => {
    const scripted = await startScripted();
    const { port } = scripted;
    await scripted.close();
    const timing = { backoffBaseMs: 20 };
    const session = newSession(addressOf(port), { persistent: true, timing, now: () => 1_000 });
    session.start();
    await session.until((s) => s.status.phase === "waiting");
    assert.ok(session.status.phase === "waiting");
    assert.equal(session.status.failure.code, "refused");
    assert.equal(session.status.retryAt, 1_010);
    const server = await startScripted({ port });
    await (await server.accept()).welcome();
    await session.online();
  });

  it("is not waited for when waiting cannot help", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port), { persistent: true });
    session.start();
    const peer = await server.accept();
    await peer.command("USER");
    peer.send(":irc.test 464 * :Password incorrect");
    assert.equal((await session.failed()).code, "password-needed");
  });
});

describe("the wait before a retry", () => {
  it("doubles up to a limit, and each time lies between half and all of it", () => {
    const waits = [1, 2, 3, 7, 100].map((retry) => [
      backoffMs(retry, DEFAULT_TIMING, () => 0),
      backoffMs(retry, DEFAULT_TIMING, () => 1),
    ]);
    assert.deepEqual(waits, [
      [500, 1_000],
      [1_000, 2_000],
      [2_000, 4_000],
      [15_000, 30_000],
      [15_000, 30_000],
    ]);
  });
});
