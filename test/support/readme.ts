// What the README tells people to type.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

export const readme = readFileSync(path.resolve(import.meta.dirname, "../../README.md"), "utf8");

/** The part of the README between two marks. */
export function readmeSection(name: string): string {
  const match = new RegExp(`<!-- ${name} -->([^]*?)<!-- /${name} -->`).exec(readme);
  assert.ok(match, `the README has no section ${name}`);
  return match[1] ?? "";
}

/** The lines of a section's code blocks, with the words that stand for something replaced. */
export function readmeLines(
  section: string,
  values: Readonly<Record<string, string>>,
): readonly (readonly string[])[] {
  const blocks = readmeSection(section).matchAll(/^```\n([^]*?)^```$/gm);
  const pattern = new RegExp(
    Object.keys(values)
      .map((word) => word.replaceAll(".", "\\."))
      .join("|"),
    "g",
  );
  return [...blocks].map(([, block = ""]) =>
    block
      .trim()
      .split("\n")
      .map((line) => line.replace(pattern, (word) => values[word] ?? "")),
  );
}
