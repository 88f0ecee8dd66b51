// Lets irctest (https://github.com/progval/irctest) judge dist/server.js:
//   npm run test:conformance -- --irctest DIR [--venv DIR] [FILE…]
// DIR is a checkout of irctest, FILE such as sasl.py one of its files of server tests; without any all are run.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ProgramFailed, run } from "../support/processes.js";
import { compare, summary } from "./compare.js";
import { EXPECTED } from "./expected.js";
import { parseReport } from "./report.js";

const root = path.resolve(import.meta.dirname, "../..");
const server = path.join(root, "dist/server.js");
const ownVenv = path.join(root, "out/conformance-venv");
const selection = "not implementation-specific and not deprecated";
const packages = ["pytest>=8", "websockets>=11"];
const installMs = 5 * 60_000;
const suiteMs = 60 * 60_000;
const exitNotRun = 2;

/** What keeps the suite from being run, and what to do about it. */
class NotRunnable extends Error {}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { irctest: { type: "string" }, venv: { type: "string" } },
    allowPositionals: true,
  });
  const irctest = findIrctest(values.irctest);
  if (!existsSync(server)) throw new NotRunnable(`${server} is missing: run "npm run build"`);
  const python = await findPython(values.venv, irctest);
  const files = positionals.map((file) => path.join("irctest/server_tests", file));
  const report = await runSuite(irctest, python, files);
  const differences = compare(report, EXPECTED, positionals.length === 0);
  console.log(summary(report));
  for (const difference of differences) console.error(difference);
  if (differences.length > 0)
    console.error("\nNot as test/conformance/expected.ts says: mend the server, or the list.");
  return differences.length === 0 ? 0 : 1;
}

function findIrctest(given: string | undefined): string {
  if (given === undefined)
    throw new NotRunnable(
      "where is irctest? Clone https://github.com/progval/irctest and say --irctest DIR",
    );
  const folder = path.resolve(given);
  if (!existsSync(path.join(folder, "irctest/server_tests")))
    throw new NotRunnable(`${folder} is no checkout of irctest: it has no irctest/server_tests`);
  return folder;
}

/** The Python of the virtual environment that was given, or of one that is made. */
async function findPython(given: string | undefined, irctest: string): Promise<string> {
  const venv = path.resolve(given ?? ownVenv);
  const python = path.join(venv, "bin/python");
  if (given === undefined && !existsSync(python)) await makeVenv(venv, irctest);
  if (!existsSync(python)) throw new NotRunnable(`${venv} is no virtual environment of Python`);
  const check = "import pytest, websockets.version as w; " + "print(pytest.__version__, w.version)";
  const versions = await run(python, ["-c", check], { timeoutMs: installMs }).catch(
    (error: unknown) => {
      throw new NotRunnable(`${python} lacks what irctest needs`, { cause: error });
    },
  );
  const [pytest = "", websockets = ""] = versions.trim().split(" ");
  if (Number.parseInt(pytest) < 8 || Number.parseInt(websockets) < 11)
    throw new NotRunnable(
      `${venv} has pytest ${pytest} and websockets ${websockets}; needed are ${packages.join(" and ")}`,
    );
  return python;
}

async function makeVenv(venv: string, irctest: string): Promise<void> {
  console.log(`making ${venv} with ${packages.join(" and ")} ...`);
  try {
    await run("python3", ["-m", "venv", venv], { timeoutMs: installMs });
    const requirements = ["-r", path.join(irctest, "requirements.txt")];
    await run(
      path.join(venv, "bin/python"),
      ["-m", "pip", "install", "--quiet", ...requirements, ...packages],
      { timeoutMs: installMs },
    );
  } catch (cause) {
    await rm(venv, { recursive: true, force: true });
    throw new NotRunnable(
      "no virtual environment could be made: install python3 with venv, let pip reach its index, or give one by --venv DIR",
      { cause },
    );
  }
}

async function runSuite(irctest: string, python: string, files: readonly string[]) {
  const scratch = await mkdtemp(path.join(tmpdir(), "parley-conformance-"));
  const xml = path.join(scratch, "report.xml");
  const args = ["-m", "pytest", "--controller", "parley_controller", "-m", selection];
  args.push("-p", "no:cacheprovider", "-q", "--tb=short", `--junit-xml=${xml}`);
  args.push(...(files.length > 0 ? files : ["irctest/server_tests"]));
  const env = {
    ...process.env,
    // irctest notes there which ports are taken, and two that run at once would spoil each other's note.
    TMPDIR: scratch,
    PARLEY_SERVER: server,
    PARLEY_NODE: process.execPath,
    PYTHONPATH: import.meta.dirname,
    PYTHONDONTWRITEBYTECODE: "1",
  };
  try {
    // A failing test is told by the report, not by how pytest ends.
    const output = await run(python, args, { cwd: irctest, env, timeoutMs: suiteMs }).catch(
      (error: unknown) => {
        if (error instanceof ProgramFailed && existsSync(xml)) return error.output;
        throw error;
      },
    );
    const report = parseReport(await readFile(xml, "utf8"));
    if (report.length === 0) throw new NotRunnable(`irctest ran no test:\n${output}`);
    return report;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\n${explain(error.cause)}`;
  return `${error.message}${cause}`;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`conformance: ${explain(error)}`);
    process.exitCode = exitNotRun;
  },
);
