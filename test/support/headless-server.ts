// The server as people start it in a terminal: dist/server.js as a program of its own.
import path from "node:path";
import { startProgram, type Program } from "./processes.js";

const startTimeoutMs = 20_000;
const bundle = path.resolve(import.meta.dirname, "../../dist/server.js");

export interface HeadlessServer {
  readonly port: number;
  /** SHA-256 of its certificate: 64 lower-case hex digits. */
  readonly fingerprint: string;
  readonly program: Program;
  stop(): Promise<void>;
}

/** Starts it, resolving when it listens. `wrapper` is a command that runs the program, such as `ip netns exec NAME`. */
export async function startHeadlessServer(
  args: readonly string[],
  wrapper: readonly string[] = [],
): Promise<HeadlessServer> {
  const [command = "", ...rest] = [...wrapper, process.execPath, bundle, ...args];
  const program = startProgram(command, rest);
  try {
    const [, port] = await program.waitForOutput(/listening on \S+:(\d+)/, startTimeoutMs);
    const [, print] = await program.waitForOutput(/fingerprint.*: ([0-9a-f]{64})/, startTimeoutMs);
    return {
      port: Number(port),
      fingerprint: print ?? "",
      program,
      stop: () => program.stop(),
    };
  } catch (error) {
    await program.stop();
    throw error;
  }
}
