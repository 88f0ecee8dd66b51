// TLS with a server, and the proof that it is the one we mean.
import { constants } from "node:crypto";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect, createSecureContext, DEFAULT_CIPHERS, type TLSSocket } from "node:tls";
import { ConnectError } from "../connect-error.js";
import { serverName } from "../host.js";
import type { ClientCertificate } from "../session-options.js";
import type { ServerRequest } from "../transport.js";
import { diagnoseTls } from "./diagnosis.js";
import { settle } from "./settle.js";

/**
 * The suites whose servers sign the handshake. With RSA key exchange a server proves its key only after our certificate has
 * gone out, and until then anyone can show a copy of someone else's certificate.
 */
const SIGNED_CIPHERS = `${DEFAULT_CIPHERS}:!kRSA:!PSK`;

// https://www.rfc-editor.org/rfc/rfc8446#section-5.1 and #section-4
const RECORD_CHANGE_CIPHER_SPEC = 20;
const RECORD_ALERT = 21;
const RECORD_HANDSHAKE = 22;
const RECORD_HEADER_BYTES = 5;
const CLIENT_HELLO = 1;

/**
 * How much a server may send before it has shown its certificate: OpenSSL checks every certificate of a chain, and seventy
 * chosen for it hold everything up for a third of a second. The chains of public authorities have about 5 KB.
 */
const MAX_PROOF_BYTES = 16 * 1024;

/**
 * The TLS handshake on `socket`. Resolves when the server is proved by the address's fingerprint, or by an authority where
 * there is none. The client certificate may only be given together with a fingerprint, and is shown only to that server.
 *
 * @throws ConnectError
 */
export async function handshake(socket: Socket, request: ServerRequest): Promise<TLSSocket> {
  const { host, timing, signal, clientCertificate } = request;
  const gate = new ProofGate(socket, request);
  const servername = serverName(host);
  const tls = connect({
    socket: gate,
    host,
    ...clientCertificate,
    ...(servername !== undefined && { servername }),
    minVersion: "TLSv1.2",
    ...(clientCertificate !== undefined && { ciphers: SIGNED_CIPHERS }),
    // A server has no reason to ask for another handshake, and in one it could ask for a certificate.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    // Judged in checkServer, which also knows pinned certificates.
    rejectUnauthorized: false,
  });
  gate.tls = tls;
  const detail = `connected, but no TLS handshake within ${timing.handshakeTimeoutMs} ms`;
  try {
    return await settle(
      tls,
      signal,
      { ms: timing.handshakeTimeoutMs, failure: { code: "silent", detail } },
      {
        event: "secureConnect",
        then: () => {
          checkServer(tls, request);
          return tls;
        },
      },
      async (error) =>
        error instanceof ConnectError ? error : new ConnectError(await diagnoseTls(error, request)),
    );
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/**
 * Stands between TLS and the socket, since Node.js judges a server only when the handshake is over. It bounds what comes
 * in before the server has shown its certificate, and lets the ClientHello out, and nothing else before the server has shown
 * the expected certificate. By then OpenSSL has checked the signature that proves the key as well, as it does before it writes
 * our answer.
 */
class ProofGate extends Duplex {
  tls: TLSSocket | undefined;
  private isProved = false;
  private receivedBytes = 0;

  constructor(
    private readonly socket: Socket,
    private readonly request: ServerRequest,
  ) {
    super();
    socket
      .on("data", (chunk: Buffer) => {
        this.receivedBytes += chunk.length;
        if (!this.isProved && this.receivedBytes > MAX_PROOF_BYTES) this.destroy(tooMuch());
        else if (!this.push(chunk)) socket.pause();
      })
      .on("end", () => {
        this.push(null);
      })
      .on("error", (error) => {
        this.destroy(error);
      })
      .on("close", () => {
        this.destroy();
      });
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    try {
      this.isProved ||= this.isProof(chunk);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.socket.write(chunk, done);
  }

  /** Whether the server is proved. False where `chunk` may go out all the same. @throws ConnectError where it must not */
  private isProof(chunk: Buffer): boolean {
    if (this.tls !== undefined && fingerprintOf(this.tls) !== undefined) {
      // Without a fingerprint an authority decides, which is known at the end of the handshake; then nothing of ours is at stake.
      if (this.request.address.fingerprint !== undefined) checkServer(this.tls, this.request);
      return true;
    }
    if (isHelloOrAlert(chunk)) return false;
    throw new ConnectError({ code: "not-a-chat-server", detail: "TLS without a certificate" });
  }

  override _final(done: () => void): void {
    this.socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }
}

function tooMuch(): ConnectError {
  const detail = `TLS with more than ${MAX_PROOF_BYTES} bytes of certificates`;
  return new ConnectError({ code: "not-a-chat-server", detail });
}

/** Whether there is nothing of ours in these records. A second ClientHello, which a server can ask for, is the only one again. */
function isHelloOrAlert(records: Buffer): boolean {
  let at = 0;
  while (at + RECORD_HEADER_BYTES < records.length) {
    const type = records[at];
    const isHello = type === RECORD_HANDSHAKE && records[at + RECORD_HEADER_BYTES] === CLIENT_HELLO;
    if (!isHello && type !== RECORD_CHANGE_CIPHER_SPEC && type !== RECORD_ALERT) return false;
    at += RECORD_HEADER_BYTES + records.readUInt16BE(at + 3);
  }
  return true;
}

function checkServer(tls: TLSSocket, { address, host }: ServerRequest): void {
  const fingerprint = fingerprintOf(tls);
  if (fingerprint === undefined)
    throw new ConnectError({ code: "not-a-chat-server", detail: "TLS without a certificate" });
  const { port, fingerprint: expected } = address;
  const found = { host, port, fingerprint };
  if (expected !== undefined) {
    if (fingerprint === expected) return;
    const detail = `certificate ${fingerprint}, expected ${expected}`;
    throw new ConnectError({ code: "certificate-changed", detail, ...found, expected });
  }
  if (tls.authorized) return;
  // Typed as an Error, in truth the code of the check that failed.
  const detail = `certificate ${fingerprint}: ${String(tls.authorizationError)}`;
  throw new ConnectError({ code: "certificate-unknown", detail, ...found });
}

/** SHA-256 of the server's certificate, 64 lower-case hex digits; undefined where it has shown none yet. */
export function fingerprintOf(tls: TLSSocket): string | undefined {
  // Empty, or null, when there is none, whatever the types say.
  const certificate = tls.getPeerCertificate() as { fingerprint256?: string } | null;
  return certificate?.fingerprint256?.replaceAll(":", "").toLowerCase();
}

/** @throws RangeError when it cannot be used */
export function checkClientCertificate(certificate: ClientCertificate): void {
  try {
    createSecureContext(certificate);
  } catch (error) {
    throw new RangeError("the client certificate or its key cannot be used", { cause: error });
  }
}
