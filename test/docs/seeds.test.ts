// Everything the messengers before Parley did has a row in docs/seeds.md, and a test that shows it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

/** How many numbered rows each messenger has; each has one more, `K`, for what was known not to work. */
const COUNTS = { S0: 8, S1: 21, S2: 7, S3: 10, S4: 10 };

const IDS = Object.entries(COUNTS).flatMap(([seed, count]) => [
  ...Array.from({ length: count }, (_, i) => `${seed}-${i + 1}`),
  `${seed}-K`,
]);

/** Rows of which a part is missing, and says so. */
const TO_COME: readonly string[] = [];

interface Row {
  readonly id: string;
  readonly here: string;
  readonly file: string;
  readonly title: string;
}

const rows: readonly Row[] = readFileSync(path.join(root, "docs/seeds.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| S\d/.test(line))
  .map((line) => {
    const [id = "", , here = "", test = ""] = line
      .split("|")
      .slice(1)
      .map((cell) => cell.trim());
    const [file = "", title = ""] = test.split(" › ");
    return { id, here, file: file.replaceAll("`", ""), title };
  });

/** The titles of a file's tests and groups, as far as they are not computed. */
function titlesOf(file: string): string[] {
  const source = readFileSync(path.join(root, file), "utf8");
  const titles = source.matchAll(/\b(?:it|describe)\(\s*(?:"((?:[^"\\]|\\.)*)"|`([^`$]*))/g);
  return [...titles].map(([, plain, template]) => (plain ?? template ?? "").trim());
}

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

  for (const { id, file, title } of rows)
    it(`${id} names a test that exists`, () => {
      assert.ok(titlesOf(file).includes(title), `${file} has no test “${title}”`);
    });
});
