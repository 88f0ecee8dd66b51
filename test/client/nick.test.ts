// Whose wish our nick is: the person's, the server's, or services'.
import { strict as assert } from "node:assert";
import {
  addressOf,
  besideGhost,
  joined,
  newSession,
  startScripted,
  type ServerPeer,
  type ScriptedServer,
  type TestSession,
} from "./scripted-peer.js";

const QUICK = { timing: { regainNickMs: 5 } };

/** The nick a new connection begins with. */
async function nextNick(server: ScriptedServer, peer: ServerPeer): Promise<string | undefined> {
  peer.drop();
  const again = await server.accept();
  return (await again.command("NICK")).params[0];
}

const refusals: [what: string, line: string][] = [
  ["438", "438 ann2 ann :Nick change too fast. Please wait 20 seconds."],
  ["438 with both nicks", "438 ann2 ann2 ann :Nick change too fast"],
  ["439", "439 ann2 ann :Target change too fast. Please wait 60 seconds."],
  ["433", "433 ann2 ann :Nickname is already in use"],
  ["436", "436 ann2 ann :Nickname collision"],
  ["437", "437 ann2 ann :Nick/channel is temporarily unavailable"],
  ["432", "432 ann2 ann :Erroneous nickname: held for its owner"],
  ["435", "435 ann2 ann #room :Cannot change nickname while banned"],
  ["447", "447 ann2 #room :Cannot change nickname while in #room (+N)"],
  ["437 with a channel", "437 ann2 #room :Cannot change nickname while banned on channel"],
  ["263", "263 ann2 NICK :Please wait a while and try again."],
  ["FAIL", "FAIL NICK NICKNAME_TOO_SOON ann :Wait"],
  ["484", "484 ann2 :Your connection is restricted"],
]; // prettier-ignore

describe("getting our nick back", () => {
  for (const [what, line] of refusals)
    it(`goes on after ${what}, and nobody is told`, async () => {
      const { session, again } = await besideGhost(QUICK);
      for (let i = 0; i < 2; i++) {
        assert.deepEqual((await again.command("NICK")).params, ["ann"]);
        again.send(`:irc.test ${line}`);
      }
      await again.command("NICK");
      again.send(":ann2!u@h NICK ann");
      await session.until((s) => s.state.nick === "ann");
      const rows = [...session.rows(""), ...session.rows("#room")];
      assert.ok(!rows.some((row) => row.startsWith("-- error")), rows.join("\n"));
    });

  it("goes on when a try has no answer at all", async () => {
    const { again } = await besideGhost(QUICK);
    for (let i = 0; i < 4; i++) assert.deepEqual((await again.command("NICK")).params, ["ann"]);
  });

  it("ends after many refusals that are about the nick itself, and that is told", async () => {
    const { session, again } = await besideGhost(QUICK);
    for (let i = 0; i < 10; i++) {
      await again.command("NICK");
      again.send(":irc.test 432 ann2 ann :Erroneous nickname");
    }
    await session.until((s) => s.rows("").some((row) => row.startsWith("-- error")));
  });

  it("is not tried where the server made us somebody else by itself", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server, {}, QUICK);
    peer.drop();
    const again = await server.accept();
    await again.command("USER");
    again.sayWelcome("ann_at_work");
    await again.letIn("ann_at_work", "#room");
    await session.online();
    for (let i = 0; i < 10; i++)
      assert.ok(!(await again.settle()).some((line) => line.startsWith("NICK")));
    assert.equal(await nextNick(server, again), "ann");
  });
});

