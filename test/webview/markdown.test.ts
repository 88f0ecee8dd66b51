import assert from "node:assert/strict";
import fc from "fast-check";
import { clean } from "../../src/bridge/text.js";
import { isLink } from "../../src/bridge/validate.js";
import {
  hiddenTarget,
  parseMarkdown,
  plainText,
  type MarkdownElement,
  type MarkdownNode,
} from "../../src/webview/markdown.js";

/** A tree in short: `p(one strong(two))`. */
function short(nodes: readonly MarkdownNode[]): string {
  return nodes
    .map((node) => {
      if (typeof node === "string") return node;
      const info = node.info === "" ? "" : `:${node.info}`;
      const href = node.href === undefined ? "" : `[${node.href}]`;
      const { color = "", background = "", reverse } = node.colors ?? {};
      const colors = node.colors ? `{${color},${background}}${reverse === true ? "!" : ""}` : "";
      return `${node.tag}${info}${href}${colors}(${short(node.children)})`;
    })
    .join("");
}

function links(nodes: readonly MarkdownNode[]): MarkdownElement[] {
  return nodes.flatMap((node) =>
    typeof node === "string" ? [] : [...(node.tag === "a" ? [node] : []), ...links(node.children)],
  );
}

/** Pieces that make much of a little when they are repeated. */
const HEAVY = [
  "`a` ",
  "*a **a ",
  "a** a*",
  "a_ ",
  "_a ",
  "a]",
  "[a",
  "*a_ ",
  "[ a_",
  "[ (](",
  "[a](",
  "![[]()",
  "> ",
  ">",
  "`",
  "e``",
  "* ",
  "- a ",
  "1. ",
  "a",
  "|a",
  "|-",
  "<",
  "<a:",
  "https://",
  "http://a ",
  "https://a.b/(",
  "mailto:",
  "mailto:a@b ",
  "[a](https://b) ",
  "[a](https://b",
  "~~a",
  "**a ",
  "*_",
  "\\",
  "\\`",
  "\t",
  "# ",
  "# a",
  "~~~",
  "&amp;",
  "a|b",
  "[a]: b",
  "> - ",
  "    a",
  "👩\u200d",
  "a\u0301",
  "\x02a",
  "\x0304,05a",
  "\x04ff0000a",
  "{a",
  "(",
  ")",
];

/** Pieces of which texts are made that mean something, or nearly. */
const PIECES = [
  ...Array.from("[]()<>`*_~|-+#>!:.\\&;=\"' \n\n\t1a2bé"),
  ...Array.from("(ツ)"),
  "**",
  "```",
  "~~",
  "~~~",
  "- ",
  "1. ",
  "2) ",
  "> ",
  "# ",
  "  ",
  "    ",
  "\n\n",
  "|-|",
  "https://e.org/a",
  "](https://e.org)",
  "mailto:a@e.org",
  "<!--",
  "&lt;",
  "[x]: y",
  "\\_",
  "word",
];

/** How many elements a tree has. */
function sizeOf(nodes: readonly MarkdownNode[]): number {
  return nodes.reduce(
    (size, node) => (typeof node === "string" ? size : size + 1 + sizeOf(node.children)),
    0,
  );
}

function depthOf(nodes: readonly MarkdownNode[]): number {
  return Math.max(
    0,
    ...nodes.map((node) => (typeof node === "string" ? 0 : 1 + depthOf(node.children))),
  );
}

/** Every tag in a tree, and where its links lead. */
function partsOf(nodes: readonly MarkdownNode[]): { tags: Set<string>; hrefs: string[] } {
  const tags = new Set<string>();
  const hrefs: string[] = [];
  const visit = (node: MarkdownNode): void => {
    if (typeof node === "string") return;
    tags.add(node.tag);
    if (node.href !== undefined) hrefs.push(node.href);
    if (node.info !== "") hrefs.push(node.info);
    node.children.forEach(visit);
  };
  nodes.forEach(visit);
  return { tags, hrefs };
}

