// What a server says of itself. https://modern.ircdocs.horse/#rplisupport-005
import { parseCaseMapping, type CaseMapping } from "./casemapping.js";
import { parseChanmodes, type ChannelModeTypes } from "./modes.js";

/** ISUPPORT parameters with their unescaped values; one without a value has the value "". */
export type Isupport = ReadonlyMap<string, string>;

/**
 * Parley's own parameter: its flood limits as `<lines at once>,<lines per second>`, with an empty value where it has none.
 * Clients that know it need not guess how fast they may send. All Parley servers announce it, and only they store what is
 * sent twice under the same `+parley/id` once.
 */
export const FLOOD_TOKEN = "parley/FLOOD";

/** Parley's own: how many bytes a picture may have that people upload of themselves (FILEHOST). Without it, none can be. */
export const AVATAR_TOKEN = "parley/AVATAR";

/** `isupport` after the tokens of one RPL_ISUPPORT (without the nick and the closing text): `-NAME` takes one back. New ones beyond `maxTokens` are left out. */
export function applyIsupport(
  isupport: Isupport,
  tokens: readonly string[],
  maxTokens = Infinity,
): Isupport {
  const next = new Map(isupport);
  for (const token of tokens) {
    const equals = token.indexOf("=");
    const name = equals < 0 ? token : token.slice(0, equals);
    if (name.startsWith("-")) next.delete(name.slice(1));
    else if (name !== "" && (next.has(name) || next.size < maxTokens))
      next.set(name, equals < 0 ? "" : unescapeValue(token.slice(equals + 1)));
  }
  return next;
}

/** The token for one parameter: `NAME` or `NAME=value`, with what a parameter cannot carry escaped as `\xHH`. */
export function formatIsupportToken(name: string, value: string): string {
  if (value === "") return name;
  const escaped = value.replace(
    /[ =\\]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`,
  );
  return `${name}=${escaped}`;
}

// Only what stands for a visible ASCII character: a value must not bring a line break or NUL in by the back door.
function unescapeValue(value: string): string {
  return value.replace(/\\x([2-7][0-9A-Fa-f])/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
}

/** The prefixes of channel members, highest first: `(ov)@+` gives `[{mode:"o",prefix:"@"},{mode:"v",prefix:"+"}]`. */
export interface PrefixMode {
  readonly mode: string;
  readonly prefix: string;
}

const DEFAULT_PREFIX_MODES: readonly PrefixMode[] = [
  { mode: "o", prefix: "@" },
  { mode: "v", prefix: "+" },
];

/** The value of PREFIX read: the default where it is missing or broken, none where it is empty. */
export function prefixModes(isupport: Isupport): readonly PrefixMode[] {
  const value = isupport.get("PREFIX");
  if (value === "") return [];
  const match = /^\(([A-Za-z]+)\)([!-~]+)$/.exec(value ?? "");
  const [, modes = "", prefixes = ""] = match ?? [];
  if (modes === "" || modes.length !== prefixes.length) return DEFAULT_PREFIX_MODES;
  return Array.from(modes, (mode, i) => ({ mode, prefix: prefixes.charAt(i) }));
}

/** Which channel modes take a parameter on this network. */
export function channelModeTypes(isupport: Isupport): ChannelModeTypes {
  const ranks = prefixModes(isupport).map(({ mode }) => mode);
  return parseChanmodes(isupport.get("CHANMODES") ?? "beI,k,l,imnpst", ranks.join(""));
}

/** The first characters of channel names; "" where the server has no channels. */
export function channelTypes(isupport: Isupport): string {
  return isupport.get("CHANTYPES") ?? "#&";
}

export function caseMapping(isupport: Isupport): CaseMapping {
  return parseCaseMapping(isupport.get("CASEMAPPING") ?? "rfc1459");
}

/** A numeric limit such as NICKLEN, or `fallback` where the server names no positive number. */
export function isupportNumber(isupport: Isupport, name: string, fallback: number): number {
  const value = isupport.get(name) ?? "";
  return /^[1-9][0-9]{0,8}$/.test(value) ? Number(value) : fallback;
}
