// Which addresses in a text are links, and what has to be said about where they lead.
import { isLink, MAX_URL_LENGTH } from "../bridge/validate.js";

/**
 * What may stand in an address that is not marked as one. Invisible characters and backslashes mislead about the host; an
 * emoji may have its selector.
 */
const ADDRESS =
  /(?:[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800<>"`\\\ufffd\u3000-\u303f\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]|(?<=\p{Extended_Pictographic})\ufe0f)*/uy;
/** Of an address beside the words of its link. */
const MAX_SHOWN = 100;
const DESTINATION_END = /[\s\\<>()]/g;
/** What ends a sentence rather than an address. */
const TRAILING = new Set(".,;:!?'*_~’”»");
const OPENING: Readonly<Record<string, "(" | "[" | "{" | undefined>> = {
  ")": "(",
  "]": "[",
  "}": "{",
};

export interface Address {
  /** undefined: it is none. */
  readonly href: string | undefined;
  /** How far it reaches. */
  readonly end: number;
}

/** The address that begins at `start`, as someone would read it. */
export function readAddress(text: string, start: number): Address {
  ADDRESS.lastIndex = start;
  const [candidate = ""] = ADDRESS.exec(text) ?? [];
  let length = balancedLength(candidate);
  while (length > 0 && TRAILING.has(candidate.charAt(length - 1))) length--;
  const href = candidate.slice(0, length);
  return isAddress(href)
    ? { href, end: start + length }
    : { href: undefined, end: start + candidate.length };
}

/** Up to a bracket that closes none of the address's own: it belongs to the sentence. */
function balancedLength(address: string): number {
  const open = { "(": 0, "[": 0, "{": 0 };
  for (const { index, 0: bracket } of address.matchAll(/[()[\]{}]/g)) {
    const opening = OPENING[bracket];
    if (opening === undefined) open[bracket as keyof typeof open]++;
    else if (open[opening]-- === 0) return index;
  }
  return address.length;
}

/** Whether this is an address people may be sent to, which leads to a place that can be named. */
export function isAddress(address: string): boolean {
  if (!isLink(address)) return false;
  return /^mailto:/i.test(address) ? /^mailto:[^@?]+@[^@?]/i.test(address) : URL.canParse(address);
}

/** Reads `https://…)` of `[words](https://…)`. */
export function readDestination(text: string, start: number): Address {
  const limit = Math.min(text.length, start + MAX_URL_LENGTH + 1);
  let depth = 0;
  for (DESTINATION_END.lastIndex = start; ;) {
    const found = DESTINATION_END.exec(text);
    if (found === null || found.index >= limit) break;
    const { index, 0: character } = found;
    if (character === "(") depth++;
    else if (character !== ")") return { href: undefined, end: index };
    else if (depth-- === 0) {
      const href = text.slice(start, index);
      return { href: isAddress(href) ? href : undefined, end: index + 1 };
    }
  }
  return { href: undefined, end: limit };
}

/** The place a link leads to, where its words say another or none or can be misread; else undefined. */
export function hiddenPlace(href: string, words: string): string | undefined {
  const place = placeOf(href);
  if (canMislead(href) || place !== writtenPlace(words)) return place;
  return isWritten(href, words.trim()) ? undefined : cut(href);
}

/** Host and port of a web address as the network has it, or the addresses mail goes to. */
function placeOf(href: string): string {
  return mailAddresses(href) ?? (URL.canParse(href) ? new URL(href).host : href);
}

/** With copies, all that is filled in: of one address alone, people would not know of the others. */
function mailAddresses(href: string): string | undefined {
  const [, to, query = ""] = /^mailto:([^?]*)(.*)/i.exec(href) ?? [];
  return /[?&](?!subject=|body=)./i.test(query) ? cut(`${to}${query}`) : to?.toLowerCase();
}

/** Whether words that say the right place say the rest as well, or nothing of it. */
function isWritten(href: string, words: string): boolean {
  if (/^https?:/i.test(words)) return new URL(words).href === new URL(href).href;
  if (/^mailto:/i.test(href) || !/[/?#]./.test(words)) return true;
  const address = `${new URL(href).protocol}//${words}`;
  return URL.canParse(address) && new URL(address).href === new URL(href).href;
}

function cut(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** What the words of a link say where they are an address: `e.org/path` as well. */
function writtenPlace(words: string): string {
  const written = words.trim();
  const mail = mailAddresses(written);
  if (mail !== undefined) return mail;
  if (/^https?:\/\//i.test(written)) return placeOf(written);
  const [place = ""] = written.split(/[/?#\s]/, 1);
  return place.toLowerCase();
}

/** Who stands before "@" is not the host, and letters of other scripts can look like those of a known host. */
function canMislead(href: string): boolean {
  if (/^mailto:/i.test(href) || !URL.canParse(href)) return false;
  const [authority = ""] = href.replace(/^https?:\/\//i, "").split(/[/?#\\]/, 1);
  return authority.includes("@") || /[^\x21-\x7e]|%/.test(authority);
}
