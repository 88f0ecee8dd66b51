// A page that is cut between lines of the same time and words: where ids are lacking, its end alone shows nothing.
import { strict as assert } from "node:assert";
import { Archive } from "./archive.js";
import { addressOf, newSession, startScripted } from "./scripted-peer.js";

const START = Date.UTC(2024, 0, 1, 12);
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();

/** What is shown after `missed` was said without us, and then `live` with us before the history came; and what was said. */
async function shown(missed: readonly string[], live: readonly string[]) {
  const archive = new Archive({ hasIds: false, pageLength: 10 });
  const server = await startScripted();
  const session = newSession(addressOf(server.port), { channels: ["#room"] });
  session.start();
  let peer = await server.accept();
  await peer.welcome({ ...archive.welcome, time: at(0) });
  await peer.letIn("ann", "#room", "bob");
  await archive.serve(peer);
  const say = (text: string, second: number) =>
    archive.say("#room", { time: at(second), nick: "bob", text });
  peer.send(say("first", 10));
  await peer.settle();
  peer.drop();
  for (const [i, text] of missed.entries()) say(text, /^\d+$/.test(text) ? 20 + i : 40);
  peer = await server.accept();
  await peer.welcome({ ...archive.welcome, time: at(40) });
  await peer.letIn("ann", "#room", "bob");
  peer.send(...live.map((text) => say(text, 40)));
  await archive.serve(peer);
  const { entries } = session.buffer("#room");
  assert.ok(!entries.some(({ kind }) => kind === "gap"), "nothing is missing any more");
  return {
    shown: session.said("#room").map((row) => row.replace("<bob> ", "")),
    said: archive.texts("#room"),
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));

describe("a full page without ids that ends in the middle of a time", () => {
  for (const [name, missed, live] of [
    ["with the words that are said live next", [...numbers(8), "ok"], ["ok"]],
    ["with the live line itself", numbers(8), ["ok"]],
    ["with two of three of the same words", [...numbers(7), "ok", "ok"], ["ok"]],
    ["with one of three", [...numbers(8), "ok"], ["ok", "ok"]],
    ["with words that come again in turn", [...numbers(7), "yes", "no"], ["yes", "no"]],
    ["and one before it as well", [...numbers(18), "ok"], ["ok"]],
  ] as const)
    it(`${name} loses nothing and doubles nothing`, async () => {
      const result = await shown(missed, live);
      assert.deepEqual(result.shown, result.said);
    });
});
