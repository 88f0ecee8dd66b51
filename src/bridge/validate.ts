// What may come in over the bridge. The page shows text from strangers, so the host believes nothing it says unchecked.
import { MAX_PICTURE_BYTES } from "../irc/picture.js";
import { printable } from "../irc/printable.js";
import type { Check, HostToPage, PageToHost } from "./messenger.js";
import { isSound } from "./sounds.js";
import { PANEL_COMMANDS, type PanelCommand, type Requests, type ToHost } from "./protocol.js";

/** Longest conversation id, nick or row id, in UTF-16 units; IRC's own limits are far below. */
export const MAX_NAME_LENGTH = 512;
/** Longest text to send or to keep as a draft. */
export const MAX_TEXT_LENGTH = 100_000;
/** Longest link to open. */
export const MAX_URL_LENGTH = 4096;

type Guard<T> = (value: unknown) => value is T;
type Fields<T> = { readonly [K in Exclude<keyof T, "type">]-?: Guard<T[K]> };

const name = stringUpTo(MAX_NAME_LENGTH);
const text = stringUpTo(MAX_TEXT_LENGTH);

const MESSAGES: { readonly [T in ToHost["type"]]: Fields<Extract<ToHost, { type: T }>> } = {
  ready: {},
  drawn: {},
  openConversation: { conversation: name },
  openDirectMessage: { nick: name },
  closeConversation: { conversation: name },
  placed: { conversation: name, row: name, isAtEnd: isBoolean },
  read: { conversation: name, row: name },
  draftChanged: { conversation: name, text },
  retry: { conversation: name, row: name },
  discard: { conversation: name, row: name },
  openLink: { url: isLink },
  copyText: { text },
  runCommand: { command: isPanelCommand },
};

const REQUESTS: { readonly [N in keyof Requests]: Fields<Requests[N]["params"]> } = {
  submit: { conversation: name, text, isConfirmed: isTrueOrMissing },
  knock: { text },
  picture: { id: isPictureName },
  setPicture: { picture: isPictureText },
  loadGap: { conversation: name, row: name, side: isGapSide },
};

/** For the host's Messenger: each message and request field by field. */
export const fromPage: Check<PageToHost> = {
  isMessage(value): value is ToHost {
    if (!isRecord(value)) return false;
    const { type } = value;
    if (typeof type !== "string" || !Object.hasOwn(MESSAGES, type)) return false;
    return hasFields(value, MESSAGES[type as ToHost["type"]]);
  },
  isParams(request, value) {
    return isRecord(value) && hasFields(value, REQUESTS[request]);
  },
};

/** For the page's Messenger: the host is ours, so knowing the type is enough. */
export const fromHost: Check<HostToPage> = {
  isMessage(value): value is HostToPage["messages"] {
    if (!isRecord(value)) return false;
    if (value.type === "snapshot") return isRecord(value.view);
    if (value.type === "updates") return Array.isArray(value.updates);
    if (value.type === "playSound") return isSound(value.sound) && isVolume(value.volume);
    return value.type === "focusComposer" || value.type === "choosePicture";
  },
  isParams: () => false,
};

/** Whether this is a link people may be sent to. Anything else, `command:` and `file:` above all, is not. */
export function isLink(value: unknown): value is string {
  if (typeof value !== "string" || value.length > MAX_URL_LENGTH) return false;
  // No white space, nothing invisible, no backslash (a slash to browsers): what is opened is exactly what was shown.
  const isWhole = /^(https?:\/\/[^/]|mailto:[^/])[^\s\p{Cc}\p{Cf}\\]*$/iu.test(value);
  return isWhole && printable(value) === value;
}

function isPictureName(value: unknown): value is string {
  return typeof value === "string" && /^[\w-]{1,64}$/.test(value);
}

function isPictureText(value: unknown): value is string {
  const maxLength = 4 * Math.ceil(MAX_PICTURE_BYTES / 3);
  return (
    typeof value === "string" &&
    value.length <= maxLength &&
    /^[A-Za-z0-9+/]+={0,2}$/.test(value) &&
    value.length % 4 === 0
  );
}

function isVolume(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value <= 1;
}

function isPanelCommand(value: unknown): value is PanelCommand {
  return PANEL_COMMANDS.some((command) => command === value);
}

function isGapSide(value: unknown): value is "before" | "after" {
  return value === "before" || value === "after";
}

function isTrueOrMissing(value: unknown): value is true | undefined {
  return value === true || value === undefined;
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function stringUpTo(max: number): Guard<string> {
  return (value): value is string => typeof value === "string" && value.length <= max;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasFields(
  value: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, Guard<unknown>>>,
): boolean {
  return Object.entries(fields).every(
    // What the page's own prototype may hold counts for nothing.
    ([field, guard]) => guard(Object.hasOwn(value, field) ? value[field] : undefined),
  );
}
