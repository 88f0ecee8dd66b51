// What was on its way when a link was lost: it is said once, whatever became of it.
import { strict as assert } from "node:assert";
import { Archive } from "./archive.js";
import {
  addressOf,
  joined,
  newSession,
  startScripted,
  type ScriptedServer,
  type ServerPeer,
  type TestSession,
} from "./scripted-peer.js";

const START = Date.UTC(2024, 0, 1, 12);
const HOUR_MS = 3_600_000;
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const messagesIn = (lines: readonly string[]) => lines.filter((line) => line.includes("PRIVMSG"));

describe("what a server may have taken when the link was lost", () => {
  for (const caps of [
    [],
    ["message-tags"],
    ["message-tags", "echo-message", "labeled-response", "batch", "server-time"],
  ])
    it(`is not said again by itself where no history tells: ${caps.join(", ") || "no capabilities"}`, async () => {
      const server = await startScripted();
      const { session, peer } = await joined(server, { caps });
      session.say("#room", "deploy now");
      session.say("bob", "done");
      await peer.command("PRIVMSG");
      await peer.command("PRIVMSG");
      peer.drop();
      const again = await server.accept();
      await again.welcome({ caps });
      await again.letIn("ann", "#room", "bob");
      await session.online();
      assert.deepEqual(messagesIn(await again.settle()), []);
      assert.deepEqual(session.said("#room"), ["<ann> deploy now (failed)"]);
      assert.deepEqual(session.said("bob"), ["<ann> done (failed)"]);
    });

  it("is not said again on a connection to a server that would not know it again", async () => {
    const caps = ["message-tags", "echo-message"];
    const server = await startScripted();
    const { session, peer } = await joined(server, { caps, isupport: ["parley/FLOOD"] });
    session.say("#room", "deploy now");
    await peer.command("PRIVMSG");
    peer.drop();
    const again = await server.accept();
    await again.welcome({ caps });
    await again.letIn("ann", "#room", "bob");
    await session.until((s) => s.said("#room")[0] === "<ann> deploy now (failed)");
    assert.deepEqual(messagesIn(await again.settle()), []);
  });
});

