// What a list of rules does with a new TCP connection from another computer to a port, as far as that can be told. Pure.

/** `pass`: nothing here decides. */
export type Verdict = "accept" | "drop" | "pass";

/** Whether a rule is about such a connection; undefined: it depends on something that is not known, such as who connects. */
export type Match = boolean | undefined;

export interface Rule {
  readonly match: Match;
  /** What can come of it. */
  readonly verdicts: ReadonlySet<Verdict>;
}

/** What can come of a rule that leads to others, or says what is not known. */
export const ANYTHING: ReadonlySet<Verdict> = new Set(["accept", "drop", "pass"]);
export const NOTHING: ReadonlySet<Verdict> = new Set(["pass"]);

/** All that can come of rules that are gone through in their order. */
export function outcome(rules: Iterable<Rule>): Set<Verdict> {
  const found = new Set<Verdict>();
  for (const { match, verdicts } of rules) {
    if (match === false) continue;
    for (const verdict of verdicts) if (verdict !== "pass") found.add(verdict);
    if (match === true && !verdicts.has("pass")) return found;
  }
  return found.add("pass");
}

/** All conditions of a rule together. */
export function all(matches: readonly Match[]): Match {
  if (matches.includes(false)) return false;
  return matches.includes(undefined) ? undefined : true;
}

/** A condition that may stand with a "not". */
export function negatable(isNegated: boolean, match: Match): Match {
  return isNegated && match !== undefined ? !match : match;
}

/** `22`, `22,9898`, `{ 22, 9000-9999 }`: whether the port is in it; undefined: it has names. */
export function hasPort(list: string, port: number): Match {
  const parts = list
    .replace(/[{}\s]/g, "")
    .split(",")
    .filter((part) => part !== "");
  const matches = parts.map((part): Match => {
    const [from, to] = /^(\d+)(?:[-:](\d+))?$/.exec(part)?.slice(1).map(Number) ?? [];
    if (from === undefined) return undefined;
    return from <= port && port <= (to === undefined || Number.isNaN(to) ? from : to);
  });
  if (matches.includes(true)) return true;
  return matches.includes(undefined) ? undefined : false;
}
