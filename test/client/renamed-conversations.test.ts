// A conversation goes on under another nick while something in it is unfinished.
import { strict as assert } from "node:assert";
import { joined, startScripted, type ServerPeer, type TestSession } from "./scripted-peer.js";

const CAPS = [
  "message-tags",
  "echo-message",
  "batch",
  "labeled-response",
  "server-time",
  "account-tag",
];
const HISTORY = [...CAPS, "draft/chathistory"];

const time = (n: number) => `2024-01-01T00:00:${String(n).padStart(2, "0")}.000Z`;

/** Two ways in which the person we talk to comes to have another nick. */
const WAYS: readonly [name: string, nick: string, lines: readonly string[]][] = [
  ["a change of nick", "bobby", [":bob!u@h NICK bobby"]],
  [
    "an account that comes back under another nick",
    "bob_",
    [":bob!u@h QUIT :gone", "@account=bob;msgid=b2 :bob_!u@h PRIVMSG ann :back"],
  ],
];

const said = (session: TestSession, name: string) =>
  session.state.buffers.has(name) ? session.said(name) : [];

const begin = (peer: ServerPeer) => {
  peer.send("@account=bob;msgid=b1 :bob!u@h PRIVMSG ann :hello");
};

describe("a message in a conversation that gets another name", () => {
  for (const [way, nick, lines] of WAYS) {
    it(`is sent to the new nick when it waits: ${way}`, async () => {
      const server = await startScripted();
      const { session, peer } = await joined(server, { caps: CAPS });
      begin(peer);
      await session.until((s) => s.state.buffers.has("bob"));
      peer.drop();
      await session.until(({ status }) => status.phase !== "online");
      session.say("bob", "are you there?");
      const again = await server.accept();
      await again.welcome({ caps: CAPS });
      again.send(...lines);
      await again.letIn("ann", "#room", nick);
      const { params, tags } = await again.command("PRIVMSG");
      assert.deepEqual(params, [nick, "are you there?"]);
      again.send(
        `@label=${tags.get("label")!};msgid=a1 :ann!u@h PRIVMSG ${nick} :are you there?`,
        "@msgid=a2 :ann!u@h PRIVMSG #room :done",
      );
      await session.until((s) => s.said("#room").length === 1);
      assert.equal(session.said(nick).at(-1), "<ann> are you there?");
      assert.ok(!session.state.buffers.has("bob"));
    });

    it(`is shown as refused when it was on its way to the old nick: ${way}`, async () => {
      const { session, peer } = await joined(await startScripted(), { caps: CAPS });
      begin(peer);
      await session.until((s) => s.state.buffers.has("bob"));
      session.say("bob", "are you there?");
      const { tags } = await peer.command("PRIVMSG");
      // An echo of something else lets the session look at what is not sent yet.
      peer.send(...lines, "@msgid=a2 :ann!u@h PRIVMSG #room :from the other window");
      peer.send(`@label=${tags.get("label")!} :irc.test 401 ann bob :No such nick`);
      await session.until((s) => said(s, nick).some((row) => row.endsWith("(failed)")));
      session.retry(nick, tags.get("label")!);
      assert.equal((await peer.command("PRIVMSG")).params[0], nick);
    });

    it(`is confirmed by an echo that names the old nick: ${way}`, async () => {
      const { session, peer } = await joined(await startScripted(), { caps: CAPS });
      begin(peer);
      await session.until((s) => s.state.buffers.has("bob"));
      session.say("bob", "are you there?");
      const { tags } = await peer.command("PRIVMSG");
      peer.send(...lines, "@msgid=a2 :ann!u@h PRIVMSG #room :from the other window");
      peer.send(`@label=${tags.get("label")!};msgid=a1 :ann!u@h PRIVMSG bob :are you there?`);
      await session.until((s) => said(s, nick).includes("<ann> are you there?"));
      assert.ok(!session.state.buffers.has("bob"));
    });

    it(`comes from a history that was asked for by the old nick: ${way}`, async () => {
      const { session, peer } = await joined(await startScripted(), { caps: HISTORY });
      assert.equal((await peer.command("CHATHISTORY")).params[1], "#room");
      peer.send(":irc.test BATCH +h chathistory #room", ":irc.test BATCH -h");
      begin(peer);
      assert.equal((await peer.command("CHATHISTORY")).params[1], "bob");
      peer.send(
        ...lines,
        ":irc.test BATCH +h chathistory bob",
        `@batch=h;msgid=b0;time=${time(1)} :bob!u@h PRIVMSG ann :before`,
        ":irc.test BATCH -h",
      );
      await session.until((s) => s.state.buffers.has(nick));
      await peer.settle();
      assert.equal(session.said(nick)[0], "<bob> before");
      assert.ok(!session.state.buffers.has("bob"));
    });
  }
});

describe("what is unread in two conversations that turn out to be one", () => {
  /** By whom each second something is said, and up to which second bob's and bob_'s messages are read. */
  const CASES: readonly (readonly [nicks: string, readBob: number, readOther: number])[] = [
    ["b_b_", 0, 0],
    ["_b_b", 0, 0],
    ["bb__", 0, 0],
    ["__bb", 0, 0],
    ["b_b_", 9, 0],
    ["_b_b", 9, 0],
    ["b_b_", 0, 9],
    ["__bb", 0, 9],
    ["b_b_", 1, 2],
    ["b_b_", 9, 9],
  ];
  for (const [nicks, readBob, readOther] of CASES)
    for (const isLater of [false, true])
      it(`begins at the first of it: ${nicks}, read up to ${readBob} and ${readOther}${isLater ? ", over a reconnect" : ""}`, async () => {
        const server = await startScripted();
        const { session, peer } = await joined(server, { caps: CAPS });
        const nickOf = (mark: string) => (mark === "b" ? "bob" : "bob_");
        const texts = Array.from(nicks, (mark, i) => ({ nick: nickOf(mark), n: i + 1 }));
        for (const { nick, n } of texts)
          peer.send(`@msgid=m${n};time=${time(n)} :${nick}!u@h PRIVMSG ann :${n}`);
        await peer.settle();
        for (const [name, upTo] of [
          ["bob", readBob],
          ["bob_", readOther],
        ] as const) {
          const read = session
            .buffer(name)
            .entries.findLast((e) => e.time <= Date.parse(time(upTo)));
          if (read !== undefined) session.markRead(name, read.id);
        }
        let again = peer;
        if (isLater) {
          peer.drop();
          again = await server.accept();
          await again.welcome({ caps: CAPS });
          await again.letIn("ann", "#room", "bob_");
        }
        again.send(":bob_!u@h NICK bob");
        await again.settle();
        const unread = texts.filter(({ nick, n }) => n > (nick === "bob" ? readBob : readOther));
        const buffer = session.buffer("bob");
        assert.ok(!session.state.buffers.has("bob_"));
        assert.equal(buffer.unread, unread.length);
        const first = buffer.entries.find(({ id }) => id === buffer.unreadFrom);
        assert.equal(
          first?.kind === "message" ? first.text : undefined,
          unread[0] && String(unread[0].n),
        );
      });
});
