// A block of code is never cut in two unseen.
import { strict as assert } from "node:assert";
import MarkdownIt from "markdown-it";
import { cutsCode, cutToBatches } from "../../src/client/multiline.js";
import { joined, startScripted } from "./scripted-peer.js";

const LIMITS = { maxBytes: 2_000, maxLines: 10 };
const ROOM = 400;
const numbers = (count: number, prefix = "", from = 1) =>
  Array.from({ length: count }, (_, i) => `${prefix}line ${from + i}`);
const cut = (lines: readonly string[], limits = LIMITS) =>
  cutToBatches(lines.join("\n"), ROOM, limits).map((piece) => piece.split("\n"));

/** The code in a message as readers see it. */
function codeIn(piece: readonly string[]): string[] {
  return new MarkdownIt()
    .parse(piece.join("\n"), {})
    .filter(({ type }) => type === "fence")
    .map(({ content }) => content);
}
const allCode = (pieces: readonly (readonly string[])[]) =>
  pieces
    .flatMap(codeIn)
    .join("")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

describe("a block of code that is too long for a message", () => {
  for (const [name, opening, closing] of [
    ["backticks", "```", "```"],
    ["a language", "```ts title=x", "```"],
    ["tildes", "~~~py", "~~~"],
    ["more backticks, with a fence in it", "````md", "````"],
    ["an indent", "  ```js", "  ```"],
    ["no end", "```", undefined],
  ] as const)
    it(`becomes several blocks: ${name}`, () => {
      const code = numbers(25);
      if (opening.startsWith("````")) code.splice(3, 1, "```ts");
      const pieces = cut([opening, ...code, ...(closing === undefined ? [] : [closing])]);
      assert.ok(pieces.length > 2);
      for (const piece of pieces) {
        assert.ok(piece.length <= 10);
        assert.equal(piece[0], opening);
        assert.match(piece.at(-1)!, /^ *(?:`{3,}|~{3,})$/);
        assert.equal(codeIn(piece).length, 1);
      }
      assert.deepEqual(allCode(pieces), code);
    });

  for (const [opening, closing] of [
    ["\x02```js", "```\x0f"],
    ["\x0304,01\x1d~~~", "\x0f~~~"],
    ["> \x02```", "> ```"],
    ["- \x11```", "  ```"],
  ] as const)
    it(`is seen behind formatting codes: ${JSON.stringify(opening)}`, () => {
      const margin = opening.startsWith(">") ? "> " : opening.startsWith("-") ? "  " : "";
      const pieces = cut([opening, ...numbers(25, margin), closing, "and after"]);
      assert.ok(pieces.length > 2);
      assert.deepEqual(allCode(pieces), numbers(25));
      assert.ok(cutsCode([opening, ...numbers(25, margin), closing].join("\n"), ROOM, LIMITS));
      assert.equal(pieces.at(-1)!.at(-1), "and after");
    });

  for (const line of ["* * *", "- - -", "---", " ***", "_ _ _ ", "> * * *"])
    it(`is seen behind a line across: ${JSON.stringify(line)}`, () => {
      const margin = line.startsWith(">") ? "> " : "";
      const code = numbers(25, margin);
      const pieces = cut([line, `${margin}  \`\`\``, ...code, `${margin}  \`\`\``]);
      assert.ok(pieces.length > 2);
      // Where the code is too long for the rest of its message, the line stands alone.
      for (const piece of pieces.slice(1)) assert.equal(codeIn(piece).length, 1);
      assert.deepEqual(allCode(pieces), numbers(25));
    });

  it("stays in its quote", () => {
    const pieces = cut(["> look:", "> ```js", ...numbers(20, "> "), "> ```", "and after"]);
    for (const piece of pieces.slice(1, -1)) {
      assert.deepEqual([piece[0], piece.at(-1)], ["> ```js", "> ```"]);
    }
    assert.deepEqual(allCode(pieces), numbers(20));
    assert.equal(pieces.at(-1)!.at(-1), "and after");
  });

  it("stays code when it stands in a list, however deep", () => {
    for (const lines of [
      ["- ```js", ...numbers(20, "  "), "  ```"],
      ["1. first", "   ```js", ...numbers(20, "   "), "   ```"],
      ["- a", "  - b", "    ```js", ...numbers(20, "    "), "    ```"],
      ["10. tenth", "    ~~~", ...numbers(20, "    "), "    ~~~"],
    ]) {
      const pieces = cut(lines);
      assert.deepEqual(
        allCode(pieces),
        numbers(20),
        pieces.map((p) => p.join("\n")).join("\n--\n"),
      );
    }
  });

  for (const [name, block] of [
    ["a list, indented by tabs", ["- item", "\t```js", "\t@", "\t```"]],
    ["a list after a blank line, indented by tabs", ["* item", "", "\t```", "\t@", "\t```"]],
    ["a numbered list, indented by a tab and more", ["1. item", "\t ~~~", "\t @", "\t ~~~"]],
    ["a list in a list, indented by tabs", ["- a", "\t- b", "\t\t```", "\t\t@", "\t\t```"]],
    ["a list whose words go on without an indent", ["- a", "b", "  ```", "  @", "  ```"]],
    ["a quote in a list", ["- > ```", "  > @", "  > ```"]],
    ["a quote in a list that has words before", ["- a", "  > ```", "  > @", "  > ```"]],
    ["a list in a quote", ["> - a", ">   ```", ">   @", ">   ```"]],
    ["a list in a quote, indented by tabs", ["> - a", "> \t```", "> \t@", "> \t```"]],
    ["a quote whose mark has a tab after it", [">\t```", ">\t@", ">\t```"]],
    ["quotes in quotes", [">> ```", ">> @", ">> ```"]],
    ["a list that begins with it", ["- - ```", "    @", "    ```"]],
    ["a list whose marker stands alone", ["-", "  ```", "  @", "  ```"]],
    ["a list, deep, without an end", ["- a", "  - b", "    ```", "    @"]],
    ["lines with a carriage return", ["```\r", "@\r", "```\r"]],
    ["characters that cannot be sent", ["\x01```", "@", "```\x00"]],
  ] as const) {
    const filled = (count: number) =>
      block.flatMap((line) =>
        line.includes("@") ? numbers(count).map((one) => line.replace("@", one)) : [line],
      );
    it(`is asked about, and stays code, in ${name}`, () => {
      const text = filled(30).join("\n");
      assert.equal(cutsCode(text, ROOM, LIMITS), true);
      assert.equal(cutsCode(text, ROOM, undefined), true);
      const pieces = cut(filled(30));
      assert.deepEqual(allCode(pieces), numbers(30), JSON.stringify(pieces));
      for (const piece of pieces) assert.ok(piece.length <= LIMITS.maxLines);
    });

    it(`is whole where it fits, wherever a message ends, in ${name}`, () => {
      for (let before = 0; before < 12; before++) {
        const lines = [...numbers(before, "before "), "", ...filled(4), "", "after"];
        assert.equal(cutsCode(lines.join("\n"), ROOM, LIMITS), false);
        const pieces = cut(lines);
        const found = pieces.flatMap(codeIn);
        assert.equal(found.length, 1, JSON.stringify(pieces));
        assert.equal(found[0]!.trimEnd(), numbers(4).join("\n"), JSON.stringify(pieces));
      }
    });
  }

  it("takes no longer than its length, whatever stands before it", () => {
    const fill = (unit: string) => unit.repeat(Math.ceil(100_000 / unit.length));
    for (const unit of [
      "> ",
      ">",
      "-  ",
      "- ",
      "1. ",
      "> - ",
      " ",
      "\t",
      "`",
      "``` ",
      "~",
      "-\t",
      "- \n",
    ])
      for (const line of [`${fill(unit)}text`, fill(unit), `${fill(unit)}\`\`\`\nx`]) {
        assert.equal(
          cutToBatches(line, ROOM, { maxBytes: 40_000, maxLines: 9_000 }).length > 0,
          line.trim() !== "",
        );
        cutsCode(line, ROOM, undefined);
      }
    // Many lines, each of which is looked at in each thing it stands in.
    cutsCode(`${"- ".repeat(25_000)}x\n${"\n".repeat(50_000)}`, ROOM, undefined);
    cutsCode(`${"- ".repeat(200)}\`\`\`\n${fill(`${" ".repeat(400)}x\n`)}`, ROOM, undefined);
    // A fence so long that it is looked at again for each line would be felt.
    const fence = "~".repeat(20_000);
    const limits = { maxBytes: 90_000, maxLines: 2_000 };
    assert.ok(cutsCode([fence, ...numbers(5_000), fence].join("\n"), ROOM, limits));
  });

  it("ends where its quote ends, and what follows is no code", () => {
    const pieces = cut(["> ```", ...numbers(15, "> "), "no code", "```", "x", "```"]);
    assert.deepEqual(pieces.flatMap(codeIn).at(-1), "x\n");
    assert.ok(!allCode(pieces).includes("no code"));
  });

  it("is one block as long as that fits, and moves to the next message as a whole", () => {
    const block = ["```", ...numbers(8), "```"];
    assert.deepEqual(cut(block), [block]);
    assert.deepEqual(cut(["see", "this", ...block, "end"]), [["see", "this"], block, ["end"]]);
    assert.deepEqual(cut([...block, ...block]), [block, block]);
  });

  it("keeps within bytes as well, and cuts lines that are too long between characters", () => {
    const pieces = cut(["```", "🙂".repeat(1_500), "```"]);
    for (const piece of pieces) {
      assert.ok(Buffer.byteLength(piece.join("\n")) <= LIMITS.maxBytes);
      assert.equal(codeIn(piece).length, 1);
    }
    assert.equal(allCode(pieces).join(""), "🙂".repeat(1_500));
  });

  it("is text where nothing but the fence would fit, and nothing is lost", () => {
    for (const limits of [
      { maxBytes: 64, maxLines: 2 },
      { maxBytes: 64, maxLines: 9 },
    ]) {
      const pieces = cut([`\`\`\`${"x".repeat(60)}`, ...numbers(5), "```"], limits);
      assert.ok(pieces.flat().join("\n").includes("line 5"));
    }
  });

  it("is none where the fence is only text", () => {
    for (const lines of [
      ["    ```", ...numbers(20)],
      ["```a`b", ...numbers(20)],
      ["``", ...numbers(20)],
      ["see ```", ...numbers(20)],
    ]) {
      assert.equal(cutsCode(lines.join("\n"), ROOM, LIMITS), false);
      assert.deepEqual(cut(lines).flat(), lines);
    }
  });

  it("is asked about only when it is too long, or when a message is a line", () => {
    const block = (count: number) => ["```", ...numbers(count), "```"].join("\n");
    assert.equal(cutsCode(block(8), ROOM, LIMITS), false);
    assert.equal(cutsCode(block(9), ROOM, LIMITS), true);
    assert.equal(cutsCode(numbers(50).join("\n"), ROOM, LIMITS), false);
    assert.equal(cutsCode(block(1), ROOM, undefined), true);
    assert.equal(cutsCode("no ```code``` at all", ROOM, undefined), false);
  });

  it("goes out as complete blocks, also on a later connection that takes less", async () => {
    const wide = [
      "message-tags",
      "echo-message",
      "batch",
      "labeled-response",
      "draft/multiline=max-bytes=9000,max-lines=100",
    ];
    const narrow = [...wide.slice(0, 4), "draft/multiline=max-bytes=9000,max-lines=10"];
    const server = await startScripted();
    const isupport = ["parley/FLOOD"];
    const { session, peer } = await joined(server, { caps: wide, isupport });
    const block = ["```ts", ...numbers(150), "```"].join("\n");
    assert.equal(session.messagesOfCutCode("#room", block), 2);
    session.say("#room", block);
    assert.equal(session.said("#room").length, 2);
    peer.drop();
    const again = await server.accept();
    await again.welcome({ caps: narrow, isupport });
    await again.letIn("ann", "#room");
    await again.command("BATCH");
    for (const row of session.said("#room")) {
      const lines = row
        .replace(/^<ann> /, "")
        .replace(/ \(pending\)$/, "")
        .split("\n");
      assert.deepEqual([lines[0], lines.at(-1)], ["```ts", "```"]);
      assert.ok(lines.length <= 100);
    }
  });
});
