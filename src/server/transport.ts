// The byte pipe under a connection.
import type { Socket } from "node:net";

/** What a connection needs of a socket, TCP, TLS or WebSocket alike. */
export interface Transport {
  /** Bytes taken but not yet given to the system. */
  readonly pendingBytes: number;
  /** Whole lines, each with its CR LF. */
  write(lines: Buffer): void;
  /** Closes after what was written has gone out, and reads on until the peer has closed as well. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
  pause(): void;
  resume(): void;
  /** Calls `listener` once when nothing is pending any more, if more than a little is. */
  onceDrained(listener: () => void): void;
}

export class SocketTransport implements Transport {
  constructor(private readonly socket: Socket) {}

  get pendingBytes(): number {
    return this.socket.writableLength;
  }

  write(lines: Buffer): void {
    this.socket.write(lines);
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  onceDrained(listener: () => void): void {
    this.socket.once("drain", listener);
  }
}
