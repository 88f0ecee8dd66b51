// How the connection stands, and why it failed.

export type ConnectionStatus =
  | { readonly phase: "idle" }
  | {
      readonly phase: "connecting";
      readonly step: ConnectStep;
      readonly attempt: number;
      /** Step "approval": what we have said to the host. */
      readonly saidLine?: string | undefined;
    }
  | { readonly phase: "online"; readonly details: ConnectionDetails }
  /** Tries again at `retryAt` (ms since the epoch). */
  | {
      readonly phase: "waiting";
      readonly failure: ConnectFailure;
      readonly retryAt: number;
      readonly attempt: number;
    }
  /** Ended, and not tried again by itself. */
  | { readonly phase: "closed"; readonly cause: CloseCause };

export type ConnectStep =
  | "connecting"
  | "securing"
  | "registering"
  /** The host has to let us in, which takes as long as it takes. */
  | "approval"
  | "joining";

export type CloseCause =
  /** We left. */
  | { readonly type: "left" }
  /** The server was stopped on purpose. */
  | { readonly type: "host-stopped"; readonly reason: string }
  /** An operator threw us out. */
  | { readonly type: "kicked"; readonly reason: string }
  | { readonly type: "failed"; readonly failure: ConnectFailure };

export interface ConnectionDetails {
  /** Which of the address's hosts it is, and the port that was connected to. */
  readonly host: string;
  readonly port: number;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly transport: "tls" | "plaintext" | "wss" | "ws";
  readonly tlsVersion: string | undefined;
  readonly cipher: string | undefined;
  /** SHA-256 of the server's certificate, 64 lower-case hex digits. */
  readonly fingerprint: string | undefined;
}

/** Why a connection could not be made or did not last. */
export type ConnectFailure = {
  /** Technical, for the log. */
  readonly detail: string;
  /** Which of the address's hosts it was, where one of them answered. */
  readonly host?: string;
} & (
  | {
      readonly code:
        | "refused"
        | "unreachable"
        | "name-not-found"
        | "timed-out"
        | "lost"
        | "not-a-chat-server"
        | "silent"
        | "tls-not-supported"
        | "password-needed"
        | "wrong-password"
        | "banned"
        /** The host does not let us in; `detail` says why. */
        | "denied"
        /** The host has not let us in for so long that the server gave up. */
        | "approval-timed-out"
        /** The account could not be logged in to: the server cannot, or not now. */
        | "login-unavailable"
        /** Too many connections in too short a time. */
        | "throttled"
        | "server-full"
        | "closed-by-server"
        | "cancelled";
    }
  /** In use by someone who is here, or owned by someone who may be away. */
  | {
      readonly code: "nick-in-use" | "nick-owned" | "nick-invalid";
      readonly nick: string;
      readonly suggestion: string;
    }
  /** No authority vouches for this certificate of `host:port`: ask the person, then connect again with it pinned. */
  | {
      readonly code: "certificate-unknown";
      readonly host: string;
      readonly port: number;
      readonly fingerprint: string;
    }
  /** Not the certificate that was pinned for `host:port`: shown by the server, or named by an address. */
  | {
      readonly code: "certificate-changed";
      readonly host: string;
      readonly port: number;
      readonly fingerprint: string;
      readonly expected: string;
    }
);
