// What compiling VS Code's two native modules takes: a C++ compiler, make, Python, and Node's headers.
import { existsSync, realpathSync } from "node:fs";
import path from "node:path";
import { canInstallDebianPackages, installDebianPackages } from "../support/debian.js";
import { findOnPath, run } from "../support/processes.js";

const tools = [
  { command: "g++", debian: "g++" },
  { command: "make", debian: "make" },
  { command: "python3", debian: "python3" },
];

/** Makes sure the tools are there, installing Debian's where this process may. Rejects with what is missing. */
export async function ensureCompiler(): Promise<void> {
  // Windows' own way (Visual Studio's build tools) is found by node-gyp, which explains what it lacks.
  if (process.platform === "win32") return;
  const missing = tools.filter((tool) => findOnPath(tool.command) === undefined);
  if (missing.length === 0) return;
  if (canInstallDebianPackages()) {
    await installDebianPackages(missing.map((tool) => tool.debian));
    return;
  }
  const names = missing.map((tool) => tool.command).join(", ");
  const remedy =
    process.platform === "darwin"
      ? "xcode-select --install"
      : `sudo apt-get install ${missing.map((tool) => tool.debian).join(" ")}`;
  throw new Error(`The VS Code server needs ${names} to be installed: ${remedy}`);
}

/**
 * The folder whose include/node holds Node's headers, or undefined: then node-gyp downloads them. The headers of any
 * Node do, since the modules use Node-API only; those beside the machine's own Node spare the download.
 */
export async function nodeHeaders(): Promise<string | undefined> {
  const configured = (await npmConfig("nodedir")) ?? "";
  if (configured !== "" && configured !== "undefined") return configured;
  return (process.env.PATH ?? "")
    .split(path.delimiter)
    .map((directory) => path.join(directory, "node"))
    .filter((file) => existsSync(file))
    .map((file) => path.resolve(realpathSync(file), "../.."))
    .find((prefix) => existsSync(path.join(prefix, "include", "node", "node_api.h")));
}

async function npmConfig(key: string): Promise<string | undefined> {
  const command = process.platform === "win32" ? "npm.cmd" : "npm";
  const output = await run(command, ["config", "get", key, "--loglevel=silent"], {
    timeoutMs: 30_000,
  });
  return output.trim().split("\n").at(-1);
}
