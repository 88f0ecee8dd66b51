// Two computers in one: network namespaces of Linux, joined by a cable of their own. Nothing of it touches the real network.
import { ensureDebianPackage } from "./debian.js";
import { run } from "./processes.js";

const timeoutMs = 10_000;

export interface Computer {
  /** The command that runs a program there. */
  readonly command: readonly string[];
  readonly address: string;
}

export interface Computers {
  readonly near: Computer;
  readonly far: Computer;
  remove(): Promise<void>;
}

/** Why this process cannot make them, or undefined. */
export async function whyNoOtherComputers(): Promise<string | undefined> {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  if (process.getuid?.() !== 0) return "making network namespaces needs root";
  try {
    await ensureDebianPackage({ name: "iproute2", command: "ip" });
    const probe = `parley-probe-${process.pid}`;
    await ip("netns", "add", probe);
    await ip("netns", "delete", probe);
    return undefined;
  } catch (error) {
    return `network namespaces cannot be made here: ${String(error)}`;
  }
}

/** Makes the two. The caller removes them. */
export async function connectComputers(): Promise<Computers> {
  const names = ["a", "b"].map((end) => `parley-${process.pid}${end}`);
  const [near = "", far = ""] = names;
  const remove = async () => {
    // The cable goes with the first of them.
    for (const name of names) await ip("netns", "delete", name).catch(() => undefined);
  };
  try {
    for (const name of names) await ip("netns", "add", name);
    await ip("link", "add", "cable", "netns", near, "type", "veth", "peer", "cable", "netns", far);
    // https://www.rfc-editor.org/rfc/rfc2544 keeps 198.18.0.0/15 for such tests.
    for (const [name, address] of [
      [near, "198.18.0.1"],
      [far, "198.18.0.2"],
    ] as const) {
      await ip("-netns", name, "address", "add", `${address}/24`, "dev", "cable");
      for (const device of ["lo", "cable"]) await ip("-netns", name, "link", "set", device, "up");
    }
    return {
      near: { command: ["ip", "netns", "exec", near], address: "198.18.0.1" },
      far: { command: ["ip", "netns", "exec", far], address: "198.18.0.2" },
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

function ip(...args: readonly string[]): Promise<string> {
  return run("ip", args, { timeoutMs });
}
