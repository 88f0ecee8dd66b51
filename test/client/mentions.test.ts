import assert from "node:assert/strict";
import { mentionsNick } from "../../src/client/mentions.js";
import { parseMarkdown, type MarkdownNode } from "../../src/webview/markdown.js";

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
    ["bob, ann: lunch?", "ann"],
    ["bob,ann: lunch?", "ann"],
    ["[bob] is here", "bob"],
    ["[cc bob]", "bob"],
    ["[bob, see this]", "bob"],
    ["(@bob)", "bob"],
    ["hi ~bob", "bob"],
    ["@bob: look", "bob"],
    ["<@bob> look", "bob"],
    ["bob:look", "bob"],
    ["bob: 8080 is taken", "bob"],
    ["(bob): 80", "bob"],
    ["bob...", "bob"],
    ["...bob", "bob"],
    ["bob!!", "bob"],
    ["bob?", "bob"],
    ["“bob”", "bob"],
    ["«bob»", "bob"],
    ["bob — look", "bob"],
    ["bob—look", "bob"],
    ["| bob | ann |", "bob"],
    ["2 + m", "m"],
    ["is f(x) right, m?", "m"],
    ["[a]b: look", "[a]b"],
    ["{bob}", "{bob}"],
    ["`bob` is bob", "bob"],
    ["bob^: look", "bob^"],
    ["-bob-: look", "-bob-"],
    ["> bob: look", "bob"],
    [">bob", "bob"],
    ["1. bob", "bob"],
    ["# bob", "bob"],
    ["- a\n      bob goes on", "bob"],
    ["> text\n>     bob goes on", "bob"],
    ["> text\n    bob goes on", "bob"],
    ["> text\n    > bob", "bob"],
    ["see:\n- one\n\n  bob", "bob"],
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
    ["|m|", "m"],
    ["x+m", "m"],
    ["m+x", "m"],
    ["x-m", "m"],
    ["x/m", "m"],
    ["m^2", "m"],
    ["2^m", "m"],
    ["m%2", "m"],
    ["x%m", "m"],
    ["x<m", "m"],
    ["m>x", "m"],
    ["List<m>", "m"],
    ["x&m", "m"],
    ["m~x", "m"],
    ["x×m", "m"],
    ["c++", "c"],
    ["C# and F#", "c"],
    ["20°C", "c"],
    ["mode +m", "m"],
    ["printf %s", "s"],
    ["%bob%", "bob"],
    ["&bob;", "bob"],
    ["5€m", "m"],
    ["bob:8080", "bob"],
    ["(bob:80)", "bob"],
    ["bob:443, please", "bob"],
    ["@bob:example.org", "bob"],
    ["bob:example.org", "bob"],
    ["bob!~u@example.org", "bob"],
    ["bob@[192.0.2.1]", "bob"],
    ["bob+tag@example.org", "bob"],
    ["bob\\away", "bob"],
    ["bob^", "bob"],
    ["^bob", "bob"],
    ["bob`", "bob"],
    ["`bob", "bob"],
    ["{bob}", "bob"],
    ["${bob}", "bob"],
    ["bob{", "bob"],
    ["[away]bob", "bob"],
    ["bob[away]", "bob"],
    ["a[m]", "m"],
    ["m[0]", "m"],
    ["bob‑away", "bob"],
    ["bob#1234", "bob"],
    [":fire:", "fire"],
    [".ts", "ts"],
    ["*.ts files", "ts"],
    ["f(m)", "m"],
    ["f(x,m)", "m"],
    ["a.f(m).g(m)", "m"],
    ["a=f(m);", "m"],
    ["- a\n\n      bob", "bob"],
    [">     bob", "bob"],
    ["# title\n    bob", "bob"],
    ["```\nx\n```\n    bob", "bob"],
    ["-     bob", "bob"],
    ["\tbob", "bob"],
    ["  \tbob", "bob"],
    ["    # bob", "bob"],
    ["    - bob", "bob"],
    ["    a\n\n    bob", "bob"],
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
      "f(",
      "f(m",
      "m:",
      "m!",
      "[m",
      "m<",
      "    m\n",
    ]) {
      assert.equal(typeof mentions(piece.repeat(size / piece.length), "m"), "boolean");
    }
    // All lengths of runs, none of which closes.
    assert.ok(mentions(Array.from({ length: 600 }, (_, i) => "`".repeat(i)).join(" ") + " m", "m"));
  });
});

describe("a nick in what the panel draws as code", () => {
  const PIECES = [
    " bob ",
    "bob\n",
    "\n",
    "\n\n",
    "    ",
    "  ",
    "\t",
    "> ",
    "- x\n",
    "# x\n",
    "```\n",
    "x\n",
  ];

  const outsideCode = (nodes: readonly (MarkdownNode | string)[]): string =>
    nodes
      .map((node) => {
        if (typeof node === "string") return node;
        return node.tag === "pre" || node.tag === "code" ? " " : outsideCode(node.children);
      })
      .join(" ");

  it("is no mention, and in all else it is one", () => {
    let seed = 1;
    const next = (most: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (seed >> 8) % most;
    };
    for (let n = 0; n < 5_000; n++) {
      const text = Array.from({ length: 1 + next(9) }, () => PIECES[next(PIECES.length)]!).join("");
      // A list in a quotation that ends in the middle of it is anyone's guess.
      if (/>.*- x/.test(text)) continue;
      assert.equal(mentions(text, "bob"), outsideCode(parseMarkdown(text)).includes("bob"), text);
    }
  });
});
