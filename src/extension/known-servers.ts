// The servers joined before: for the form's first value, for the certificates that were trusted, and for their passwords.
import type * as vscode from "./vscode.js";
import { formatAddress, type ServerAddress } from "../client/address.js";
import { hostKey } from "../client/host.js";
import type { Endpoint, KnownEndpoints } from "../client/session-options.js";
import type { ConnectionDetails } from "../client/status.js";
import type { Secrets } from "./secrets.js";

type StoredAddress = Omit<ServerAddress, "token">;

const RECENT_KEY = "recentServers";
const PINS_KEY = "pinnedCertificates";
const MAX_RECENT = 10;
const MAX_PINS = 200;

/** Addresses and fingerprints in a Memento; passwords in Secrets. Only what answered and proved itself is remembered. */
export class KnownServers implements KnownEndpoints {
  constructor(
    private readonly memento: vscode.Memento,
    private readonly secrets: Secrets,
  ) {}

  /** The most recent first. */
  recent(): readonly StoredAddress[] {
    return this.memento.get<StoredAddress[]>(RECENT_KEY, []);
  }

  /** The certificate trusted for this server; undefined where none was needed or seen. */
  readonly fingerprint = ({ host, port }: Pick<Endpoint, "host" | "port">): string | undefined =>
    this.pins().get(pinKey(host, port));

  /**
   * The password that let us in where the server was proved the same way: by this certificate, whatever its address is by
   * now, or by an authority or no one, at this very address.
   */
  readonly password = (
    server: Endpoint,
    fingerprint: string | undefined,
  ): Promise<string | undefined> => this.secrets.get(secretKey(server, fingerprint));

  /** Remembers a server that let us in, of all the hosts of its address only the one that answered. */
  async remember(
    address: StoredAddress,
    answered: ConnectionDetails,
    password: string | undefined,
  ): Promise<void> {
    const { hosts, port, transport, path, channels, fingerprint } = address;
    const stored: StoredAddress = {
      // The one that answered is the one to suggest next time.
      hosts: [answered.host, ...hosts.filter((host) => host !== answered.host)],
      port,
      transport,
      path,
      channels,
      fingerprint,
    };
    const label = formatAddress({ ...stored, token: undefined });
    const others = this.recent().filter(
      (recent) => formatAddress({ ...recent, token: undefined }) !== label,
    );
    await this.memento.update(RECENT_KEY, [stored, ...others].slice(0, MAX_RECENT));
    const proof = fingerprint ?? this.pinFor(answered);
    if (proof !== undefined && answered.fingerprint === proof) await this.pin(answered, proof);
    if (password !== undefined) await this.secrets.set(secretKey(answered, proof), password);
  }

  private pinFor(answered: ConnectionDetails): string | undefined {
    return answered.fingerprint === undefined ? undefined : this.fingerprint(answered);
  }

  /** Trusts a certificate for this server, and no other from now on. */
  async pin({ host, port }: Pick<Endpoint, "host" | "port">, fingerprint: string): Promise<void> {
    const pins = this.pins();
    const key = pinKey(host, port);
    // Set anew, so that the oldest ones come first and go first.
    pins.delete(key);
    pins.set(key, fingerprint);
    await this.memento.update(PINS_KEY, [...pins].slice(-MAX_PINS));
  }

  /** The servers with a trusted certificate, as `host port`. */
  pinned(): ReadonlyMap<string, string> {
    return this.pins();
  }

  /** Takes back the trust in the certificate of `key` (of `pinned()`), and with the last trust in it its password. */
  async forget(key: string): Promise<void> {
    const pins = this.pins();
    const fingerprint = pins.get(key);
    pins.delete(key);
    await this.memento.update(PINS_KEY, [...pins]);
    if (fingerprint === undefined || [...pins.values()].includes(fingerprint)) return;
    await this.secrets.delete(certificateKey(fingerprint));
  }

  private pins(): Map<string, string> {
    return new Map(this.memento.get<[string, string][]>(PINS_KEY, []));
  }
}

function pinKey(host: string, port: number): string {
  return `${hostKey(host)} ${port}`;
}

function secretKey({ transport, host, port }: Endpoint, fingerprint: string | undefined): string {
  return fingerprint === undefined
    ? `password:${transport}:${hostKey(host)}:${port}`
    : certificateKey(fingerprint);
}

function certificateKey(fingerprint: string): string {
  return `password:certificate:${fingerprint}`;
}
