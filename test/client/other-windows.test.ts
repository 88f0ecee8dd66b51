// What we say in another window, as on a bouncer that has us twice, is told apart from what we say here, and ours is never lost.
import { strict as assert } from "node:assert";
import { parseMessage } from "../../src/irc/message.js";
import { joined, startScripted, type ServerPeer } from "./scripted-peer.js";

/** Answers all questions, and those that follow. */
async function answerQuestions(peer: ServerPeer): Promise<void> {
  let isOpen = true;
  while (isOpen) {
    isOpen = false;
    for (const line of await peer.settle()) {
      const { command, params } = parseMessage(line)!;
      if (command !== "PING") continue;
      isOpen = true;
      peer.send(`:irc.test PONG irc.test ${params[0]!}`);
    }
  }
}

const QUICK = { timing: { answerTimeoutMs: 5 } };
const WITHOUT_ECHO = [[], ["znc.in/self-message"], ["message-tags"]];
const WITH_ECHO = [["echo-message"], ["echo-message", "message-tags", "znc.in/self-message"]];
const TARGETS = ["#room", "bob"];

for (const target of TARGETS)
  describe(`a line of ours from another window, to ${target}, while one is on its way`, () => {
    for (const caps of [...WITHOUT_ECHO, ...WITH_ECHO]) {
      const name = caps.join(", ") || "no capabilities";
      const start = async () => {
        const server = await startScripted();
        const { session, peer } = await joined(server, { caps }, QUICK);
        session.openDirect("bob");
        session.say(target, "hello");
        await peer.command("PRIVMSG");
        return { session, peer, server };
      };

      it(`is a row of its own: ${name}`, async () => {
        const { session, peer } = await start();
        peer.send(`:ann!u@h PRIVMSG ${target} :other words`);
        if (WITH_ECHO.includes(caps)) peer.send(`:ann!u@h PRIVMSG ${target} :hello`);
        await answerQuestions(peer);
        assert.deepEqual(session.said(target).sort(), ["<ann> hello", "<ann> other words"]);
      });

      it(`is a row of its own where ours is never echoed: ${name}`, async () => {
        const { session, peer } = await start();
        peer.send(`:ann!u@h PRIVMSG ${target} :other words`);
        while (session.said(target).includes("<ann> hello (pending)")) await answerQuestions(peer);
        assert.deepEqual(session.said(target).sort(), ["<ann> hello", "<ann> other words"]);
      });

      it(`does not fail in the place of ours: ${name}`, async () => {
        const { session, peer } = await start();
        peer.send(`:ann!u@h PRIVMSG ${target} :other words`);
        peer.send(`:irc.test ${target === "bob" ? 401 : 404} ann ${target} :No`);
        await answerQuestions(peer);
        const rows = ["<ann> hello (failed)", "<ann> other words"];
        assert.deepEqual(session.said(target).sort(), rows);
      });

      it(`leaves ours to be said again when the link is lost: ${name}`, async () => {
        const { session, peer, server } = await start();
        peer.send(`:ann!u@h PRIVMSG ${target} :other words`);
        await peer.settle();
        peer.drop();
        await server.accept();
        const rows = ["<ann> hello (failed)", "<ann> other words"];
        assert.deepEqual(session.said(target).sort(), rows);
        assert.equal(session.remembered.flatMap(({ unsent = [] }) => unsent).length, 1);
      });
    }

    it("that is a query of a program is not taken for ours", async () => {
      const caps = ["echo-message"];
      const { session, peer } = await joined(await startScripted(), { caps }, QUICK);
      session.say(target, "hello");
      await peer.command("PRIVMSG");
      peer.send(`:ann!u@h PRIVMSG ${target} :\x01VERSION\x01`, `:irc.test 404 ann ${target} :No`);
      await peer.settle();
      assert.deepEqual(session.said(target), ["<ann> hello (failed)"]);
    });

    for (const caps of WITHOUT_ECHO)
      for (const moment of ["before", "after"])
        it(`in the same words ${moment} ours is confirmed, is a row of its own: ${caps.join(", ") || "no capabilities"}`, async () => {
          const { session, peer } = await joined(await startScripted(), { caps });
          session.say(target, "ok");
          await peer.command("PRIVMSG");
          if (moment === "after") await answerQuestions(peer);
          peer.send(`:ann!u@h PRIVMSG ${target} :ok`);
          await answerQuestions(peer);
          assert.deepEqual(session.said(target), ["<ann> ok", "<ann> ok"]);
        });
  });

describe("what a bouncer plays of our other windows", () => {
  for (const caps of [["server-time"], ["server-time", "echo-message"]])
    for (const isBatch of [false, true])
      it(`leaves what we wrote offline: ${caps.join(", ")}${isBatch ? ", in a batch" : ""}`, async () => {
        const all = isBatch ? [...caps, "batch"] : caps;
        const start = Date.now();
        const at = (seconds: number) => new Date(start + seconds * 1_000).toISOString();
        const server = await startScripted();
        const { session, peer } = await joined(server, { caps: all, time: at(0) });
        peer.send(`@time=${at(1)} :bob!u@h PRIVMSG #room :first`);
        await peer.settle();
        peer.drop();
        await session.until(({ status }) => status.phase !== "online");
        session.say("#room", "written offline");
        const again = await server.accept();
        await again.welcome({ caps: all, time: at(100) });
        await again.letIn("ann", "#room", "bob");
        await again.command("PRIVMSG");
        const played = [
          `time=${at(20)} :bob!u@h PRIVMSG #room :a question`,
          `time=${at(30)} :ann!u@h PRIVMSG #room :said by my phone`,
        ];
        if (isBatch)
          again.send(
            ":bouncer BATCH +1 znc.in/playback #room",
            ...played.map((line) => `@batch=1;${line}`),
            ":bouncer BATCH -1",
          );
        else again.send(...played.map((line) => `@${line}`));
        if (caps.includes("echo-message"))
          again.send(`@time=${at(101)} :ann!u@h PRIVMSG #room :written offline`);
        await answerQuestions(again);
        assert.deepEqual(session.said("#room"), [
          "<bob> first",
          "<bob> a question",
          "<ann> said by my phone",
          "<ann> written offline",
        ]);
      });

  it("is told from an echo by a clock that is behind", async () => {
    const caps = ["server-time", "echo-message"];
    const start = Date.now();
    const at = (seconds: number) => new Date(start + seconds * 1_000).toISOString();
    const { session, peer } = await joined(await startScripted(), { caps, time: at(0) });
    session.say("#room", "hello");
    await peer.command("PRIVMSG");
    peer.send(`@time=${at(-60)} :ann!u@h PRIVMSG #room :hello`);
    await peer.settle();
    assert.deepEqual(session.said("#room"), ["<ann> hello"]);
  });
});
