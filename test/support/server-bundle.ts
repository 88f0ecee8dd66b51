// The server's bundle as it is shipped, built once for the tests that need it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

let bundle: Promise<string> | undefined;

/** The path of the bundle. */
export function serverBundle(): Promise<string> {
  bundle ??= makeBundle();
  return bundle;
}

async function makeBundle(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "parley-bundle-"));
  process.once("exit", () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const outfile = join(folder, "server.js");
  await build({
    entryPoints: ["src/server/main.ts"],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node22",
    logLevel: "warning",
  });
  return outfile;
}