describe("where history shows what became of it", () => {
  interface Case {
    readonly hasIds: boolean;
    readonly target: string;
    /** How far our own clock is ahead. */
    readonly aheadMs?: number;
  }

  class Conversation {
    readonly archive: Archive;
    session!: TestSession;
    peer!: ServerPeer;
    private server!: ScriptedServer;

    constructor(private readonly options: Case) {
      this.archive = new Archive({ hasIds: options.hasIds, pageLength: 100 });
    }

    async start(): Promise<void> {
      const { aheadMs = 0, target } = this.options;
      this.server = await startScripted();
      this.session = newSession(addressOf(this.server.port), {
        channels: ["#room"],
        now: () => START + 5_000 + aheadMs,
      });
      this.session.start();
      this.archive.say(target, { time: at(-HOUR_MS / 1000), nick: "ann", text: "mine" });
      await this.arrive("ann");
      this.peer.send(this.archive.say(target, { time: at(1), nick: "bob", text: "hi" }));
      await this.archive.serve(this.peer);
    }

    /** Says `text`, which the server takes. */
    async say(text: string, form: "message" | "action" = "message"): Promise<void> {
      this.session.say(this.options.target, text, form);
      await this.peer.command("PRIVMSG");
    }

    take(text: string, nick = "ann"): void {
      this.archive.say(this.options.target, { time: at(5), nick, text });
    }

    /** Is back as `nick`, and returns what is said there. */
    async arrive(nick: string): Promise<string[]> {
      this.peer = await this.server.accept();
      const time = at(5);
      if (nick === "ann") await this.peer.welcome({ ...this.archive.welcome, time });
      else {
        await this.peer.command("CAP");
        this.peer.send(`:irc.test CAP * LS :${this.archive.welcome.caps!.join(" ")}`);
        const { params } = await this.peer.command("CAP");
        this.peer.send(`:irc.test CAP * ACK :${params[1]!}`);
        this.peer.send(":irc.test 433 * ann :Nickname is already in use");
        await this.peer.until(/^NICK ann2/);
        this.peer.sayWelcome(nick, this.archive.welcome.isupport, time);
      }
      await this.peer.letIn(nick, "#room", "bob", ...(nick === "ann" ? [] : ["ann"]));
      return messagesIn(await this.archive.serve(this.peer));
    }

    /** Is back, and asks; the link is lost before the answer. */
    async arriveUnheard(): Promise<void> {
      this.peer = await this.server.accept();
      await this.peer.welcome(this.archive.welcome);
      await this.peer.letIn("ann", "#room", "bob");
      await this.peer.command("CHATHISTORY");
    }

    async back(nick = "ann"): Promise<string[]> {
      this.peer.drop();
      return this.arrive(nick);
    }

    get said(): string[] {
      return this.session.said(this.options.target);
    }
  }

  for (const hasIds of [true, false])
    for (const target of ["#room", "bob"]) {
      const name = `${target}, ${hasIds ? "with ids" : "without ids"}`;
      const start = async (aheadMs = 0) => {
        const conversation = new Conversation({ hasIds, target, aheadMs });
        await conversation.start();
        return conversation;
      };

      it(`what arrived is there once, in its place, and not said again: ${name}`, async () => {
        const conversation = await start();
        await conversation.say("on my way");
        conversation.take("on my way");
        conversation.take("good", "bob");
        assert.deepEqual(await conversation.back(), []);
        assert.deepEqual(conversation.said.slice(-3), [
          "<bob> hi",
          "<ann> on my way",
          "<bob> good",
        ]);
      });

      it(`what did not arrive fails, though the same was said long before: ${name}`, async () => {
        const conversation = await start();
        await conversation.say("mine");
        assert.deepEqual(await conversation.back(), []);
        assert.deepEqual(conversation.said, ["<ann> mine", "<bob> hi", "<ann> mine (failed)"]);
      });

      it(`of two of the same words, one line is one of them: ${name}`, async () => {
        const conversation = await start();
        await conversation.say("ok");
        await conversation.say("ok");
        conversation.take("ok");
        assert.deepEqual(await conversation.back(), []);
        assert.deepEqual(conversation.said.slice(-2), ["<ann> ok", "<ann> ok (failed)"]);
      });

      it(`an action is none of the same words: ${name}`, async () => {
        const conversation = await start();
        await conversation.say("waves", "action");
        conversation.take("waves");
        assert.deepEqual(await conversation.back(), []);
        assert.deepEqual(conversation.said.slice(-2), ["<ann> waves", "* ann waves (failed)"]);
      });

      it(`what others said is not ours: ${name}`, async () => {
        const conversation = await start();
        await conversation.say("same");
        conversation.take("same", "bob");
        assert.deepEqual(await conversation.back(), []);
        assert.deepEqual(conversation.said.slice(-2), ["<bob> same", "<ann> same (failed)"]);
      });

      it(`whatever our own clock says: ${name}`, async () => {
        for (const aheadMs of [-HOUR_MS, HOUR_MS]) {
          const conversation = await start(aheadMs);
          await conversation.say("on my way");
          conversation.take("on my way");
          assert.deepEqual(await conversation.back(), []);
          assert.deepEqual(conversation.said.slice(-2), ["<bob> hi", "<ann> on my way"]);
        }
      });

      it(`also when the link is lost again before the history comes: ${name}`, async () => {
        const conversation = await start();
        await conversation.say("on my way");
        conversation.take("on my way");
        conversation.peer.drop();
        await conversation.arriveUnheard();
        assert.deepEqual(await conversation.back(), []);
        assert.deepEqual(conversation.said.slice(-2), ["<bob> hi", "<ann> on my way"]);
      });

      it(`and Retry says what failed once more: ${name}`, async () => {
        const conversation = await start();
        await conversation.say("mine too");
        await conversation.back();
        const failed = conversation.session.buffer(target).entries.at(-1)!;
        conversation.session.retry(target, failed.id);
        assert.equal((await conversation.peer.command("PRIVMSG")).params[1], "mine too");
      });
    }

  it("what arrived is ours also when we are back under another nick", async () => {
    const conversation = new Conversation({ hasIds: true, target: "#room" });
    await conversation.start();
    await conversation.say("on my way");
    conversation.take("on my way");
    assert.deepEqual(await conversation.back("ann2"), []);
    assert.deepEqual(conversation.said.slice(-2), ["<bob> hi", "<ann> on my way"]);
  });
});

