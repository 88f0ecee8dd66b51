// What was said while nobody listened, and what a history makes of it.
import { strict as assert } from "node:assert";
import { joined, newSession, addressOf, startScripted, type ServerPeer } from "./scripted-peer.js";

const ECHO = ["message-tags", "echo-message", "batch", "labeled-response", "server-time"];
const HISTORY = [...ECHO, "draft/chathistory", "draft/event-playback"];

const time = (n: number) => `2024-01-01T00:00:${String(n).padStart(2, "0")}.000Z`;
const line = (n: number, text = String(n)) =>
  `@msgid=m${n};time=${time(n)} :bob!u@h PRIVMSG #room :${text}`;
const plain = (n: number, text = String(n)) => `@time=${time(n)} :bob!u@h PRIVMSG #room :${text}`;

/** Answers one CHATHISTORY with these lines. */
async function answer(peer: ServerPeer, ...lines: readonly string[]): Promise<readonly string[]> {
  return answerWith("", peer, lines);
}

/** The same, and says that there is no more. */
async function answerAll(peer: ServerPeer, ...lines: readonly string[]): Promise<void> {
  await answerWith("@draft/chathistory-end ", peer, lines);
}

async function answerWith(
  tags: string,
  peer: ServerPeer,
  lines: readonly string[],
): Promise<readonly string[]> {
  const { params } = await peer.command("CHATHISTORY");
  const type = params[0] === "TARGETS" ? "draft/chathistory-targets" : `chathistory ${params[1]!}`;
  peer.send(`${tags}:irc.test BATCH +h ${type}`, ...inBatch(lines), ":irc.test BATCH -h");
  return params;
}

function inBatch(lines: readonly string[]): string[] {
  return lines.map((text) =>
    text.startsWith("@") ? `@batch=h;${text.slice(1)}` : `@batch=h ${text}`,
  );
}

describe("catching up", () => {
  it("is taken up again when the connection ends before the answer", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server, { caps: HISTORY });
    await answer(peer, line(1));
    await session.until((s) => s.said("#room").length === 1);
    peer.drop();
    const second = await server.accept();
    await second.welcome({ caps: HISTORY });
    await second.letIn("ann", "#room", "bob");
    await second.command("CHATHISTORY");
    second.send(line(7));
    await session.until((s) => s.said("#room").length === 2);
    assert.ok(session.rows("#room").includes("-- gap"));
    second.drop();
    const third = await server.accept();
    await third.welcome({ caps: HISTORY });
    await third.letIn("ann", "#room", "bob");
    await answer(third, ...[1, 2, 3, 4, 5, 6, 7].map((n) => line(n)));
    await session.until((s) => s.said("#room").length === 7);
    assert.deepEqual(
      session.said("#room"),
      [1, 2, 3, 4, 5, 6, 7].map((n) => `<bob> ${n}`),
    );
  });

  it("happens in a channel we are in from the beginning, without a JOIN", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port), { channels: ["#room"] });
    session.start();
    const peer = await server.accept();
    await peer.command("USER");
    peer.send(`:irc.test CAP * LS :${HISTORY.join(" ")}`);
    peer.send(`:irc.test CAP * ACK :${(await peer.command("CAP")).params[1]!}`);
    await peer.command("CAP");
    peer.send(
      [
        ":irc.test 001 ann :Welcome",
        ":irc.test 005 ann CASEMAPPING=ascii CHATHISTORY=100 :are supported",
        ":irc.test 422 ann :No message of the day",
        ":ann!u@h JOIN #room",
        ":irc.test 353 ann = #room :ann bob",
        ":irc.test 366 ann #room :End of names",
      ].join("\r\n"),
    );
    await answerAll(peer, line(1), line(2));
    await session.until(
      (s) => s.state.buffers.get("#room") !== undefined && s.said("#room").length === 2,
    );
    await session.online();
    assert.ok(session.buffer("#room").startsAtBeginning);
  });

  it("finds a direct message of somebody new, though the connection ended in between", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server, { caps: HISTORY });
    await answer(peer, line(1));
    peer.send(line(2));
    await session.until((s) => s.said("#room").length === 2);
    peer.drop();
    const second = await server.accept();
    await second.welcome({ caps: HISTORY });
    await second.letIn("ann", "#room", "bob");
    second.send(line(50));
    await session.until((s) => s.said("#room").length === 3);
    second.drop();
    const third = await server.accept();
    await third.welcome({ caps: HISTORY });
    await third.letIn("ann", "#room", "bob");
    for (let name = ""; name !== "dora";) {
      const { params } = await third.command("CHATHISTORY");
      const [subcommand, target = ""] = params;
      if (subcommand === "TARGETS") {
        assert.ok(Date.parse(target.replace("timestamp=", "")) < Date.parse(time(20)));
        third.send(
          ":irc.test BATCH +h draft/chathistory-targets",
          `@batch=h :irc.test CHATHISTORY TARGETS dora ${time(20)}`,
          ":irc.test BATCH -h",
        );
        continue;
      }
      name = target;
      const missed = `@msgid=d;time=${time(20)} :dora!u@h PRIVMSG ann :call me`;
      const lines = name === "dora" ? inBatch([missed]) : [];
      third.send(`:irc.test BATCH +h chathistory ${name}`, ...lines, ":irc.test BATCH -h");
    }
    await session.until((s) => s.state.buffers.get("dora")?.unread === 1);
  });

  it("goes on after a nick that cannot be asked for", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: HISTORY });
    await answer(peer, line(1));
    peer.send("::x!u@h PRIVMSG ann :hello", ":carl!u@h PRIVMSG ann :hello");
    const asked = await answer(peer, `@msgid=c;time=${time(1)} :carl!u@h PRIVMSG ann :before`);
    assert.equal(asked[1], "carl");
    await session.until((s) => s.said("carl").length === 2);
  });

  it("takes a leap second for the one after it", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: ECHO });
    peer.send("@msgid=l;time=2016-12-31T23:59:60.500Z :bob!u@h PRIVMSG #room :leap");
    await session.until((s) => s.said("#room").length === 1);
    assert.equal(session.buffer("#room").entries.at(-1)!.time, Date.UTC(2017, 0, 1, 0, 0, 0, 500));
  });
});

