// Connects to a server, and has it prove who it is.
import { createConnection, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { hostPort } from "../../irc/host-port.js";
import { usesTls } from "../address.js";
import { ConnectError } from "../connect-error.js";
import type { SessionTiming } from "../session-options.js";
import type { ConnectionDetails } from "../status.js";
import type { ServerRequest, Transport, TransportRequest } from "../transport.js";
import { LineSocket } from "./line-socket.js";
import { settle } from "./settle.js";
import { socketFailure } from "./socket-failure.js";
import { fingerprintOf, handshake } from "./tls.js";
import { openWebSocket } from "./websocket.js";

/**
 * A connection to one of the address's hosts. Over TLS, nothing but the ClientHello goes out before the server is proved: by
 * the fingerprint where the address has one, otherwise by an authority.
 *
 * @throws ConnectError
 */
export async function openTransport(request: TransportRequest): Promise<Transport> {
  const { transport } = request.address;
  if (usesTls(transport)) return openSecure(request);
  request.onStep("connecting");
  return speakOn(await connectTcp(request, request.host), undefined, request);
}

async function openSecure(request: TransportRequest): Promise<Transport> {
  const { address, host, clientCertificate, onStep } = request;
  onStep("connecting");
  const socket = await connectTcp(request, host);
  onStep("securing");
  if (clientCertificate === undefined || address.fingerprint !== undefined)
    return speakOn(socket, await handshake(socket, request), request);
  // Whether an authority vouches for a server is known when the handshake is over, and in TLS 1.2 our certificate is part of
  // the handshake. So the first one goes without it, and the second is held to the certificate that the first one proved.
  const { remoteAddress } = socket;
  const proof = await handshake(socket, { ...request, clientCertificate: undefined });
  const fingerprint = fingerprintOf(proof);
  proof.destroy();
  const proved = { ...request, address: { ...address, fingerprint } };
  // Another machine of the same name may have another certificate.
  const second = await connectTcp(proved, remoteAddress ?? host);
  return speakOn(second, await handshake(second, proved), request);
}

/** Speaks IRC on a connection that is ready for it. */
async function speakOn(
  socket: Socket,
  tls: TLSSocket | undefined,
  request: TransportRequest,
): Promise<Transport> {
  const details = detailsOf(socket, tls, request);
  const stream = tls ?? socket;
  if (details.transport === "tls" || details.transport === "plaintext")
    return new LineSocket(stream, details, request.events);
  try {
    return await openWebSocket(stream, details, request);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/**
 * Another connection to the very server of `details`, for something else than IRC: to the same address, and over TLS with the
 * certificate it has proved there. Ours is not shown. @throws ConnectError
 */
export async function openBeside(
  details: ConnectionDetails,
  timing: SessionTiming,
  signal: AbortSignal,
): Promise<Socket> {
  const { host, port, transport, fingerprint, remoteAddress } = details;
  const request: ServerRequest = {
    address: { port, fingerprint },
    host,
    timing,
    clientCertificate: undefined,
    signal,
  };
  const socket = await connectTcp(request, remoteAddress.replace(/^\[?(.*?)\]?:[0-9]+$/, "$1"));
  if (!usesTls(transport)) return socket;
  // Without it the handshake would be content with what an authority says.
  if (fingerprint === undefined)
    throw new ConnectError({ code: "not-a-chat-server", detail: "TLS without a certificate" });
  return handshake(socket, request);
}

function connectTcp({ address, timing, signal }: ServerRequest, host: string): Promise<Socket> {
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

function detailsOf(
  socket: Socket,
  tls: TLSSocket | undefined,
  { address, host }: TransportRequest,
): ConnectionDetails {
  return {
    host,
    port: address.port,
    localAddress: endpoint(socket.localAddress, socket.localPort),
    remoteAddress: endpoint(socket.remoteAddress, socket.remotePort),
    transport: address.transport,
    tlsVersion: tls?.getProtocol() ?? undefined,
    cipher: tls?.getCipher().name,
    fingerprint: tls && fingerprintOf(tls),
  };
}

function endpoint(address = "?", port = 0): string {
  return hostPort(address, port);
}
