// The whole test run: one step after the other, the first failure ends it, and the tests of all suites are added up.
import { spawn, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { countsVariable, type TestCounts } from "./support/reporter.js";

interface Step {
  /** The script of package.json. */
  readonly script: string;
  /** Whether it is a mocha suite; then it must have run some test. */
  readonly isSuite: boolean;
}

/** What stands together runs side by side. */
const steps: readonly (readonly Step[])[] = [
  [
    { script: "typecheck", isSuite: false },
    { script: "format:check", isSuite: false },
    { script: "lint", isSuite: false },
  ],
  [{ script: "build", isSuite: false }],
  [
    { script: "test:fast", isSuite: true },
    { script: "test:webview", isSuite: true },
    // Waits most of the time: for what other programs allow, line by line.
    { script: "test:clients", isSuite: true },
  ],
  [{ script: "test:vscode", isSuite: true }],
  [{ script: "test:e2e", isSuite: true }],
];

async function main(): Promise<boolean> {
  const scratch = await mkdtemp(path.join(tmpdir(), "parley-test-"));
  const durations: string[] = [];
  const total = { passed: 0, failed: 0, skipped: 0 };
  let hasFailed = false;
  try {
    for (const together of steps) {
      const outcomes = together.map(async (step, index): Promise<TestCounts> => {
        const started = Date.now();
        const counts = path.join(scratch, `${step.script.replace(":", "-")}.json`);
        // Its own step does that: each script that needs it would do so again.
        const isBuilt = step.script === "build" ? undefined : "yes";
        const env = { ...process.env, PARLEY_BUILT: isBuilt, [countsVariable]: counts };
        const code = await npmRun(step.script, env, index === 0 ? "now" : "at the end");
        durations.push(`${step.script} ${((Date.now() - started) / 1000).toFixed(1)} s`);
        return judge(step, code, await readCounts(counts));
      });
      for (const { passed, failed, skipped } of await Promise.all(outcomes)) {
        total.passed += passed;
        total.failed += failed;
        total.skipped += skipped;
      }
      hasFailed = total.failed > 0;
      if (hasFailed) break;
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  console.log(`\n${durations.join(", ")}`);
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return !hasFailed;
}

/** Resolves with the exit code. What the script prints is shown as it comes, or when it is done. */
async function npmRun(
  script: string,
  env: NodeJS.ProcessEnv,
  shown: "now" | "at the end",
): Promise<number> {
  const title = `\n> ${script}`;
  if (shown === "now") console.log(title);
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const stdio: StdioOptions = shown === "now" ? "inherit" : ["inherit", "pipe", "pipe"];
  const child = spawn(npm, ["run", "--silent", script], {
    stdio,
    env,
    shell: process.platform === "win32",
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => output.push(chunk));
  const [code] = (await once(child, "close")) as [number | null];
  if (shown === "at the end") {
    console.log(title);
    process.stdout.write(Buffer.concat(output));
  }
  return code ?? 1;
}

/** What a step's end means. A step that fails without a failing test counts as one: nothing hides a failure. */
function judge(step: Step, code: number, counts: TestCounts | undefined): TestCounts {
  const told = counts ?? { passed: 0, failed: 0, skipped: 0 };
  if (code === 0 && step.isSuite && told.passed === 0) {
    console.error(`${step.script} ran no test`);
    return { ...told, failed: told.failed + 1 };
  }
  if (code !== 0 && told.failed === 0) {
    console.error(`${step.script} failed with exit code ${code}`);
    return { ...told, failed: 1 };
  }
  return told;
}

async function readCounts(file: string): Promise<TestCounts | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as TestCounts;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

main().then(
  (hasPassed) => {
    process.exitCode = hasPassed ? 0 : 1;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