describe("what a bouncer plays", () => {
  const CAPS = ["batch", "server-time"];

  for (const [name, frame] of [
    ["in a batch", true],
    ["as lines of old times", false],
  ] as const)
    it(`${name} is history: not told as news, and not doubled`, async () => {
      const server = await startScripted();
      const { session, peer } = await joined(server, { caps: CAPS });
      const heard: string[] = [];
      session.onDidReceiveMessage(({ entry }) => heard.push(entry.text));
      const play = (to: ServerPeer, lines: readonly string[]) => {
        if (frame) to.send(":z BATCH +h znc.in/playback #room", ...inBatch(lines), ":z BATCH -h");
        else to.send(...lines);
      };
      play(peer, [plain(1, "ok"), plain(1, "ok"), plain(2)]);
      await session.until((s) => s.said("#room").length === 3);
      peer.drop();
      const again = await server.accept();
      await again.welcome({ caps: CAPS });
      await again.letIn("ann", "#room", "bob");
      play(again, [plain(1, "ok"), plain(1, "ok"), plain(2), plain(3)]);
      await session.until((s) => s.said("#room").length === 4);
      assert.deepEqual(session.said("#room"), ["<bob> ok", "<bob> ok", "<bob> 2", "<bob> 3"]);
      assert.deepEqual(heard, []);
    });
});

