import assert from "node:assert/strict";
import fc from "fast-check";
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
      return `${node.tag}${info}${href}(${short(node.children)})`;
    })
    .join("");
}

function links(nodes: readonly MarkdownNode[]): MarkdownElement[] {
  return nodes.flatMap((node) =>
    typeof node === "string" ? [] : [...(node.tag === "a" ? [node] : []), ...links(node.children)],
  );
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
    ["a file link as text", "[x](file:///etc/passwd)", "p([x](file:///etc/passwd))"],
    ["an ftp address as text", "ftp://e.org", "p(ftp://e.org)"],
  ];
  for (const [title, text, expected] of table) {
    it(`shows ${title}`, () => {
      assert.equal(short(parseMarkdown(text)), expected);
    });
  }

  it("drops IRC's formatting codes and control characters", () => {
    assert.equal(
      short(parseMarkdown("\x02bold\x02 \x0304,12red\x0f \x00\x07end\x1b[0m")),
      "p(bold red end[0m)",
    );
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

  it("nests only so deep", () => {
    const deep = short(parseMarkdown("> ".repeat(500) + "a"));
    assert.ok((deep.match(/blockquote/g) ?? []).length <= 13);
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

describe("where a link leads", () => {
  const table: [string, string | undefined][] = [
    ["https://e.org/path", undefined],
    ["[e.org](https://e.org)", undefined],
    ["[https://e.org/a](https://e.org/b)", undefined],
    ["[docs](https://e.org)", "e.org"],
    ["[https://good.org](https://evil.org)", "evil.org"],
    ["[good.org](https://good.org.evil.org)", "good.org.evil.org"],
    ["[good.org](https://good.org@evil.org/)", "evil.org"],
    ["[me](mailto:a@e.org?subject=x)", "a@e.org"],
    ["[a@e.org](mailto:a@e.org)", undefined],
  ];
  for (const [text, expected] of table) {
    it(`is ${expected === undefined ? "plain" : "said"} in ${text}`, () => {
      const [link] = links(parseMarkdown(text));
      assert.equal(hiddenTarget(link!), expected);
    });
  }
});
