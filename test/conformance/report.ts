// What pytest says of each test, from its JUnit report.

export type Outcome = "passed" | "failed" | "skipped";

export interface TestResult {
  /** Such as `sasl.SaslTestCase.testPlain`. */
  readonly id: string;
  readonly outcome: Outcome;
}

/** The results in a report. A test with more than one word on it, such as an error in its end, has the worst. */
export function parseReport(xml: string): readonly TestResult[] {
  const results = new Map<string, Outcome>();
  for (const [, attributes = "", body = ""] of xml.matchAll(
    /<testcase ([^>]*?)(?:\/>|>([^]*?)<\/testcase>)/g,
  )) {
    const file = attribute(attributes, "classname").replace(/^irctest\.server_tests\./, "");
    const id = `${file}.${attribute(attributes, "name")}`;
    const outcome = outcomeOf(body);
    if (results.get(id) !== "failed") results.set(id, outcome);
  }
  return [...results].map(([id, outcome]) => ({ id, outcome }));
}

function outcomeOf(body: string): Outcome {
  if (/<(?:failure|error)[ >]/.test(body)) return "failed";
  return /<skipped[ />]/.test(body) ? "skipped" : "passed";
}

function attribute(attributes: string, name: string): string {
  const value = new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
  return value
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}