describe("what ZNC plays when we come back", () => {
  const CAPS = ["batch", "server-time", "znc.in/self-message"];
  const MINUTE_MS = 60_000;
  const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS).toISOString();
  const play = (peer: ServerPeer, target: string, ...lines: readonly string[]) => {
    peer.send(`:znc.in BATCH +h znc.in/playback ${target}`, ...inBatch(lines), ":znc.in BATCH -h");
  };

  /** Said and heard, and then the connection was lost. */
  async function lost() {
    const server = await startScripted();
    const { session, peer } = await joined(server, { caps: CAPS });
    const heard: string[] = [];
    session.onDidReceiveMessage(({ buffer, entry }) => heard.push(`${buffer} ${entry.text}`));
    const live = [
      `@time=${ago(50)} :bob!u@h PRIVMSG #room :hello`,
      `@time=${ago(49)} :bob!u@h PRIVMSG #room :\x01ACTION waves\x01`,
      `@time=${ago(48)} :bob!u@h NOTICE #room :beware`,
      `@time=${ago(47)} :bob!u@h PRIVMSG ann :psst`,
    ];
    peer.send(...live);
    session.say("#room", "mine");
    session.say("bob", "mine too");
    for (let asked = 0; asked < 2; asked++) {
      const { params } = await peer.command("PING");
      peer.send(`:irc.test PONG irc.test ${params[0]!}`);
      if (
        session
          .said("#room")
          .concat(session.said("bob"))
          .every((row) => !row.includes("pending"))
      )
        break;
    }
    await session.until((s) => s.said("bob").at(-1) === "<ann> mine too");
    heard.length = 0;
    peer.drop();
    const again = await server.accept();
    await again.welcome({ caps: CAPS });
    return { session, again, heard, live };
  }

  it("is there once, with our own, in channels and direct messages, as often as it is played", async () => {
    const { session, again, heard, live } = await lost();
    await again.letIn("ann", "#room", "bob");
    const before = session.said("#room");
    assert.deepEqual(before, ["<bob> hello", "* bob waves", "<bob> beware", "<ann> mine"]);
    for (let times = 0; times < 2; times++) {
      play(again, "#room", ...live.slice(0, 3), `@time=${ago(0)} :ann!u@h PRIVMSG #room :mine`);
      play(again, "bob", live[3]!, `@time=${ago(0)} :ann!u@h PRIVMSG bob :mine too`);
      await again.settle();
      assert.deepEqual(session.said("#room"), before);
      assert.deepEqual(session.said("bob"), ["<bob> psst", "<ann> mine too"]);
    }
    assert.deepEqual(heard, []);
  });

  it("is unread where it was missed, and what is live is news", async () => {
    const { session, again, heard, live } = await lost();
    session.markAllRead("#room");
    session.markAllRead("bob");
    const missed = [
      `@time=${ago(-1)} :carl!u@h PRIVMSG #room :while you were away`,
      `@time=${ago(-2)} :carl!u@h PRIVMSG #room :ann: call me`,
    ];
    play(again, "#room", ...live.slice(0, 3), ...missed);
    await again.letIn("ann", "#room", "bob");
    again.send(`@time=${ago(-3)} :carl!u@h PRIVMSG #room :ann: now`);
    await session.until((s) => s.said("#room").at(-1) === "<carl> ann: now");
    const { unread, mentions } = session.buffer("#room");
    assert.deepEqual({ unread, mentions }, { unread: 3, mentions: 2 });
    assert.deepEqual(heard, ["#room ann: now"]);
  });

  it("of somebody new opens a conversation, which is unread", async () => {
    const { session, again, heard } = await lost();
    play(again, "dora", `@time=${ago(-1)} :dora!u@h PRIVMSG ann :hi`);
    await again.letIn("ann", "#room", "bob");
    await again.settle();
    assert.deepEqual(session.said("dora"), ["<dora> hi"]);
    assert.equal(session.buffer("dora").unread, 1);
    assert.deepEqual(heard, []);
  });
});

