// The servers joined before: for the form's first value, and for the certificates that were trusted.
import type * as vscode from "./vscode.js";
import { formatAddress, type ServerAddress } from "../client/address.js";
import type { Secrets } from "./secrets.js";

type StoredAddress = Omit<ServerAddress, "token">;

const RECENT_KEY = "recentServers";
const PINS_KEY = "pinnedCertificates";
const MAX_RECENT = 10;
const MAX_PINS = 200;

/** Addresses and fingerprints in a Memento; passwords in Secrets. */
export class KnownServers {
  constructor(
    private readonly memento: vscode.Memento,
    private readonly secrets: Secrets,
  ) {}

  /** The most recent first. */
  recent(): readonly StoredAddress[] {
    return this.memento.get<StoredAddress[]>(RECENT_KEY, []);
  }

  /** The certificate trusted for this address; undefined where none was needed or seen. */
  fingerprint(address: StoredAddress): string | undefined {
    const pins = this.pins();
    return address.hosts.map((host) => pins.get(pinKey(host, address.port))).find(Boolean);
  }

  password(address: StoredAddress): Promise<string | undefined> {
    return this.secrets.get(secretKey(address));
  }

  /** Remembers a server that let us in. */
  async remember(address: StoredAddress, password: string | undefined): Promise<void> {
    const { hosts, port, transport, path, channels, fingerprint } = address;
    const stored: StoredAddress = { hosts, port, transport, path, channels, fingerprint };
    const label = formatAddress({ ...stored, token: undefined });
    const others = this.recent().filter(
      (recent) => formatAddress({ ...recent, token: undefined }) !== label,
    );
    await this.memento.update(RECENT_KEY, [stored, ...others].slice(0, MAX_RECENT));
    if (fingerprint !== undefined) await this.pin(address, fingerprint);
    if (password !== undefined) await this.secrets.set(secretKey(address), password);
  }

  /** Trusts a certificate for this address, and no other from now on. */
  async pin(address: StoredAddress, fingerprint: string): Promise<void> {
    const pins = this.pins();
    for (const host of address.hosts) {
      // Set anew, so that the oldest ones come first and go first.
      pins.delete(pinKey(host, address.port));
      pins.set(pinKey(host, address.port), fingerprint);
    }
    await this.memento.update(PINS_KEY, [...pins].slice(-MAX_PINS));
  }

  /** The addresses with a trusted certificate, as `host port`. */
  pinned(): ReadonlyMap<string, string> {
    return this.pins();
  }

  /** Takes the trust in the certificate of `key` (of `pinned()`) back. */
  async forget(key: string): Promise<void> {
    const pins = this.pins();
    pins.delete(key);
    await this.memento.update(PINS_KEY, [...pins]);
  }

  private pins(): Map<string, string> {
    return new Map(this.memento.get<[string, string][]>(PINS_KEY, []));
  }
}

function pinKey(host: string, port: number): string {
  return `${host.toLowerCase()} ${port}`;
}

function secretKey({ hosts, port }: StoredAddress): string {
  return `password:${hosts.join(",")}:${port}`;
}
