// Whether the outside judge says what we expect him to.
import type { Outcome, TestResult } from "./report.js";

/** A test that does not pass, or not each time, and why that is right. */
export interface Expectation {
  readonly id: string;
  readonly outcome: Exclude<Outcome, "passed"> | "varies";
  readonly reason: string;
}

/** One line for each test that came out otherwise than expected, in both directions. */
export function compare(
  results: readonly TestResult[],
  expected: readonly Expectation[],
  isWhole: boolean,
): readonly string[] {
  const byId = new Map(expected.map((expectation) => [expectation.id, expectation]));
  const lines: string[] = [];
  for (const { id, outcome } of results) {
    const wanted = byId.get(id)?.outcome ?? "passed";
    if (wanted !== "varies" && outcome !== wanted)
      lines.push(`${id}: ${outcome}, expected ${wanted}`);
  }
  const ran = new Set(results.map(({ id }) => id));
  if (isWhole)
    for (const { id } of expected)
      if (!ran.has(id)) lines.push(`${id}: is listed as expected but was not run`);
  return lines;
}

export function summary(results: readonly TestResult[]): string {
  const count = (outcome: Outcome) => results.filter((each) => each.outcome === outcome).length;
  return `${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`;
}
