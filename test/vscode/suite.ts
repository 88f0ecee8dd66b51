// What VS Code runs in its extension host: every *.test.js beside this file's bundle, by mocha.
import { readdirSync } from "node:fs";
import path from "node:path";
import { format } from "node:util";
import Mocha from "mocha";
import CountingReporter from "../support/reporter.js";

const testTimeoutMs = 30_000;

/** Rejects when a test fails, or when there is none. */
export async function run(): Promise<void> {
  markOutput(process.env.PARLEY_SUITE_MARK ?? "");
  const mocha = new Mocha({ reporter: CountingReporter, timeout: testTimeoutMs, forbidOnly: true });
  for (const file of readdirSync(__dirname).filter((name) => name.endsWith(".test.js"))) {
    mocha.addFile(path.join(__dirname, file));
  }
  const ran = { tests: 0 };
  const failures = await new Promise<number>((resolve) => {
    mocha.run(resolve).on("test end", () => ran.tests++);
  });
  if (failures > 0) throw new Error(`${failures} failed`);
  if (ran.tests === 0) throw new Error("no test ran");
}

/** Starts each line of the report with what tells it from VS Code's own log. */
function markOutput(mark: string): void {
  const { Base } = Mocha.reporters;
  const log = Base.consoleLog;
  Base.consoleLog = (...args: unknown[]) => {
    log(format(...args).replace(/^/gm, mark));
  };
}
