// Sockets of which it is not known yet what they speak.
import type { Socket } from "node:net";
import type { Addresses } from "./addresses.js";
import { plainAddress } from "./cloak.js";

interface Guest {
  /** In milliseconds. */
  readonly since: number;
  readonly address: string;
}

const MAX_GUESTS = 20_000;

/** Owns sockets while they say what they are: bounds how many there are, of each address too, and how long they take. */
export class WaitingRoom {
  private readonly guests = new Map<Socket, Guest>();
  /** The same for every socket: there can be many. */
  private readonly gone: (this: Socket) => void;

  constructor(
    private readonly addresses: Addresses,
    private readonly timeoutMs: number,
    private readonly now: () => number,
  ) {
    const release = this.release.bind(this);
    this.gone = function (this: Socket) {
      release(this);
    };
  }

  /** Takes in a socket that waits since `since`. Returns whether there is room. */
  admit(socket: Socket, since = this.now()): boolean {
    const address = plainAddress(socket.remoteAddress);
    if (this.guests.size >= MAX_GUESTS || !this.addresses.mayWait(address)) return false;
    this.guests.set(socket, { since, address });
    socket.once("close", this.gone);
    return true;
  }

  /** The socket waits no more. Returns since when it did, if it did. */
  release(socket: Socket): number | undefined {
    const guest = this.guests.get(socket);
    if (guest === undefined) return undefined;
    this.guests.delete(socket);
    this.addresses.waited(guest.address, this.now());
    socket.off("close", this.gone);
    return guest.since;
  }

  /** Ends those that took too long. */
  sweep(now: number): void {
    for (const [socket, { since }] of this.guests)
      if (now - since >= this.timeoutMs) socket.destroy();
  }

  close(): void {
    for (const socket of this.guests.keys()) socket.destroy();
  }
}
