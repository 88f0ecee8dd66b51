// What is missing, there twice, strange, or in another order.

const MOST_SHOWN = 5;

/** Problems of `actual`, which has to be `expected`; the order counts unless told otherwise. */
export function differences(
  what: string,
  expected: readonly string[],
  actual: readonly string[],
  order: "in this order" | "in any order" = "in this order",
): string[] {
  const wanted = new Set(expected);
  const seen = new Set(actual);
  const problems = [
    problem(
      what,
      "lacks",
      expected.filter((text) => !seen.has(text)),
    ),
    problem(
      what,
      "has twice",
      actual.filter((text, i) => actual.indexOf(text) !== i),
    ),
    problem(
      what,
      "has besides",
      actual.filter((text) => !wanted.has(text)),
    ),
  ].filter((text) => text !== undefined);
  if (problems.length > 0 || order === "in any order") return problems;
  const wrong = actual.findIndex((text, i) => text !== expected[i]);
  if (wrong < 0) return [];
  const around = actual.slice(Math.max(0, wrong - 2), wrong + MOST_SHOWN);
  const right = expected.slice(Math.max(0, wrong - 2), wrong + MOST_SHOWN);
  return [
    `${what} has another order from row ${wrong} on: ${list(around)} instead of ${list(right)}`,
  ];
}

function problem(what: string, verb: string, texts: readonly string[]): string | undefined {
  if (texts.length === 0) return undefined;
  const shown = list(texts.slice(0, MOST_SHOWN));
  return `${what} ${verb} ${texts.length}: ${shown}${texts.length > MOST_SHOWN ? ", …" : ""}`;
}

function list(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join(", ");
}
