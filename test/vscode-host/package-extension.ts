// The extension as users install it.
import path from "node:path";
import { run } from "../support/processes.js";

const projectRoot = path.resolve(import.meta.dirname, "../..");
const packageTimeoutMs = 120_000;

/** Builds and packages the extension. Resolves with the .vsix file. */
export async function packageExtension(): Promise<string> {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  await run(npm, ["run", "--silent", "package"], { cwd: projectRoot, timeoutMs: packageTimeoutMs });
  return path.join(projectRoot, "dist", "parley.vsix");
}
