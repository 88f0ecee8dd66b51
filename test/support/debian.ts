// Programs that Debian packages: used when they are there, installed where we may.
import { tmpdir } from "node:os";
import path from "node:path";
import { findOnPath, run } from "./processes.js";

const aptTimeoutMs = 10 * 60_000;
const apt = ["-qq", "-o", "DPkg::Lock::Timeout=300"];
let updated: Promise<unknown> | undefined;

export interface DebianPackage {
  /** The name to install it by. */
  readonly name: string;
  /** The command it brings; where it differs from the name. */
  readonly command?: string;
  /** A package that the command needs beside its own, and that brings no command. */
  readonly plugins?: string;
}

/** Whether this process can install packages of Debian. */
export function canInstallDebianPackages(): boolean {
  return process.getuid?.() === 0 && findOnPath("apt-get") !== undefined;
}

/**
 * The path of a command, installing its Debian package first if the command is missing and this process may do so.
 * Rejects with what to do about it otherwise.
 */
export async function ensureDebianPackage(wanted: DebianPackage): Promise<string> {
  const command = wanted.command ?? wanted.name;
  const found = findOnPath(command);
  if (found !== undefined) {
    await ensurePlugins(wanted.plugins);
    return found;
  }
  if (!canInstallDebianPackages()) {
    throw new Error(
      `${command} is missing: install it (on Debian and Ubuntu: sudo apt-get install ${wanted.name})`,
    );
  }
  await installDebianPackages(
    wanted.plugins === undefined ? [wanted.name] : [wanted.name, wanted.plugins],
  );
  const installed = findOnPath(command);
  if (installed === undefined) {
    throw new Error(`the Debian package ${wanted.name} did not bring ${command}`);
  }
  return installed;
}

/** Installs the plugins of a command that is there; one that did not come from Debian brings its own. */
async function ensurePlugins(name: string | undefined): Promise<void> {
  if (name === undefined || !canInstallDebianPackages()) return;
  const isInstalled = await run(
    "dpkg-query",
    ["--show", "--showformat=${db:Status-Status}", name],
    {
      timeoutMs: aptTimeoutMs,
    },
  ).then(
    (status) => status.trim() === "installed",
    () => false,
  );
  if (!isInstalled) await installDebianPackages([name]);
}

/** Installs packages of Debian; the lists of packages are brought up to date once. */
export async function installDebianPackages(names: readonly string[]): Promise<void> {
  const options = {
    timeoutMs: aptTimeoutMs,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  };
  console.log(`installing ${names.join(", ")} (apt-get) ...`);
  // Suites run side by side, and apt-get does not wait for another one that reads its lists.
  const aptGet = (...args: string[]) =>
    run("flock", [path.join(tmpdir(), "parley-apt-get.lock"), "apt-get", ...apt, ...args], options);
  updated ??= aptGet("update");
  await updated;
  await aptGet("install", "-y", "--no-install-recommends", ...names);
}