describe("the nick the next connection begins with", () => {
  it("is the chosen one, whatever services make of us", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server);
    peer.send(":ann!u@h NICK Guest4711");
    await session.until((s) => s.state.nick === "Guest4711");
    assert.equal(await nextNick(server, peer), "ann");
  });

  const wishes: [how: string, wish: string, given: string][] = [
    ["as it was asked for", "bea", "bea"],
    ["in the server's spelling", "bea", "Bea"],
    ["as the server cut it", "beatrice", "beatri"],
  ];
  for (const [how, wish, given] of wishes)
    it(`is a newly chosen one, ${how}`, async () => {
      const server = await startScripted();
      const { session, peer } = await joined(server);
      const refusal = session.setNick(wish);
      await peer.command("NICK");
      peer.send(`:ann!u@h NICK ${given}`);
      assert.equal(await refusal, undefined);
      await session.until((s) => s.state.nick === given);
      assert.equal(await nextNick(server, peer), given);
    });

  it("is one that was asked for in a raw line", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server);
    session.raw("NICK bea");
    await peer.command("NICK");
    peer.send(":ann!u@h NICK bea");
    await session.until((s) => s.state.nick === "bea");
    assert.equal(await nextNick(server, peer), "bea");
  });

  it("is not one that was refused, and the refusal is told", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server);
    const refusal = session.setNick("bob");
    await peer.command("NICK");
    peer.send(":irc.test 433 ann bob :Nickname is already in use");
    assert.equal(await refusal, "The nick bob is taken. Choose another one.");
    assert.ok(!session.rows("").some((row) => row.startsWith("-- error")), "is told only once");
    assert.equal(await nextNick(server, peer), "ann");
  });

  it("is another one while services keep it from us, until it is ours again", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server, {}, QUICK);
    peer.drop();
    const again = await server.accept();
    await again.command("USER");
    again.send(":irc.test 432 * ann :Erroneous nickname: held by services");
    assert.deepEqual((await again.command("NICK")).params, ["ann2"]);
    again.sayWelcome("ann2");
    await again.letIn("ann2", "#room");
    assert.deepEqual((await again.command("NICK")).params, ["ann"]);
    again.send(":ann2!u@h NICK ann");
    await session.until((s) => s.state.nick === "ann");
  });
});

describe("another nick beside our ghost, where nicks are short", () => {
  /** A session that was in as `given`, and is being refused its nick. */
  async function refused(nick: string, given: string, isupport: readonly string[] = []) {
    const server = await startScripted();
    const session = newSession(addressOf(server.port), { nick });
    session.start();
    const peer = await server.accept();
    await peer.command("USER");
    peer.sayWelcome(given, isupport);
    await session.online();
    peer.drop();
    const again = await server.accept();
    await again.command("USER");
    return again;
  }

  async function answered(peer: ServerPeer, answer: string): Promise<string | undefined> {
    peer.send(`:irc.test ${answer}`);
    return (await peer.command("NICK")).params[0];
  }

  it("is as long as the server has told", async () => {
    const peer = await refused("ninechars", "ninechars", ["NICKLEN=9"]);
    assert.equal(await answered(peer, "433 * ninechars :In use"), "ninechar2");
    assert.equal(await answered(peer, "433 * ninechar2 :In use"), "ninechar3");
  });

  it("is as long as the nick it has made of ours", async () => {
    const peer = await refused("longnickname", "longnickn");
    assert.equal(await answered(peer, "433 * longnickn :In use"), "longnick2");
  });

  it("is as long as what the refusal names", async () => {
    const peer = await refused("ninechars", "ninechars");
    assert.equal(await answered(peer, "433 * ninechars :In use"), "ninechars2");
    assert.equal(await answered(peer, "433 * ninechars :In use"), "ninechar3");
    assert.equal(await answered(peer, "433 * ninechar3 :In use"), "ninechar4");
  });

  it("is shorter than one that is refused as such", async () => {
    const peer = await refused("ninechars", "ninechars");
    assert.equal(await answered(peer, "433 * ninechars :In use"), "ninechars2");
    assert.equal(await answered(peer, "432 * ninechars2 :Erroneous nickname"), "ninechar3");
    assert.equal(await answered(peer, "432 * ninechar3 :Erroneous nickname"), "ninechar4");
  });

  it("is not shorter for a refusal that names a short nick once more", async () => {
    const peer = await refused("ann", "ann");
    assert.equal(await answered(peer, "433 * ann :In use"), "ann2");
    assert.equal(await answered(peer, "433 * ann :In use"), "ann3");
    assert.equal(await answered(peer, "432 * ann3 :Erroneous nickname"), "ann4");
  });
});

