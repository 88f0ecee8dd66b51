// Metadata keys and values. https://ircv3.net/specs/extensions/metadata
import { RPL_KEYNOTSET, RPL_KEYVALUE } from "../irc/numerics.js";
import { utf8Length } from "../irc/utf8.js";
import type { Client } from "./client.js";
import { Outgoing } from "./delivery.js";
import type { Reply, ReplyOrigin } from "./reply.js";
import { originFor, type Tickets } from "./tickets.js";

/** So that it stands whole in RPL_KEYVALUE, behind the longest names there may be. */
export const METADATA_VALUE_MAX_BYTES = 256;
const KEY_MAX_BYTES = 48;
const KEY = /^[a-z0-9_./-]+$/;
const DISPLAY_NAME_MAX_BYTES = 64;
// A picture of Parley's own, or one on the web; whether that is ever fetched is each client's choice.
const AVATAR = /^(?:parley:[a-z0-9-]{1,32}|https:\/\/[^\s"'<>\\]+)$/;
const COLOR = /^(?:#[0-9a-f]{6}|[a-z]{1,24})$/i;
/** What stands for a picture that was uploaded here: no one can set it, and no one is shown it. */
const UPLOADED = /^picture:([0-9a-f]{32})$/;
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

/** What is needed to tell someone of a value. */
export interface MetadataOrigin extends ReplyOrigin {
  readonly tickets: Tickets;
}

/** The value of `avatar` for an uploaded picture. */
export function pictureValue(id: string): string {
  return `picture:${id}`;
}

/** The uploaded picture that a value of `avatar` stands for. */
export function pictureIn(value: string | undefined): string | undefined {
  return UPLOADED.exec(value ?? "")?.[1];
}

/** Where the viewer, and no one else, can fetch an uploaded picture. */
export function pictureUrl({ tickets }: MetadataOrigin, viewer: Client, id: string): string {
  return `${originFor(viewer.connection.info)}/avatars/${tickets.of(viewer).view}/${id}`;
}

/** The value as the viewer is told it. */
export function valueFor(origin: MetadataOrigin, viewer: Client, value: string): string {
  const id = pictureIn(value);
  return id === undefined ? value : pictureUrl(origin, viewer, id);
}

/** Tells each of the listeners what a key of the target says now; undefined: nothing. */
export function deliverMetadata(
  origin: MetadataOrigin,
  listeners: Iterable<Client>,
  target: string,
  key: string,
  value: string | undefined,
): void {
  const isPicture = pictureIn(value) !== undefined;
  const shared = isPicture ? undefined : metadataMessage(origin, target, key, value);
  for (const listener of listeners)
    listener.deliver(
      shared ?? metadataMessage(origin, target, key, valueFor(origin, listener, value ?? "")),
    );
}

/**
 * What a key says, or that it says nothing: `761 * <target> <key> * :<value>` or `766 * <target> <key> :…`. The same for
 * an answer and for news.
 */
function metadataMessage(
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
  {
    server,
    client,
    reply,
  }: { readonly server: MetadataOrigin; readonly client: Client; readonly reply: Reply },
  target: string,
  metadata: ReadonlyMap<string, string>,
  isWanted: (key: string) => boolean,
): void {
  for (const [key, value] of metadata)
    if (isWanted(key))
      reply.send(metadataMessage(server, target, key, valueFor(server, client, value)));
}
