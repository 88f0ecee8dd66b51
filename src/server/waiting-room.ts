// Sockets of which it is not known yet what they speak.
import type { Socket } from "node:net";
import { blockOf, type Addresses } from "./addresses.js";
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

  /** Takes in a socket. Returns whether there is room. */
  admit(socket: Socket): boolean {
    const since = this.now();
    const address = plainAddress(socket.remoteAddress);
    if (this.guests.size >= MAX_GUESTS || !this.addresses.mayWait(address, since)) return false;
    this.guests.set(socket, { since, address });
    socket.once("close", this.gone);
    return true;
  }

  /** `next` waits in the place of `previous`, for the time that is left to it. Returns whether that one was waiting. */
  replace(previous: Socket, next: Socket): boolean {
    const guest = this.guests.get(previous);
    if (guest === undefined) return false;
    this.guests.delete(previous);
    previous.off("close", this.gone);
    this.guests.set(next, guest);
    next.once("close", this.gone);
    return true;
  }

  /** The socket waits no more. */
  release(socket: Socket): void {
    const guest = this.guests.get(socket);
    if (guest === undefined) return;
    this.guests.delete(socket);
    this.addresses.waited(guest.address, this.now());
    socket.off("close", this.gone);
  }

  /** Ends all that wait at an address, and lets none of it in for the next minutes. */
  exclude(excluded: string): void {
    if (!this.addresses.exclude(excluded, this.now())) return;
    for (const [socket, { address }] of this.guests)
      if (blockOf(address) === blockOf(excluded)) socket.destroy();
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
