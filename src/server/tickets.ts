// How requests over HTTP show whose they are: by words that only a live session was told, on its own IRC connection.
import { randomBytes } from "node:crypto";
import { hostPort } from "../irc/host-port.js";
import type { Client } from "./client.js";
import type { ServerLimits } from "./config.js";
import type { ConnectionInfo } from "./connection.js";
import { TokenBucket } from "./token-bucket.js";

/** What one session may do over HTTP, for as long as its connection is open. */
export interface Ticket {
  readonly client: Client;
  /** Stands in addresses of pictures, which are given on and end up in logs: it lets one see, nothing else. */
  readonly view: string;
  /** Lets one upload, and stands in no address. */
  readonly upload: string;
  /** Undefined: no bound. */
  readonly views: TokenBucket | undefined;
  readonly uploads: TokenBucket | undefined;
  /** One at a time. */
  isUploading: boolean;
}

type Limits = Pick<
  ServerLimits,
  "pictureBurst" | "picturesPerSecond" | "uploadBurst" | "uploadsPerMinute"
>;

const TOKEN_BYTES = 16;
const HOST_NAME = /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/;
const MAX_HOST_NAME_LENGTH = 100;

/** Owns the tickets. One is made when it is first needed. */
export class Tickets {
  private readonly byClient = new Map<Client, Ticket>();
  private readonly byView = new Map<string, Ticket>();
  private readonly byUpload = new Map<string, Ticket>();

  constructor(
    private readonly limits: Limits,
    private readonly isLimiting: boolean,
    private readonly now: () => number,
  ) {}

  of(client: Client): Ticket {
    const known = this.byClient.get(client);
    if (known !== undefined) return known;
    const { pictureBurst, picturesPerSecond, uploadBurst, uploadsPerMinute } = this.limits;
    const bucket = (burst: number, perSecond: number) =>
      this.isLimiting ? new TokenBucket(burst, perSecond, this.now()) : undefined;
    const ticket: Ticket = {
      client,
      view: newToken(),
      upload: newToken(),
      views: bucket(pictureBurst, picturesPerSecond),
      uploads: bucket(uploadBurst, uploadsPerMinute / 60),
      isUploading: false,
    };
    // Whoever is gone already, such as people who stay without a connection, gets one that no one can use.
    if (!client.connection.isOpen) return ticket;
    this.byClient.set(client, ticket);
    this.byView.set(ticket.view, ticket);
    this.byUpload.set(ticket.upload, ticket);
    return ticket;
  }

  /** The session's ticket, while the session lasts and is let in. */
  viewer(token: string): Ticket | undefined {
    return usable(this.byView.get(token));
  }

  /** The same for uploads. */
  uploader(token: string): Ticket | undefined {
    return usable(this.byUpload.get(token));
  }

  /** The client's connection has ended. */
  revoke(client: Client): void {
    const ticket = this.byClient.get(client);
    if (ticket === undefined) return;
    this.byClient.delete(client);
    this.byView.delete(ticket.view);
    this.byUpload.delete(ticket.upload);
  }

  /** Whether a text tells what only the client may know. */
  isIn(text: string, client: Client): boolean {
    const ticket = this.byClient.get(client);
    return ticket !== undefined && (text.includes(ticket.view) || text.includes(ticket.upload));
  }
}

function usable(ticket: Ticket | undefined): Ticket | undefined {
  return ticket !== undefined && isIn(ticket) ? ticket : undefined;
}

/** Whether the session is still there. To be asked again after each wait. */
export function isIn({ client }: Ticket): boolean {
  return client.isRegistered && client.connection.isOpen;
}

function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}

/**
 * Where the client itself has reached the server, as the beginning of an address (docs/decisions/own-pictures.md): by the
 * name it asked for, otherwise by the address its connection has here.
 */
export function originFor({
  isSecure,
  hostname = "",
  localAddress,
  localPort,
}: ConnectionInfo): string {
  const isName = HOST_NAME.test(hostname) && hostname.length <= MAX_HOST_NAME_LENGTH;
  const host = isName ? hostname : localAddress;
  return `${isSecure ? "https" : "http"}://${hostPort(host, localPort)}`;
}
