// Understands as much of the `code` program's command line as @vscode/test-electron uses, with a browser for a window:
// opens a folder in a VS Code server, runs a suite in its extension host and ends with the suite's exit code.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { format, parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { launchChromium } from "../support/chromium.js";
import { quietSettings, startVSCodeServer, writeSettings } from "./vscode-server.js";

/**
 * The suite's lines and the workbench's own log come the same way. A suite that starts its lines with the mark it finds
 * in the environment has them printed as they come; all other lines are printed when something went wrong.
 */
const mark = { variable: "PARLEY_SUITE_MARK", value: "suite| " };
const keptLogLines = 200;

const pageTimeoutMs = 60_000;
const defaultSuiteTimeoutMs = 5 * 60_000;

interface Launch {
  readonly extensionPath: string;
  readonly testsPath: string;
  readonly dataDirectory: string | undefined;
  readonly extensionsDirectory: string | undefined;
  readonly folder: string | undefined;
  readonly timeoutMs: number;
}

function parseLaunch(): Launch {
  const { values, positionals } = parseArgs({
    // The desktop program's other options have no meaning here; like the program, we let them pass.
    strict: false,
    allowPositionals: true,
    options: {
      extensionDevelopmentPath: { type: "string" },
      extensionTestsPath: { type: "string" },
      "user-data-dir": { type: "string" },
      "extensions-dir": { type: "string" },
    },
  });
  const text = (value: string | boolean | undefined) =>
    typeof value === "string" && value !== "" ? path.resolve(value) : undefined;
  const extensionPath = text(values.extensionDevelopmentPath);
  const testsPath = text(values.extensionTestsPath);
  if (extensionPath === undefined || testsPath === undefined) {
    throw new Error("--extensionDevelopmentPath=DIR and --extensionTestsPath=FILE are needed");
  }
  return {
    extensionPath,
    testsPath,
    dataDirectory: text(values["user-data-dir"]),
    extensionsDirectory: text(values["extensions-dir"]),
    folder: text(positionals[0]),
    timeoutMs: Number(process.env.PARLEY_SUITE_TIMEOUT_MS ?? defaultSuiteTimeoutMs),
  };
}

async function runSuite(launch: Launch): Promise<number> {
  const scratch = await mkdtemp(path.join(tmpdir(), "parley-vscode-"));
  const folders = {
    dataDirectory: launch.dataDirectory ?? path.join(scratch, "data"),
    extensionsDirectory: launch.extensionsDirectory ?? path.join(scratch, "extensions"),
  };
  const closers: (() => Promise<unknown>)[] = [
    () => rm(scratch, { recursive: true, force: true, maxRetries: 3 }),
  ];
  const log: string[] = [];
  let hasPassed = false;
  try {
    await writeSettings(folders, quietSettings);
    const server = await startVSCodeServer({
      ...folders,
      loadsFolders: true,
      env: { [mark.variable]: mark.value },
    });
    closers.push(() => server.stop());
    const browser = await launchChromium();
    closers.push(() => browser.close());
    const page = await browser.newPage();
    const outcome = watchOutcome(page, launch.timeoutMs, server.program.ended);
    await expose(page, outcome.resolve, log);
    const address = server.windowAddress(launch.folder ?? scratch, launch);
    await page.goto(address, { timeout: pageTimeoutMs });
    const code = await outcome.promise;
    hasPassed = code === 0;
    return code;
  } finally {
    if (!hasPassed) console.error(log.join("\n"));
    for (const close of closers.reverse()) await close();
  }
}

interface Outcome {
  readonly promise: Promise<number>;
  readonly resolve: (code: number) => void;
}

/** The suite's exit code; rejects when the suite can no longer tell it. */
function watchOutcome(page: Page, timeoutMs: number, serverEnded: Promise<unknown>): Outcome {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const timer = setTimeout(() => {
    reject(new Error(`the suite did not end in ${timeoutMs} ms`));
  }, timeoutMs);
  page.once("crash", () => {
    reject(new Error("the page with the workbench crashed"));
  });
  const lost = () => {
    reject(new Error("the VS Code server ended before the suite did"));
  };
  serverEnded.then(lost, lost);
  const settled = () => {
    clearTimeout(timer);
  };
  // Awaited only after the page has loaded; a rejection before that is no accident.
  promise.then(settled, settled);
  return { promise, resolve };
}

/** The two functions the workbench calls on its page. */
async function expose(page: Page, exit: (code: number) => void, log: string[]): Promise<void> {
  await page.exposeFunction("codeAutomationLog", (_type: string, args: unknown[]) => {
    const lines = format(...args).split("\n");
    for (const line of lines) {
      if (line.startsWith(mark.value)) console.log(line.slice(mark.value.length));
      else log.push(line);
    }
    log.splice(0, log.length - keptLogLines);
  });
  await page.exposeFunction("codeAutomationExit", exit);
}

runSuite(parseLaunch()).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`vscode-host: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  },
);
