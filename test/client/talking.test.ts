import { strict as assert } from "node:assert";
import type { MessageEntry } from "../../src/client/model.js";
import { addressOf, joined, newSession, startScripted } from "./scripted-peer.js";

const ECHO = ["message-tags", "echo-message", "batch", "labeled-response", "server-time"];

describe("saying something", () => {
  for (const [name, form, text, change, shown] of [
    ["a message for an action", "action", "waves", "PRIVMSG #room :waves", { form: "message" }],
    ["a notice for a message", "message", "hi", "NOTICE #room :hi", { form: "notice" }],
    [
      "an action for a message",
      "message",
      "hi",
      "PRIVMSG #room :\x01ACTION hi\x01",
      { form: "action" },
    ],
    [
      "without its formatting",
      "message",
      "\x02hi\x02",
      "PRIVMSG #room :hi",
      { formatted: undefined },
    ],
    [
      "with other formatting",
      "message",
      "\x02hi\x02",
      "PRIVMSG #room :\x1dhi\x1d",
      { formatted: "\x1dhi\x1d" },
    ],
    [
      "with its formatting",
      "message",
      "\x02hi\x02",
      "PRIVMSG #room :\x02hi\x02",
      { formatted: "\x02hi\x02" },
    ],
    ["for more people", "message", "hi", "PRIVMSG @#room :hi", { statusPrefix: "@" }],
  ] as const)
    for (const caps of name === "for more people" ? [ECHO] : [ECHO, ["echo-message"]])
      it(`shows what the server made of it: ${name}, with ${caps.join(" ")}`, async () => {
        const { session, peer } = await joined(await startScripted(), { caps });
        session.say("#room", text, form);
        const pending = session.buffer("#room").entries.at(-1) as MessageEntry;
        assert.equal(pending.formatted, text.includes("\x02") ? text : undefined);
        const label = (await peer.command("PRIVMSG")).tags.get("label");
        peer.send(`${label === undefined ? "" : `@label=${label} `}:ann!u@h ${change}`);
        await session.until((s) => /[^)]$/.test(s.said("#room").at(-1) ?? ""));
        assert.equal(session.said("#room").length, 1);
        const entry = session.buffer("#room").entries.at(-1) as MessageEntry;
        assert.equal(entry.status, "sent");
        const [key, value] = Object.entries(shown)[0]!;
        assert.equal(entry[key as keyof MessageEntry], value);
      });

  it("shows at once as pending and becomes sent by the server's echo, with the same id", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: ECHO });
    session.say("#room", "hello");
    assert.deepEqual(session.said("#room"), ["<ann> hello (pending)"]);
    const id = session.buffer("#room").entries.at(-1)!.id;
    const sent = await peer.command("PRIVMSG");
    assert.deepEqual(sent.params, ["#room", "hello"]);
    assert.equal(sent.tags.get("+parley/id"), id);
    const label = sent.tags.get("label")!;
    peer.send(
      `@label=${label};+parley/id=${id};msgid=m1;time=2024-01-01T00:00:00.000Z :ann!u@h PRIVMSG #room :hello`,
    );
    await session.until((s) => s.said("#room")[0] === "<ann> hello");
    const entry = session.buffer("#room").entries.at(-1) as MessageEntry;
    assert.deepEqual([entry.id, entry.msgid, entry.time], [id, "m1", Date.UTC(2024, 0, 1)]);
  });

  it("is sent when a PING behind it is answered, where nothing echoes", async () => {
    const { session, peer } = await joined(await startScripted());
    session.say("#room", "hello");
    assert.equal((await peer.command("PRIVMSG")).tags.size, 0);
    const ping = await peer.command("PING");
    assert.deepEqual(session.said("#room"), ["<ann> hello (pending)"]);
    peer.send(`:irc.test PONG irc.test ${ping.params[0]!}`);
    await session.until((s) => s.said("#room")[0] === "<ann> hello");
  });

  it("is sent when the server acknowledges the label", async () => {
    const caps = ["message-tags", "batch", "labeled-response"];
    const { session, peer } = await joined(await startScripted(), { caps });
    session.say("#room", "hello");
    const label = (await peer.command("PRIVMSG")).tags.get("label")!;
    peer.send(`@label=${label} :irc.test ACK`);
    await session.until((s) => s.said("#room")[0] === "<ann> hello");
  });

  it("is recognised by its text where the echo carries no tags", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: ["echo-message"] });
    session.say("#room", "same");
    session.say("#room", "same");
    await peer.command("PRIVMSG");
    peer.send(":ann!u@h PRIVMSG #room :same");
    await session.until((s) => s.said("#room")[0] === "<ann> same");
    assert.deepEqual(session.said("#room"), ["<ann> same", "<ann> same (pending)"]);
  });

  it("stands where the server put it: after what others said before", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: ECHO });
    session.say("#room", "one");
    session.say("#room", "two");
    const one = (await peer.command("PRIVMSG")).tags.get("label")!;
    peer.send("@msgid=b1 :bob!u@h PRIVMSG #room :before");
    peer.send(`@label=${one};+parley/id=${one};msgid=a1 :ann!u@h PRIVMSG #room :one`);
    peer.send("@msgid=b2 :bob!u@h PRIVMSG #room :between");
    await session.until((s) => s.said("#room").length === 4);
    assert.deepEqual(session.said("#room"), [
      "<bob> before",
      "<ann> one",
      "<bob> between",
      "<ann> two (pending)",
    ]);
  });

  it("fails with the server's reason, can be tried again with the same id, or taken away", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: ECHO });
    session.say("#room", "hello");
    const first = await peer.command("PRIVMSG");
    const label = first.tags.get("label")!;
    peer.send(`@label=${label} :irc.test 404 ann #room :Cannot send to channel`);
    await session.until((s) => s.said("#room")[0] === "<ann> hello (failed)");
    const entry = session.buffer("#room").entries.at(-1) as MessageEntry;
    assert.equal(entry.error, "Cannot send to channel");
    assert.ok(!session.rows("").some((row) => row.includes("Cannot send")), "is told only once");

    session.retry("#room", entry.id);
    assert.deepEqual(session.said("#room"), ["<ann> hello (pending)"]);
    const again = await peer.command("PRIVMSG");
    assert.equal(again.tags.get("+parley/id"), first.tags.get("+parley/id"));
    peer.send(`@label=${label} :irc.test 404 ann #room :Cannot send to channel`);
    await session.until((s) => s.said("#room")[0] === "<ann> hello (failed)");
    session.discard("#room", entry.id);
    assert.deepEqual(session.said("#room"), []);
  });

  it("to a nick that no one has leaves no empty conversation behind once it is discarded", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: ECHO });
    const failed = async (nick: string, text: string, numeric = "401") => {
      session.say(nick, text);
      const { tags } = await peer.command("PRIVMSG");
      peer.send(`@label=${tags.get("label")!} :irc.test ${numeric} ann ${nick} :Not sent`);
      const row = `<ann> ${text} (failed)`;
      await session.until((s) => s.said(nick).includes(row));
      return session.buffer(nick).entries.at(-1)!.id;
    };
    const [first, second] = [await failed("carl", "hello"), await failed("carl", "anyone?")];
    session.discard("carl", first);
    session.discard("carl", "unknown");
    assert.deepEqual(session.said("carl"), ["<ann> anyone? (failed)"]);
    session.retry("carl", second);
    const { tags } = await peer.command("PRIVMSG");
    assert.ok(session.state.buffers.has("carl"));
    peer.send(`@label=${tags.get("label")!} :irc.test 401 ann carl :No such nick`);
    await session.until((s) => s.said("carl").includes("<ann> anyone? (failed)"));
    session.discard("carl", second);
    assert.ok(!session.state.buffers.has("carl"));
    assert.ok(!session.remembered.some(({ name }) => name === "carl"));

    peer.send(":dora!u@h PRIVMSG ann :hello");
    await session.until((s) => s.state.buffers.has("dora"));
    session.discard("dora", await failed("dora", "bye"));
    assert.deepEqual(session.said("dora"), ["<dora> hello"], "what was said stays");
    session.discard("bob", await failed("bob", "you there?", "404"));
    assert.ok(session.state.buffers.has("bob"), "one with somebody who is there stays");
    session.openDirect("eve");
    session.discard("eve", "unknown");
    assert.ok(session.state.buffers.has("eve"), "nothing was discarded there");
  });

  it("fails when there is no such nick, also without labels", async () => {
    const { session, peer } = await joined(await startScripted());
    session.say("carl", "are you there?");
    await peer.command("PRIVMSG");
    peer.send(":irc.test 401 ann carl :No such nick");
    await session.until((s) => s.said("carl")[0] === "<ann> are you there? (failed)");
  });

  it("fails when the server answers what was asked after it, and is sent after all if it answers late", async () => {
    const timing = { answerTimeoutMs: 20 };
    const { session, peer } = await joined(await startScripted(), { caps: ECHO }, { timing });
    session.say("#room", "hello");
    const id = (await peer.command("PRIVMSG")).tags.get("+parley/id")!;
    const question = await peer.command("PING");
    assert.deepEqual(session.said("#room"), ["<ann> hello (pending)"]);
    peer.send(`:irc.test PONG irc.test ${question.params[0]!}`);
    await session.until((s) => s.said("#room")[0] === "<ann> hello (failed)");
    peer.send(`@+parley/id=${id};msgid=m1 :ann!u@h PRIVMSG #room :hello`);
    await session.until((s) => s.said("#room")[0] === "<ann> hello");
  });

  it("sends each line by itself and cuts a long one between characters", async () => {
    const { session, peer } = await joined(await startScripted());
    session.say("#room", "one\n\n  \r\ntwo");
    session.say("#room", "ü".repeat(600));
    assert.deepEqual((await peer.command("PRIVMSG")).params[1], "one");
    assert.deepEqual((await peer.command("PRIVMSG")).params[1], "two");
    const pieces = [
      await peer.command("PRIVMSG"),
      await peer.command("PRIVMSG"),
      await peer.command("PRIVMSG"),
    ];
    const texts = pieces.map((piece) => piece.params[1]!);
    assert.equal(texts.join(""), "ü".repeat(600));
    for (const text of texts)
      assert.ok(Buffer.byteLength(`:ann!u@h PRIVMSG #room :${text}\r\n`) <= 512);
  });

  it("keeps a long paste from flooding: no more than sixteen messages are on their way", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: ECHO });
    session.say("#room", Array.from({ length: 40 }, (_, i) => `line ${i}`).join("\n"));
    const first = (await peer.settle()).filter((line) => line.includes("PRIVMSG"));
    assert.equal(first.length, 16);
    const label = /label=([^; ]+)/.exec(first[0]!)![1]!;
    peer.send(`@label=${label};+parley/id=${label};msgid=m0 :ann!u@h PRIVMSG #room :line 0`);
    await session.until((s) => s.said("#room")[0] === "<ann> line 0");
    assert.deepEqual(
      (await peer.settle()).map((line) => line.replace(/^\S+ /, "")),
      ["PRIVMSG #room :line 16"],
    );
  });

  it("neither smuggles a second command nor makes a CTCP of what was typed", async () => {
    const { session, peer } = await joined(await startScripted());
    session.say("#room", "\x01VERSION\x01\rQUIT :bye\0");
    assert.deepEqual((await peer.command("PRIVMSG")).params, ["#room", "VERSION"]);
    assert.deepEqual((await peer.command("PRIVMSG")).params, ["#room", "QUIT :bye"]);
    assert.throws(() => {
      session.say("#room x", "hello");
    }, /not a name/);
  });

  it("stays on the screen as not sent when the session ends before it could go", async () => {
    const session = newSession(addressOf(1));
    session.start();
    await session.failed();
    session.say("#room", "too late");
    assert.deepEqual(session.said("#room"), ["<ann> too late (failed)"]);
  });

  it("goes as an action and as a notice", async () => {
    const { session, peer } = await joined(await startScripted());
    session.say("#room", "waves", "action");
    session.say("#room", "beware", "notice");
    assert.equal((await peer.command("PRIVMSG")).params[1], "\x01ACTION waves\x01");
    assert.deepEqual((await peer.command("NOTICE")).params, ["#room", "beware"]);
    assert.deepEqual(session.said("#room").slice(0, 1), ["* ann waves (pending)"]);
  });
});

