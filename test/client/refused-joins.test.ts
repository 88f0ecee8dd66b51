// JOINs that a server refuses: not now, or for good.
import { strict as assert } from "node:assert";
import { parseMessage } from "../../src/irc/message.js";
import {
  addressOf,
  joined,
  newSession,
  startScripted,
  type ServerPeer,
  type TestSession,
} from "./scripted-peer.js";

const notNow: [what: string, refusal: string][] = [
  ["the target changes too fast", "439 ann #room :Target change too fast. Please wait 104 seconds."],
  ["the channel is unavailable for now", "437 ann #room :Nick/channel is temporarily unavailable"],
  ["the channel is full", "471 ann #room :Cannot join channel (+l)"],
  ["services have not logged us in yet", "477 ann #room :Cannot join channel (+r) - you need to be logged in"],
  ["the channel is joined too often", "480 ann #room :Cannot join channel (+j) - throttle exceeded, try again later"],
  ["we join too often", "500 ann #room :Too many join requests. Please wait a while and try again."],
  ["the channel is flooded with joins", "609 ann #room :This channel is temporarily unavailable (+j is set). Please try again later."],
  ["the server is busy", "263 ann JOIN :Server load is temporarily too heavy. Please wait a while and try again."],
]; // prettier-ignore

const forGood: [what: string, refusal: string][] = [
  ["the name is wrong", "403 ann #room :No such channel"],
  ["we are in too many", "405 ann #room :You have joined too many channels"],
  ["somebody has to invite us", "473 ann #room :Cannot join channel (+i)"],
  ["we are banned", "474 ann #room :Cannot join channel (+b)"],
  ["the key is wrong", "475 ann #room :Cannot join channel (+k)"],
  ["the name is no channel's", "476 ann #room :Bad channel mask"],
  ["the name is not allowed", "479 ann #room :Illegal channel name"],
  ["it is for encrypted connections only", "489 ann #room :Cannot join channel (SSL is required)"],
  ["the network does not want it", "926 ann #room :Channel #room is forbidden"],
  ["it lacks something", "461 ann JOIN :Not enough parameters"],
  ["the server cannot do it", "972 ann JOIN :Cannot join"],
  ["the server does not know the command", "421 ann JOIN :Unknown command"],
  ["the server names the command alone", "FAIL JOIN ACCOUNT_REQUIRED :Log in first"],
  ["the server leaves out our nick", "403 #room :No such channel"],
  ["the server says so in its own words", "FAIL JOIN CHANNEL_FORBIDDEN #room :No"],
]; // prettier-ignore

/** A session that is online and has asked for #room. */
async function asking() {
  const server = await startScripted();
  const session = newSession(addressOf(server.port), { channels: ["#room"] });
  session.start();
  const peer = await server.accept();
  await peer.welcome();
  await peer.command("JOIN");
  return { server, session, peer };
}

