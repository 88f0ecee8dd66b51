// A command's refusal or answer is told in the conversation in which the person typed it, in plain words.
import { strict as assert } from "node:assert";
import { parseInput, runCommand } from "../../src/client/slash-commands.js";
import { startServer } from "../support/server.js";
import { addressOf, joined, newSession, startScripted, type TestSession } from "./scripted-peer.js";

const LABELS = ["message-tags", "echo-message", "batch", "labeled-response"];

async function type(session: TestSession, buffer: string, text: string): Promise<void> {
  const input = parseInput(text);
  assert.ok(input.kind === "command", `${text} is no command`);
  const outcome = await runCommand({ session, buffer }, input.name, input.args);
  if (outcome?.info !== undefined) session.note(buffer, outcome.info);
}

/** What was typed, what is sent, what the server answers, and the row that tells it. */
const commands: readonly (readonly [string, string, readonly string[], RegExp])[] = [
  ["/topic x", "TOPIC", ["482 ann #room :You're not channel operator"], /not an operator of #room/],
  ["/topic #other x", "TOPIC", ["403 ann #other :No such channel"], /There is no channel #other\./],
  ["/topic #other", "TOPIC", ["442 ann #other :You're not on that channel"], /\/join #other/],
  ["/topic #other", "TOPIC", ["332 ann #other :Tea", "333 ann #other bob 1"], /Topic of #other: Tea/],
  ["/topic #other", "TOPIC", ["331 ann #other :No topic is set"], /#other has no topic\./],
  ["/mode +o nobody", "MODE", ["401 ann nobody :No such nick/channel"], /No one with the nick nobody/],
  ["/mode +y", "MODE", ["472 ann y :is unknown mode char to me"], /has no mode y/],
  ["/mode +b", "MODE", ["367 ann #room *!*@evil bob!u@h 1"], /Banned from #room: \*!\*@evil \(by bob\)/],
  ["/mode #room", "MODE", ["324 ann #room +nt"], /Modes of #room: \+nt/],
  ["/mode ann", "MODE", ["221 ann +i"], /Your modes: \+i/],
  ["/op nobody", "MODE", ["441 ann nobody #room :They aren't on that channel"], /nobody is not in #room/],
  ["/kick nobody", "KICK", ["441 ann nobody #room :They aren't on that channel"], /nobody is not in #room/],
  ["/kick #other bob", "KICK", ["403 ann #other :No such channel"], /no channel #other/],
  ["/invite nobody", "INVITE", ["401 ann nobody :No such nick/channel"], /No one with the nick nobody/],
  ["/invite bob", "INVITE", ["443 ann bob #room :is already on channel"], /bob is already in #room\./],
  ["/invite carl", "INVITE", ["341 ann carl #room"], /carl has been invited to #room/],
  ["/part #other", "PART", ["403 ann #other :No such channel"], /no channel #other/],
  ["/kill bob", "KILL", ["481 ann :Permission Denied"], /Only operators of the server/],
  ["/raw OPER ann x", "OPER", ["464 ann :Password incorrect"], /The password is wrong/],
  ["/raw FOO", "FOO", ["421 ann FOO :Unknown command"], /does not know the command FOO/],
  ["/raw FOO x", "FOO", ["FAIL FOO ODD x :It is odd"], /It is odd/],
  ["/raw TOPIC", "TOPIC", ["461 ann TOPIC :Not enough parameters"], /TOPIC needs more/],
  ["/raw LUSERS", "LUSERS", ["251 ann :There are 3 users"], /There are 3 users/],
  ["/raw VERSION", "VERSION", ["351 ann irc-1 irc.test :x"], /irc-1/],
  ["/topic #other x", "TOPIC", [":ann!u@h TOPIC #other x"], /Topic of #other: x/],
  ["/mode #other +t", "MODE", [":ann!u@h MODE #other +t"], /Modes of #other changed: \+t/],
  ["/mode ann +i", "MODE", [":ann MODE ann +i"], /Your modes changed: \+i/],
  ["/kick #other bob", "KICK", [":ann!u@h KICK #other bob x"], /bob was removed from #other/],
  ["/part #other", "PART", [":ann!u@h PART #other"], /You left #other\./],
  ["/raw MODE #room +k", "MODE", ["696 ann #room k * :You must specify a parameter"], /Mode k of #room needs a value/],
  ["/kill bob", "KILL", ["401 ann bob :No such nick"], /No one with the nick bob/],
  ["/join #bans", "JOIN", ["474 ann #bans :Cannot join channel (+b)"], /banned from #bans\. Ask one of its operators/],
  ["/join #key", "JOIN", ["475 ann #key :Cannot join channel (+k)"], /#key needs a key\. Enter \/join #key followed by the key/],
  ["/join #key bad", "JOIN", ["475 ann #key :Cannot join channel (+k)"], /The key for #key is wrong\. Enter \/join #key followed by the key/],
  ["/away lunch", "AWAY", ["306 ann :You have been marked as being away"], /You are marked as away\. Enter \/back/],
  ["/join #locked", "JOIN", ["473 ann #locked :Cannot join channel (+i)"], /#locked is by invitation only/],
]; // prettier-ignore

describe("the answer to a typed command", () => {
  for (const caps of [[], LABELS])
    for (const [text, command, answers, row] of commands)
      it(`${text} is told where it was typed: ${answers[0] ?? ""}${caps.length > 0 ? ", with labels" : ""}`, async () => {
        const { session, peer } = await joined(await startScripted(), { caps });
        session.openDirect("bob");
        // What names no channel is typed in one.
        const where = /#|^\/(?:kill|raw|away)|ann/.test(text) ? "bob" : "#room";
        await type(session, where, text);
        const { tags } = await peer.command(command);
        const label = tags.get("label");
        const prefix = label === undefined ? "" : `@label=${label} `;
        const lines = answers.map((answer) =>
          answer.startsWith(":") ? answer : `:irc.test ${answer}`,
        );
        if (label === undefined) peer.send(...lines);
        else if (lines.length === 1) peer.send(prefix + lines[0]!);
        else
          peer.send(
            `${prefix}BATCH +1 labeled-response`,
            ...lines.map((line) => `@batch=1 ${line}`),
            "BATCH -1",
          );
        await session.until((s) => s.rows(where).some((r) => row.test(r)));
        assert.ok(!session.rows("").some((r) => row.test(r)), session.rows("").join("\n"));
      });

  for (const caps of [[], LABELS]) {
    const suffix = caps.length > 0 ? ", with labels" : "";
    for (const [text, row] of [
      ["/mode #room +t", "Nothing changed."],
      ["/topic #room x", "Nothing changed."],
      ["/kill carl", "Done."],
    ] as const)
      it(`${text} is told as well where the server has nothing to say to it${suffix}`, async () => {
        const { session, peer } = await joined(await startScripted(), { caps });
        session.openDirect("bob");
        await type(session, "bob", text);
        const { command, tags } = await peer.command(/[A-Z]+/.exec(text.toUpperCase())![0]);
        assert.ok(command !== "");
        if (caps.length > 0) peer.send(`@label=${tags.get("label")!} :irc.test ACK`);
        else peer.send(`:irc.test PONG irc.test :${(await peer.command("PING")).params[0]!}`);
        await session.until((s) => s.rows("bob").includes(`-- info ${row}`));
      });

    it(`says nothing of the kind where it was refused, or done${suffix}`, async () => {
      const { session, peer } = await joined(await startScripted(), { caps });
      const answers = [":irc.test 482 ann #room :No", ":ann!u@h MODE #room +t"];
      for (const answer of answers) {
        await type(session, "#room", "/mode +t");
        const { tags } = await peer.command("MODE");
        if (caps.length > 0) peer.send(`@label=${tags.get("label")!} ${answer}`);
        else
          peer.send(answer, `:irc.test PONG irc.test :${(await peer.command("PING")).params[0]!}`);
      }
      await peer.settle();
      assert.ok(!session.rows("#room").some((r) => r.includes("Nothing changed")));
    });
  }

  it("of a channel one has not joined is told where it was typed, not in its own tab", async () => {
    const { session, peer } = await joined(await startScripted());
    await type(session, "#room", "/join #left");
    await peer.letIn("ann", "#left");
    await peer.command("WHO");
    peer.send(":irc.test 315 ann #left :End of WHO list");
    await type(session, "#room", "/part #left");
    await peer.command("PART");
    peer.send(":ann!u@h PART #left");
    await session.until((s) => !s.buffer("#left").joined);
    const before = session.rows("#left").length;
    const refused = [
      ["/join #left", "JOIN", "473 ann #left :Cannot join"],
      ["/topic #left x", "TOPIC", "442 ann #left :You're not on that channel"],
      ["/mode #left +t", "MODE", "442 ann #left :You're not on that channel"],
      ["/kick #left bob", "KICK", "442 ann #left :You're not on that channel"],
      ["/invite carl #left", "INVITE", "442 ann #left :You're not on that channel"],
      ["/part #left", "PART", "442 ann #left :You're not on that channel"],
      ["/raw PRIVMSG #left hi", "PRIVMSG", "404 ann #left :Cannot send to channel"],
      ["/raw NAMES #left", "NAMES", "403 ann #left :No such channel"],
      ["/join #left", "JOIN", "475 ann #left :Cannot join"],
      // Wanted all the same, so that it may be sent.
      ["/msg #left hi", "PRIVMSG", "404 ann #left :Cannot send to channel"],
    ] as const;
    for (const [text, command, answer] of refused) {
      const rows = session.rows("#room").length;
      await type(session, "#room", text);
      await peer.command(command);
      peer.send(`:irc.test ${answer}`);
      await session.until((s) =>
        s
          .rows("#room")
          .slice(rows)
          .some((r) => r.startsWith("-- error")),
      );
    }
    await assert.rejects(type(session, "#room", "/names #left"), /You are not in #left/);
    // The message itself, which failed, stands in its conversation.
    assert.deepEqual(
      session
        .rows("#left")
        .slice(before)
        .filter((r) => r.startsWith("--")),
      [],
    );
  });

  it("/join of a channel whose read marker was set is told where it was typed", async () => {
    const caps = ["draft/read-marker", "server-time"];
    const { session, peer } = await joined(await startScripted(), { caps });
    await type(session, "#room", "/join #left");
    await peer.letIn("ann", "#left");
    await peer.command("WHO");
    peer.send(":irc.test 315 ann #left :End", ":bob!u@h PRIVMSG #left :hi");
    await session.until((s) => s.said("#left").length === 1);
    session.markRead("#left", session.buffer("#left").entries.at(-1)!.id);
    await peer.command("MARKREAD");
    await type(session, "#room", "/part #left");
    await peer.command("PART");
    peer.send(":ann!u@h PART #left");
    await session.until((s) => !s.buffer("#left").joined);
    await type(session, "#room", "/join #left");
    await peer.command("JOIN");
    peer.send(":irc.test 475 ann #left :Cannot join channel (+k)");
    await session.until((s) => s.rows("#room").some((r) => r.includes("#left needs a key")));
    assert.ok(!session.rows("#left").some((r) => r.includes("needs a key")));
  });

  it("that a message was sent elsewhere is not said before it is true", async () => {
    const { session, peer } = await joined(await startScripted());
    await type(session, "#room", "/msg nobody psst");
    await peer.command("PRIVMSG");
    peer.send(":irc.test 401 ann nobody :No such nick/channel");
    await session.until((s) => s.rows("#room").some((r) => r.includes("nobody was not sent")));
    const told = session.rows("#room").filter((r) => r.includes("message to nobody"));
    assert.deepEqual(told, [
      "-- error Your message to nobody was not sent: No one with the nick nobody was connected then.",
    ]);
  });

  for (const [why, told] of [
    ["Cannot send to channel (+m)", /#room is moderated.* Ask one of its operators for voice\./],
    [
      "Cannot send to channel: the channel is moderated and you do not have voice (+m)",
      /for voice\./,
    ],
    ["You need voice (+v) (#room)", /for voice\./],
    ["Cannot send to channel: you are banned (+b)", /banned from #room\. Ask one of its operators/],
    ["Cannot send to channel: you are not in it (+n)", /\/join #room/],
    ["It is odd", /^It is odd$/],
  ] as const)
    it(`says what to do where a message is refused: ${why}`, async () => {
      const { session, peer } = await joined(await startScripted());
      session.say("#room", "hi");
      await peer.command("PRIVMSG");
      peer.send(`:irc.test 404 ann #room :${why}`);
      await session.until((s) => s.said("#room")[0]?.endsWith("(failed)") === true);
      const entry = session.buffer("#room").entries.findLast(({ kind }) => kind === "message");
      assert.ok(entry?.kind === "message");
      assert.match(entry.error ?? "", told);
    });

  it("stays in the server's buffer where no one asked", async () => {
    const { session, peer } = await joined(await startScripted());
    peer.send(":irc.test 482 ann #gone :No", ":irc.test 251 ann :There are 3 users");
    await peer.settle();
    await session.until((s) => s.rows("").some((r) => r.includes("not an operator of #gone")));
    assert.ok(!session.rows("").some((r) => r.includes("3 users")));
  });

  it("is told where it names a conversation, once its own has been closed", async () => {
    const { session, peer } = await joined(await startScripted());
    session.openDirect("bob");
    await type(session, "bob", "/kick #room carl");
    await peer.command("KICK");
    session.closeBuffer("bob");
    peer.send(":irc.test 441 ann carl #room :They aren't on that channel");
    await session.until((s) => s.rows("#room").some((r) => r.includes("carl is not in #room")));
  });

  it("follows a conversation that gets another name", async () => {
    const { session, peer } = await joined(await startScripted());
    session.openDirect("bob");
    await type(session, "bob", "/kick #room carl");
    await peer.command("KICK");
    peer.send(":bob!u@h NICK rob", ":irc.test 441 ann carl #room :They aren't on that channel");
    await session.until((s) => s.state.buffers.get("rob") !== undefined);
    await session.until((s) => s.rows("rob").some((r) => r.includes("carl is not in #room")));
  });

  it("of a message follows its conversation as well", async () => {
    const { session, peer } = await joined(await startScripted());
    session.openDirect("bob");
    await type(session, "bob", "/msg carl hi");
    await peer.command("PRIVMSG");
    peer.send(":bob!u@h NICK rob", ":irc.test 401 ann carl :No such nick/channel");
    await session.until((s) => s.said("carl")[0]?.endsWith("(failed)") === true);
    assert.ok(session.rows("rob").some((r) => r.includes("carl was not sent: No one")));
  });

  it("of two alike goes to where each was typed", async () => {
    for (const caps of [[], LABELS]) {
      const { session, peer } = await joined(await startScripted(), { caps });
      session.openDirect("bob");
      await type(session, "bob", "/kick #room carl");
      await type(session, "#room", "/kick dora");
      const first = (await peer.command("KICK")).tags.get("label");
      const second = (await peer.command("KICK")).tags.get("label");
      const tag = (label: string | undefined) => (label === undefined ? "" : `@label=${label} `);
      peer.send(
        `${tag(second)}:irc.test 441 ann dora #room :They aren't on that channel`,
        `${tag(first)}:irc.test 441 ann carl #room :They aren't on that channel`,
      );
      await session.until((s) => s.rows("bob").some((r) => r.includes("carl is not in")));
      assert.ok(session.rows("#room").some((r) => r.includes("dora is not in")));
    }
  });

  it("of /whois is told once, and leaves nothing behind", async () => {
    const { session, peer } = await joined(await startScripted());
    const asked = type(session, "#room", "/whois nobody1");
    await peer.command("WHOIS");
    peer.send(
      ":irc.test 401 ann nobody1 :No such nick/channel",
      ":irc.test 318 ann nobody1 :End of /WHOIS list.",
    );
    await assert.rejects(asked, /No one with the nick nobody1 is connected/);
    await peer.settle();
    assert.ok(!session.rows("").some((r) => /WHOIS|nobody1/.test(r)), session.rows("").join("\n"));
  });

  it("of /release and /nick is told once", async () => {
    const { session, peer } = await joined(await startScripted());
    for (const [answer, told] of [
      [
        "481 ann :Permission denied",
        /Only the host and operators .* Ask the host to run Chat: Release a Nick/,
      ],
      ["421 ann RELEASE :Unknown command", /This server has no owned nicks to release\. Ask/],
    ] as const) {
      const refused = type(session, "#room", "/release bob");
      await peer.command("RELEASE");
      peer.send(`:irc.test ${answer}`);
      await assert.rejects(refused, told);
    }
    const release = type(session, "#room", "/release bob");
    await peer.command("RELEASE");
    peer.send(":irc.test FAIL RELEASE NOT_OWNED bob :No one owns it");
    await assert.rejects(release, /No one owns it/);
    const nick = type(session, "#room", "/nick carl");
    await peer.command("NICK");
    peer.send(
      ":irc.test NOTE NICK NICKNAME_RESERVED carl :Nickname is registered: log in to its account",
      ":irc.test 433 ann carl :Nickname is registered: log in to its account",
    );
    await assert.rejects(nick, /belongs to someone else on this server/);
    await peer.settle();
    for (const name of ["", "#room"])
      assert.ok(
        !session.rows(name).some((r) => r.includes("-- error")),
        session.rows(name).join("\n"),
      );
  });

  it("of our own server is told where it was typed", async () => {
    const server = await startServer();
    const start = async (nick: string) => {
      const session = newSession(addressOf(server.port), { nick, channels: ["#room"] });
      session.start();
      await session.online();
      return session;
    };
    await start("bob");
    const session = await start("ann");
    session.openDirect("bob");
    const typed = ["/topic #room mine", "/kick #room bob", "/invite nobody1 #room", "/topic #no"];
    for (const text of typed) await type(session, "bob", text);
    await session.until((s) => s.rows("bob").filter((r) => r.startsWith("-- error")).length === 4);
    assert.ok(!session.rows("").some((r) => /error|users|clients|End of|Your host/.test(r)));
  });

  it("/msg to a channel we are not in is refused before it is sent, and opens nothing", async () => {
    const { session, peer } = await joined(await startScripted());
    for (const text of [
      "/msg #nothere hi",
      "/notice #nothere hi",
      "/msg bob,#nothere hi",
      "/msg @#nothere hi",
    ])
      await assert.rejects(type(session, "#room", text), (error: Error) => {
        assert.equal(error.message, "You are not in #nothere. Enter /join #nothere to join it.");
        return true;
      });
    await assert.rejects(type(session, "#room", "/names #nothere"), /You are not in #nothere/);
    assert.ok(!(await peer.settle()).some((line) => line.includes("#nothere")));
    assert.deepEqual([...session.state.buffers.keys()].sort(), ["", "#room"]);
  });

  it("/msg to someone who is not there is told where it was typed, and in their conversation", async () => {
    const server = await startServer();
    const session = newSession(addressOf(server.port), { nick: "ann", channels: ["#room"] });
    session.start();
    await session.online();
    await type(session, "#room", "/msg nobody1 hi");
    await session.until((s) =>
      s.rows("#room").some((r) => r.includes("nobody1 was not sent: No one")),
    );
    assert.ok(session.rows("nobody1").some((r) => r.includes("hi (failed")));
  });

  it("a notice that reached no one is not shown as sent", async () => {
    const server = await startServer();
    await server.join("bob", "#bobs");
    const session = newSession(addressOf(server.port), { nick: "ann", channels: ["#room"] });
    session.start();
    await session.online();
    session.openDirect("nobody1");
    await type(session, "nobody1", "/notice nobody1 hi");
    await session.until((s) => s.rows("nobody1").some((r) => r.includes("hi (failed")));
    await type(session, "#room", "/notice bob hi");
    await session.until((s) => s.rows("bob").some((r) => r.endsWith("hi")));
  });

  it("what needs a connection is refused without one, and waits for nothing", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server);
    session.openDirect("bob");
    peer.drop();
    await session.until((s) => s.status.phase === "waiting");
    const commands =
      "/me waves|/msg bob hi|/notice bob hi|/query bob hi|/nick rob|/join #new|/part|/names|/list";
    for (const text of `${commands}|/topic x|/away|/back|/whois bob|/kick bob|/op bob|/mode +i|/raw PING x`.split(
      "|",
    ))
      await assert.rejects(type(session, "#room", text), /^Error: Offline\. Your draft is saved/);
    await type(session, "bob", "/part");
    await type(session, "#room", "/help me");
    assert.deepEqual([...session.state.buffers.keys()].sort(), ["", "#room"]);
    const back = await server.accept();
    await back.welcome();
    assert.deepEqual((await back.command("JOIN")).params, ["#room"]);
  });
});
