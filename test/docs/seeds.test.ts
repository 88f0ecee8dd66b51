// Everything the messengers before Parley did has a row in docs/seeds.md, and a test that shows it.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

const root = path.resolve(import.meta.dirname, "../..");

/** How many numbered rows each messenger has; each has one more, `K`, for what was known not to work. */
const COUNTS = { S0: 8, S1: 21, S2: 7, S3: 10, S4: 10 };

const IDS = Object.entries(COUNTS).flatMap(([seed, count]) => [
  ...Array.from({ length: count }, (_, i) => `${seed}-${i + 1}`),
  `${seed}-K`,
]);

/** Rows of which a part is missing, and says so. */
const TO_COME: readonly string[] = [];

/** What `npm test` runs (test/run.ts). */
const SUITE =
  /^test\/(?:irc|server|client|bridge|extension|docs|webview|clients|vscode|e2e)\/.+\.test\.ts$/;

interface Row {
  readonly id: string;
  readonly there: string;
  readonly here: string;
  readonly file: string;
  readonly title: string;
}

/** The rows that a reader sees: what stands in comments and code is none. */
function rowsIn(text: string): Row[] {
  return text
    .replaceAll(/<!--[^]*?(?:-->|$)/g, "")
    .replaceAll(/^ *```[^]*?^ *```/gm, "")
    .split("\n")
    .filter((line) => /^\| S\d/.test(line))
    .map((line) => {
      const cells = line.split("|").slice(1, -1);
      const [id = "", there = "", here = "", test = ""] = cells.map((cell) => cell.trim());
      const [, file = "", title = ""] = /^`([^`]+)` › (.+)$/.exec(test) ?? [];
      return { id, there, here, file, title };
    });
}

/** The titles of tests that run, and of groups that have some, as far as they are not computed. */
function titlesIn(source: string): Set<string> {
  const titles = new Set<string>();
  visit(ts.createSourceFile("x.ts", source, ts.ScriptTarget.Latest));
  return titles;

  /** Returns whether a test that runs is within. */
  function visit(node: ts.Node): boolean {
    if (
      ts.isCallExpression(node) &&
      /^(?:it|describe)\.skip$|^x(?:it|describe)$/.test(callee(node))
    )
      return false;
    let hasTest = ts.isCallExpression(node) && callee(node) === "it";
    node.forEachChild((child) => {
      if (visit(child)) hasTest = true;
    });
    if (ts.isCallExpression(node) && hasTest && /^(?:it|describe)$/.test(callee(node)))
      titles.add(titleOf(node.arguments[0]));
    return hasTest;
  }
}

/** `it`, or `it.skip`. */
function callee({ expression }: ts.CallExpression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  if (!ts.isPropertyAccessExpression(expression)) return "";
  const { expression: of, name } = expression;
  return ts.isIdentifier(of) ? `${of.text}.${name.text}` : "";
}

/** What is written of it: of a title that is computed its beginning. */
function titleOf(title: ts.Node | undefined): string {
  if (title === undefined) return "";
  if (ts.isTemplateExpression(title)) return title.head.text.trim();
  return ts.isStringLiteralLike(title) ? title.text.trim() : "";
}

/** What is wrong with a row; undefined: nothing. `read` gives the text of a file, if there is one. */
function problemOf(row: Row, read: (file: string) => string | undefined): string | undefined {
  const { there, here, file, title } = row;
  if (there === "" || here === "") return "has an empty cell";
  if (file === "" || title === "") return "names no test: write `file` › title";
  if (!SUITE.test(file)) return `${file} is in no suite`;
  const source = read(file);
  if (source === undefined) return `${file} does not exist`;
  return titlesIn(source).has(title) ? undefined : `${file} has no test “${title}” that runs`;
}

function read(file: string): string | undefined {
  const absolute = path.join(root, file);
  return existsSync(absolute) ? readFileSync(absolute, "utf8") : undefined;
}

const rows = rowsIn(readFileSync(path.join(root, "docs/seeds.md"), "utf8"));

describe("docs/seeds.md", () => {
  it("has every row once", () => {
    assert.deepEqual(
      rows.map(({ id }) => id),
      IDS,
    );
  });

  it("says of what is to come that it is, and of nothing else", () => {
    assert.deepEqual(
      rows.filter(({ here }) => here.includes("to come")).map(({ id }) => id),
      TO_COME,
    );
  });

  for (const row of rows)
    it(`${row.id} names a test that runs`, () => {
      assert.equal(problemOf(row, read), undefined);
    });
});

describe("the check of docs/seeds.md", () => {
  const LINE = "| S1-1 | There | Here | `test/irc/x.test.ts` › is seen |";
  const GOOD = 'describe("x", () => { it("is seen", f); for (const y of z) it(`${y} is`, f); });';
  const problem = (line: string, source: string | undefined) =>
    rowsIn(line).map((row) => problemOf(row, () => source));

  it("takes a test, a group of tests, and the beginning of a title", () => {
    assert.deepEqual(problem(LINE, GOOD), [undefined]);
    assert.deepEqual(problem(LINE, 'describe("is seen", () => { it(title, f); });'), [undefined]);
    assert.deepEqual(problem(LINE, "it(`is seen ${often}`, f);"), [undefined]);
  });

  it("finds no row in a comment or in code", () => {
    for (const text of [`<!--\n${LINE}\n-->`, `<!-- ${LINE}`, "```\n" + LINE + "\n```"])
      assert.deepEqual(rowsIn(text), [], text);
  });

  const rowsRefused: readonly (readonly [what: string, line: string, problem: RegExp])[] = [
    ["an empty cell", LINE.replace("There", ""), /empty cell/],
    ["nothing that does it here", LINE.replace("Here", ""), /empty cell/],
    ["no test", LINE.replace(/`.*seen/, ""), /names no test/],
    ["no title", LINE.replace(" › is seen", ""), /names no test/],
    ["an empty title", LINE.replace("is seen", ""), /names no test/],
    ["a file that no suite runs", LINE.replace("irc/x.test", "support/x"), /in no suite/],
    ["a test of a folder no suite runs", LINE.replace("irc", "support"), /in no suite/],
  ];
  for (const [what, line, expected] of rowsRefused)
    it(`refuses a row with ${what}`, () => {
      assert.match(problem(line, GOOD)[0] ?? "", expected);
    });

  const testsRefused: readonly (readonly [what: string, source: string | undefined])[] = [
    ["is not there", undefined],
    ["has another title", GOOD.replace("is seen", "is not seen")],
    ["is commented out", '// it("is seen", f);\n/* it("is seen", f); */'],
    ["is in a string", "const text = 'it(\"is seen\", f)';"],
    ["is skipped", 'it.skip("is seen", f);'],
    ["is skipped by another name", 'xit("is seen", f);'],
    ["is in a group that is skipped", GOOD.replace("describe(", "describe.skip(")],
    ["is in a group that is skipped further out", `describe.skip("y", () => { ${GOOD} });`],
    ["is a group without tests", 'describe("is seen", () => {});'],
    ["is a group whose tests are skipped", 'describe("is seen", () => { it.skip("x", f); });'],
  ];
  for (const [what, source] of testsRefused)
    it(`refuses a test that ${what}`, () => {
      assert.match(problem(LINE, source)[0] ?? "", /does not exist|has no test “is seen”/);
    });
});
