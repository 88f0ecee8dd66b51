// Runs test/vscode inside a real VS Code: PARLEY_VSCODE, a desktop build where one can run, or the VS Code server.
import { globSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { downloadAndUnzipVSCode, runTests } from "@vscode/test-electron";
import { build, type BuildOptions } from "esbuild";
import { cacheDirectory } from "./install.js";

const projectRoot = path.resolve(import.meta.dirname, "../..");
const launcher = path.join(import.meta.dirname, "code");
const downloadIdleMs = 5_000;

async function main(): Promise<void> {
  const bundles = path.join(projectRoot, "out", "vscode-suite");
  await bundleSuite(bundles);
  const vscodeExecutablePath = await findVSCode();
  console.log(`VS Code: ${vscodeExecutablePath}`);
  const scratch = await mkdtemp(path.join(tmpdir(), "parley-suite-"));
  const folder = path.join(scratch, "folder");
  await mkdir(folder);
  try {
    await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: projectRoot,
      extensionTestsPath: path.join(bundles, "suite.js"),
      launchArgs: [
        folder,
        `--user-data-dir=${path.join(scratch, "data")}`,
        `--extensions-dir=${path.join(scratch, "extensions")}`,
      ],
    });
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** One file for the suite, one for each test file: a new one needs no mention. */
async function bundleSuite(outdir: string): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  const tests = globSync("test/vscode/**/*.test.ts", { cwd: projectRoot });
  const common: BuildOptions = {
    absWorkingDir: projectRoot,
    outdir,
    outbase: "test/vscode",
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node22",
    sourcemap: "inline",
    external: ["vscode", "mocha"],
    logLevel: "warning",
  };
  await build({ ...common, entryPoints: ["test/vscode/suite.ts"] });
  // Each bundle has its own list of what is to be ended after a test.
  await build({ ...common, entryPoints: tests, inject: ["test/support/hooks.ts"] });
}

async function findVSCode(): Promise<string> {
  const named = process.env.PARLEY_VSCODE;
  if (named !== undefined && named !== "") return named;
  // A desktop program needs a desktop; there is no use in downloading it for a machine without one.
  const hasDisplay =
    process.platform !== "linux" ||
    process.env.DISPLAY !== undefined ||
    process.env.WAYLAND_DISPLAY !== undefined;
  if (!hasDisplay) return launcher;
  try {
    return await downloadAndUnzipVSCode({
      cachePath: path.join(cacheDirectory, "vscode-desktop"),
      timeout: downloadIdleMs,
    });
  } catch (error) {
    console.log(`No desktop VS Code (${String(error)}); the VS Code server stands in.`);
    return launcher;
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
