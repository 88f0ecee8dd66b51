import assert from "node:assert/strict";
import { mentionsNick } from "../../src/client/mentions.js";

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
    ["*bob* hi", "bob"],
    ["***bob*** hi", "bob"],
    ["~~bob~~ hi", "bob"],
    ["_bob_ hi", "bob"],
    ["__bob__: hi", "bob"],
    ["_thanks a lot, bob_", "bob"],
    ["_bob_ hi", "_bob_"],
    ["bobさん、おはよう", "bob"],
    ["ねえbob、おはよう", "bob"],
    ["谢谢bob！", "bob"],
    ["谢谢:bob", "bob"],
    ["bob(笑)", "bob"],
    ["太郎さん、おはよう", "太郎"],
    ["ボブさん", "ボブ"],
    ["bob님 안녕", "bob"],
    ["สวัสดีbobครับ", "bob"],
    ["bob´s turn", "bob"],
    ["bob:look", "bob"],
    ["what is `x`?\n\n- bob\n    bob", "bob"],
    ["text\n    bob goes on", "bob"],
    ["- item\n\n    bob in it", "bob"],
    ["```\ncode\n```\nbob", "bob"],
    ["a lone `\n\nbob\n\nand another `", "bob"],
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
    ["~~~\nm = 3\n~~~", "m"],
    ["~~~\nbob", "bob"],
    ["- ```\n  bob\n", "bob"],
    ["1. ~~~\n   bob\n   ~~~", "bob"],
    ["> ```\n> bob\n> ```", "bob"],
    ["    m = 3", "m"],
    ["see\n\n\tbob()\n    bob", "bob"],
    ["I`m here", "m"],
    ["I´m here", "m"],
    ["I′m here", "m"],
    ["I＇m here", "m"],
    ["I‘m here", "m"],
    ["Iʼm here", "m"],
    ["example.com?u=bob", "bob"],
    ["example.com?bob", "bob"],
    ["mailto:bob", "bob"],
    ["irc:bob", "bob"],
    ["call m() first", "m"],
    ["m(x, y)", "m"],
    ["x=m", "m"],
    ["m=x", "m"],
    ["a*m", "m"],
    ["m*a", "m"],
    ["foo::bob", "bob"],
    ["::bob", "bob"],
    ["bob::foo", "bob"],
    ["see _bob_name", "bob"],
    ["snake_bob_case", "bob"],
    ["太郎山", "太郎"],
    ["bobさん", "さん先"],
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
    for (const piece of [
      "m",
      "m.",
      "m/",
      "'m",
      "`",
      "` ",
      "`m``m",
      "://",
      "m://",
      "m@",
      "x'm\n",
      "_",
      "_m ",
      "_ ",
      "m(",
      "~~~\n",
      "- ",
    ]) {
      assert.equal(typeof mentions(piece.repeat(size / piece.length), "m"), "boolean");
    }
    // All lengths of runs, none of which closes.
    assert.ok(mentions(Array.from({ length: 600 }, (_, i) => "`".repeat(i)).join(" ") + " m", "m"));
  });
});
