// TLS whose bytes pass through our hands: for seeing what a server answers that may not support it.
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect, type TLSSocket } from "node:tls";

const TLS_ALERT = 0x15;
const TLS_HANDSHAKE = 0x16;

/** Begins TLS over `socket`. What the socket receives is the caller's, who pushes to `tap` what TLS is to have of it. */
export function tlsTap(
  socket: Socket,
  servername?: string,
): { readonly tls: TLSSocket; readonly tap: Duplex } {
  // On a stream of ours instead of the socket's handle.
  const tap = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      socket.write(chunk, () => {
        done();
      });
    },
  });
  const tls = connect({
    socket: tap,
    rejectUnauthorized: false,
    ...(servername !== undefined && { servername }),
  });
  return { tls, tap };
}

/** Whether a server's first bytes are an answer to a ClientHello. */
export function isTlsAnswer(bytes: Uint8Array): boolean {
  return bytes[0] === TLS_ALERT || bytes[0] === TLS_HANDSHAKE;
}
