// Builds dist/: the extension, the server, the webview page and its codicons.
const { build, context } = require("esbuild");
const { rm } = require("node:fs/promises");

const watch = process.argv.includes("--watch");

/** @type {import("esbuild").BuildOptions} */
const common = { bundle: true, minify: !watch, sourcemap: watch, logLevel: "warning" };

/** @type {import("esbuild").BuildOptions} */
const node = { ...common, platform: "node", format: "cjs", target: "node22" };

const bundles = [
  {
    ...node,
    entryPoints: { extension: "src/extension/extension.ts" },
    outdir: "dist",
    external: ["vscode"],
  },
  {
    ...node,
    entryPoints: { server: "src/server/main.ts" },
    outdir: "dist",
    banner: { js: "#!/usr/bin/env node" },
  },
  {
    ...common,
    platform: "browser",
    format: "iife",
    target: "chrome138",
    entryPoints: { webview: "src/webview/main.ts" },
    outdir: "dist",
    loader: { ".ttf": "file" },
    tsconfig: "src/webview/tsconfig.json",
  },
];

async function main() {
  await rm("dist", { recursive: true, force: true });
  if (watch) {
    for (const options of bundles) await (await context(options)).watch();
  } else {
    await Promise.all(bundles.map((options) => build(options)));
  }
}

main().catch((error) => {
  console.error(error.message ?? error);
  process.exitCode = 1;
});
