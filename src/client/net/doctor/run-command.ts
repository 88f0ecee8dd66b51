// Programs of the operating system that only look. They are there or not, and their answer is a hint.
import { execFile } from "node:child_process";
import path from "node:path";

const TIMEOUT_MS = 8000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** What it says; undefined where there is none, it is not allowed, or it takes too long. */
export function runCommand(
  file: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = {
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      windowsHide: true,
      signal,
      env: { ...process.env, LC_ALL: "C" },
    };
    execFile(file, args, options, (error, stdout) => {
      resolve(error === null ? stdout : undefined);
    });
  });
}

/** A program of Windows itself: looked up by its name, one in the current folder would come first. */
export function windowsProgram(...names: readonly string[]): string {
  return path.win32.join(process.env.SystemRoot ?? String.raw`C:\Windows`, "System32", ...names);
}
