// The server as people run it: its bundle, in a process of its own.
import { strict as assert } from "node:assert";
import { spawn, type ChildProcess } from "node:child_process";
import { connect } from "node:net";
import { onCleanup } from "./cleanup.js";
import { Peer, SocketLink } from "./peer.js";
import { serverBundle } from "./server-bundle.js";

/** The server as a program of its own, ended after the test. */
export class ServerProgram {
  stdout = "";
  stderr = "";
  private waiting: (() => void) | undefined;
  readonly exited: Promise<number | null>;

  constructor(readonly child: ChildProcess) {
    child.stdout?.on("data", (chunk: Buffer) => {
      this.stdout += chunk.toString();
      this.waiting?.();
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString();
      this.waiting?.();
    });
    this.exited = new Promise((resolve) => child.once("close", resolve));
    onCleanup(() => {
      child.kill("SIGKILL");
    });
  }

  /** The port it says it listens on. */
  async port(): Promise<number> {
    const [, port] = await this.match(() => /^listening on .*:([0-9]+)$/m.exec(this.stdout));
    return Number(port);
  }

  /** Resolves when it has logged this. */
  async logged(wanted: RegExp): Promise<void> {
    await this.match(() => wanted.exec(this.stderr));
  }

  private async match(find: () => RegExpExecArray | null): Promise<RegExpExecArray> {
    for (;;) {
      const match = find();
      if (match !== null) return match;
      assert.equal(this.child.exitCode, null, this.stderr);
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    }
  }
}

/** Starts the bundle with these arguments. */
export async function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<ServerProgram> {
  const child = spawn(process.execPath, [await serverBundle(), ...args], { env });
  return new ServerProgram(child);
}

export function connectTo(port: number): Promise<Peer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      resolve(new Peer(new SocketLink(socket)));
    });
    socket.once("error", reject);
    onCleanup(() => {
      socket.destroy();
    });
  });
}
