// What a session reaches servers with. The platform brings it: `net/` for Node.js.
import type { ServerAddress } from "./address.js";
import type { Outcome } from "./doctor/facts.js";
import type { ClientCertificate, SessionTiming } from "./session-options.js";
import type { ConnectionDetails, ConnectStep } from "./status.js";

/** Why a connection is ended that takes nothing any more: what waits for it would pile up. */
export const UNREAD_DETAIL = "the server does not read what is sent to it";

/** One open connection. It ends once, and says so by `onEnd`. */
export interface Transport {
  readonly details: ConnectionDetails;
  /** `line` has no CR LF. What is sent after the end is dropped. */
  send(line: string): void;
  /** Ends it after what was sent has been written; the other side has `graceMs` to close as well. Resolves when closed. */
  close(graceMs: number): Promise<void>;
  /** Ends it at once. */
  destroy(): void;
}

export interface TransportEvents {
  /** A complete line. */
  readonly onLine: (line: string) => void;
  /** Everything that had arrived together has been handed over. */
  readonly onChunkEnd: () => void;
  /** The other side or the network ended it; not called after close() or destroy(). */
  readonly onEnd: (detail: string) => void;
}

/** Which server to reach, and what it has to prove. */
export interface ServerRequest {
  readonly address: Pick<ServerAddress, "port" | "fingerprint">;
  readonly host: string;
  readonly timing: SessionTiming;
  /** Shown where TLS is spoken. */
  readonly clientCertificate: ClientCertificate | undefined;
  readonly signal: AbortSignal;
}

export interface TransportRequest extends ServerRequest {
  readonly address: ServerAddress;
  readonly events: TransportEvents;
  readonly onStep: (step: ConnectStep) => void;
}

/** The part of the client that differs from platform to platform. */
export interface Net {
  /**
   * A connection to `host` of the address. Over TLS nothing of ours goes out before the server is proved: by the fingerprint
   * where the address has one, otherwise by an authority.
   *
   * @throws ConnectError
   */
  readonly connect: (request: TransportRequest) => Promise<Transport>;
  /** @throws RangeError when it cannot be used */
  readonly checkClientCertificate: (certificate: ClientCertificate) => void;
  /** HTTP to the very server of `details`, beside the chat. Left out where the platform cannot be sure to reach that one. */
  readonly openHttp?: (details: ConnectionDetails, timing: SessionTiming) => HttpClient;
  /** Finds out who answers at an address. Left out where the platform has no sockets of its own. Rejects only when the signal says so. */
  readonly probe?: (target: ProbeTarget) => Promise<Outcome>;
}

export interface HttpClient {
  /** @throws SessionError */
  ask(question: HttpQuestion): Promise<HttpAnswer>;
  /** Ends its connections, and with them what is being asked. */
  end(): void;
}

export interface HttpQuestion {
  readonly method: "GET" | "PUT";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  /** Of the answer. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

export interface ProbeTarget {
  /** For SNI, and for the Host of HTTP. */
  readonly host: string;
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  readonly transport: ServerAddress["transport"];
  /** SHA-256 of the certificate that is expected, 64 lower-case hex digits. */
  readonly fingerprint: string | undefined;
  readonly signal: AbortSignal;
}
