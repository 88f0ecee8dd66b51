import { strict as assert } from "node:assert";
import {
  SlashCommandError,
  parseInput,
  runCommand,
  slashCommands,
  type SlashOutcome,
} from "../../src/client/slash-commands.js";
import { joined, startScripted, type ServerPeer, type TestSession } from "./scripted-peer.js";

/** Runs what was typed in `buffer`. */
async function type(session: TestSession, buffer: string, text: string): Promise<SlashOutcome> {
  const input = parseInput(text);
  assert.ok(input.kind === "command", `${text} is no command`);
  return runCommand({ session, buffer }, input.name, input.args);
}

async function refusal(session: TestSession, buffer: string, text: string): Promise<string> {
  try {
    await type(session, buffer, text);
  } catch (error) {
    assert.ok(error instanceof SlashCommandError);
    return `${error.code}: ${error.message}`;
  }
  assert.fail(`${text} was not refused`);
}

/** What the server got, without the keep-alive and WHO. */
async function got(peer: ServerPeer): Promise<string[]> {
  return (await peer.settle()).filter((line) => !/^(?:WHO|PING)\b/.test(line));
}

describe("what is typed", () => {
  for (const [text, wanted] of [
    ["hello", { kind: "message", text: "hello" }],
    ["  indented\n", { kind: "message", text: "  indented" }],
    ["   \n ", { kind: "empty" }],
    ["//topic is a command", { kind: "message", text: "/topic is a command" }],
    ["/home/ann/notes.txt is it", { kind: "message", text: "/home/ann/notes.txt is it" }],
    ["// a comment\ncode()", { kind: "message", text: "// a comment\ncode()" }],
    ["/* a comment */\ncode()", { kind: "message", text: "/* a comment */\ncode()" }],
    ["/ alone", { kind: "message", text: "/ alone" }],
    ["/ME waves ", { kind: "command", name: "me", args: "waves" }],
    ["/msg bob one\ntwo", { kind: "command", name: "msg", args: "bob one\ntwo" }],
    ["/quit", { kind: "command", name: "quit", args: "" }],
    ["!Exit", { kind: "message", text: "!Exit" }],
  ] as const)
    it(`${JSON.stringify(text)} is a ${wanted.kind}`, () => {
      assert.deepEqual(parseInput(text), wanted);
    });
});

