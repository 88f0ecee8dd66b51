// A running VS Code server: the workbench for a browser, and the extension host behind it.
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { run, startProgram, type Program } from "../support/processes.js";
import { installVSCodeServer } from "./install.js";
import { startKeyRing } from "./key-ring.js";

const startTimeoutMs = 60_000;
const installTimeoutMs = 120_000;

export interface ServerFolders {
  /** Settings, state and logs of one person. Made if missing. */
  readonly dataDirectory: string;
  /** Where its extensions are; in `dataDirectory` unless given. */
  readonly extensionsDirectory?: string;
}

export interface ServerOptions extends ServerFolders {
  /** 0, unless given: any free one. */
  readonly port?: number;
  /** Whether its windows can load an extension from its folder, and run a suite in it. */
  readonly loadsFolders?: boolean;
  /** Whether VS Code's own extensions are left out but for its themes: a window is there in two thirds of the time. */
  readonly isBare?: boolean;
  /** Added to the environment of the server and of its extension hosts. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface VSCodeServer {
  readonly port: number;
  readonly program: Program;
  /** The address of a window on a folder; with `development`, the server must be one that `loadsFolders`. */
  windowAddress(folder: string, development?: Development): string;
  stop(): Promise<void>;
}

/** An extension to load from its folder, and a suite to run in its host. Absolute paths. */
export interface Development {
  readonly extensionPath: string;
  readonly testsPath?: string;
}

/** Starts a VS Code server on loopback, installing it first if need be. The caller stops it. */
export async function startVSCodeServer(options: ServerOptions): Promise<VSCodeServer> {
  const main = await installVSCodeServer();
  await mkdir(options.dataDirectory, { recursive: true });
  const args = [
    main,
    "--host=127.0.0.1",
    "--port=0",
    // Loopback only, and nothing of worth in it; without a token the address can be typed.
    "--without-connection-token",
    "--accept-server-license-terms",
    // Only so does a built workbench load an extension from its folder; but then it shows no notifications.
    ...(options.loadsFolders === true ? ["--enable-smoke-test-driver"] : []),
    "--disable-telemetry",
    "--disable-workspace-trust",
    ...(options.isBare === true
      ? [`--builtin-extensions-dir=${await makeBareExtensions(main, options)}`]
      : []),
    ...folderArguments(options),
  ];
  const program = startProgram(process.execPath, args, { env: serverEnvironment(options.env) });
  const front = await listeningPort(program)
    .then((serverPort) => startKeyRing(serverPort, options.dataDirectory, options.port ?? 0))
    .catch(async (error: unknown) => {
      await program.stop();
      throw error;
    });
  return {
    port: front.port,
    program,
    windowAddress: (folder, development) => windowAddress(front.port, folder, development),
    stop: async () => {
      await front.close();
      await program.stop();
    },
  };
}

/** A folder with what of VS Code's own extensions a window needs to look like one. */
async function makeBareExtensions(main: string, { dataDirectory }: ServerFolders): Promise<string> {
  const all = path.resolve(main, "../../extensions");
  const folder = path.join(dataDirectory, "builtin-extensions");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  for (const name of ["theme-defaults", "theme-seti", "theme-modern-icons"]) {
    await symlink(path.join(all, name), path.join(folder, name), "dir");
  }
  return folder;
}

/** A port that is taken does not end the server, so it is looked for in what it writes. */
async function listeningPort(program: Program): Promise<number> {
  const [, port, refused] = await program.waitForOutput(
    /Extension host agent listening on (\d+)|Error: (listen E[A-Z]+.*)/,
    startTimeoutMs,
  );
  if (refused !== undefined) throw new Error(`The VS Code server cannot listen: ${refused}`);
  return Number(port);
}

/** Installs a packaged extension for a server with the same folders, whether it runs or not. */
export async function installExtension(folders: ServerFolders, vsix: string): Promise<void> {
  const main = await installVSCodeServer();
  const args = [main, "--install-extension", vsix, "--force", ...folderArguments(folders)];
  await run(process.execPath, args, { timeoutMs: installTimeoutMs, env: serverEnvironment() });
}

/** Sets a person's settings, keeping those not named. Do so before the server starts. */
export async function writeSettings(
  { dataDirectory }: ServerFolders,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  // A setting that belongs to a computer is read from the second.
  for (const place of ["User", "Machine"]) {
    const file = path.join(dataDirectory, "data", place, "settings.json");
    await mkdir(path.dirname(file), { recursive: true });
    const present = await readFile(file, "utf8").catch(() => "{}");
    const merged = { ...(JSON.parse(present) as object), ...settings };
    await writeFile(file, JSON.stringify(merged, undefined, 2));
  }
}

/** Sets a person's own keys. Do so before the window opens. */
export async function writeKeybindings(
  { dataDirectory }: ServerFolders,
  keybindings: readonly unknown[],
): Promise<void> {
  const file = path.join(dataDirectory, "data", "User", "keybindings.json");
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(keybindings));
}

/** Settings under which nothing but the extension asks for attention. */
export const quietSettings: Readonly<Record<string, unknown>> = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "telemetry.telemetryLevel": "off",
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "remote.autoForwardPorts": false,
};

function folderArguments(folders: ServerFolders): string[] {
  return [
    `--server-data-dir=${folders.dataDirectory}`,
    ...(folders.extensionsDirectory === undefined
      ? []
      : [`--extensions-dir=${folders.extensionsDirectory}`]),
  ];
}

/** Without what a surrounding VS Code (its terminal, its debugger) leaves for its own children. */
function serverEnvironment(added: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$)/.test(name),
  );
  return { ...Object.fromEntries(inherited), ...added };
}

function windowAddress(port: number, folder: string, development?: Development): string {
  const address = new URL(`http://127.0.0.1:${port}/`);
  address.searchParams.set("folder", folder);
  if (development === undefined) return address.href;
  const remote = (file: string) => `vscode-remote://127.0.0.1:${port}${file}`;
  const payload = [
    ["extensionDevelopmentPath", remote(development.extensionPath)],
    ...(development.testsPath === undefined
      ? []
      : [["extensionTestsPath", remote(development.testsPath)]]),
  ];
  address.searchParams.set("payload", JSON.stringify(payload));
  return address.href;
}
