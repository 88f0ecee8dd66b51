// Where a server is, in every form people write it.

/** A place to connect to. */
export interface ServerAddress {
  /** At least one; tried in order. IPv6 without brackets. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly transport: "tls" | "plaintext" | "wss" | "ws";
  /** WebSocket only: path and query, beginning with "/". */
  readonly path: string;
  /** Channels to join, given by the address; with their `#`. */
  readonly channels: readonly string[];
  /** From an invite: SHA-256 of the certificate, 64 lower-case hex digits, and the server's password. */
  readonly fingerprint: string | undefined;
  readonly token: string | undefined;
}