describe("a message that was deleted", () => {
  it("goes from the screen at once, and from what is unread", async () => {
    const caps = [...HISTORY, "draft/message-redaction"];
    const { session, peer } = await joined(await startScripted(), { caps });
    await answer(peer, line(1));
    peer.send(line(2, "ann: secret"), line(3));
    await session.until((s) => s.said("#room").length === 3);
    assert.deepEqual([session.buffer("#room").unread, session.buffer("#room").mentions], [2, 1]);
    peer.send(":bob!u@h REDACT #room m2 :oops");
    await session.until((s) => s.said("#room").length === 2);
    assert.deepEqual(session.said("#room"), ["<bob> 1", "<bob> 3"]);
    assert.deepEqual([session.buffer("#room").unread, session.buffer("#room").mentions], [1, 0]);
  });

  for (const [name, said, buffer, deletion] of [
    ["to the operators of a channel", ":bob!u@h PRIVMSG @#room", "#room", ":bob!u@h REDACT @#room"],
    ["to them, named without them", ":bob!u@h PRIVMSG @#room", "#room", ":bob!u@h REDACT #ROOM"],
    ["to us, by an operator", ":bob!u@h PRIVMSG ann", "bob", ":oper!u@h REDACT ann"],
    ["to us, by the server", ":bob!u@h PRIVMSG ann", "bob", ":irc.test REDACT ann"],
    [
      "to us, by the server that names who said it",
      ":bob!u@h PRIVMSG ann",
      "bob",
      ":irc.test REDACT bob",
    ],
    ["by us, by an operator", ":ann!u@h PRIVMSG bob", "bob", ":oper!u@h REDACT bob"],
    ["as a notice", ":bob!u@h NOTICE ann", "bob", ":bob!u@h REDACT ann"],
  ] as const)
    it(`goes wherever it is shown: ${name}`, async () => {
      const caps = ["message-tags", "echo-message", "draft/message-redaction"];
      const { session, peer } = await joined(await startScripted(), { caps });
      peer.send(`@msgid=a ${said} :secret`, `@msgid=b ${said} :kept`);
      await peer.settle();
      assert.equal(session.said(buffer).length, 2);
      peer.send(`${deletion} a :gone`, `${deletion} unknown`);
      await peer.settle();
      assert.equal(session.said(buffer).length, 1);
      assert.match(session.said(buffer)[0]!, /kept/);
      const unread = said.startsWith(":ann") ? 0 : 1;
      assert.equal(session.buffer(buffer).unread, unread);
      assert.deepEqual(
        [...session.state.buffers.keys()].filter((key) => key.includes("oper")),
        [],
      );
    });

  it("is the one of that id where it was said, though another has it elsewhere", async () => {
    const caps = ["message-tags", "draft/message-redaction"];
    const { session, peer } = await joined(await startScripted(), { caps });
    peer.send("@msgid=a :bob!u@h PRIVMSG #room :here", "@msgid=a :carl!u@h PRIVMSG ann :there");
    peer.send(":carl!u@h REDACT ann a");
    await peer.settle();
    assert.deepEqual([session.said("#room"), session.said("carl")], [["<bob> here"], []]);
  });

  it("does not come with a history that tells of its deletion", async () => {
    const caps = [...HISTORY, "draft/message-redaction"];
    const { session, peer } = await joined(await startScripted(), { caps });
    await answer(
      peer,
      line(1, "secret"),
      line(2),
      `@msgid=r;time=${time(3)} :bob!u@h REDACT #room m1`,
    );
    await session.until((s) => s.said("#room").length > 0);
    assert.deepEqual(session.said("#room"), ["<bob> 2"]);
  });
});

describe("a person's notice", () => {
  const text = "@msgid=n1;time=2024-01-01T00:00:01.000Z :bob!u@h NOTICE ann :beware";

  it("begins the conversation with them, unread but not as something to answer", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: HISTORY });
    await answer(peer, line(1));
    peer.send(text, ":bob!u@h NOTICE ann :\x01VERSION x\x01", ":irc.test NOTICE ann :maintenance");
    await session.until((s) => s.rows("").some((row) => row.includes("maintenance")));
    assert.deepEqual(session.said("bob"), ["<bob> beware"]);
    const { unread, mentions } = session.buffer("bob");
    assert.deepEqual([unread, mentions], [1, 0]);
    assert.ok(!session.rows("").some((row) => row.includes("beware")));
  });

  it("is the same row when the history brings it as well", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: HISTORY });
    await answer(peer, line(1));
    peer.send(text);
    await session.until((s) => s.state.buffers.has("bob"));
    const [, target] = await answer(peer, text);
    assert.equal(target, "bob");
    await peer.settle();
    assert.deepEqual(session.said("bob"), ["<bob> beware"]);
    const { unread, mentions } = session.buffer("bob");
    assert.deepEqual([unread, mentions], [1, 0]);
  });
});
