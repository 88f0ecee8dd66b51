// The public test vectors of https://github.com/ircdocs/parser-tests, in vectors/ with their licence (CC0).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { matchesMask } from "../../src/irc/mask.js";
import { formatMessage, message, parseMessage } from "../../src/irc/message.js";
import { parseSource } from "../../src/irc/source.js";

interface Atoms {
  readonly tags?: Readonly<Record<string, string>>;
  readonly source?: string;
  readonly verb: string;
  readonly params?: readonly string[];
}

function vectors(name: string): unknown {
  const file = join(import.meta.dirname, "vectors", `${name}.json`);
  return (JSON.parse(readFileSync(file, "utf8")) as { tests: unknown }).tests;
}

const splits = vectors("msg-split") as { input: string; atoms: Atoms }[];
const joins = vectors("msg-join") as { desc: string; atoms: Atoms; matches: string[] }[];
const sources = vectors("userhost-split") as {
  source: string;
  atoms: { nick?: string; user?: string; host?: string };
}[];
const masks = vectors("mask-match") as { mask: string; matches: string[]; fails: string[] }[];

const tagsOf = (atoms: Atoms) => new Map(Object.entries(atoms.tags ?? {}));

describe("the public parser vectors", () => {
  for (const { input, atoms } of splits) {
    it(`split ${JSON.stringify(input)}`, () => {
      const { source, verb, params } = atoms;
      // A command's case has no meaning; ours are kept in upper case.
      const expected = message(verb.toUpperCase(), params, source, tagsOf(atoms));
      assert.deepEqual(parseMessage(input), expected);
    });
  }

  for (const { desc, atoms, matches } of joins) {
    it(`join: ${desc}`, () => {
      const { source, verb, params } = atoms;
      const line = formatMessage(message(verb, params, source, tagsOf(atoms)));
      assert.ok(matches.includes(line), line);
    });
  }

  for (const { source, atoms } of sources) {
    it(`split the source ${JSON.stringify(source)}`, () => {
      const { nick = "", user, host } = atoms;
      assert.deepEqual(parseSource(source), { nick, user, host });
    });
  }

  for (const { mask, matches, fails } of masks) {
    it(`match ${mask}`, () => {
      for (const text of matches) assert.ok(matchesMask(mask, text, "ascii"), text);
      for (const text of fails) assert.ok(!matchesMask(mask, text, "ascii"), text);
    });
  }

  // validate-hostname is not applicable, so it is not here: it is about hosts a server finds by reverse lookup or lets
  // people choose, and a Parley server does neither: the hosts it shows are addresses and cloaks it makes itself. What
  // people type into Join is another matter (`localhost`, addresses, names without a dot are right there), and a client
  // takes the hosts a server shows as they come, as the vectors' own notes ask.
});
