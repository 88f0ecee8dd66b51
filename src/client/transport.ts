// Lines to and from one server, whatever they travel on.
import type { Socket } from "node:net";
import { isIP, createConnection } from "node:net";
import { connect as tlsConnect, createSecureContext, TLSSocket } from "node:tls";
import type { ServerAddress } from "./address.js";
import { ConnectError, socketFailure } from "./connect-error.js";
import { diagnoseTls } from "./diagnosis.js";
import { LineSocket } from "./line-socket.js";
import type { ClientCertificate, SessionTiming } from "./session-options.js";
import type { ConnectFailure, ConnectionDetails, ConnectStep } from "./status.js";
import { openWebSocket } from "./websocket.js";

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

export interface TransportRequest {
  readonly address: ServerAddress;
  readonly host: string;
  readonly timing: SessionTiming;
  /** Shown where TLS is spoken. */
  readonly clientCertificate: ClientCertificate | undefined;
  readonly events: TransportEvents;
  readonly signal: AbortSignal;
  readonly onStep: (step: ConnectStep) => void;
}

/**
 * A connection to one of the address's hosts. Where the address has a fingerprint, no byte but the handshake's own goes
 * out before the certificate was found to be that one; where it has none, before an authority vouched for it.
 *
 * @throws ConnectError
 */
export async function openTransport(request: TransportRequest): Promise<Transport> {
  const { address, events, onStep } = request;
  onStep("connecting");
  const socket = await connectTcp(request);
  try {
    const isSecure = address.transport === "tls" || address.transport === "wss";
    if (isSecure) onStep("securing");
    const stream = isSecure ? await secure(socket, request) : socket;
    const details = detailsOf(stream, address);
    if (address.transport === "ws" || address.transport === "wss")
      return await openWebSocket(stream, details, request);
    return new LineSocket(stream, details, events);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** A socket's first event of three: it is ready, it failed, it took too long or nobody wants it any more. */
function settle<T>(
  socket: Socket,
  signal: AbortSignal,
  limit: { readonly ms: number; readonly failure: ConnectFailure },
  ready: { readonly event: string; readonly then: () => T },
  failed: (error: Error) => Error | Promise<Error>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.off(ready.event, onReady).off("error", onError).off("close", onClose);
      // A late error of a socket nobody waits for any more must not bring the process down.
      socket.on("error", () => undefined);
    };
    const fail = (error: Error) => {
      done();
      socket.destroy();
      reject(error);
    };
    const onReady = () => {
      done();
      try {
        resolve(ready.then());
      } catch (error) {
        socket.destroy();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const onError = (error: Error) => {
      done();
      socket.destroy();
      Promise.resolve(failed(error)).then(reject, reject);
    };
    const onClose = () => {
      onError(Object.assign(new Error("closed before it was ready"), { code: "ECONNRESET" }));
    };
    const onAbort = () => {
      fail(new ConnectError({ code: "cancelled", detail: "cancelled" }));
    };
    const timer = setTimeout(() => {
      fail(new ConnectError(limit.failure));
    }, limit.ms);
    signal.addEventListener("abort", onAbort);
    socket.on(ready.event, onReady).on("error", onError).on("close", onClose);
    if (signal.aborted) onAbort();
  });
}

function connectTcp({ address, host, timing, signal }: TransportRequest): Promise<Socket> {
  const socket = createConnection({ host, port: address.port, noDelay: true });
  const detail = `no answer from ${host}:${address.port} within ${timing.connectTimeoutMs} ms`;
  return settle(
    socket,
    signal,
    { ms: timing.connectTimeoutMs, failure: { code: "timed-out", detail } },
    { event: "connect", then: () => socket },
    (error) => new ConnectError(socketFailure(firstCause(error))),
  );
}

/** A name with several addresses fails with all their errors in one; the first one tells best. */
function firstCause(error: Error): Error {
  if (!(error instanceof AggregateError)) return error;
  const [first] = error.errors as readonly unknown[];
  return first instanceof Error ? first : error;
}

async function secure(socket: Socket, request: TransportRequest): Promise<TLSSocket> {
  const { host, timing, signal, address, clientCertificate } = request;
  const tls = tlsConnect({
    socket,
    host,
    ...clientCertificate,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    minVersion: "TLSv1.2",
    // Judged in checkCertificate, which also knows pinned ones; nothing is sent before that.
    rejectUnauthorized: false,
  });
  const detail = `connected, but no TLS handshake within ${timing.handshakeTimeoutMs} ms`;
  return settle(
    tls,
    signal,
    { ms: timing.handshakeTimeoutMs, failure: { code: "silent", detail } },
    {
      event: "secureConnect",
      then: () => {
        checkCertificate(tls, address.fingerprint);
        return tls;
      },
    },
    async (error) => new ConnectError(await diagnoseTls(error, request)),
  );
}

/** @throws RangeError when it cannot be used */
export function checkClientCertificate(certificate: ClientCertificate): void {
  try {
    createSecureContext(certificate);
  } catch (error) {
    throw new RangeError("the client certificate or its key cannot be used", { cause: error });
  }
}

function checkCertificate(tls: TLSSocket, expected: string | undefined): void {
  const fingerprint = fingerprintOf(tls);
  if (fingerprint === undefined)
    throw new ConnectError({ code: "not-a-chat-server", detail: "TLS without a certificate" });
  if (expected !== undefined) {
    if (fingerprint === expected) return;
    const detail = `certificate ${fingerprint}, expected ${expected}`;
    throw new ConnectError({ code: "certificate-changed", detail, fingerprint, expected });
  }
  if (tls.authorized) return;
  // Typed as an Error, in truth the code of the check that failed.
  const detail = `certificate ${fingerprint}: ${String(tls.authorizationError)}`;
  throw new ConnectError({ code: "certificate-unknown", detail, fingerprint });
}

function fingerprintOf(tls: TLSSocket): string | undefined {
  // Empty when there is none, whatever the types say.
  const certificate = tls.getPeerCertificate() as { fingerprint256?: string };
  return certificate.fingerprint256?.replaceAll(":", "").toLowerCase();
}

function detailsOf(stream: Socket, address: ServerAddress): ConnectionDetails {
  const isTls = stream instanceof TLSSocket;
  return {
    localAddress: endpoint(stream.localAddress, stream.localPort),
    remoteAddress: endpoint(stream.remoteAddress, stream.remotePort),
    transport: address.transport,
    tlsVersion: isTls ? (stream.getProtocol() ?? undefined) : undefined,
    cipher: isTls ? stream.getCipher().name : undefined,
    fingerprint: isTls ? fingerprintOf(stream) : undefined,
  };
}

function endpoint(address = "?", port = 0): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
