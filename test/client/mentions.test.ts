import assert from "node:assert/strict";
import { mentionsNick } from "../../src/client/text.js";

const mentions = (text: string, nick: string) => mentionsNick(text, nick, "rfc1459");

describe("a message mentions somebody", () => {
  const named: [string, string][] = [
    ["bob", "bob"],
    ["BOB: look", "bob"],
    ["hi @bob!", "bob"],
    ["is that right, bob?", "bob"],
    ["bob's turn", "bob"],
    ["bob’ll do it", "bob"],
    ["ask 'bob' about it", "bob"],
    ['(bob) <bob> "bob"', "bob"],
    ["thanks bob.", "bob"],
    ["... bob ...", "bob"],
    ["https://e.org/bob, bob!", "bob"],
    ["see `x` and `y`, bob", "bob"],
    ["a lone ` bob", "bob"],
    ["[bob] works", "[BOB]"],
    ["{a\\b} is here", "[a|b]"],
    ["m, I'm here", "m"],
    ["**bob** look", "bob"],
    ["see a/b bob", "bob"],
  ];
  for (const [text, nick] of named) {
    it(`named in ${text}`, () => {
      assert.ok(mentions(text, nick));
    });
  }

  const unnamed: [string, string][] = [
    ["I'm here", "m"],
    ["I’m here", "m"],
    ["don't", "don"],
    ["don't", "t"],
    ["we'll see", "ll"],
    ["bobby", "bob"],
    ["thingamabob", "bob"],
    ["bob_", "bob"],
    ["bob-away", "bob"],
    ["bob|away", "bob"],
    ["https://e.org/bob", "bob"],
    ["https://bob.example.org", "bob"],
    ["https://e.org/?q=bob,bob(bob)", "bob"],
    ["(https://e.org/bob)", "bob"],
    ["vscode://parley/join?nick=bob", "bob"],
    ["src/bob/main.ts", "bob"],
    ["/home/bob", "bob"],
    ["./bob", "bob"],
    ["~/bob", "bob"],
    ["C:\\Users\\bob", "bob"],
    ["bob.ts", "bob"],
    ["main.bob", "bob"],
    ["www.bob.org", "bob"],
    ["bob@example.org", "bob"],
    ["ann@bob.example.org", "bob"],
    ["git@bob", "bob"],
    ["`bob`", "bob"],
    ["use `a` and ``bob ` bob``", "bob"],
    ["```\nbob()\n```", "bob"],
    ["```ts\nbob()", "bob"],
    ["#bob", "bob"],
    ["$bob", "bob"],
    ["--bob", "bob"],
    ["bobé", "bob"],
    ["", "bob"],
    ["bob", ""],
  ];
  for (const [text, nick] of unnamed) {
    it(`not named in ${JSON.stringify(text)} (${nick})`, () => {
      assert.ok(!mentions(text, nick));
    });
  }

  it("is found in any text, with no more work than its length", () => {
    const size = 200_000;
    for (const piece of ["m", "m.", "m/", "'m", "`", "` ", "`m``m", "://", "m://", "m@", "x'm\n"]) {
      assert.equal(typeof mentions(piece.repeat(size / piece.length), "m"), "boolean");
    }
    // All lengths of runs, none of which closes.
    assert.ok(mentions(Array.from({ length: 600 }, (_, i) => "`".repeat(i)).join(" ") + " m", "m"));
  });
});
