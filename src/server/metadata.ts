// Metadata keys and values. https://ircv3.net/specs/extensions/metadata
import { RPL_KEYNOTSET, RPL_KEYVALUE } from "../irc/numerics.js";
import { utf8Length } from "../irc/utf8.js";
import { Outgoing } from "./delivery.js";
import type { Reply, ReplyOrigin } from "./reply.js";

/** So that it stands whole in RPL_KEYVALUE, behind the longest names there may be. */
export const METADATA_VALUE_MAX_BYTES = 256;
const KEY_MAX_BYTES = 48;
const KEY = /^[a-z0-9_./-]+$/;
const DISPLAY_NAME_MAX_BYTES = 64;
// A picture of Parley's own, or one on the web; whether that is ever fetched is each client's choice.
const AVATAR = /^(?:parley:[a-z0-9-]{1,32}|https:\/\/[^\s"'<>\\]+)$/;
const COLOR = /^(?:#[0-9a-f]{6}|[a-z]{1,24})$/i;
// Invisible characters and those that turn the writing round could make one name look like another.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** What a key that is none hears. */
export const INVALID_KEY_TEXT = `Invalid key: use 1 to ${KEY_MAX_BYTES} of a-z 0-9 _ . / -`;

export function isMetadataKey(key: string): boolean {
  return KEY.test(key) && key.length <= KEY_MAX_BYTES;
}

/** What is wrong with a value, in words for people; undefined when it may be set. */
export function metadataProblem(key: string, value: string): string | undefined {
  if (utf8Length(value) > METADATA_VALUE_MAX_BYTES)
    return `the value is too long: it can have at most ${METADATA_VALUE_MAX_BYTES} bytes`;
  switch (key) {
    case "avatar":
      return AVATAR.test(value)
        ? undefined
        : "an avatar must be parley:NAME, with the name of a built-in picture, or an https address";
    case "color":
      return COLOR.test(value) ? undefined : "a color must be #rrggbb or the name of a color";
    case "display-name":
      return utf8Length(value) <= DISPLAY_NAME_MAX_BYTES &&
        value.trim() !== "" &&
        !INVISIBLE.test(value)
        ? undefined
        : `a display name must have 1 to ${DISPLAY_NAME_MAX_BYTES} bytes of visible text`;
    default:
      return undefined;
  }
}

/**
 * What a key says, or that it says nothing: `761 * <target> <key> * :<value>` or `766 * <target> <key> :…`. The same for
 * an answer and for news, and for every recipient.
 */
export function metadataMessage(
  origin: ReplyOrigin,
  target: string,
  key: string,
  value: string | undefined,
): Outgoing {
  const [command, rest] =
    value === undefined ? [RPL_KEYNOTSET, ["Key not set"]] : [RPL_KEYVALUE, ["*", value]];
  const params = ["*", target, key, ...rest];
  return new Outgoing({ source: origin.name, command, params, time: origin.now() });
}

/** The values of the keys that are wanted. */
export function sendMetadata(
  { server, reply }: { readonly server: ReplyOrigin; readonly reply: Reply },
  target: string,
  metadata: ReadonlyMap<string, string>,
  isWanted: (key: string) => boolean,
): void {
  for (const [key, value] of metadata)
    if (isWanted(key)) reply.send(metadataMessage(server, target, key, value));
}
