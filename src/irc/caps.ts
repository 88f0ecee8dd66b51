// Capabilities. https://ircv3.net/specs/extensions/capability-negotiation

/** Every capability Parley knows of, with its specification. Which of them a server offers or a client asks for is theirs to say. */
export const CAP = {
  accountNotify: "account-notify", // https://ircv3.net/specs/extensions/account-notify
  accountRegistration: "draft/account-registration", // https://ircv3.net/specs/extensions/account-registration
  accountTag: "account-tag", // https://ircv3.net/specs/extensions/account-tag
  audit: "parley/audit", // Parley's own: the host logs everything that is said (ARCHITECTURE.md)
  approval: "parley/approval", // Parley's own: registration waits for the host's approval (docs/decisions/approval.md)
  awayNotify: "away-notify", // https://ircv3.net/specs/extensions/away-notify
  batch: "batch", // https://ircv3.net/specs/extensions/batch
  capNotify: "cap-notify", // https://ircv3.net/specs/extensions/capability-negotiation#cap-notify
  channelRename: "draft/channel-rename", // https://ircv3.net/specs/extensions/channel-rename
  chathistory: "draft/chathistory", // https://ircv3.net/specs/extensions/chathistory
  chghost: "chghost", // https://ircv3.net/specs/extensions/chghost
  echoMessage: "echo-message", // https://ircv3.net/specs/extensions/echo-message
  eventPlayback: "draft/event-playback", // https://ircv3.net/specs/extensions/chathistory#event-playback
  extendedIsupport: "draft/extended-isupport", // https://ircv3.net/specs/extensions/extended-isupport
  extendedJoin: "extended-join", // https://ircv3.net/specs/extensions/extended-join
  extendedMonitor: "extended-monitor", // https://ircv3.net/specs/extensions/extended-monitor
  inviteNotify: "invite-notify", // https://ircv3.net/specs/extensions/invite-notify
  labeledResponse: "labeled-response", // https://ircv3.net/specs/extensions/labeled-response
  messageRedaction: "draft/message-redaction", // https://ircv3.net/specs/extensions/message-redaction
  messageTags: "message-tags", // https://ircv3.net/specs/extensions/message-tags
  metadata: "draft/metadata-3", // https://ircv3.net/specs/extensions/metadata
  multiPrefix: "multi-prefix", // https://ircv3.net/specs/extensions/multi-prefix
  multiline: "draft/multiline", // https://ircv3.net/specs/extensions/multiline
  noImplicitNames: "draft/no-implicit-names", // https://ircv3.net/specs/extensions/no-implicit-names
  preAway: "draft/pre-away", // https://ircv3.net/specs/extensions/pre-away
  readMarker: "draft/read-marker", // https://ircv3.net/specs/extensions/read-marker
  sasl: "sasl", // https://ircv3.net/specs/extensions/sasl-3.2
  search: "soju.im/search", // https://soju.im/search
  selfMessage: "znc.in/self-message", // https://wiki.znc.in/Query_buffers
  serverTime: "server-time", // https://ircv3.net/specs/extensions/server-time
  setname: "setname", // https://ircv3.net/specs/extensions/setname
  sojuRead: "soju.im/read", // https://soju.im/read, the older form of draft/read-marker
  standardReplies: "standard-replies", // https://ircv3.net/specs/extensions/standard-replies
  sts: "sts", // https://ircv3.net/specs/extensions/sts
  userhostInNames: "userhost-in-names", // https://ircv3.net/specs/extensions/userhost-in-names
  zncServerTime: "znc.in/server-time-iso", // server-time by its first name
} as const;

export type Capability = (typeof CAP)[keyof typeof CAP];

/** One word of a list of capabilities. */
export interface CapItem {
  readonly name: string;
  /** "" where there is none. */
  readonly value: string;
  /** `-name`: no longer in force. */
  readonly isDisabled: boolean;
  /** `~name`: in force only after the client has acknowledged it too. */
  readonly needsAck: boolean;
}

/**
 * The words of a list of capabilities. A name may carry modifiers, of which the present specification knows only `-`; older
 * drafts also have `~` and `=` (always in force). https://datatracker.ietf.org/doc/html/draft-mitchell-irc-capabilities-01
 */
export function parseCapItems(list: string): readonly CapItem[] {
  const items: CapItem[] = [];
  for (const word of list.split(" ")) {
    const modifiers = /^[-~=]*/.exec(word)?.[0] ?? "";
    const equals = word.indexOf("=", modifiers.length);
    const name = word.slice(modifiers.length, equals < 0 ? undefined : equals);
    if (name === "") continue;
    items.push({
      name,
      value: equals < 0 ? "" : word.slice(equals + 1),
      isDisabled: modifiers.includes("-"),
      needsAck: modifiers.includes("~"),
    });
  }
  return items;
}

/** The capabilities of a `CAP LS` or `CAP NEW` list with their values; one without a value has the value "". */
export function parseCapList(list: string): ReadonlyMap<string, string> {
  return new Map(parseCapItems(list).map(({ name, value }) => [name, value]));
}
