// Message tags. https://ircv3.net/specs/extensions/message-tags

/** Tag names with their unescaped values; a tag without a value has the value "". */
export type Tags = ReadonlyMap<string, string>;

export const NO_TAGS: Tags = new Map();

/** The tags Parley reads or writes, each defined by the extension of its name. */
export const TAG = {
  /** Server: the account of the sender (account-tag). */
  account: "account",
  /** Server: the batch a message belongs to (batch). */
  batch: "batch",
  /** Server: the batch it opens ends the history that was asked for (chathistory). */
  historyEnd: "draft/chathistory-end",
  /** Both ways: this line goes on where the one before ended (draft/multiline). */
  multilineConcat: "draft/multiline-concat",
  /** Both ways: ties an answer to its command (labeled-response). */
  label: "label",
  /** Server: the unique id of a message (message-ids). */
  msgid: "msgid",
  /** Server: when the message was sent, ISO 8601 in UTC (server-time). */
  time: "time",
  /** Server: the sender is a bot (bot-mode). */
  bot: "bot",
  /** Client-only: `active`, `paused` or `done` (typing). */
  typing: "+typing",
  /** Client-only: the msgid this message answers (draft/reply). */
  reply: "+draft/reply",
  /** Client-only: a reaction, its text as the value (draft/react). */
  react: "+draft/react",
  /** Client-only: takes a reaction back (draft/react). */
  unreact: "+draft/unreact",
  /**
   * Client-only, Parley's own: an id the sender gave the message, so that a repeated send is stored once.
   * 1 to 64 characters from `A-Z a-z 0-9 _ -`.
   */
  id: "+parley/id",
  /** Client-only, Parley's own: the place in the code a message speaks of. */
  ref: "+parley/ref",
  /** Client-only, Parley's own: asks a member to try the server's addresses; the value is an id for the answer. */
  testBack: "+parley/test-back",
  /** Client-only, Parley's own: the id, `PORT=port`, and `ADDRESS=RESULT` for each address that was tried there. */
  testBackResult: "+parley/test-back-result",
  /** Server, Parley's own: the sender's address, where the host shows addresses to everyone. */
  address: "parley/address",
} as const;

const ESCAPES: Readonly<Record<string, string>> = {
  ";": "\\:",
  " ": "\\s",
  "\\": "\\\\",
  "\r": "\\r",
  "\n": "\\n",
};
const UNESCAPES: Readonly<Record<string, string>> = { ":": ";", s: " ", r: "\r", n: "\n" };
// What would end a key, or the line.
const NOT_IN_KEY = /[;= \r\n\0]/;

/** A tag's value as it stands on the wire. NUL, which no line can carry, is dropped. */
export function escapeTagValue(value: string): string {
  return value.replace(/[; \\\r\n\0]/g, (c) => ESCAPES[c] ?? "");
}

/** The value a tag on the wire stands for. An unknown escape loses its backslash, as the specification says. */
export function unescapeTagValue(value: string): string {
  return value.includes("\\")
    ? value.replace(/\\(.?)/gs, (_, c: string) => UNESCAPES[c] ?? c)
    : value;
}

/**
 * The tags of `data`, the part of a line between `@` and the first space. A tag given twice has its last value.
 * Any key but the empty one is taken: "Implementations MUST NOT perform any validation that would reject the message if
 * an invalid tag key name is used."
 */
export function parseTags(data: string): Tags {
  const tags = new Map<string, string>();
  for (const tag of data.split(";")) {
    const equals = tag.indexOf("=");
    const key = equals < 0 ? tag : tag.slice(0, equals);
    if (key !== "") tags.set(key, equals < 0 ? "" : unescapeTagValue(tag.slice(equals + 1)));
  }
  return tags;
}

/**
 * `tags` as they stand on the wire, in their order, without the `@` and the space; "" when there are none.
 *
 * @throws RangeError when a key cannot stand there: empty, or with one of `;`, `=`, space, CR, LF, NUL in it.
 */
export function formatTags(tags: Tags): string {
  let data = "";
  for (const [key, value] of tags) {
    if (key === "" || NOT_IN_KEY.test(key)) throw new RangeError(`"${key}" cannot be a tag's key`);
    if (data !== "") data += ";";
    data += value === "" ? key : `${key}=${escapeTagValue(value)}`;
  }
  return data;
}

/** Whether `key` names a client-only tag, one the server passes on as it is. */
export function isClientOnlyTag(key: string): boolean {
  return key.startsWith("+");
}
