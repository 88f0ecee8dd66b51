// What a Session is told when it is made, and how long it waits for what.
import type { ServerAddress } from "./address.js";
import type { Logger } from "./logger.js";
import type { RememberedConversation } from "./remembered.js";
import type { Net } from "./transport.js";

/** A certificate with its private key, PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** One server of an address. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly transport: ServerAddress["transport"];
}

/** What we know of servers from before. It outweighs what an address says of them. */
export interface KnownEndpoints {
  /** The only certificate this server may have. */
  readonly fingerprint: (server: Endpoint) => string | undefined;
  /** The password for whoever has proved to be the holder of this certificate; undefined: for this server, proved by an authority. */
  readonly password: (
    server: Endpoint,
    fingerprint: string | undefined,
  ) => Promise<string | undefined>;
}

export interface SessionOptions {
  readonly net: Net;
  readonly address: ServerAddress;
  /** Asked before each connection. */
  readonly known?: KnownEndpoints;
  readonly nick: string;
  /** Default: made from the nick. */
  readonly username?: string;
  /** Default: the nick. */
  readonly realname?: string;
  /** The server's password; default: the token of the address, then what is known of the server. */
  readonly password?: string;
  /** An account to log in to (SASL PLAIN); only ever sent over TLS or to this machine. */
  readonly sasl?: { readonly account: string; readonly password: string };
  /**
   * Ours, PEM: shown where TLS is spoken, and logged in with (SASL EXTERNAL) where the server can and no account was named; a
   * server that does not know it has us as a guest. Without TLS it is of no use.
   */
  readonly clientCertificate?: ClientCertificate;
  /** Joined after registration, beside those of the address. */
  readonly channels: readonly string[];
  /** Becomes an operator after registration. */
  readonly oper?: { readonly name: string; readonly password: string };
  /** Our own draft/metadata-3 values: avatar, color, display-name. */
  readonly metadata: ReadonlyMap<string, string>;
  /** `Session.remembered` of the session before: what it showed is there at once, and its channels are joined again. */
  readonly remembered?: readonly RememberedConversation[];
  /** `Session.caughtUpTo` of the session before. */
  readonly caughtUpTo?: number;
  /** `ChatState.isAudited` of the session before. */
  readonly isAudited?: boolean;
  readonly quitMessage?: string;
  readonly logger: Logger;
  /** Whether a server that is not up yet is waited for; otherwise the first failure ends the session. */
  readonly persistent: boolean;
  readonly now?: () => number;
  /** Unique ids of 1 to 64 characters from `A-Z a-z 0-9 _ -`. */
  readonly newId?: () => string;
  /** 0 ≤ x < 1, for the jitter of retries. */
  readonly random?: () => number;
  readonly timing?: Partial<SessionTiming>;
  readonly limits?: Partial<SessionLimits>;
}

/** How long things may take, in milliseconds. */
export interface SessionTiming {
  /** TCP connection to one host. */
  readonly connectTimeoutMs: number;
  /** TLS and WebSocket handshakes. */
  readonly handshakeTimeoutMs: number;
  /** Unencrypted, the server's password waits at most so long for the server to say that it wants to be reached otherwise. */
  readonly capTimeoutMs: number;
  /** From the first line to RPL_WELCOME and its burst. */
  readonly registerTimeoutMs: number;
  /** After RPL_WELCOME: so long without a line, and what the server has to say is over. */
  readonly welcomeTimeoutMs: number;
  /** After this long without a line we send PING … */
  readonly pingIntervalMs: number;
  /** … and after this long without an answer the link is dead. */
  readonly pongTimeoutMs: number;
  /** A message that is not answered for about this long is asked about; several lines have longer. */
  readonly answerTimeoutMs: number;
  /** A question (WHOIS, LIST, CHATHISTORY) is given up after this long. */
  readonly replyTimeoutMs: number;
  /** Someone's picture has this long to come: others wait for their turn. */
  readonly pictureTimeoutMs: number;
  /** QUIT waits this long for the server to close. */
  readonly closeTimeoutMs: number;
  /** The first retry comes after about this long, each further one after twice as long … */
  readonly backoffBaseMs: number;
  /** … up to this. */
  readonly backoffMaxMs: number;
  /** How long a server that announces no limits needs for a line … */
  readonly lineMs: number;
  /** … and how much of that may be owed to it at once. */
  readonly lineBurstMs: number;
  /** How often we try to get our own nick back from whoever holds it. */
  readonly regainNickMs: number;
}

export const DEFAULT_TIMING: SessionTiming = {
  connectTimeoutMs: 10_000,
  handshakeTimeoutMs: 10_000,
  // Some servers read nothing while they look up names, and that can take long.
  capTimeoutMs: 10_000,
  registerTimeoutMs: 20_000,
  welcomeTimeoutMs: 3_000,
  pingIntervalMs: 20_000,
  pongTimeoutMs: 15_000,
  answerTimeoutMs: 8_000,
  replyTimeoutMs: 15_000,
  pictureTimeoutMs: 4_000,
  closeTimeoutMs: 2_000,
  backoffBaseMs: 1_000,
  backoffMaxMs: 30_000,
  lineMs: 2_000,
  lineBurstMs: 10_000,
  regainNickMs: 15_000,
};

/** How much of what a server sends is kept. What is beyond is let go. */
export interface SessionLimits {
  /** Of one buffer. Events go before messages do. */
  readonly maxEntries: number;
  /** About how much memory the entries of one buffer may take. */
  readonly maxBufferBytes: number;
  readonly maxBuffers: number;
  readonly maxUsers: number;
  readonly maxMembers: number;
}

export const DEFAULT_LIMITS: SessionLimits = {
  maxEntries: 2_000,
  maxBufferBytes: 8_000_000,
  maxBuffers: 500,
  maxUsers: 50_000,
  maxMembers: 20_000,
};