describe("a JOIN that is refused for now", () => {
  for (const [what, refusal] of notNow)
    it(`is repeated until it works: ${what}`, async () => {
      const { session, peer } = await asking();
      peer.send(`:irc.test ${refusal}`);
      // Nothing else waits for it.
      await session.online();
      assert.deepEqual((await peer.command("JOIN")).params, ["#room"]);
      peer.send(`:irc.test ${refusal}`);
      await peer.letIn("ann", "#room", "bob");
      await session.until((s) => s.state.buffers.get("#room")?.joined === true);
      const told = session.rows("").filter((row) => /^-- (?:error|info)/.test(row));
      assert.equal(told.length, 1, session.rows("").join("\n"));
    });

  it("is given up after some tries, and that is told", async () => {
    const { session, peer } = await asking();
    for (let tries = 0; tries <= 10; tries++) {
      peer.send(":irc.test 471 ann #room :Cannot join channel (+l)");
      if (tries < 10) await peer.command("JOIN");
    }
    await session.until((s) => s.rows("").filter((row) => row.includes("is full")).length === 2);
    assert.ok(!(await peer.settle()).some((line) => line.startsWith("JOIN")));
  });

  it("is not repeated when the person does not want it any more", async () => {
    const { session, peer } = await asking();
    peer.send(":irc.test 471 ann #room :Cannot join channel (+l)");
    await session.online();
    session.part("#room");
    await peer.command("PART");
    for (let i = 0; i < 10; i++)
      assert.ok(!(await peer.settle()).some((line) => line.startsWith("JOIN")));
  });

  it("is repeated at once when we have been logged in", async () => {
    const server = await startScripted();
    const timing = { backoffBaseMs: 60_000, backoffMaxMs: 60_000 };
    const session = newSession(addressOf(server.port), { channels: ["#room"], timing });
    session.start();
    const peer = await server.accept();
    await peer.welcome();
    await peer.command("JOIN");
    peer.send(":irc.test 477 ann #room :You need to be identified", ":irc.test 900 ann ann!u@h ann :You are now logged in"); // prettier-ignore
    await peer.letIn("ann", "#room");
    await session.until((s) => s.state.buffers.get("#room")?.joined === true);
  });

  it("tells the person each time they ask themselves", async () => {
    const { session, peer } = await joined(await startScripted());
    for (let i = 1; i <= 2; i++) {
      void session.join("#busy");
      await peer.command("JOIN");
      peer.send(":irc.test 439 ann #busy :Target change too fast");
      await session.until((s) => s.rows("").filter((row) => row.includes("#busy")).length === i);
    }
  });

  it("is wanted again on the next connection", async () => {
    const { server, session, peer } = await asking();
    peer.send(":irc.test 437 ann #room :Nick/channel is temporarily unavailable");
    await session.online();
    peer.drop();
    const again = await server.accept();
    await again.welcome();
    await again.letIn("ann", "#room");
    await session.until((s) => s.state.buffers.get("#room")?.joined === true);
  });
});

describe("a JOIN that is refused for good", () => {
  for (const [what, refusal] of forGood)
    it(`is told once and not repeated: ${what}`, async () => {
      const { session, peer } = await asking();
      peer.send(`:irc.test ${refusal}`);
      await session.online();
      assert.ok(!(await peer.settle()).some((line) => line.startsWith("JOIN")));
      assert.equal(session.rows("").filter((row) => row.startsWith("-- error")).length, 1);
    });
});

describe("a JOIN of a channel we have never been in", () => {
  for (const [what, refusal] of forGood)
    it(`is not repeated on the next connection: ${what}`, async () => {
      const server = await startScripted();
      const { session, peer } = await joined(server);
      void session.join("#x");
      await peer.command("JOIN");
      peer.send(`:irc.test ${refusal.replace("#room", "#x")}`);
      await peer.settle();
      peer.drop();
      const again = await server.accept();
      await again.welcome();
      await again.letIn("ann", "#room");
      assert.ok(!(await again.settle()).some((line) => line.startsWith("JOIN")));
    });

  it("is not what an answer about another channel is about", async () => {
    const { session, peer } = await joined(await startScripted());
    void session.join("#x");
    await peer.command("JOIN");
    peer.send(":irc.test FAIL JOIN CHANNEL_FORBIDDEN #y :No", ":irc.test 461 ann MODE :Not enough");
    peer.send(":ann!u@h JOIN #x", ":irc.test 353 ann = #x :ann", ":irc.test 366 ann #x :End");
    await session.until((s) => s.state.buffers.get("#x")?.joined === true);
  });
});

