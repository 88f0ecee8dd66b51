// The query of an invite link. VS Code, browsers and mail programs decode such links once or twice on their way, so what we
// write there has no character that percent-encoding knows: a value that needs one travels as base64url, under `key64`.
import { fromBase64, hexBytes, toBase64Url, utf8Text } from "./encodings.js";

export type InviteKey = "host" | "port" | "size" | "fp" | "token" | "channel";

const KEYS: ReadonlySet<string> = new Set<InviteKey>([
  "host",
  "port",
  "size",
  "fp",
  "token",
  "channel",
]);
/** Is the same before and after any decoding. */
const PLAIN = /^[A-Za-z0-9._:-]+$/;
const ENCODED_SUFFIX = "64";

/** The query of these values, in this order. Reading it gives the same values, however often it was decoded in between. */
export function formatInviteQuery(values: readonly (readonly [InviteKey, string])[]): string {
  return values
    .map(([key, value]) =>
      PLAIN.test(value) ? `${key}=${value}` : `${key}${ENCODED_SUFFIX}=${toBase64Url(value)}`,
    )
    .join("&");
}

/** What a query says, key by key; keys that are not ours are left out. `isDecoded`: someone has percent-decoded it before. */
export function parseInviteQuery(
  query: string,
  isDecoded: boolean,
): ReadonlyMap<InviteKey, readonly string[]> {
  const values = new Map<InviteKey, string[]>();
  for (const [name, written] of pairsOf(query)) {
    const isEncoded = name.endsWith(ENCODED_SUFFIX);
    const key = isEncoded ? name.slice(0, -ENCODED_SUFFIX.length) : name;
    if (!isInviteKey(key)) continue;
    const value = isDecoded ? written : percentDecoded(written);
    const list = values.get(key) ?? [];
    list.push(isEncoded ? fromBase64(value) : value);
    values.set(key, list);
  }
  return values;
}

/**
 * What tells a whole link from one that was cut off: how long the values are that follow. It stands before them, so that it
 * is there wherever a link with any of them ends.
 */
export function sizeOfValues(values: readonly string[]): string {
  return String(values.join(",").length);
}

/** Whether a query ends within a key, or before its value. */
export function endsInKey(query: string): boolean {
  const last = query.split("&").at(-1) ?? "";
  return /^[a-z0-9]*=?$/i.test(last);
}

function isInviteKey(key: string): key is InviteKey {
  return KEYS.has(key);
}

/** A piece between two `&` that names no key belongs to the value before it: it was decoded out of `%26`. */
function pairsOf(query: string): [string, string][] {
  const pairs: [string, string][] = [];
  for (const piece of query.split("&")) {
    const [, key, value = ""] = /^([a-z][a-z0-9_]*)=(.*)$/is.exec(piece) ?? [];
    const last = pairs.at(-1);
    if (key !== undefined) pairs.push([key, value]);
    else if (last !== undefined && piece !== "") last[1] += `&${piece}`;
  }
  return pairs;
}

/** Decodes what is percent-encoded, and leaves the rest as it is: a `+` is a plus, and a `%` alone a percent sign. */
function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) =>
    utf8Text(hexBytes(bytes.replaceAll("%", ""))),
  );
}
