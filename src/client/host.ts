// The name or number of a computer, in the one spelling that is stored, and in the spellings others need.
import punycode from "punycode.js";
import { hostPort } from "../irc/host-port.js";
import { likeness } from "../irc/likeness.js";

const MAX_HOST_LENGTH = 253;
const MAX_LABEL_LENGTH = 63;
/** More of a name than this is cut out of its middle where people read it. */
const MAX_SHOWN_LENGTH = 56;
/** The owner of a name stands at its end, so more of that is kept. */
const SHOWN_START_LENGTH = 20;

/**
 * The one spelling of a host name or IP address; undefined when `text` is none. IPv6 has no brackets. A name with letters
 * beyond ASCII keeps them where they cannot pass for others, and is in its ASCII form (`xn--…`) where they can.
 */
export function canonicalHost(text: string): string | undefined {
  if (text.includes(":")) return canonicalIpv6(text);
  if (!isHostName(text)) return undefined;
  const ascii = asciiName(text);
  if (!isHostName(ascii)) return undefined;
  const unicode = unicodeName(ascii);
  const isSame = isHostName(unicode) && asciiName(unicode) === ascii;
  return isSame && unicode.split(".").every(isPlainLabel) ? unicode : ascii;
}

function isHostName(host: string): boolean {
  if (host.length > MAX_HOST_LENGTH + 1) return false;
  const labels = host.replace(/\.$/, "").split(".");
  // Four numbers and nothing else must be an IPv4 address: resolvers read "999.1.1.1" or "1.2" in surprising ways.
  if (/^[0-9.]+$/.test(host))
    return (
      labels.length === 4 && labels.every((part) => /^[0-9]{1,3}$/.test(part) && Number(part) < 256)
    );
  return labels.every(
    (label) =>
      label.length <= MAX_LABEL_LENGTH &&
      /^[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_-]*[\p{L}\p{M}\p{N}_])?$/u.test(label),
  );
}

/** The zone, where there is one, is the name or number of an interface of this computer. */
function canonicalIpv6(text: string): string | undefined {
  const percent = text.indexOf("%");
  const address = percent < 0 ? text : text.slice(0, percent);
  const zone = percent < 0 ? "" : text.slice(percent);
  if (!isIpv6(address) || !/^(?:%[A-Za-z0-9._-]+)?$/.test(zone)) return undefined;
  return new URL(`http://[${address}]/`).hostname.slice(1, -1) + zone;
}

function isIpv6(address: string): boolean {
  return /^[0-9a-f:.]+$/i.test(address) && URL.canParse(`http://[${address}]/`);
}

const BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const IPV4 = new RegExp(`^${BYTE}(?:\\.${BYTE}){3}$`);

export function isIpAddress(text: string): boolean {
  return IPV4.test(text) || (text.includes(":") && canonicalIpv6(text) !== undefined);
}

/** A host name as DNS has it, with `xn--` for what is not ASCII; "" for what is none. */
function asciiName(host: string): string {
  // What cannot be the name of a host leaves a URL the one it had.
  const [one, other] = ["ws://a", "ws://b"].map((url) => {
    const parsed = new URL(url);
    parsed.hostname = host;
    return parsed.hostname;
  });
  return one === other ? (one ?? "") : "";
}

/** A host name in letters; a part that stands for none is left as it is. */
function unicodeName(host: string): string {
  return asciiName(host).split(".").map(unicodeLabel).join(".");
}

function unicodeLabel(ascii: string): string {
  if (!ascii.startsWith("xn--")) return ascii;
  try {
    const unicode = punycode.toUnicode(ascii);
    return asciiName(unicode) === ascii ? unicode : ascii;
  } catch {
    return ascii;
  }
}

// Latin letters as languages write them: with marks, and a few of their own. Not every letter that Unicode calls Latin.
const LATIN = /^[a-z0-9_ßæœøđłþð-]+$/;
const SCRIPTS = [
  /^[\p{scx=Cyrillic}0-9-]+$/u,
  /^[\p{scx=Greek}0-9-]+$/u,
  /^[\p{scx=Armenian}0-9-]+$/u,
  /^[\p{scx=Georgian}0-9-]+$/u,
  /^[\p{scx=Hebrew}0-9-]+$/u,
  /^[\p{scx=Arabic}0-9-]+$/u,
  /^[\p{scx=Devanagari}0-9-]+$/u,
  /^[\p{scx=Thai}0-9-]+$/u,
  /^[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}0-9-]+$/u,
  /^[\p{scx=Han}\p{scx=Hangul}0-9-]+$/u,
];

/** Whether a part of a name is in one script, and looks like nothing in ASCII. */
function isPlainLabel(label: string): boolean {
  if (LATIN.test(label.normalize("NFD").replace(/\p{M}/gu, ""))) return true;
  const isLikeAscii = /^[ -~]*$/.test(likeness(label));
  return !isLikeAscii && SCRIPTS.some((script) => script.test(label));
}

/** What TLS asks for as the server's name (SNI), and what its certificate must be for; undefined for IP addresses. */
export function serverName(host: string): string | undefined {
  if (isNumeric(host)) return undefined;
  // "The hostname is represented as a byte string using ASCII encoding without a trailing dot."
  // https://www.rfc-editor.org/rfc/rfc6066#section-3
  return asciiName(host).replace(/\.$/, "");
}

/** The same text for the same computer, however its name was written. */
export function hostKey(host: string): string {
  const canonical = canonicalHost(host) ?? host;
  return serverName(canonical) ?? canonical;
}

function isNumeric(host: string): boolean {
  return host.includes(":") || /^[0-9.]+$/.test(host);
}

/** `host:port` for the address of a WebSocket. A zone means nothing to the other side, and no URL can have one. */
export function urlAuthority(host: string, port: number): string {
  const bare = serverName(host) ?? host.replace(/%.*$/s, "");
  return hostPort(bare, port);
}

/** A host for people who are to judge it: with its ASCII form where that is another one, and never longer than a line. */
export function hostText(host: string): string {
  const ascii = isNumeric(host) ? host : asciiName(host);
  const unicode = isNumeric(host) ? host : unicodeName(ascii);
  return ascii === unicode ? cutMiddle(host) : `${cutMiddle(unicode)} (${cutMiddle(ascii)})`;
}

function cutMiddle(text: string): string {
  if (text.length <= MAX_SHOWN_LENGTH) return text;
  const end = text.slice(SHOWN_START_LENGTH - MAX_SHOWN_LENGTH + 1);
  return `${text.slice(0, SHOWN_START_LENGTH)}…${end}`;
}
