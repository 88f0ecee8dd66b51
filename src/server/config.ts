// What a server can be told. The command line, and the extension by its worker, give the same options.

/** Options as they are given; what is left out has its default. */
export interface ServerOptions {
  /** `HOST:PORT` each, `[v6]:PORT` for IPv6; port 0 picks a free one. Default: 127.0.0.1:9898. */
  readonly listen?: readonly string[];
  /** Where plaintext is accepted from. Default: loopback. */
  readonly plaintext?: "never" | "loopback" | "always";
  /** Files with the certificate and its key, PEM. Default: self-signed, kept in `data`. */
  readonly cert?: string;
  readonly key?: string;
  /** Needed to connect. */
  readonly password?: string;
  /** Folder for history, accounts and the certificate; left out: in memory. */
  readonly data?: string;
  readonly name?: string;
  readonly network?: string;
  /** File with the message of the day. */
  readonly motd?: string;
  /** Operators, `NAME:PASSWORD` each. */
  readonly opers?: readonly string[];
  /** Accounts made at start, `NAME:PASSWORD` each. */
  readonly accounts?: readonly string[];
  readonly maxClients?: number;
  readonly floodControl?: boolean;
  /** Who sees the addresses of others besides operators. Default: host (nobody else). */
  readonly showAddresses?: "host" | "everyone";
  readonly logLevel?: "error" | "warn" | "info" | "debug";
  readonly logJson?: boolean;
}
