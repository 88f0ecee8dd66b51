// What we say to ourselves comes back as an echo and as a message, and is shown once, whatever our nick is by then.
import { strict as assert } from "node:assert";
import { joined, startScripted, type ServerPeer } from "./scripted-peer.js";

const CAPS = [
  [],
  ["echo-message"],
  ["labeled-response", "batch"],
  ["echo-message", "labeled-response", "batch"],
  ["echo-message", "labeled-response", "batch", "message-tags"],
];

/** When the server makes "anna" of "ann", among the lines that answer a message. */
const MOMENTS = ["long before", "before the echo", "before the copy", "after the copy"] as const;

async function answer(
  peer: ServerPeer,
  caps: readonly string[],
  moment: string,
  hasOneId: boolean,
): Promise<void> {
  const { params, tags } = await peer.command("PRIVMSG");
  const [target = "", text = ""] = params;
  const change = (now: string) => (now === moment ? [":ann!u@h NICK anna"] : []);
  const tagged = (...list: string[]) => (list.length === 0 ? "" : `@${list.join(";")} `);
  const ids = (id: string) => (caps.includes("message-tags") ? [`msgid=${id}`] : []);
  const label = caps.includes("labeled-response") ? [`label=${tags.get("label")!}`] : [];
  const line = `:${target}!u@h PRIVMSG ${target} :${text}`;
  const echo = caps.includes("echo-message") ? [tagged(...label, ...ids(`1${text}`)) + line] : [];
  const copy = tagged(...ids(hasOneId ? `1${text}` : `2${text}`)) + line;
  peer.send(
    ...change("before the echo"),
    ...(label.length > 0 && echo.length === 0 ? [`${tagged(...label)}:irc.test ACK`] : echo),
    ...change("before the copy"),
    copy,
    ...change("after the copy"),
  );
  await peer.settle();
}

describe("a message to oneself", () => {
  for (const caps of CAPS)
    for (const moment of MOMENTS)
      for (const hasOneId of caps.includes("message-tags") ? [true, false] : [true])
        it(`is there once, with a new nick ${moment}: ${caps.join(", ") || "no capabilities"}${hasOneId ? "" : ", two ids"}`, async () => {
          const { session, peer } = await joined(await startScripted(), { caps });
          session.say("ann", "first");
          await answer(peer, caps, "never", hasOneId);
          if (moment === "long before") {
            peer.send(":ann!u@h NICK anna");
            await peer.settle();
          }
          const nick = moment === "long before" ? "anna" : "ann";
          session.say(nick, "note");
          await answer(peer, caps, moment, hasOneId);
          const directs = [...session.state.buffers.values()].filter(
            ({ kind }) => kind === "direct",
          );
          assert.deepEqual(
            directs.map(({ name }) => name),
            ["anna"],
          );
          const texts = session.said("anna").map((row) => row.replace(/^<anna?> /, ""));
          assert.deepEqual(texts, ["first", "note"]);
          assert.equal(session.buffer("anna").unread, 0);
        });

  it("goes to whoever has the old nick now, and comes from them", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: ["echo-message"] });
    session.say("ann", "note");
    await answer(peer, ["echo-message"], "after the copy", true);
    peer.send(":ann!x@y PRIVMSG anna :I am another");
    await peer.settle();
    assert.deepEqual(session.said("ann"), ["<ann> I am another"]);
    assert.deepEqual(session.said("anna"), ["<ann> note"]);
    assert.equal(session.buffer("ann").unread, 1);
  });

  it("leaves the conversation alone that we had with whoever had our new nick", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: ["echo-message"] });
    peer.send(":anna!x@y PRIVMSG ann :hello", ":anna!x@y QUIT :gone");
    session.say("ann", "note");
    await answer(peer, ["echo-message"], "after the copy", true);
    assert.deepEqual(session.said("anna"), ["<anna> hello"]);
  });

  it("is no part of the conversation with whoever had our nick before", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: ["echo-message"] });
    peer.send(":anna!x@y PRIVMSG ann :hello", ":anna!x@y QUIT :gone");
    peer.send(":ann!u@h NICK anna", ":anna!u@h NICK ann3");
    await peer.settle();
    assert.deepEqual(session.said("anna"), ["<anna> hello"]);
    assert.ok(!session.state.buffers.has("ann3"));
  });
});
