// A new socket: what does it speak? The first byte tells.
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket, createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import type { Addresses } from "./addresses.js";
import type { Certificate } from "./certificate.js";
import { isLoopback, plainAddress } from "./cloak.js";
import type { ServerConfig } from "./config.js";
import type { Connection, ConnectionInfo } from "./connection.js";
import { errorCode, errorText } from "./errors.js";
import type { Router } from "./http/router.js";
import type { Logger } from "./logger.js";
import { SocketTransport, type Transport } from "./transport.js";
import { WaitingRoom } from "./waiting-room.js";
import { WebSocketGate } from "./websocket.js";

/** Makes a connection of a transport whose protocol is known. */
export type Accept = (transport: Transport, info: Omit<ConnectionInfo, "id">) => Connection;

const TLS_HANDSHAKE = 0x16;
/**
 * How many certificates a client shows with its own at most, and of how many bytes a handshake is. OpenSSL checks each of
 * them, which nothing can stop: seventy that are made for it take 0.4 s. So whoever shows more does it once.
 */
const MAX_ISSUERS = 8;
const MAX_HANDSHAKE_BYTES = 16 * 1024;
/** GET and PUT: no IRC command begins like these. */
const HTTP_STARTS = ["G", "PU"];
/** A request's line and headers; a token and an address are much shorter. */
const MAX_HEADER_BYTES = 8 * 1024;
const MAX_HEADERS = 50;
/** How long a connection for HTTP may rest between requests, and how many it may bring. */
const KEEP_ALIVE_MS = 5_000;
const MAX_REQUESTS_PER_SOCKET = 500;

/** Owns sockets until it is known what they are; then a Connection does. */
export class Intake {
  private readonly tls: TlsServer;
  private readonly http: HttpServer;
  private readonly webSockets: WebSocketGate;
  private readonly waiting: WaitingRoom;
  /** Those of the waiting that are in a TLS handshake, by the ends of their connection. */
  private readonly handshakes = new Map<string, Socket>();
  /** Until someone else listens, a reset must not end the server. The same for every socket: there can be many. */
  private readonly failed = (error: Error) => {
    this.logger.debug(`socket: ${errorText(error)}`);
  };

  constructor(
    private readonly config: ServerConfig,
    certificate: Certificate,
    private readonly accept: Accept,
    private readonly logger: Logger,
    now: () => number,
    addresses: Addresses,
    router: Router,
  ) {
    this.waiting = new WaitingRoom(addresses, config.limits.registrationTimeoutMs, now);
    this.tls = createTlsServer({
      cert: certificate.cert,
      key: certificate.key,
      minVersion: "TLSv1.2",
      requestCert: true,
      // A client's certificate is its own: what counts is its fingerprint (SASL EXTERNAL), not who signed it.
      rejectUnauthorized: false,
      handshakeTimeout: config.limits.registrationTimeoutMs,
    });
    this.tls.on("secureConnection", (socket) => {
      const ends = endsOf(socket);
      const raw = this.handshakes.get(ends);
      this.handshakes.delete(ends);
      socket.on("error", this.failed);
      if (showsTooMany(socket)) this.exclude(socket);
      else if (raw !== undefined && this.waiting.replace(raw, socket)) this.sniff(socket);
      else socket.destroy();
    });
    this.tls.on("tlsClientError", (error, socket) => {
      this.logger.debug(`TLS handshake failed: ${errorText(error)}`);
      socket.destroy();
    });
    // How long all requests of a socket may take together is bounded by the waiting room, where it stays.
    this.http = createHttpServer(
      { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS },
      (request, response) => {
        void router.answer(request, response);
      },
    );
    this.http.maxHeadersCount = MAX_HEADERS;
    this.http.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
    this.webSockets = new WebSocketGate(
      this.http,
      (transport, socket, kind) => {
        this.waiting.release(socket);
        return this.accept(transport, describe(socket, kind));
      },
      (connection, error) => {
        this.lost(connection, error);
      },
      config.password !== undefined,
    );
  }

  /** A socket that has just been accepted. */
  take(socket: Socket): void {
    socket.on("error", this.failed);
    if (this.waiting.admit(socket)) this.sniff(socket);
    else socket.destroy();
  }

  /** Ends those that took too long to say what they are. */
  sweep(now: number): void {
    this.waiting.sweep(now);
  }

  /** Who comes from now on is shown this one. */
  useCertificate({ cert, key }: Certificate): void {
    this.tls.setSecureContext({ cert, key, minVersion: "TLSv1.2" });
  }

  close(): void {
    this.waiting.close();
    this.webSockets.close();
    this.http.close();
    this.tls.close();
  }