describe("hearing something", () => {
  it("counts what others said, not our own, not joins and leaves", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: ECHO });
    peer.send(
      "@msgid=1 :carl!u@h JOIN #room",
      "@msgid=2 :bob!u@h PRIVMSG #room :hi",
      "@msgid=3 :ann!u@h PRIVMSG #room :from my other window",
      "@msgid=4 :carl!u@h PRIVMSG #room :ANN: look",
      "@msgid=5 :carl!u@h PART #room",
    );
    await session.until((s) => s.rows("#room").includes("-- part carl"));
    const { unread, mentions, unreadFrom } = session.buffer("#room");
    assert.deepEqual([unread, mentions, unreadFrom], [2, 1, "2"]);
    session.markRead("#room", "2");
    assert.deepEqual(
      [session.buffer("#room").unread, session.buffer("#room").unreadFrom],
      [1, "4"],
    );
    session.markRead("#room", "4");
    assert.deepEqual([session.buffer("#room").unread, session.buffer("#room").mentions], [0, 0]);
    session.markRead("#room", "2");
    assert.equal(session.buffer("#room").unread, 0, "reading goes forward only");
    assert.ok(session.remembered[0]!.readAt! > 0);
  });

  it("tells of live messages of others, once each", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: ECHO });
    const heard: string[] = [];
    session.onDidReceiveMessage(({ buffer, entry }) => heard.push(`${buffer} ${entry.text}`));
    peer.send(
      "@msgid=1 :bob!u@h PRIVMSG #room :hi",
      "@msgid=1 :bob!u@h PRIVMSG #room :hi",
      "@msgid=2 :bob!u@h PRIVMSG ann :psst",
      "@msgid=3 :ann!u@h PRIVMSG #room :own",
    );
    await session.until((s) => s.said("#room").length === 2);
    assert.deepEqual(heard, ["#room hi", "bob psst"]);
  });

  it("opens a direct message of its own, in which everything counts as a mention", async () => {
    const { session, peer } = await joined(await startScripted());
    peer.send(":Bob!u@h PRIVMSG ann :psst", ":bob!u@h PRIVMSG ANN :hey");
    await session.until((s) => s.state.buffers.get("bob")?.unread === 2);
    const { kind, mentions, name } = session.buffer("bob");
    assert.deepEqual([kind, mentions, name], ["direct", 2, "Bob"]);
  });

  it("follows the person, not the nick, and keeps the conversations of two people apart", async () => {
    const { session, peer } = await joined(await startScripted());
    peer.send(":bob!u@h PRIVMSG ann :one", ":bob!u@h NICK bobby", ":bobby!u@h PRIVMSG ann :two");
    peer.send(":bob!x@y PRIVMSG ann :I am another bob");
    await session.until((s) => s.state.buffers.has("bob"));
    assert.deepEqual(session.rows("bobby"), ["<bob> one", "-- nick bob", "<bobby> two"]);
    assert.deepEqual(session.rows("bob"), ["<bob> I am another bob"]);
  });

  it("goes on with the same conversation when an account comes back under another nick", async () => {
    const caps = [...ECHO, "account-tag"];
    const { session, peer } = await joined(await startScripted(), { caps });
    peer.send(
      "@account=bob :bob!u@h PRIVMSG ann :one",
      ":bob!u@h QUIT :gone",
      "@account=bob :bob_!u@h PRIVMSG ann :two",
    );
    await session.until((s) => s.state.buffers.has("bob_"));
    assert.deepEqual(session.said("bob_"), ["<bob> one", "<bob_> two"]);
    assert.ok(!session.state.buffers.has("bob"));
  });

  it("strips formatting, understands ACTION and ignores other CTCP", async () => {
    const { session, peer } = await joined(await startScripted());
    peer.send(
      ":bob!u@h PRIVMSG #room :\x02bold\x02 \x0304,12red\x0f \x1funder\x1f\x07",
      ":bob!u@h PRIVMSG #room :\x01ACTION waves\x01",
      ":bob!u@h PRIVMSG ann :\x01VERSION\x01",
      ":bob!u@h PRIVMSG ann :\x01DCC SEND evil 1 2 3\x01",
      ":bob!u@h PRIVMSG #room :\x02\x02",
    );
    assert.deepEqual(await peer.settle(), []);
    assert.deepEqual(session.said("#room"), ["<bob> bold red under", "* bob waves"]);
    assert.ok(!session.state.buffers.has("bob"));
  });

  it("keeps the formatting of a message beside its plain text", async () => {
    const { session, peer } = await joined(await startScripted());
    peer.send(
      ":bob!u@h PRIVMSG #room :\x02bold\x02 \x0304red\x07\x0f",
      ":bob!u@h PRIVMSG #room :plain\x07",
    );
    assert.deepEqual(await peer.settle(), []);
    assert.deepEqual(
      session
        .buffer("#room")
        .entries.flatMap((entry) =>
          entry.kind === "message" ? [[entry.text, entry.formatted]] : [],
        ),
      [
        ["bold red", "\x02bold\x02 \x0304red\x0f"],
        ["plain", undefined],
      ],
    );
  });

  it("puts what the server says into the server's own buffer", async () => {
    const { session, peer } = await joined(await startScripted());
    peer.send(
      ":irc.test NOTICE ann :Going down at noon",
      ":irc.test 404 ann #elsewhere :Cannot send",
      ":irc.test FAIL SETNAME CANNOT_CHANGE :No",
      ":irc.test 482 ann #room :You're not channel operator",
    );
    await session.until((s) => s.rows("#room").some((row) => row.startsWith("-- error")));
    assert.deepEqual(session.rows("").slice(-3), [
      "-- info Going down at noon",
      "-- error #elsewhere: Cannot send",
      "-- error No",
    ]);
    assert.equal(
      session.rows("#room").at(-1),
      "-- error You are not an operator of #room. Ask one of its operators to do this, or to make you one.",
    );
  });
});
