// The extension as users install it.
import path from "node:path";
import { run } from "../support/processes.js";

const projectRoot = path.resolve(import.meta.dirname, "../..");
const packageTimeoutMs = 120_000;

let packaged: Promise<string> | undefined;

/** Builds and packages the extension, once in this process. Resolves with the .vsix file. */
export function packageExtension(): Promise<string> {
  packaged ??= buildPackage();
  return packaged;
}

async function buildPackage(): Promise<string> {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  await run(npm, ["run", "--silent", "package"], { cwd: projectRoot, timeoutMs: packageTimeoutMs });
  return path.join(projectRoot, "dist", "parley.vsix");
}
