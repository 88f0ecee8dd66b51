// Mocha's spec reporter, which also leaves its counts in a file: the whole run adds them up.
import { writeFileSync } from "node:fs";
import Mocha from "mocha";

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Where the counts go is the value of this variable; nowhere, if it is not set. */
export const countsVariable = "PARLEY_TEST_COUNTS";

export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const file = process.env[countsVariable];
    if (file === undefined) return;
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      const counts: TestCounts = { passed: passes, failed: failures, skipped: pending };
      writeFileSync(file, JSON.stringify(counts));
    });
  }
}