describe("a JOIN of too many channels", () => {
  const CHANNELS = ["#a", "#b", "#c", "#d"];

  /** Lets us in where we ask from now on, and gives what we ask for until we are in all of them. */
  async function letInto(session: TestSession, peer: ServerPeer): Promise<string[]> {
    const asked: string[] = [];
    while (!CHANNELS.every((name) => session.state.buffers.get(name)?.joined === true)) {
      for (const line of await peer.settle()) {
        const { command, params } = parseMessage(line)!;
        const [name = ""] = params;
        if (command !== "JOIN") continue;
        asked.push(name);
        peer.send(...entering(name));
      }
    }
    return asked;
  }

  /** A session whose one JOIN has come, and is not answered. */
  async function joiningAll() {
    const server = await startScripted();
    const session = newSession(addressOf(server.port), { channels: CHANNELS });
    session.start();
    const peer = await server.accept();
    await peer.welcome();
    assert.deepEqual((await peer.command("JOIN")).params, [CHANNELS.join(",")]);
    return { server, session, peer };
  }

  const entering = (name: string) => [
    `:ann!u@h JOIN ${name}`,
    `:irc.test 353 ann = ${name} :ann`,
    `:irc.test 366 ann ${name} :End`,
  ];

  for (const [what, first, refusal, rest, asked] of [
    ["names all of them", ["#a"], "407 ann #a,#b,#c,#d :Too many targets", [], ["#b", "#c", "#d"]],
    ["comes first", [], "407 ann #a,#b,#c,#d :Too many targets", ["#a", "#b"], ["#c", "#d"]],
    ["names the first that was too many", ["#a", "#b"], "407 ann #C :Too many", [], ["#c", "#d"]],
    ["is about the last", ["#a", "#b", "#c"], "407 ann #a,#b,#c,#d :Too many", [], ["#d"]],
    ["leaves out our nick", ["#a"], "407 #a,#b,#c,#d :Too many targets", [], ["#b", "#c", "#d"]],
  ] as const)
    it(`is repeated for each that is left, where the refusal ${what}`, async () => {
      const { session, peer } = await joiningAll();
      peer.send(...first.flatMap(entering), `:irc.test ${refusal}`, ...rest.flatMap(entering));
      const others = await letInto(session, peer);
      // One that comes in meanwhile may have been asked for.
      assert.deepEqual(
        others.filter((name) => asked.some((one) => one === name)),
        asked,
      );
      await session.online();
      assert.ok(!session.rows("").some((row) => row.startsWith("-- error")));
    });

  it("of one channel is refused for good, and told", async () => {
    const { session, peer } = await joiningAll();
    peer.send(":irc.test 407 ann #a,#b,#c,#d :Too many targets");
    for (const name of CHANNELS) {
      assert.deepEqual((await peer.command("JOIN")).params, [name]);
      peer.send(`:irc.test 407 ann ${name} :Too many targets`);
    }
    await session.online();
    assert.equal(session.rows("").filter((row) => row.startsWith("-- error")).length, 4);
  });

  it("ends with the connection, and is made again on the next one", async () => {
    const { server, session, peer } = await joiningAll();
    peer.send(":irc.test 407 ann #a,#b,#c,#d :Too many targets");
    await peer.command("JOIN");
    peer.drop();
    const again = await server.accept();
    await again.welcome();
    assert.deepEqual((await again.command("JOIN")).params, [CHANNELS.join(",")]);
    again.send(...CHANNELS.flatMap(entering));
    await session.online();
  });
});

describe("a channel that sends us on to another one", () => {
  it("is not asked for again, and the other one is kept", async () => {
    const { server, session, peer } = await asking();
    peer.send(
      ":irc.test 470 ann #room ##room :Forwarding to another channel",
      ":ann!u@h JOIN ##room",
      ":irc.test 353 ann = ##room :ann",
      ":irc.test 366 ann ##room :End",
    );
    await session.online();
    peer.drop();
    const again = await server.accept();
    await again.welcome();
    await again.letIn("ann", "##room");
    await session.until((s) => s.state.buffers.get("##room")?.joined === true);
  });
});

describe("a channel we are in already", () => {
  it("is not asked for, and caught up with at once", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port), { channels: ["#room"] });
    session.start();
    const peer = await server.accept();
    await peer.command("CAP");
    await peer.command("USER");
    peer.send(":irc.test CAP * LS :batch draft/chathistory server-time message-tags");
    await peer.command("CAP");
    peer.send(":irc.test CAP * ACK :batch draft/chathistory server-time message-tags");
    await peer.command("CAP");
    peer.send(
      ":irc.test 001 ann :Welcome",
      ":irc.test 005 ann CHATHISTORY=100 :are supported",
      ":irc.test 422 ann :No MOTD",
      ":ann!u@h JOIN #room",
      ":irc.test 353 ann = #room :ann bob",
      ":irc.test 366 ann #room :End",
    );
    await session.online();
    const lines = await peer.until(/^CHATHISTORY/);
    assert.ok(!lines.some((line) => line.startsWith("JOIN")), lines.join("\n"));
    assert.match(lines.at(-1)!, /^CHATHISTORY LATEST #room/);
  });
});
