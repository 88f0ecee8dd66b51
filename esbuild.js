// Builds dist/: the extension, the server, the webview page and its codicons.
const { build, context } = require("esbuild");
const { readFile, rm } = require("node:fs/promises");

const watch = process.argv.includes("--watch");

/** @type {import("esbuild").BuildOptions} */
const common = { bundle: true, minify: !watch, sourcemap: watch, logLevel: "warning" };

/** @type {import("esbuild").BuildOptions} */
const node = { ...common, platform: "node", format: "cjs", target: "node22" };

/**
 * The UI toolkit tries out `:focus-visible` with an inline style when it loads. The panel's content security policy
 * forbids that, and the toolkit would then do without; each VS Code we run in has it.
 * @type {import("esbuild").Plugin}
 */
const focusVisible = {
  name: "focus-visible",
  setup({ onLoad }) {
    onLoad({ filter: /fast-web-utilities[\\/]dist[\\/]dom\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const head = "export function canUseFocusVisible() {";
      if (!source.includes(head)) throw new Error(`${path} has changed: look at esbuild.js`);
      return { contents: source.replace(head, `${head} return true;`) };
    });
  },
};

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
    plugins: [focusVisible],
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

// The tests of the page build it with these very options.
module.exports = { bundles };

if (require.main === module) {
  main().catch((error) => {
    console.error(error.message ?? error);
    process.exitCode = 1;
  });
}
