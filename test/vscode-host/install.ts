// Installs the VS Code server this folder's lock file names, once, into .cache/ at the project's root.
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { ProgramFailed, run } from "../support/processes.js";
import { ensureCompiler, nodeHeaders } from "./compiler.js";

/** Raised whenever the steps below change, so that installations made by the former ones are not used. */
const recipe = 1;

const stepTimeoutMs = 10 * 60_000;
const projectRoot = path.resolve(import.meta.dirname, "../..");

/** Where tests and `npm start` keep what may be thrown away. */
export const cacheDirectory = path.join(projectRoot, ".cache");

/** A few tries, close together: whoever waits wants to know soon that the registry is out of reach. */
const npmFlags = [
  "--no-audit",
  "--no-fund",
  "--loglevel=error",
  "--fetch-retry-mintimeout=1000",
  "--fetch-retry-maxtimeout=5000",
];

/** The VS Code server's main program, installing it if need be. Two processes may call this at the same time. */
export async function installVSCodeServer(): Promise<string> {
  const store = path.join(cacheDirectory, "vscode-server");
  const home = path.join(store, await installationKey());
  const main = path.join(vscodeFolder(home), "out", "server-main.js");
  if (await exists(home)) return main;
  await ensureCompiler();
  const started = Date.now();
  console.log("Installing the VS Code server: once, about 700 MB, a minute or two ...");
  // Built beside its place and moved there in one step: an interrupted installation is never taken for a whole one.
  const draft = path.join(store, `draft-${process.pid}`);
  try {
    await buildInto(draft);
    await moveIntoPlace(draft, home);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await removeOthers(store, path.basename(home));
  console.log(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
  return main;
}

async function installationKey(): Promise<string> {
  const lock = await readFile(path.join(import.meta.dirname, "package-lock.json"), "utf8");
  const what = JSON.stringify([recipe, process.platform, process.arch, lock]);
  return createHash("sha256").update(what).digest("hex").slice(0, 16);
}

function vscodeFolder(home: string): string {
  return path.join(home, "node_modules", "code-server", "lib", "vscode");
}

async function buildInto(draft: string): Promise<void> {
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  for (const file of ["package.json", "package-lock.json", ".npmrc"]) {
    await cp(path.join(import.meta.dirname, file), path.join(draft, file));
  }
  // Its own install script insists on a Node version for npm itself and compiles what only a sign-in needs.
  await npm(["ci", "--ignore-scripts"], draft);
  const vscode = vscodeFolder(draft);
  // "install", for its shrinkwrap file leaves out an optional package, which "ci" refuses.
  await npm(["install", "--omit=dev", "--ignore-scripts"], vscode);
  // The log files behind the Output view, and what ends an extension host whose server is gone.
  const headers = await nodeHeaders();
  await npm(["rebuild", "@vscode/spdlog", "@vscode/native-watchdog"], vscode, {
    ...(headers !== undefined && { npm_config_nodedir: headers }),
  });
}

async function npm(
  args: readonly string[],
  cwd: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<void> {
  const env = { ...process.env, ...environment };
  const command = process.platform === "win32" ? "npm.cmd" : "npm";
  try {
    await run(command, [...args, ...npmFlags], { cwd, env, timeoutMs: stepTimeoutMs });
  } catch (cause) {
    if (!(cause instanceof ProgramFailed)) throw cause;
    throw new Error(
      `The VS Code server could not be installed: "npm ${args.join(" ")}" failed. ` +
        `Is the npm registry in reach ("npm ping")? Nothing half-done is left; just try again.\n${cause.output}`,
      { cause },
    );
  }
}

async function moveIntoPlace(draft: string, home: string): Promise<void> {
  try {
    await rename(draft, home);
  } catch (error) {
    // Another process was faster; its installation is as good as ours.
    if (!(await exists(home))) throw error;
  }
}

/** Removes installations of other lock files and drafts whose process is gone. */
async function removeOthers(store: string, keep: string): Promise<void> {
  for (const name of await readdir(store)) {
    const pid = /^draft-(\d+)$/.exec(name)?.[1];
    if (name === keep || (pid !== undefined && isAlive(Number(pid)))) continue;
    await rm(path.join(store, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch {
    return false;
  }
}