describe("slash commands", () => {
  const lines: readonly [string, string | readonly string[], SlashOutcome?][] = [
    ["/me waves", "PRIVMSG #room :\x01ACTION waves\x01"],
    ["/msg bob how are you", "PRIVMSG bob :how are you"],
    ["/query bob hi", "PRIVMSG bob hi", { opens: "bob" }],
    ["/notice bob beware", "NOTICE bob beware"],
    ["/topic Release day", "TOPIC #room :Release day"],
    ["/topic #other Release day", "TOPIC #other :Release day"],
    ["/away", "AWAY Away"],
    ["/away at lunch", "AWAY :at lunch"],
    ["/back", [], { info: "You are not away." }],
    ["/join ops", "JOIN #ops", { opens: "#ops" }],
    ["/join #a,#b secret", ["JOIN #a secret", "JOIN #b"], { opens: "#a" }],
    ["/join room", [], { info: "You are in #room already." }],
    ["/nick ann", [], { info: "You are ann already." }],
    ["/part", "PART #room"],
    ["/part #other so long", "PART #other :so long"],
    ["/invite carl", "INVITE carl #room"],
    ["/kick bob spam spam", "KICK #room bob :spam spam"],
    ["/kick #other bob", "KICK #other bob bob"],
    ["/op carl dora", ["MODE #room +o carl", "MODE #room +o dora"]],
    ["/op bob", [], { info: "bob is an operator of #room already." }],
    ["/deop ann", [], { info: "ann is not an operator of #room." }],
    ["/voice bob", "MODE #room +v bob"],
    ["/devoice ann", [], { info: "ann does not have voice in #room." }],
    ["/devoice bob", "MODE #room -v bob"],
    ["/mode +t", "MODE #room +t"],
    ["/mode +ovk-l bob ann key", "MODE #room +ovk-l bob ann key"],
    ["/mode b", "MODE #room b"],
    ["/mode -k", "MODE #room -k *"],
    ["/mode ann +i", "MODE ann +i"],
    ["/kill bob", "KILL bob bob"],
    ["/raw VERSION", "VERSION", { info: "Sent to the server." }],
    ["/close", "PART #room"],
  ];
  for (const [text, wanted, outcome] of lines)
    it(`${text} sends ${wanted.length === 0 ? "nothing" : String(wanted)}`, async () => {
      const { session, peer } = await joined(await startScripted());
      assert.deepEqual(await type(session, "#room", text), outcome);
      assert.deepEqual(await got(peer), typeof wanted === "string" ? [wanted] : wanted);
    });

  it("/join and /query show the conversation typed of, or say that it is on screen", async () => {
    const { session } = await joined(await startScripted());
    session.openDirect("bob");
    assert.deepEqual(await type(session, "bob", "/join room"), { opens: "#room" });
    assert.deepEqual(await type(session, "#room", "/query bob"), { opens: "bob" });
    const here = { info: "This is your conversation with bob." };
    assert.deepEqual(await type(session, "bob", "/query bob"), here);
  });

  it("a mode this network has takes its parameter", async () => {
    const isupport = ["CHANMODES=beq,k,lfj,imn", "PREFIX=(qov)~@+"];
    const { session, peer } = await joined(await startScripted(), { isupport });
    assert.match(await refusal(session, "#room", "/mode +f"), /^mode-needs: \+f needs a value/);
    assert.match(await refusal(session, "#room", "/mode +q"), /^mode-needs: \+q needs a nick/);
    await type(session, "#room", "/mode -f");
    assert.deepEqual(await got(peer), ["MODE #room -f"]);
  });

  it("/mode -k gives the key that let us in", async () => {
    const { session, peer } = await joined(await startScripted());
    await type(session, "#room", "/join #locked secret");
    await peer.command("JOIN");
    peer.send(":ann!u@h JOIN #locked", ":irc.test 366 ann #locked :End");
    await peer.command("WHO");
    await type(session, "#locked", "/mode -k");
    assert.deepEqual((await peer.command("MODE")).params, ["#locked", "-k", "secret"]);
  });

  it("/nick anna sends NICK anna, and is over when the server has done it", async () => {
    const { session, peer } = await joined(await startScripted());
    const typed = type(session, "#room", "/nick anna");
    assert.deepEqual((await peer.command("NICK")).params, ["anna"]);
    peer.send(":ann!u@h NICK anna");
    assert.equal(await typed, undefined);
    assert.equal(session.state.nick, "anna");
  });

  const refused: readonly [string, string, RegExp][] = [
    ["#room", "/tpoic hello", /^unknown-command: .*\/topic/],
    ["#room", "/zzzzzzzz", /^unknown-command: There is no command \/zzzzzzzz\. Enter \/help/],
    ["#room", "/me", /^usage: Usage: \/me <text>/],
    ["", "/me waves", /^no-conversation/],
    ["", "/topic hello", /^no-channel/],
    ["bob", "/kick bob", /^no-channel/],
    ["#room", "/msg bob", /^usage/],
    [
      "#room",
      "/nick b@d",
      /^bad-nick: “b@d” is not a nick\. A nick can contain only letters, digits and - _/,
    ],
    [
      "#room",
      "/nick a b",
      /^bad-nick: “a b” is not a nick\. A nick can contain only letters, digits and - _/,
    ],
    ["#room", "/join", /^usage/],
    ["#room", "/raw :", /^usage/],
    ["#room", "/help nonsense", /^unknown-command/],
    [
      "#room",
      "/mode +k",
      /^mode-needs: \+k needs a key\. Enter \/mode #room \+k followed by the key\./,
    ],
    ["bob", "/mode #other +tk", /^mode-needs: \+k needs a key\. Enter \/mode #other \+k followed/],
    ["#room", "/mode +kl key", /^mode-needs: \+l needs a number/],
    ["#room", "/mode -o", /^mode-needs: -o needs a nick/],
    ["#room", "/mode +v", /^mode-needs: \+v needs a nick/],
    ["#room", "/mode -b", /^mode-needs: -b needs a mask/],
    ["#room", "/join ,", /^usage/],
    ["#room", "/msg :bob hi", /^usage/],
  ];
  for (const [buffer, text, wanted] of refused)
    it(`${text} is refused in "${buffer}" and says why`, async () => {
      const { session, peer } = await joined(await startScripted());
      session.openDirect("bob");
      assert.match(await refusal(session, buffer, text), wanted);
      assert.deepEqual(await got(peer), []);
    });

  it("/quit leaves with the message", async () => {
    const { session, peer } = await joined(await startScripted());
    const quitting = type(session, "#room", "/quit good night");
    assert.deepEqual((await peer.command("QUIT")).params, ["good night"]);
    await quitting;
    assert.equal(session.status.phase, "closed");
    assert.match(await refusal(session, "#room", "/away"), /^not-connected/);
  });

  it("/whois shows what the server tells, and nothing of it in the server's buffer", async () => {
    const { session, peer } = await joined(await startScripted());
    const answer = type(session, "#room", "/whois bob");
    assert.deepEqual((await peer.command("WHOIS")).params, ["bob", "bob"]);
    peer.send(
      ":irc.test 311 ann bob u h * :Bob B.",
      ":irc.test 319 ann bob :@#room #ops",
      ":irc.test 317 ann bob 75 1700000000 :seconds idle",
      ":irc.test 671 ann bob :is using a secure connection",
      ":irc.test 318 ann bob :End of WHOIS",
    );
    assert.deepEqual(await answer, {
      info: "bob is u@h (Bob B.)\nChannels: @#room #ops\nConnection: encrypted\nIdle: 1 min",
    });
    assert.ok(!session.rows("").some((row) => row.includes("bob")));
    assert.equal(session.state.users.get("bob")?.realname, "Bob B.");
  });

  it("/whois says when there is nobody of that name", async () => {
    const { session, peer } = await joined(await startScripted());
    const answer = refusal(session, "#room", "/whois carl");
    await peer.command("WHOIS");
    peer.send(":irc.test 401 ann carl :No such nick", ":irc.test 318 ann carl :End of WHOIS");
    assert.equal(await answer, "no-such-nick: No one with the nick carl is connected.");
  });

  it("/whois ends when the connection does, and in any case in time", async () => {
    const timing = { replyTimeoutMs: 30 };
    const { session, peer } = await joined(await startScripted(), {}, { timing });
    assert.match(await refusal(session, "#room", "/whois bob"), /^timed-out/);
    const answer = refusal(session, "#room", "/whois bob");
    await peer.command("WHOIS");
    await peer.command("WHOIS");
    peer.drop();
    assert.match(await answer, /^not-connected/);
  });

  it("/list shows the channels, the largest first", async () => {
    const { session, peer } = await joined(await startScripted());
    const answer = type(session, "#room", "/list");
    await peer.command("LIST");
    peer.send(
      ":irc.test 321 ann Channel :Users  Name",
      ":irc.test 322 ann #small 2 :",
      ":irc.test 322 ann #large 200 :All of us",
      ":irc.test 323 ann :End of LIST",
    );
    assert.deepEqual(await answer, { info: "#large (200): All of us\n#small (2)" });
  });

  it("/names, /topic and /help answer from what is known", async () => {
    const { session } = await joined(await startScripted());
    assert.deepEqual(await type(session, "#room", "/names"), { info: "In #room: ann, @bob" });
    assert.deepEqual(await type(session, "#room", "/topic"), { info: "#room has no topic." });
    const help = await type(session, "#room", "/help");
    for (const command of slashCommands.values()) assert.ok(help?.info?.includes(command.usage));
    assert.deepEqual(await type(session, "#room", "/help /me"), {
      info: "/me <text>: Send an action",
    });
  });

  it("answers are noted where they were asked for, and count as nothing unread", async () => {
    const { session } = await joined(await startScripted());
    session.note("#room", "one\ntwo");
    assert.equal(session.rows("#room").at(-1), "-- info one\ntwo");
    assert.equal(session.buffer("#room").unread, 0);
  });

  it("/clear empties the view but keeps what is still to be sent", async () => {
    const { session, peer } = await joined(await startScripted());
    peer.send(":bob!u@h PRIVMSG #room :hello");
    await session.until((s) => s.said("#room").length === 1);
    session.say("#room", "on its way");
    await type(session, "#room", "/clear");
    assert.deepEqual(session.rows("#room"), ["<ann> on its way (pending)"]);
    assert.equal(session.buffer("#room").unread, 0);
  });

  it("/part and /close close a direct message", async () => {
    const { session } = await joined(await startScripted());
    for (const text of ["/part", "/close"]) {
      session.openDirect("bob");
      await type(session, "bob", text);
      assert.ok(!session.state.buffers.has("bob"));
    }
  });
});