describe("a refusal that is not about our nick", () => {
  it("is told: a channel that is unavailable, with no JOIN of ours", async () => {
    const { session, peer } = await joined(await startScripted());
    peer.send(":irc.test 437 ann #elsewhere :Nick/channel is temporarily unavailable");
    await session.until((s) => s.rows("").some((row) => row.includes("#elsewhere")));
  });
});

describe("a refusal that names something else", () => {
  const ALL_ROWS = (session: TestSession) =>
    [...session.state.buffers.values()].flatMap(({ name }) => session.rows(name));

  for (const numeric of ["432", "433", "436", "437"])
    for (const [what, line] of [
      ["a channel", `${numeric} ann2 #other :No, not that`],
      ["a channel, without our nick", `${numeric} #other :No, not that`],
      ["a channel, without a text", `${numeric} ann2 #other`],
      ["another nick", `${numeric} ann2 carl :No, not that`],
    ] as const)
      it(`is told while a try to get our nick back is open: ${numeric}, ${what}`, async () => {
        const { session, again } = await besideGhost(QUICK);
        await again.command("NICK");
        session.raw("JOIN #other");
        await again.command("JOIN");
        again.send(`:irc.test ${line}`);
        await again.settle();
        const rows = ALL_ROWS(session).filter((row) => row.startsWith("-- error"));
        assert.equal(rows.length, 1, rows.join());
      });

  for (const line of [
    "437 ann #other :Nick/channel is temporarily unavailable",
    "433 ann carl :Nickname is already in use",
    "433 ann an :Nickname is already in use",
    "484 ann ChanServ #room :Cannot kick a service",
    "FAIL NICK NICKNAME_TOO_SOON carl :Wait",
  ])
    it(`is no answer to our wish: ${line}`, async () => {
      const server = await startScripted();
      const { session, peer } = await joined(server);
      const refusal = session.setNick("annie");
      await peer.command("NICK");
      peer.send(`:irc.test ${line}`, ":ann!u@h NICK annie");
      assert.equal(await refusal, undefined);
      assert.equal(session.state.nick, "annie");
      assert.equal(await nextNick(server, peer), "annie");
    });

  for (const line of [
    "437 ann #room :Cannot change nickname while banned on channel",
    "435 ann annie #other :Cannot change nickname while banned on channel",
    "433 ann ANNIE :Nickname is already in use",
    "433 ann annie",
    "438 ann ann :Nick change too fast",
    "FAIL NICK NICKNAME_TOO_SOON annie more :Wait",
  ])
    it(`but names what our wish is about, is the answer: ${line}`, async () => {
      const server = await startScripted();
      const { session, peer } = await joined(server);
      const refusal = session.setNick("annie");
      await peer.command("NICK");
      peer.send(`:irc.test ${line}`);
      assert.notEqual(await refusal, undefined);
    });
});

describe("being away without a message", () => {
  it("is being away, and `*` is no text", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: ["away-notify"] });
    peer.send(":bob!u@h AWAY *");
    await session.until((s) => s.state.users.get("bob")?.away !== undefined);
    assert.equal(session.state.users.get("bob")?.away, "");
    peer.send(":bob!u@h AWAY :lunch", ":irc.test 301 ann bob :*", ":bob!u@h PRIVMSG #room :x");
    await session.until((s) => s.said("#room").length === 1);
    assert.equal(session.state.users.get("bob")?.away, "");
    assert.ok(session.rows("#room").includes("-- away bob"));
  });
});
