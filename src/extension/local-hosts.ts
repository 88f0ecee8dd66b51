// Servers hosted on this computer by other windows, so that trying it out takes one click.
import * as vscode from "./vscode.js";
import { formatInvite, parseAddress, type ServerAddress } from "../client/address.js";
import { Disposable } from "./disposable.js";

/** What a hosting window leaves for the others; its token stands in the shared SecretStorage. */
interface LocalHost {
  readonly pid: number;
  readonly address: ServerAddress;
}

/** What its file has: the address is an invite link, which is checked like any other. */
interface StoredHost {
  readonly pid: number;
  readonly invite: string;
}

/** A folder with one file for each hosted server of this user. */
export class LocalHosts extends Disposable {
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  /** Another window may have begun or ended to host. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly folder: vscode.Uri) {
    super();
    const watcher = this.register(
      vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, "*.json")),
    );
    const fire = () => {
      this.changed.fire();
    };
    this.register(watcher.onDidCreate(fire));
    this.register(watcher.onDidDelete(fire));
  }

  async announce(address: ServerAddress): Promise<void> {
    const invite = formatInvite({ ...address, token: undefined });
    const record: StoredHost = { pid: process.pid, invite };
    await vscode.workspace.fs.createDirectory(this.folder);
    await vscode.workspace.fs.writeFile(
      this.file(address.port),
      new TextEncoder().encode(JSON.stringify(record)),
    );
  }

  async withdraw(port: number): Promise<void> {
    try {
      await vscode.workspace.fs.delete(this.file(port));
    } catch (error) {
      if (!(error instanceof vscode.FileSystemError)) throw error;
    }
  }

  /** The servers whose windows still run; this window's own is left out. */
  async others(): Promise<ServerAddress[]> {
    let names: [string, vscode.FileType][];
    try {
      names = await vscode.workspace.fs.readDirectory(this.folder);
    } catch {
      // No folder yet: no one has ever hosted here.
      return [];
    }
    const hosts = await Promise.all(
      names.map(([name]) => this.read(vscode.Uri.joinPath(this.folder, name))),
    );
    return hosts.flatMap((host) =>
      host !== undefined && host.pid !== process.pid && isRunning(host.pid) ? [host.address] : [],
    );
  }

  private file(port: number): vscode.Uri {
    return vscode.Uri.joinPath(this.folder, `${port}.json`);
  }

  private async read(file: vscode.Uri): Promise<LocalHost | undefined> {
    try {
      const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
      return parseHost(JSON.parse(text));
    } catch {
      // Just being written, or withdrawn in between: as good as not there.
      return undefined;
    }
  }
}

function parseHost(value: unknown): LocalHost | undefined {
  const { pid, invite } = (value ?? {}) as Partial<Record<keyof StoredHost, unknown>>;
  if (typeof pid !== "number" || typeof invite !== "string") return undefined;
  const parsed = parseAddress(invite);
  return "address" in parsed ? { pid, address: parsed.address } : undefined;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
