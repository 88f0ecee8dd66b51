// Whether a web page may come in by the browser of someone on this machine.
import type { IncomingMessage } from "node:http";
import { isIPv4 } from "node:net";
import { isLoopback, plainAddress } from "./cloak.js";

/**
 * Whether the request is that of a page from elsewhere, in a browser on this machine. Any page can have a browser connect
 * to any port of its own machine, and would be let in as whoever sits there: without a password it could read along.
 */
export function isForeignPage({ headers, socket }: IncomingMessage): boolean {
  const { origin } = headers;
  // Only browsers say it, and no page can make them leave it out.
  if (origin === undefined || !isLoopback(plainAddress(socket.remoteAddress))) return false;
  // A proxy on this machine says for whom it comes; a page cannot have its browser say so.
  if (headers.forwarded !== undefined || headers["x-forwarded-for"] !== undefined) return false;
  return !isLocal(origin);
}

/** A page of this machine, or one that is no page of the web, such as an editor's. */
function isLocal(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  if (protocol !== "http:" && protocol !== "https:") return true;
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return true;
  return hostname === "[::1]" || (isIPv4(hostname) && isLoopback(hostname));
}
