// What people read is plain American English: turns of phrase that were once there do not come back.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

const root = path.resolve(import.meta.dirname, "../..");

/** What is not written, and what is written instead. */
const BANNED: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/colour|neighbour|behaviour|favourite|honour/i, "American spelling: color"],
  [/(?:authoris|recognis|organis|initialis|normalis)(?:e|ation|ing)/i, "American spelling: -ize"],
  [/\blicence\b|\bgrey\b|Cancelled|cancelled\W/, "American spelling: license, gray, canceled"],
  [/\be-mails?\b/i, "email"],
  [/\brooms?\b/i, "channel"],
  [/\b(?:no|some|any|every)body\b/i, "no one, someone, anyone, everyone"],
  [/\bwho(?:so|m)?ever\b/i, "people who, the person who"],
  [/\b(?:he|him|his|himself|she|her|hers|herself)\b/i, "they, them, their"],
  [/\bshall\b/i, "will, must"],
  [/(?<!\bthere )\bis no (?!longer\b|one\b)/i, "is not a"],
  [/\bare possible\b|\bis possible\b/i, "must be between, can have at most"],
  [/\bby whatever\b|\bby itself\b|\bby themselves\b/i, "for example by, automatically"],
  [/\bvouch/i, "could not be verified"],
  [/\bfor ever\b/i, "forever"],
  [/\bthis machine\b/i, "this computer"],
  [/\bspeaks? TLS\b/i, "supports TLS"],
];

/** Where one of these is right. */
const ALLOWED: readonly (readonly [text: string, why: string])[] = [
  ["waiting-room", "the name of a file"],
];

interface Text {
  readonly at: string;
  readonly text: string;
}

/** The texts in quotes or backticks of a source file, without what is computed in between. */
function stringsOf(file: string): Text[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(path.join(root, file), "utf8"),
    ts.ScriptTarget.Latest,
  );
  const texts: Text[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      texts.push({ at: `${file}:${line + 1}`, text: node.text });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}

function linesOf(file: string): Text[] {
  // The titles of tests that a table names are not for the people who read it.
  const lines = readFileSync(path.join(root, file), "utf8")
    .replace(/ › [^|\n]*/g, "")
    .split("\n");
  return lines.map((text, index) => ({ at: `${file}:${index + 1}`, text }));
}

function problems(texts: readonly Text[]): string[] {
  return texts.flatMap(({ at, text }) => {
    const judged = ALLOWED.reduce((rest, [allowed]) => rest.replaceAll(allowed, ""), text);
    return BANNED.flatMap(([pattern, instead]) => {
      const found = pattern.exec(judged);
      return found === null ? [] : [`${at}: "${found[0]}" (instead: ${instead}): ${text.trim()}`];
    });
  });
}

describe("the words people read", () => {
  for (const layer of ["bridge", "client", "extension", "irc", "server", "webview"])
    it(`are plain in src/${layer}`, () => {
      const files = globSync(`src/${layer}/**/*.ts`, { cwd: root });
      assert.ok(files.length > 0);
      assert.deepEqual(
        files.flatMap((file) => problems(stringsOf(file))),
        [],
      );
    });

  for (const file of ["README.md", "CHANGELOG.md", "ARCHITECTURE.md", "package.nls.json"])
    it(`are plain in ${file}`, () => {
      assert.deepEqual(problems(linesOf(file)), []);
    });

  it("are plain in docs/", () => {
    const files = globSync("docs/**/*.md", { cwd: root });
    assert.ok(files.length > 0);
    assert.deepEqual(
      files.flatMap((file) => problems(linesOf(file))),
      [],
    );
  });

  for (const text of [
    "The colour of your name",
    "Joining the room…",
    "“x” is no host name or IP address.",
    "1 to 65535 are possible.",
    "Enter the name others shall know you by.",
    "x belongs to nobody now: whoever takes it next owns it.",
    "Send it by whatever you have.",
    "Nothing vouches for the certificate.",
    "Who is logged in stays in his channels",
    "Cancelled.",
  ])
    it(`are not "${text}"`, () => {
      assert.notDeepEqual(problems([{ at: "", text }]), []);
    });

  it("are looked for in all parts of a template", () => {
    const here = path.relative(root, import.meta.filename);
    const strange = `${here} a room ${here}`;
    assert.ok(
      stringsOf(here).some(({ text }) => text.includes(" a room ")),
      strange,
    );
  });
});
