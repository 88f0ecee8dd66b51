// The browser that stands in for a person's: the machine's own Chromium, or one fetched for the tests. The headless shell, which
// has no windows to draw, opens a page in half the time.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium, type Browser, type LaunchOptions } from "playwright-core";
import { canInstallDebianPackages, ensureDebianPackage } from "./debian.js";
import { findOnPath, run } from "./processes.js";

const browserDownloadMs = 10 * 60_000;

const HEADLESS_SHELL = "chromium-headless-shell";
const commands = [
  HEADLESS_SHELL,
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
];

const applications = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** No calls home: on a machine without the internet they fail many times a second and slow everything down. */
const quietFlags = [
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** The path of a Chromium or Chrome: PARLEY_CHROMIUM, Debian's, the machine's own, or Playwright's. */
export async function findChromium(): Promise<string> {
  const named = process.env.PARLEY_CHROMIUM;
  if (named !== undefined && named !== "") {
    if (!existsSync(named)) throw new Error(`PARLEY_CHROMIUM names no file: ${named}`);
    return named;
  }
  if (findOnPath(HEADLESS_SHELL) === undefined) await tryToInstall(HEADLESS_SHELL);
  const found =
    commands.map(findOnPath).find((file) => file !== undefined) ??
    [...applications, chromium.executablePath()].find((file) => existsSync(file));
  return found ?? downloadChromium();
}

async function tryToInstall(name: string): Promise<void> {
  if (!canInstallDebianPackages()) return;
  try {
    await ensureDebianPackage({ name });
  } catch (error) {
    // Ubuntu has no such package.
    console.log(`${name} could not be installed: ${String(error)}`);
  }
}

async function downloadChromium(): Promise<string> {
  const playwright = createRequire(import.meta.url).resolve("playwright-core/package.json");
  const cli = path.join(path.dirname(playwright), "cli.js");
  console.log("downloading Chromium (Playwright) ...");
  try {
    await run(process.execPath, [cli, "install", "chromium"], { timeoutMs: browserDownloadMs });
  } catch (cause) {
    throw new Error(
      "No Chromium here, and none could be downloaded. Install Chromium or Chrome, or name one in PARLEY_CHROMIUM.",
      { cause },
    );
  }
  return chromium.executablePath();
}

/** Starts a browser without a window; the caller closes it. */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  // Chromium's own sandbox refuses to work for root.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({
    executablePath: await findChromium(),
    headless: true,
    ...options,
    args: [...quietFlags, ...sandbox, ...(options.args ?? [])],
  });
}
