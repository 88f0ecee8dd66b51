// Programs the tests start: run to their end within a time limit, or kept running and ended with all their children.
import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { accessSync, constants as fileModes } from "node:fs";
import { constants } from "node:os";
import path from "node:path";

const killGraceMs = 5_000;
const keptOutputBytes = 64 * 1024;

/** A program ended with another code than 0, by a signal, or not within its time. */
export class ProgramFailed extends Error {
  constructor(
    message: string,
    /** The end of what it wrote to both streams. */
    readonly output: string,
  ) {
    super(output === "" ? message : `${message}\n${output}`);
  }
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
}

/** Runs a program to its end. Resolves with what it wrote to both streams; rejects with ProgramFailed. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> {
  const program = startProgram(command, args, { cwd: options.cwd, env: options.env });
  const timer = setTimeout(() => void program.stop(), options.timeoutMs);
  const code = await program.ended;
  // A stopped program may still report success for what it had done so far.
  clearTimeout(timer);
  if (program.isStopping) {
    throw new ProgramFailed(`${command}: not done in ${options.timeoutMs} ms`, program.output());
  }
  if (code !== 0) {
    throw new ProgramFailed(
      `${[command, ...args].join(" ")}: ended with ${code ?? "a signal"}`,
      program.output(),
    );
  }
  return program.output();
}

/** A running program and all it has started. */
export interface Program {
  readonly process: ChildProcess;
  /** Resolves with the exit code, or undefined after a signal. Rejects when it could not be started. */
  readonly ended: Promise<number | undefined>;
  readonly isStopping: boolean;
  /** The end of what it wrote to both streams. */
  output(): string;
  /** Resolves with the first match in what it writes, or rejects when it ends or the time is over. */
  waitForOutput(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  /** Ends it and its children, by force if need be. May be called twice. */
  stop(): Promise<void>;
}

const running = new Set<Program>();
let isEndHandled = false;

/** Starts a program in a process group of its own, so that its children can be ended with it. */
export function startProgram(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Program {
  endAllWithUs();
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
    ...options,
  });
  let output = "";
  let isStopping = false;
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-keptOutputBytes);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const ended = new Promise<number | undefined>((resolve, reject) => {
    child.once("error", (cause) => {
      running.delete(program);
      reject(new Error(`${command} could not be started: ${cause.message}`, { cause }));
    });
    child.once("close", (code) => {
      running.delete(program);
      resolve(code ?? undefined);
    });
  });
  // Whoever needs the outcome awaits it; nobody is to be hit by it as an unhandled rejection.
  ended.catch(() => undefined);
  const program: Program = {
    process: child,
    ended,
    get isStopping() {
      return isStopping;
    },
    output: () => output,
    waitForOutput: (pattern, timeoutMs) =>
      waitForOutput({ command, child, ended, output: () => output }, pattern, timeoutMs),
    async stop() {
      isStopping = true;
      signalGroup(child, "SIGTERM");
      const timer = setTimeout(() => {
        signalGroup(child, "SIGKILL");
      }, killGraceMs);
      await ended.catch(() => undefined);
      clearTimeout(timer);
      // The leader is gone; what it left behind is not asked again.
      signalGroup(child, "SIGKILL");
    },
  };
  running.add(program);
  return program;
}

interface Watched {
  readonly command: string;
  readonly child: ChildProcess;
  readonly ended: Promise<number | undefined>;
  readonly output: () => string;
}

function waitForOutput(
  watched: Watched,
  pattern: RegExp,
  timeoutMs: number,
): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      clearTimeout(timer);
      watched.child.stdout?.off("data", look);
      watched.child.stderr?.off("data", look);
      outcome();
    };
    const fail = (why: string) => {
      settle(() => {
        reject(new ProgramFailed(`${watched.command}: ${why}`, watched.output()));
      });
    };
    const look = () => {
      const match = pattern.exec(watched.output());
      if (match !== null) {
        settle(() => {
          resolve(match);
        });
      }
    };
    const timer = setTimeout(() => {
      fail(`did not write ${pattern} in ${timeoutMs} ms`);
    }, timeoutMs);
    watched.child.stdout?.on("data", look);
    watched.child.stderr?.on("data", look);
    watched.ended.then(
      (code) => {
        fail(`ended with ${code ?? "a signal"}`);
      },
      (error: unknown) => {
        fail(String(error));
      },
    );
    look();
  });
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch (error) {
    // Nobody of the group is left.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Programs in groups of their own are not reached by Ctrl+C, nor by what ends this process. */
function endAllWithUs(): void {
  if (isEndHandled) return;
  isEndHandled = true;
  process.once("exit", () => {
    for (const program of running) signalGroup(program.process, "SIGKILL");
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      // Asked a second time: no more waiting.
      process.once(signal, () => process.exit(1));
      const code = 128 + constants.signals[signal];
      void Promise.all([...running].map((program) => program.stop())).then(() =>
        process.exit(code),
      );
    });
  }
}

/** The file a command on the PATH stands for, or undefined. */
export function findOnPath(command: string): string | undefined {
  const suffixes = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  return (process.env.PATH ?? "")
    .split(path.delimiter)
    .flatMap((directory) => suffixes.map((suffix) => path.join(directory, command + suffix)))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, fileModes.X_OK);
    return true;
  } catch {
    return false;
  }
}
