// A direct message says when the other person has left, and when they are back.
import { strict as assert } from "node:assert";
import { joined, startScripted } from "./scripted-peer.js";

const CAPS = ["message-tags", "server-time"];

/** A direct message with bob, who has left. */
async function left() {
  const server = await startScripted();
  const welcome = { caps: CAPS, isupport: ["MONITOR=100"] };
  const { session, peer } = await joined(server, welcome);
  peer.send(":bob!u@h PRIVMSG ann :hi", ":bob!u@h QUIT :gone");
  await peer.settle();
  assert.deepEqual(session.rows("bob"), ["<bob> hi", "-- quit bob"]);
  return { server, session, peer, welcome };
}

const SIGNS: readonly (readonly [name: string, lines: readonly string[]])[] = [
  ["MONITOR", [":irc.test 730 ann :bob!u@h"]],
  ["MONITOR of several", [":irc.test 730 ann :carl!u@h,BOB!u@h"]],
  ["a JOIN", ["@msgid=j1 :bob!u@h JOIN #room"]],
  ["JOINs of several channels", ["@msgid=j1 :bob!u@h JOIN #room", ":bob!u@h JOIN #more"]],
  ["MONITOR and a JOIN", [":irc.test 730 ann :bob!u@h", ":bob!u@h JOIN #room"]],
  ["a JOIN and MONITOR", [":bob!u@h JOIN #room", ":irc.test 730 ann :bob!u@h"]],
  ["a nick they take back", [":bob_!u@h JOIN #room", ":bob_!u@h NICK bob"]],
  ["NAMES", [":irc.test 353 ann = #room :ann bob", ":irc.test 366 ann #room :End"]],
];

describe("a direct message with someone who left", () => {
  for (const [name, lines] of SIGNS)
    it(`says once that they are back: ${name}`, async () => {
      const { session, peer } = await left();
      peer.send(":ann!u@h JOIN #more", ...lines);
      await peer.settle();
      assert.deepEqual(session.rows("bob"), ["<bob> hi", "-- quit bob", "-- back bob"]);
      assert.equal(session.buffer("bob").unread, 1);
      assert.equal(session.state.users.get("bob")?.online, true);
    });

  it("says so each time they leave and come", async () => {
    const { session, peer } = await left();
    for (let n = 0; n < 2; n++) {
      peer.send(":bob!u@h JOIN #room", ":irc.test 730 ann :bob!u@h", ":bob!u@h QUIT :gone");
      peer.send(":irc.test 731 ann :bob");
    }
    await peer.settle();
    const again = ["-- back bob", "-- quit bob"];
    assert.deepEqual(session.rows("bob"), ["<bob> hi", "-- quit bob", ...again, ...again]);
  });

  it("needs no such row where they write", async () => {
    const { session, peer } = await left();
    peer.send(":bob!u@h PRIVMSG ann :me again", ":bob!u@h JOIN #room");
    await peer.settle();
    assert.deepEqual(session.rows("bob"), ["<bob> hi", "-- quit bob", "<bob> me again"]);
  });

  it("says so after a reconnect", async () => {
    const { server, session, peer, welcome } = await left();
    peer.drop();
    const again = await server.accept();
    await again.welcome(welcome);
    await again.letIn("ann", "#room", "bob");
    again.send(":irc.test 730 ann :bob!u@h");
    await again.settle();
    assert.deepEqual(session.rows("bob"), ["<bob> hi", "-- quit bob", "-- back bob"]);
  });

  it("says nothing of who never left", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: CAPS });
    peer.send(":bob!u@h PRIVMSG ann :hi", ":irc.test 730 ann :bob!u@h", ":bob!u@h JOIN #room");
    await peer.settle();
    assert.deepEqual(session.rows("bob"), ["<bob> hi"]);
  });

  it("says so of who has come back under another nick and changed it", async () => {
    const { session, peer } = await left();
    peer.send(":bob_!u@h JOIN #room", ":bob_!u@h NICK bob", ":irc.test 730 ann :bob!u@h");
    await peer.settle();
    assert.deepEqual(session.rows("bob"), ["<bob> hi", "-- quit bob", "-- back bob"]);
  });
});
