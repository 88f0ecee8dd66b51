// What a server says of itself. https://modern.ircdocs.horse/#rplisupport-005
import { parseCaseMapping, type CaseMapping } from "./casemapping.js";

/** ISUPPORT parameters with their unescaped values; one without a value has the value "". */
export type Isupport = ReadonlyMap<string, string>;

/** `isupport` after the tokens of one RPL_ISUPPORT (without the nick and the closing text): `-NAME` takes one back. */
export function applyIsupport(isupport: Isupport, tokens: readonly string[]): Isupport {
  const next = new Map(isupport);
  for (const token of tokens) {
    if (token.startsWith("-")) {
      next.delete(token.slice(1));
      continue;
    }
    const equals = token.indexOf("=");
    if (equals < 0) next.set(token, "");
    else next.set(token.slice(0, equals), unescapeValue(token.slice(equals + 1)));
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

function unescapeValue(value: string): string {
  return value.replace(/\\x([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
}

/** The prefixes of channel members, highest first: `(ov)@+` gives `[{mode:"o",prefix:"@"},{mode:"v",prefix:"+"}]`. */
export interface PrefixMode {
  readonly mode: string;
  readonly prefix: string;
}

/** The value of PREFIX read; the default where it is missing or broken. */
export function prefixModes(isupport: Isupport): readonly PrefixMode[] {
  const match = /^\(([^)]*)\)(.*)$/.exec(isupport.get("PREFIX") ?? "(ov)@+");
  const modes = [...(match?.[1] ?? "")];
  const prefixes = [...(match?.[2] ?? "")];
  return modes.flatMap((mode, i) => {
    const prefix = prefixes[i];
    return prefix === undefined ? [] : [{ mode, prefix }];
  });
}

/** The first characters of channel names. */
export function channelTypes(isupport: Isupport): string {
  return isupport.get("CHANTYPES") ?? "#&";
}

export function caseMapping(isupport: Isupport): CaseMapping {
  return parseCaseMapping(isupport.get("CASEMAPPING") ?? "rfc1459");
}

/** A numeric limit such as NICKLEN, or `fallback` where the server names none. */
export function isupportNumber(isupport: Isupport, name: string, fallback: number): number {
  const value = Number(isupport.get(name) || NaN);
  return Number.isSafeInteger(value) && value > 0 ? value : fallback;
}
