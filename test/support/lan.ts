// Computers on a switch: network namespaces of Linux, on a bridge in a namespace of its own. Nothing of it touches the real
// network. https://www.rfc-editor.org/rfc/rfc2544 keeps 198.18.0.0/15 for such tests.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run, startProgram, type Program } from "./processes.js";

const timeoutMs = 10_000;
let made = 0;

export class LanComputer {
  constructor(
    /** The namespace. */
    readonly name: string,
  ) {}

  /** Runs a program there to its end. */
  run(command: string, ...args: readonly string[]): Promise<string> {
    return run("ip", ["netns", "exec", this.name, command, ...args], { timeoutMs });
  }

  /** Starts a program there. */
  start(command: string, ...args: readonly string[]): Program {
    return startProgram("ip", ["netns", "exec", this.name, command, ...args]);
  }

  ip(...args: readonly string[]): Promise<string> {
    return run("ip", ["-netns", this.name, ...args], { timeoutMs });
  }

  /** Rules of nftables, one a line. */
  async nft(...rules: readonly string[]): Promise<void> {
    for (const rule of rules) await this.run("nft", rule);
  }

  /** Its files of names: what it knows by itself, and that there is no name server. */
  names(hosts: Readonly<Record<string, string>>): void {
    const folder = path.join("/etc/netns", this.name);
    mkdirSync(folder, { recursive: true });
    const lines = Object.entries(hosts).map(([name, address]) => `${address} ${name}\n`);
    writeFileSync(path.join(folder, "hosts"), ["127.0.0.1 localhost\n", ...lines].join(""));
    writeFileSync(
      path.join(folder, "resolv.conf"),
      "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
    );
    writeFileSync(path.join(folder, "nsswitch.conf"), "hosts: files dns\n");
  }

  async remove(): Promise<void> {
    rmSync(path.join("/etc/netns", this.name), { recursive: true, force: true });
    await run("ip", ["netns", "delete", this.name], { timeoutMs }).catch(() => undefined);
  }
}

/** A switch and the computers on it. The caller removes it. */
export class Lan {
  private readonly computers: LanComputer[] = [];

  private constructor(private readonly prefix: string) {}

  static async create(): Promise<Lan> {
    const lan = new Lan(`parley-${process.pid}-${++made}`);
    await run("ip", ["netns", "add", lan.prefix], { timeoutMs });
    await lan.ip("link", "add", "switch", "type", "bridge");
    await lan.ip("link", "set", "switch", "up");
    return lan;
  }

  /** A computer with these addresses (`198.18.0.1/24`), on a cable to the switch that it calls `device`. */
  async add(addresses: readonly string[], device = "eth0"): Promise<LanComputer> {
    const name = `${this.prefix}-${this.computers.length}`;
    await run("ip", ["netns", "add", name], { timeoutMs });
    const computer = new LanComputer(name);
    this.computers.push(computer);
    await computer.ip("link", "set", "lo", "up");
    await this.connect(computer, addresses, device);
    return computer;
  }

  /** One more cable. */
  async connect(
    computer: LanComputer,
    addresses: readonly string[],
    device: string,
  ): Promise<void> {
    const port = `${device}-${this.computers.indexOf(computer)}`;
    const other = ["peer", device, "netns", computer.name];
    await this.ip("link", "add", port, "type", "veth", ...other);
    await this.ip("link", "set", port, "master", "switch", "up");
    for (const address of addresses) {
      // No one else can have an IPv6 address here, so it need not be asked for.
      const isV6 = address.includes(":");
      await computer.ip("address", "add", address, "dev", device, ...(isV6 ? ["nodad"] : []));
    }
    await computer.ip("link", "set", device, "up");
  }

  /** Its packets go to no other computer that is kept apart as well. */
  async keepApart(computer: LanComputer, device = "eth0"): Promise<void> {
    const port = `${device}-${this.computers.indexOf(computer)}`;
    await this.ip("link", "set", port, "type", "bridge_slave", "isolated", "on");
  }

  async remove(): Promise<void> {
    for (const computer of this.computers) await computer.remove();
    await run("ip", ["netns", "delete", this.prefix], { timeoutMs }).catch(() => undefined);
  }

  private ip(...args: readonly string[]): Promise<string> {
    return run("ip", ["-netns", this.prefix, ...args], { timeoutMs });
  }
}