/** What servers make of what is said. */
const CHANGES: readonly (readonly [said: string, stored: string])[] = [
  ["damn", "<censored>"],
  ["damn", "****"],
  ["oh damn", "oh <censored>"],
  ["damn it all, damn", "**** it all, ****"],
  ["what the damn hell is it", "what the [redacted] is it"],
  ["see https://bad.example now please", "see now please"],
  ["  spaces   within  ", "spaces within"],
  ["SHOUTING AT ALL", "shouting at all"],
  ["a text that is longer than the server takes", "a text that is longer than the"],
  ["a text that is longer than the server takes", "a text that is longer than th..."],
  ["x".repeat(400), "x".repeat(300)],
];

describe("what a server has changed and not echoed before the link was lost", () => {
  for (const hasIds of [true, false])
    for (const [text, stored] of CHANGES)
      for (const caps of [[], ["echo-message", "labeled-response"]]) {
        const how = `${hasIds ? "with ids" : "without ids"}, ${caps.length > 0 ? "on its way" : "confirmed by PONG"}`;
        it(`is found in the history: ${stored.slice(0, 40)} (${how})`, async () => {
          const archive = new Archive({ hasIds, pageLength: 100 });
          const welcome = {
            ...archive.welcome,
            caps: ["message-tags", "batch", "server-time", "draft/chathistory", ...caps],
            time: at(5),
          };
          const server = await startScripted();
          const now = () => START + 5_000;
          const session = newSession(addressOf(server.port), { channels: ["#room"], now });
          session.start();
          let peer = await server.accept();
          await peer.welcome(welcome);
          await peer.letIn("ann", "#room", "bob");
          peer.send(archive.say("#room", { time: at(1), nick: "bob", text: "hi" }));
          await archive.serve(peer);
          session.say("#room", text);
          await peer.command("PRIVMSG");
          if (caps.length === 0) {
            const { params } = await peer.command("PING");
            peer.send(`:irc.test PONG irc.test ${params[0]!}`);
            await peer.settle();
          }
          archive.say("#room", { time: at(5), nick: "ann", text: stored });
          archive.say("#room", { time: at(6), nick: "bob", text: "good" });
          peer.drop();
          peer = await server.accept();
          await peer.welcome(welcome);
          await peer.letIn("ann", "#room", "bob");
          assert.deepEqual(messagesIn(await archive.serve(peer)), []);
          assert.deepEqual(session.said("#room"), ["<bob> hi", `<ann> ${stored}`, "<bob> good"]);
        });
      }

  it("is not what we said in another window meanwhile, nor what follows word for word", async () => {
    const archive = new Archive({ hasIds: true, pageLength: 100 });
    const server = await startScripted();
    const now = () => START + 5_000;
    const session = newSession(addressOf(server.port), { channels: ["#room"], now });
    session.start();
    let peer = await server.accept();
    await peer.welcome(archive.welcome);
    await peer.letIn("ann", "#room", "bob");
    await archive.serve(peer);
    for (const text of ["one two three", "nothing like it"]) session.say("#room", text);
    await peer.command("PRIVMSG");
    await peer.command("PRIVMSG");
    for (const [second, text] of ["one two *****", "another window", "one two three"].entries())
      archive.say("#room", { time: at(5 + second), nick: "ann", text });
    peer.drop();
    peer = await server.accept();
    await peer.welcome(archive.welcome);
    await peer.letIn("ann", "#room", "bob");
    await archive.serve(peer);
    assert.deepEqual(session.said("#room"), [
      "<ann> one two *****",
      "<ann> another window",
      "<ann> one two three",
      "<ann> nothing like it (failed)",
    ]);
  });
});
