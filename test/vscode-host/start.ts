// npm start: a VS Code window with the extension, for a person; and further ones to try it with several people.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import path from "node:path";
import { parseArgs } from "node:util";
import { findOnPath, run } from "../support/processes.js";
import { cacheDirectory } from "./install.js";
import { packageExtension } from "./package-extension.js";
import {
  installExtension,
  quietSettings,
  startVSCodeServer,
  writeSettings,
} from "./vscode-server.js";

const usage = `npm start -- [--folder DIR] [--port P] [--person N] [--browser]
  --folder DIR  what the window opens; an empty folder of its own unless given
  --port P      where the windows' addresses are (9870); person N's VS Code server listens on P + N
  --person N    1 to 9: each person has settings and an identity of their own (1)
  --browser     in the browser even if "code" is on the PATH`;

const projectRoot = path.resolve(import.meta.dirname, "../..");
const store = path.join(cacheDirectory, "start");
const maxPeople = 9;
const buildTimeoutMs = 60_000;

interface Wish {
  readonly folder: string;
  readonly port: number;
  readonly person: number;
  readonly browser: boolean;
}

/** A wrong option, in words for whoever typed it. */
class UsageError extends Error {}

function parseWish(): Wish {
  const { values } = parseOptions();
  return {
    folder: path.resolve(values.folder ?? path.join(store, "folder")),
    port: numberBetween("--port", values.port ?? "9870", 1, 65_535 - maxPeople),
    person: numberBetween("--person", values.person ?? "1", 1, maxPeople),
    browser: values.browser ?? false,
  };
}

function parseOptions() {
  try {
    return parseArgs({
      options: {
        folder: { type: "string" },
        port: { type: "string" },
        person: { type: "string" },
        browser: { type: "boolean" },
      },
    });
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

function numberBetween(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`${option} takes a number from ${least} to ${most}, not "${text}"`);
}

async function main(): Promise<void> {
  const wish = parseWish();
  await mkdir(wish.folder, { recursive: true });
  const code = wish.browser || !hasDisplay() ? undefined : findOnPath("code");
  if (code === undefined) await startInBrowser(wish);
  else await startOnDesktop(code, wish);
}

function hasDisplay(): boolean {
  if (process.platform !== "linux") return true;
  return process.env.DISPLAY !== undefined || process.env.WAYLAND_DISPLAY !== undefined;
}

function dataDirectory(where: "desktop" | "browser", person: number): string {
  return path.join(store, where, `person-${person}`);
}

async function startOnDesktop(code: string, wish: Wish): Promise<void> {
  await run("npm", ["run", "--silent", "build"], { cwd: projectRoot, timeoutMs: buildTimeoutMs });
  const data = dataDirectory("desktop", wish.person);
  const args = [
    "--new-window",
    "--wait",
    `--extensionDevelopmentPath=${projectRoot}`,
    `--user-data-dir=${data}`,
    `--extensions-dir=${path.join(data, "extensions")}`,
    wish.folder,
  ];
  console.log(`Opening VS Code for person ${wish.person}; Ctrl+C here closes it.`);
  if (wish.person === 1) {
    console.log("For a second person: npm start -- --person 2, in another terminal.");
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => void endDesktop(data));
  }
  const child = spawn(code, args, { stdio: "ignore", shell: process.platform === "win32" });
  await once(child, "close");
}

/** The "code" command is not the window's parent; the window's own process is named in a lock file. */
async function endDesktop(data: string): Promise<void> {
  const pid = Number(await readFile(path.join(data, "code.lock"), "utf8").catch(() => ""));
  if (pid > 0) process.kill(pid, "SIGTERM");
}

async function startInBrowser(wish: Wish): Promise<void> {
  console.log("Packaging the extension ...");
  const vsix = await packageExtension();
  const windows = new Map<number, Promise<string>>();
  const addressOf = (person: number) => {
    const present = windows.get(person);
    if (present !== undefined) return present;
    const address = startWindow(wish, vsix, person);
    windows.set(person, address);
    // A window that did not start may be asked for again.
    address.catch(() => windows.delete(person));
    return address;
  };
  const front = createServer((request, response) => {
    void redirect(response, request.url ?? "/", wish.person, addressOf);
  });
  front.listen(wish.port, "127.0.0.1");
  await once(front, "listening");
  await addressOf(wish.person);
  const address = `http://127.0.0.1:${wish.port}/`;
  console.log(`\nVS Code with Parley: ${address}`);
  console.log(
    `Further people:      ${address}2, ${address}3, ... (each with a VS Code of their own)`,
  );
  console.log("Ctrl+C ends all of it.");
  openInBrowser(address);
}

/** Starts a person's VS Code server. Resolves with the address of a window on it. */
async function startWindow(wish: Wish, vsix: string, person: number): Promise<string> {
  const folders = { dataDirectory: dataDirectory("browser", person) };
  await writeSettings(folders, {
    ...quietSettings,
    "workbench.welcomePage.walkthroughs.openOnInstall": true,
  });
  await installExtension(folders, vsix);
  // Always the same port: a browser keeps the window's layout by address.
  const server = await startVSCodeServer({ ...folders, port: wish.port + person });
  server.program.ended.then(
    () => {
      if (server.program.isStopping) return;
      fail(new Error(`The VS Code server of person ${person} ended.\n${server.program.output()}`));
    },
    () => undefined,
  );
  return server.windowAddress(wish.folder);
}

async function redirect(
  response: ServerResponse,
  url: string,
  first: number,
  addressOf: (person: number) => Promise<string>,
): Promise<void> {
  const wanted = /^\/([1-9])?$/.exec(url);
  if (wanted === null) {
    response.writeHead(404).end("No such window: /1 to /9\n");
    return;
  }
  try {
    const address = await addressOf(Number(wanted[1] ?? first));
    response.writeHead(302, { location: address }).end();
  } catch (error) {
    response.writeHead(500, { "content-type": "text/plain" }).end(describe(error));
  }
}

/** Where there is a browser of the person's own. Root has none that would start. */
function openInBrowser(address: string): void {
  if (!hasDisplay() || process.env.CI !== undefined || process.getuid?.() === 0) return;
  const opener = findOnPath(process.platform === "darwin" ? "open" : "xdg-open");
  if (opener === undefined) return;
  // The address has been printed; a browser that does not start is no failure.
  spawn(opener, [address], { stdio: "ignore", detached: true })
    .on("error", () => undefined)
    .unref();
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Ours or the VS Code server's own, which tells it in text only.
  if (!error.message.includes("EADDRINUSE")) return error.message;
  return `${error.message}\nChoose another port: npm start -- --port P`;
}

function fail(error: unknown): void {
  console.error(describe(error));
  if (error instanceof UsageError) console.error(usage);
  process.exit(error instanceof UsageError ? 2 : 1);
}

main().catch(fail);