  private sniff(socket: Socket): void {
    socket.once("data", (chunk: Buffer) => {
      this.route(socket, chunk);
    });
  }

  private route(socket: Socket, chunk: Buffer): void {
    const isSecure = socket instanceof TLSSocket;
    const [first] = chunk;
    if (first === TLS_HANDSHAKE && !isSecure) {
      readAgain(socket, chunk);
      this.shakeHands(socket);
    } else if (!isSecure && !this.isPlaintextAllowed(socket)) {
      this.logger.info(
        `${socket.remoteAddress ?? "a peer"} tried to connect without TLS and was refused`,
      );
      socket.end("ERROR :Closing link: This server accepts only encrypted connections (TLS).\r\n");
    } else if (startsLikeHttp(chunk) === undefined) {
      socket.once("data", (rest: Buffer) => {
        this.route(socket, Buffer.concat([chunk, rest]));
      });
    } else if (startsLikeHttp(chunk)) {
      readAgain(socket, chunk);
      this.http.emit("connection", socket);
      socket.resume();
    } else {
      this.open(socket, isSecure, chunk);
    }
  }

  /** The socket goes on waiting, until a TLS socket takes its place. */
  private shakeHands(socket: Socket): void {
    const ends = endsOf(socket);
    this.handshakes.set(ends, socket);
    const address = plainAddress(socket.remoteAddress);
    socket.once("close", () => {
      const hasFailed = this.handshakes.delete(ends);
      if (hasFailed && socket.bytesRead > MAX_HANDSHAKE_BYTES) this.exclude(socket, address);
    });
    this.tls.emit("connection", socket);
  }

  private exclude(socket: Socket, address = plainAddress(socket.remoteAddress)): void {
    this.logger.warn(`${address} showed too many certificates and is not let in for ten minutes`);
    socket.destroy();
    this.waiting.exclude(address);
  }

  /** What failed is for the log; everyone else needs to know only that it did. */
  private lost(connection: Connection, error: Error): void {
    this.logger.debug(`${connection.id}: ${errorCode(error) ?? errorText(error)}`);
    connection.lost("Connection lost");
  }

  private isPlaintextAllowed(socket: Socket): boolean {
    const { plaintext } = this.config;
    if (plaintext !== "loopback") return plaintext === "always";
    return isLoopback(plainAddress(socket.remoteAddress));
  }

  private open(socket: Socket, isSecure: boolean, first: Buffer): void {
    this.waiting.release(socket);
    const connection = this.accept(
      new SocketTransport(socket),
      describe(socket, isSecure ? "TLS" : "plaintext"),
    );
    socket.on("data", (chunk: Buffer) => {
      connection.receive(chunk);
    });
    socket.on("error", (error) => {
      this.lost(connection, error);
    });
    socket.on("close", () => {
      connection.lost("Connection closed");
    });
    socket.off("error", this.failed);
    connection.receive(first);
  }
}

/** Undefined while that cannot be told. */
function startsLikeHttp(chunk: Buffer): boolean | undefined {
  const text = chunk.toString("latin1", 0, 2);
  if (HTTP_STARTS.some((start) => text.startsWith(start))) return true;
  return HTTP_STARTS.some((start) => start.startsWith(text)) ? undefined : false;
}

/** Whoever takes the socket over reads these bytes first. */
function readAgain(socket: Socket, chunk: Buffer): void {
  socket.pause();
  socket.unshift(chunk);
}

/** The same for a connection's own socket and the TLS socket above it. */
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(" ");
}

function describe(socket: Socket, kind: ConnectionInfo["kind"]): Omit<ConnectionInfo, "id"> {
  const isSecure = socket instanceof TLSSocket;
  return {
    address: plainAddress(socket.remoteAddress),
    port: socket.remotePort ?? 0,
    localAddress: plainAddress(socket.localAddress),
    localPort: socket.localPort ?? 0,
    isSecure,
    hostname: isSecure && socket.servername ? socket.servername : undefined,
    kind,
    certificateFingerprint: isSecure ? clientFingerprint(socket) : undefined,
  };
}

function showsTooMany(socket: TLSSocket): boolean {
  let certificate = socket.getPeerX509Certificate();
  for (let issuers = 0; issuers <= MAX_ISSUERS; issuers++) {
    certificate = certificate?.issuerCertificate;
    if (certificate === undefined) return false;
  }
  return true;
}

function clientFingerprint(socket: TLSSocket): string | undefined {
  // An object without any property when the client gave none, whatever the types say.
  const { fingerprint256 } = socket.getPeerCertificate() as { fingerprint256?: string };
  return fingerprint256?.replaceAll(":", "").toLowerCase();
}
