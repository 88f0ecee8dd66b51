// Builds dist/: the extension, the server, the webview page and its codicons.
const { build, context } = require("esbuild");
const { readFile, readdir, rm, writeFile } = require("node:fs/promises");
const path = require("node:path");

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

/** The folder of the package that a bundled file is from; undefined for our own. */
function packageFolder(file) {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}

/** Whoever passes the bundles on passes these on as well: each package in them, with its licence. */
async function notices(files) {
  const folders = new Set(files.map(packageFolder).filter((folder) => folder !== undefined));
  const parts = [...folders].sort().map(async (folder) => {
    const manifest = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
    const { name, version, license } = manifest;
    const names = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice)/i.test(file));
    if (names.length === 0 && license === undefined) throw new Error(`${name} has no licence`);
    const texts = await Promise.all(names.map((file) => readFile(path.join(folder, file), "utf8")));
    return [`${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join("\n\n");
  });
  return (await Promise.all(parts)).join(`\n\n${"-".repeat(80)}\n\n`);
}

async function main() {
  // Set by who has built already and starts several scripts: two that build would take each other's files.
  if (process.env.PARLEY_BUILT === "yes") return;
  await rm("dist", { recursive: true, force: true });
  if (watch) {
    for (const options of bundles) await (await context(options)).watch();
    return;
  }
  const results = await Promise.all(
    bundles.map((options) => build({ ...options, metafile: true })),
  );
  const files = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  await writeFile("dist/THIRD-PARTY-NOTICES.txt", `${await notices(files)}\n`);
}

// The tests of the page build it with these very options.
module.exports = { bundles };

if (require.main === module) {
  main().catch((error) => {
    console.error(error.message ?? error);
    process.exitCode = 1;
  });
}
