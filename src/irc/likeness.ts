// Which names cannot be told from one another by looking.
import confusables from "unhomoglyph/data.json" with { type: "json" };

const ASCII = /^[ -~]*$/;

/** By letter, the plainer one that it is drawn like. */
const DRAWN_LIKE: Readonly<Record<string, string | undefined>> = confusables;

/**
 * What `name` looks like, for telling whether a new name could pass for one in use: two names with the same likeness are
 * one to the eye (`Анна` and `анна`, `Zoë` and `zoë`, `ann` with a Cyrillic `а`, `ｈost`). Never shown, never sent.
 *
 * https://www.unicode.org/reports/tr39/#Confusable_Detection, for names whose case says nothing.
 */
export function likeness(name: string): string {
  const small = ASCII.test(name) ? name.toLowerCase() : skeleton(skeleton(name).toLowerCase());
  return small.toLowerCase().replace(/[i1|]/g, "l").replace(/0/g, "o").replace(/rn/g, "m");
}

function skeleton(text: string): string {
  const plainer = drawnPlainly(text.normalize("NFD"));
  return drawnPlainly(plainer.normalize("NFKD")).normalize("NFD");
}

function drawnPlainly(text: string): string {
  return Array.from(text, (letter) => DRAWN_LIKE[letter] ?? letter).join("");
}

/**
 * Finds what has a name that looks like another one. Names in ASCII are told apart all the same: `bill` and `bi11` have
 * always been two, as `agent1` and `agentl` have.
 */
export class Lookalikes<T> {
  private readonly byLikeness = new Map<string, Entry<T>[]>();

  add(name: string, value: T): void {
    const key = likeness(name);
    const entries = this.byLikeness.get(key);
    if (entries === undefined) this.byLikeness.set(key, [{ name, value }]);
    else entries.push({ name, value });
  }

  delete(name: string, value: T): void {
    const key = likeness(name);
    const entries = this.byLikeness.get(key) ?? [];
    const others = entries.filter((entry) => entry.value !== value || entry.name !== name);
    if (others.length > 0) this.byLikeness.set(key, others);
    else this.byLikeness.delete(key);
  }

  /** What has a name that looks like this one, and matters. */
  find(name: string, matters: (value: T) => boolean = () => true): T | undefined {
    const isAscii = ASCII.test(name);
    const entries = this.byLikeness.get(likeness(name)) ?? [];
    return entries.find((entry) => !(isAscii && ASCII.test(entry.name)) && matters(entry.value))
      ?.value;
  }
}

interface Entry<T> {
  readonly name: string;
  readonly value: T;
}