/** The marks each tag may take off the screen. */
const MARKS: Readonly<Record<string, string>> = {
  em: "*_",
  strong: "*_",
  s: "~",
  code: "`",
  pre: "`~",
  blockquote: ">",
  ul: "-+*",
  ol: "0123456789.",
  heading: "#",
  table: "|-:",
  a: "[]()",
};

/** Visible characters of `text` that are neither on screen nor marks of something that is. */
function missing(text: string, nodes: readonly MarkdownNode[]): string[] {
  const { tags, hrefs } = partsOf(nodes);
  const marks = new Set([...tags].flatMap((tag) => Array.from(MARKS[tag] ?? "")));
  const shown = new Map<string, number>();
  for (const character of plainText(nodes) + hrefs.join(""))
    shown.set(character, (shown.get(character) ?? 0) + 1);
  return Array.from(clean(text)).filter((character) => {
    const left = shown.get(character) ?? 0;
    shown.set(character, left - 1);
    return left <= 0 && /\S/.test(character) && !marks.has(character);
  });
}

describe("message text as Markdown", () => {
  const table: [string, string, string][] = [
    ["plain words", "hello there", "p(hello there)"],
    ["emphasis", "a **b** *c* ~~d~~", "p(a strong(b) em(c) s(d))"],
    ["inline code", "use `a<b>` now", "p(use code(a<b>) now)"],
    ["line breaks as typed", "a\nb", "p(abr()b)"],
    ["a fenced block with its language", "```ts\nlet a;\n```", "pre:ts(let a;)"],
    ["a fence that was not closed", "```\nlet a;", "pre(let a;)"],
    ["a lone fence as typed", "```ts", "p(```ts)"],
    ["a list", "- a\n- b", "ul(li(a)li(b))"],
    ["a numbered list from where it starts", "3. a\n4. b", "ol:3(li(a)li(b))"],
    ["a quotation", "> a", "blockquote(p(a))"],
    ["a table", "|a|\n|-|\n|b|", "table(thead(tr(th(a)))tbody(tr(td(b))))"],
    ["a heading as strong words", "# a", "heading(a)"],
    ["snake_case as it is", "my_var_name", "p(my_var_name)"],
    ["a channel's name as it is", "#general", "p(#general)"],
    ["HTML as the characters it is", "<b onclick=x>hi</b>", "p(<b onclick=x>hi</b>)"],
    [
      "a script as the characters it is",
      "<script>alert(1)</script>",
      "p(<script>alert(1)</script>)",
    ],
    ["entities as typed", "&lt;b&gt;", "p(&lt;b&gt;)"],
    ["three dashes as typed", "a\n\n---", "p(a)p(---)"],
    ["words over dashes as typed", "a\n---", "p(abr()---)"],
    [
      "a definition that would vanish",
      "[a]: https://e.org",
      "p([a]: a[https://e.org](https://e.org))",
    ],
    ["file names", "see main.rs and README.md", "p(see main.rs and README.md)"],
    ["a web address", "https://e.org/a_b_c", "p(a[https://e.org/a_b_c](https://e.org/a_b_c))"],
    ["a named link", "[docs](https://e.org)", "p(a[https://e.org](docs))"],
    ["a mail link", "[me](mailto:a@e.org)", "p(a[mailto:a@e.org](me))"],
    [
      "an image as a link, not loaded",
      "![x](https://e.org/x.png)",
      "p(!a[https://e.org/x.png](x))",
    ],
    ["a command link as text", "[x](command:quit)", "p([x](command:quit))"],
    ["a script link as text", "[x](javascript:alert(1))", "p([x](javascript:alert(1)))"],
    ["an arm after a backslash", "¯\\_(ツ)_/¯", "p(¯\\_(ツ)_/¯)"],
    ["a path as typed", "C:\\_a\\*.txt and \\\\host\\x", "p(C:\\_a\\*.txt and \\\\host\\x)"],
    ["stars after backslashes as typed", "\\*a\\*", "p(\\*a\\*)"],
    ["a quote of nothing as typed", ">", "p(>)"],
    ["a quote in a quote of nothing as typed", "> >\n>", "blockquote(p(>))"],
    ["a face as typed", ">_< >:(", "p(>_< >:()"],
    ["a lone number sign", "#", "p(#)"],
    ["number signs at the end", "# a #", "heading(a #)"],
    ["a lone dash", "-", "p(-)"],
    ["a lone number", "1.", "p(1.)"],
    ["an item of nothing", "- a\n-\n- b", "ul(li(a))p(-)ul(li(b))"],
    ["stars as typed", "***", "p(***)"],
    ["stars with spaces as typed", "* * *", "p(* * *)"],
    ["an empty block as typed", "```\n```", "p(```\n```)"],
    ["an empty block with a language as typed", "~~~ts\n\n~~~", "p(~~~ts\n\n~~~)"],
    ["all of what stands after a fence", "```ts title=x\na\n```", "pre:ts title=x(a)"],
    ["blank code as typed", "` ` `` ``", "p(` ` `` ``)"],
    ["a comment as typed", "<!-- a -->", "p(<!-- a -->)"],
    ["a tag as typed", "<tag>", "p(<tag>)"],
    ["a space by its name as typed", "&nbsp;", "p(&nbsp;)"],
    ["words over equals signs as typed", "a\n===", "p(abr()===)"],
    ["leading spaces", "  a\n  b", "p(  abr()  b)"],
    ["numbers as typed", "1. a\n5. b\n6. c", "ol:1(li(a)li:5(b)li(c))"],
    ["leading zeros", "007. Bond", "p(007. Bond)"],
    ["a year at the beginning", "1986. What a year", "p(1986. What a year)"],
    ["numbers before brackets as typed", "1) a", "p(1) a)"],
    ["cells beyond the head", "|a|\n|-|\n|b|c|", "table(thead(tr(th(a)))tbody(tr(td(b)td(c))))"],
    ["how columns stand", "|a|b|\n|:-:|-:|", "table(thead(tr(th:center(a)th:right(b))))"],
    ["a table of nothing as typed", "| |\n|-|", "p(| |\n|-|)"],
    ["a product as typed", "2*3*4 and a*b and c*d", "p(2*3*4 and a*b and c*d)"],
    [
      "bold letters within words of scripts without spaces",
      "这是**重点**内容",
      "p(这是strong(重点)内容)",
    ],
    ["strikes that strike nothing", "~~~~ ~~ a~b~c", "p(~~~~ ~~ a~b~c)"],
    ["stars that begin nothing", "**a *b", "p(**a *b)"],
    ["three stars", "***a***", "p(em(strong(a)))"],
    ["stars within stars", "*a **b** c*", "p(em(a strong(b) c))"],
    ["a link without words", "[](https://e.org)", "p([](a[https://e.org](https://e.org)))"],
    [
      "a link with a title as typed",
      '[a](https://e.org "b")',
      'p([a](a[https://e.org](https://e.org) "b"))',
    ],
    ["a definition", "[x]: y", "p([x]: y)"],
    ["a reference", "[x][y] [z]", "p([x][y] [z])"],
    ["an address in angle brackets", "<https://e.org>", "p(<a[https://e.org](https://e.org)>)"],
    ["what follows a quote beside it", "> a\nb", "blockquote(p(a))p(b)"],
    ["a list in a quote in a list", "- a\n  > - b", "ul(li(ablockquote(ul(li(b)))))"],
    ["code in a list", "1. a\n   ```\n   b\n   ```\n2. c", "ol:1(li(apre(b))li(c))"],
    ["indented code", "    a\n      b", "pre(a\n  b)"],
    ["a file link as text", "[x](file:///etc/passwd)", "p([x](file:///etc/passwd))"],
    ["an ftp address as text", "ftp://e.org", "p(ftp://e.org)"],
  ];
  for (const [title, text, expected] of table) {
    it(`shows ${title}`, () => {
      assert.equal(short(parseMarkdown(text)), expected);
    });
  }

  it("drops control characters", () => {
    assert.equal(short(parseMarkdown("a\x00\x07b\x1b[0m\x9b")), "p(ab[0m)");
  });

  const formatted: [string, string, string][] = [
    ["bold", "a \x02b\x02 c", "p(a strong(b) c)"],
    [
      "italic, underline, strike, monospace",
      "\x1da\x0f\x1fb\x0f\x1ec\x0f\x11d",
      "p(em(a)u(b)s(c)code(d))",
    ],
    ["several at once", "\x02\x1da\x02b", "p(strong(em(a))em(b))"],
    ["colors", "\x0304,12a\x03b", "p(span{#ff0000,#0000fc}(a)b)"],
    [
      "a background that stays",
      "\x034,2a\x033b\x0f",
      "p(span{#ff0000,#00007f}(a)span{#009300,#00007f}(b))",
    ],
    ["the default color", "\x034a\x0399b", "p(span{#ff0000,}(a)b)"],
    ["hex colors", "\x04FF8800,000000a\x04b", "p(span{#FF8800,#000000}(a)b)"],
    ["reverse", "\x16a\x16b", "p(span{,}!(a)b)"],
    ["a line each", "\x02a\nb", "p(strong(a)br()b)"],
    [
      "within Markdown",
      "**a\x034b** \x02- c",
      "p(strong(aspan{#ff0000,}(b))span{#ff0000,}( )span{#ff0000,}(strong(- c)))",
    ],
    [
      "around Markdown",
      "\x02https://e.org\x02 \x1d*a*\x1d",
      "p(a[https://e.org](strong(https://e.org)) em(em(a)))",
    ],
    ["not in code", "```\n\x02a\x02\n``` ", "pre(a)"],
    ["nothing between codes", "\x02\x02\x1d\x0fa", "p(a)"],
  ];
  for (const [title, text, expected] of formatted) {
    it(`shows IRC's formatting: ${title}`, () => {
      assert.equal(short(parseMarkdown(text)), expected);
    });
  }

  it("shows at most ten marks on a letter", () => {
    const text = plainText(parseMarkdown(`a${"\u0301".repeat(5000)}b`));
    assert.equal(text, `a${"\u0301".repeat(10)}\ufffdb`);
  });

  it("makes characters that turn the reading direction visible", () => {
    assert.equal(plainText(parseMarkdown("a\u202eb\u2066c\u2069")), "a\ufffdb\ufffdc\ufffd");
  });

  it("keeps what joins emoji and what marks directions", () => {
    const text = "👩\u200d💻 \u200fشكرا";
    assert.equal(plainText(parseMarkdown(text)), text);
  });

  it("shows a very long text as it is", () => {
    const text = "*a* ".repeat(6000);
    assert.equal(short(parseMarkdown(text)), `p(${text})`);
  });

  it("shows what is too much as it is, and what comes before it formatted", () => {
    const much = "`a` ".repeat(4000);
    assert.equal(short(parseMarkdown(`*b*\n\n${much}\n\n*c*`)), `p(em(b))p(${much}\n\n*c*)`);
  });

  it("makes no more of a message than can be drawn at once", () => {
    for (const piece of [...HEAVY, ...HEAVY.map((text) => `${text}\n`)]) {
      const text = piece.repeat(16_000 / piece.length);
      const nodes = parseMarkdown(text);
      assert.ok(sizeOf(nodes) <= 500, `${sizeOf(nodes)} elements of ${JSON.stringify(piece)}`);
      assert.ok(depthOf(nodes) <= 40, `${depthOf(nodes)} deep of ${JSON.stringify(piece)}`);
      assert.deepEqual(missing(text, nodes), [], piece);
    }
  });

  it("lays out at most 2000 lines, and what comes after them as one", () => {
    for (const line of ["a", "- a", "> a", "|a|b|", "# a"]) {
      const nodes = parseMarkdown(
        `|a|b|\n|-|-|\n${`${line}\n`.repeat(39_000 / (line.length + 1))}end`,
      );
      const shown = plainText(nodes);
      assert.ok(shown.split("\n").length <= 2100, line);
      assert.ok(shown.endsWith(" end"), line);
    }
    const lines = "a\n".repeat(1999);
    assert.equal(plainText(parseMarkdown(`${lines}end`)), `${lines}end`);
    const code = parseMarkdown(`\`\`\`\n${"a\n".repeat(1990)}\`\`\``);
    assert.equal(short(code), `pre(${"a\n".repeat(1990).trim()})`);
  });

  it("turns the reading direction only so often", () => {
    for (const piece of ["אa", "א1", "م٣", "א\u200e", "אa\n"]) {
      const nodes = parseMarkdown(piece.repeat(38_000 / piece.length));
      assert.ok(short(nodes.slice(-1)).startsWith("p(bdo("), JSON.stringify(piece));
      assert.deepEqual(missing(piece.repeat(38_000 / piece.length), nodes), []);
    }
    const honest = "שלום world 12, مرحبا ".repeat(500);
    assert.equal(short(parseMarkdown(honest)), `p(${honest})`);
  });

  it("reads many ends of links with no more work than their number", () => {
    for (const piece of ["](http://x.y)", "[a](http://x`]", "*a](http://x.y)"]) {
      const text = piece.repeat(39_000 / piece.length);
      assert.ok(sizeOf(parseMarkdown(text)) <= 500);
    }
    assert.equal(
      short(parseMarkdown("[a [b](https://e.org/1) [c](https://e.org/2)")),
      "p([a a[https://e.org/1](b) a[https://e.org/2](c))",
    );
    assert.equal(
      short(parseMarkdown("[a [b](x) c](https://e.org)")),
      "p([a [b](x) c](a[https://e.org](https://e.org)))",
    );
  });

  it("nests only so deep", () => {
    const deep = short(parseMarkdown("> ".repeat(500) + "a"));
    assert.ok((deep.match(/blockquote/g) ?? []).length <= 13);
  });

  it("never shows less than was typed: only marks that have an effect are missing", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }), (pieces) => {
        const text = pieces.join("");
        const nodes = parseMarkdown(text);
        assert.deepEqual(missing(text, nodes), [], short(nodes));
      }),
      { numRuns: 3000 },
    );
  });

  it("takes any text, and every link in it is one that may be opened", () => {
    const pieces = fc.constantFrom(
      "[",
      "]",
      "(",
      ")",
      "<",
      ">",
      "`",
      "*",
      "_",
      "\n",
      "|",
      "-",
      " ",
      "https://e.org",
      "javascript:",
      "&#x6a;",
      "\u202e",
      "a",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(pieces, { maxLength: 40 }).map((p) => p.join("")),
        ),
        (text) => {
          for (const { href } of links(parseMarkdown(text)))
            assert.ok(href === undefined || isLink(href));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("a link", () => {
  const table: [string, string[]][] = [
    ["https://e.org/?q=C%23+lists", ["https://e.org/?q=C%23+lists"]],
    ["https://e.org/%C3%BC?a&amp;b#%20", ["https://e.org/%C3%BC?a&amp;b#%20"]],
    ["[x](https://e.org/?q=C%23&amp;y)", ["https://e.org/?q=C%23&amp;y"]],
    ["https://e.org/ü", ["https://e.org/ü"]],
    ["HTTPS://E.org", ["HTTPS://E.org"]],
    ["(see https://e.org/a).", ["https://e.org/a"]],
    ["https://e.org/a, https://e.org/b!", ["https://e.org/a", "https://e.org/b"]],
    ["https://e.org/a_(b)", ["https://e.org/a_(b)"]],
    ["(https://e.org/a_(b))", ["https://e.org/a_(b)"]],
    ["[x](https://e.org/a_(b))", ["https://e.org/a_(b)"]],
    ["https://e.org/?a[]=1&b={c}", ["https://e.org/?a[]=1&b={c}"]],
    ["**https://e.org/a**", ["https://e.org/a"]],
    ['"https://e.org/a"', ["https://e.org/a"]],
    ["<https://e.org/a>", ["https://e.org/a"]],
    ["https://e.org/a…", ["https://e.org/a…"]],
    ["https://e.org/a。", ["https://e.org/a"]],
    ["`https://e.org`", []],
    ["xhttps://e.org", []],
    ["https://", []],
    ["https:///e.org", []],
    ["https://[", []],
    ["mailto:x", []],
    ["mailto:a@e.org.", ["mailto:a@e.org"]],
    ["https://good.org\u202e/x", ["https://good.org"]],
    ["https://good.org/a\u3164b", ["https://good.org/a"]],
    ["https://good.org/a\u115f", ["https://good.org/a"]],
    ["https://good.org/a\u2800b", ["https://good.org/a"]],
    ["https://good.org/a\u034f", ["https://good.org/a"]],
    ["https://good.org/a\ufe0f", ["https://good.org/a"]],
    ["https://good.org/❤\ufe0f", ["https://good.org/❤\ufe0f"]],
    ["[x](https://good.org/a\u17b4)", ["https://good.org/a"]],
    ["https://good.org\u200b.evil.org", ["https://good.org"]],
    ["https://good.org\\@evil.org", ["https://good.org"]],
    ["[x](https://good.org\\@evil.org)", ["https://good.org"]],
    ["[x](https://e.org/\u200b)", ["https://e.org/"]],
    ["[x](HTTPS://e.org)", ["HTTPS://e.org"]],
    ["[x](https://e.org/a b)", ["https://e.org/a"]],
    ["[https://a.org](https://b.org)", ["https://b.org"]],
    ["[x [y](https://a.org)](https://b.org)", ["https://a.org", "https://b.org"]],
  ];
  for (const [text, expected] of table) {
    it(`leads exactly where it says: ${JSON.stringify(text)}`, () => {
      assert.deepEqual(
        links(parseMarkdown(text)).map(({ href }) => href),
        expected,
      );
    });
  }
});

describe("where a link leads", () => {
  const table: [string, string | undefined][] = [
    ["https://e.org/path", undefined],
    ["[e.org](https://e.org)", undefined],
    ["[https://e.org](https://e.org/)", undefined],
    ["[e.org/a](https://e.org/a)", undefined],
    ["[e.org](https://e.org/a)", undefined],
    ["[https://e.org/a](https://e.org/b)", "https://e.org/b"],
    ["[e.org/a](https://e.org/b)", "https://e.org/b"],
    ["[e.org/a](https://e.org)", "https://e.org"],
    ["[https://e.org](http://e.org)", "http://e.org"],
    ["[https://e.org/%](https://e.org/)", "https://e.org/"],
    [`[https://e.org/a](https://e.org/${"b".repeat(200)})`, `https://e.org/${"b".repeat(86)}…`],
    ["[docs](https://e.org)", "e.org"],
    ["[https://good.org](https://evil.org)", "evil.org"],
    ["[good.org](https://good.org.evil.org)", "good.org.evil.org"],
    ["[good.org](https://good.org@evil.org/)", "evil.org"],
    ["https://good.org@evil.org/", "evil.org"],
    ["https://good.org:x@evil.org/", "evil.org"],
    ["https://раураl.com/", "xn--l-7sba6dbr.com"],
    ["https://münchen.de/", "xn--mnchen-3ya.de"],
    ["https://e%76il.org/", "evil.org"],
    ["[münchen.de](https://münchen.de/)", "xn--mnchen-3ya.de"],
    ["[me](mailto:a@e.org?subject=x)", "a@e.org"],
    ["[a@e.org](mailto:a@e.org)", undefined],
    ["[a@e.org](mailto:a@e.org?bcc=evil@b.org)", "a@e.org?bcc=evil@b.org"],
    ["[a@e.org](mailto:a@e.org?subject=x&%63c=evil@b.org)", "a@e.org?subject=x&%63c=evil@b.org"],
    ["[a@e.org](mailto:a@e.org,evil@b.org)", "a@e.org,evil@b.org"],
  ];
  for (const [text, expected] of table) {
    it(`is ${expected === undefined ? "plain" : "said"} in ${text}`, () => {
      const [link] = links(parseMarkdown(text));
      assert.equal(hiddenTarget(link!), expected);
    });
  }
});
