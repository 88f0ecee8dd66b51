// Who is where: JOIN, PART, QUIT, KICK, NICK, NAMES, WHO, MODE and what people tell of themselves.
import { channelModeTypes, prefixModes } from "../irc/isupport.js";
import type { Message } from "../irc/message.js";
import { parseModeChanges } from "../irc/modes.js";
import { parseSource, type Source } from "../irc/source.js";
import { TAG } from "../irc/tags.js";
import { detached, shortened } from "./intake.js";
import { MAX_WORD_LENGTH } from "./limits.js";
import type { Entry, User } from "./model.js";
import type { StateDraft } from "./state-draft.js";
import { addEvent, learnSource } from "./state-entries.js";
import { adoptConversation, isChannelName } from "./state-messages.js";
import { awayText, displayText } from "./text.js";

type Handle = (draft: StateDraft, message: Message, source: Source) => void;

/** The metadata we keep of people; other keys are not asked for and not stored. */
export const METADATA_KEYS = ["avatar", "color", "display-name"] as const;

export function isMetadataKey(key: string): boolean {
  return METADATA_KEYS.some((known) => known === key);
}
const MAX_METADATA_LENGTH = 512;

/** The WHOX fields asked for, and the token that marks the answer as ours. https://ircv3.net/specs/extensions/whox */
export const WHOX_FIELDS = "%tcuhnfar,152";
const WHOX_TOKEN = "152";

const join: Handle = (draft, message, source) => {
  const channel = message.params[0] ?? "";
  if (!isChannelName(draft, channel) || source.nick === "") return;
  if (draft.isSelf(source.nick)) enterChannel(draft, channel);
  const buffer = draft.buffer(channel);
  if (buffer?.joined !== true) return;
  learnSource(draft, message, source);
  // https://ircv3.net/specs/extensions/extended-join: account ("*" for none) and realname come with it
  const [, account, realname] = message.params;
  if (account !== undefined && realname !== undefined)
    draft.updateUser(source.nick, { account: account === "*" ? undefined : account, realname });
  adoptConversation(draft, source.nick);
  tellReturn(draft, message, source.nick);
  if (!buffer.members.has(source.nick))
    draft.setMember(channel, { nick: source.nick, prefixes: "" });
  const address = message.tags.get(TAG.address);
  addEvent(draft, channel, message, { type: "join", nick: source.nick, address });
};

/** A direct message that says that someone has left also says that they are back, once. */
function tellReturn(draft: StateDraft, message: Message, nick: string): void {
  const buffer = draft.buffer(nick);
  if (buffer?.kind !== "direct") return;
  const isSign = (entry: Entry) =>
    entry.kind === "message"
      ? draft.isSame(entry.nick, nick)
      : entry.kind === "event" && "nick" in entry.event && draft.isSame(entry.event.nick, nick);
  const last = buffer.entries.findLast(isSign);
  if (last?.kind === "event" && last.event.type === "quit")
    addEvent(draft, nick, message, { type: "back", nick: buffer.name });
}

function enterChannel(draft: StateDraft, channel: string): void {
  if (draft.openBuffer(channel, "channel") === undefined) return;
  draft.clearMembers(channel);
  draft.patchBuffer(channel, { joined: true, topic: "", topicSetBy: undefined });
}

/** We are no longer in `channel`. */
export function leaveChannel(draft: StateDraft, channel: string): void {
  const members = [...(draft.buffer(channel)?.members.values() ?? [])];
  draft.clearMembers(channel);
  draft.patchBuffer(channel, { joined: false });
  // What is said there from now on does not reach us.
  draft.beginAbsence(channel);
  const nicks = members.map(({ nick }) => nick);
  forgetGone(draft, nicks);
}

/** Whoever shares no channel with us any more may quit without our hearing of it. */
function forgetGone(draft: StateDraft, nicks: readonly string[]): void {
  for (const nick of draft.withoutChannel(nicks))
    if (!draft.isSelf(nick) && draft.user(nick) !== undefined)
      draft.updateUser(nick, { online: false });
}

function removeFrom(draft: StateDraft, channel: string, nick: string): void {
  if (draft.isSelf(nick)) {
    leaveChannel(draft, channel);
    return;
  }
  draft.removeMember(channel, nick);
  forgetGone(draft, [nick]);
}

const part: Handle = (draft, message, source) => {
  const channel = message.params[0] ?? "";
  if (draft.buffer(channel)?.members.has(source.nick) !== true) return;
  const reason = displayText(message.params[1] ?? "");
  addEvent(draft, channel, message, { type: "part", nick: source.nick, reason });
  removeFrom(draft, channel, source.nick);
};

const kick: Handle = (draft, message, source) => {
  const [channel = "", nick = "", reason = ""] = message.params;
  if (draft.buffer(channel)?.members.has(nick) !== true) return;
  addEvent(draft, channel, message, {
    type: "kick",
    nick,
    by: source.nick,
    reason: displayText(reason),
  });
  removeFrom(draft, channel, nick);
};

const quit: Handle = (draft, message, source) => {
  const reason = displayText(message.params[0] ?? "");
  for (const name of draft.bufferNames()) {
    const buffer = draft.buffer(name);
    const isHere = buffer?.kind === "direct" && draft.isSame(name, source.nick);
    if (buffer?.members.has(source.nick) !== true && !isHere) continue;
    addEvent(draft, name, message, { type: "quit", nick: source.nick, reason });
    // They may go on under another nick, and what they say there is part of this conversation.
    if (isHere) draft.beginAbsence(name);
    draft.removeMember(name, source.nick);
  }
  if (draft.user(source.nick) !== undefined) draft.updateUser(source.nick, { online: false });
};

const nick: Handle = (draft, message, source) => {
  const newNick = message.params[0] ?? "";
  if (newNick === "" || newNick.length > MAX_WORD_LENGTH || source.nick === "") return;
  const own = draft.isSelf(source.nick);
  if (!own && draft.user(source.nick) === undefined) return;
  draft.renameUser(source.nick, newNick);
  for (const name of draft.bufferNames()) {
    const buffer = draft.buffer(name);
    const member = buffer?.members.get(source.nick);
    if (member !== undefined) {
      draft.removeMember(name, source.nick);
      draft.setMember(name, { ...member, nick: newNick });
    }
    const isTheirs = buffer?.kind === "direct" && draft.isSame(name, source.nick);
    if (member !== undefined || isTheirs)
      addEvent(draft, name, message, { type: "nick", nick: source.nick, newNick });
  }
  if (own) draft.set({ nick: newNick });
  // The person is the same, so the conversation is: who takes the old nick begins a new one.
  if (!own || isWithOurselves(draft, source.nick, newNick))
    draft.renameBuffer(source.nick, newNick);
  if (!own) tellReturn(draft, message, newNick);
};

/** Whether the conversation under our old nick is one with ourselves, and can go on under the new one. */
function isWithOurselves(draft: StateDraft, oldNick: string, newNick: string): boolean {
  const isFree = draft.isSame(oldNick, newNick) || draft.buffer(newNick) === undefined;
  const entries = draft.buffer(oldNick)?.entries ?? [];
  return isFree && entries.every((entry) => entry.kind !== "message" || entry.own);
}

const mode: Handle = (draft, message, source) => {
  const [target = "", modeString = "", ...params] = message.params;
  if (draft.buffer(target)?.joined !== true) {
    if (draft.isSelf(target)) ownModes(draft, modeString);
    return;
  }
  applyChannelModes(draft, target, modeString, params);
  const modes = displayText([modeString, ...params].join(" "));
  addEvent(draft, target, message, { type: "mode", nick: source.nick, modes });
};

function ownModes(draft: StateDraft, modeString: string): void {
  const types = { list: "", always: "", whenSet: "", never: "" };
  for (const change of parseModeChanges(modeString, [], types))
    if (change.mode === "o") draft.updateUser(draft.get().nick, { isOperator: change.add });
}

function applyChannelModes(
  draft: StateDraft,
  channel: string,
  modeString: string,
  params: readonly string[],
): void {
  const { isupport } = draft.get();
  const ranks = prefixModes(isupport);
  const types = channelModeTypes(isupport);
  for (const change of parseModeChanges(modeString, params, types)) {
    const rank = ranks.find((candidate) => candidate.mode === change.mode);
    const member = draft.buffer(channel)?.members.get(change.param ?? "");
    if (rank === undefined || member === undefined) continue;
    const prefixes = ranks
      .map(({ prefix }) => prefix)
      .filter((prefix) => (prefix === rank.prefix ? change.add : member.prefixes.includes(prefix)));
    draft.setMember(channel, { ...member, prefixes: prefixes.join("") });
  }
}

/** RPL_NAMREPLY: `<nick> <symbol> <channel> :[prefixes]<nick>[!user@host] …` */
const names: Handle = (draft, message) => {
  const channel = message.params[2] ?? "";
  if (draft.buffer(channel)?.joined !== true) return;
  const prefixes = prefixModes(draft.get().isupport).map((rank) => rank.prefix);
  for (const item of (message.params[3] ?? "").split(" ")) {
    if (item.length > MAX_WORD_LENGTH) continue;
    let start = 0;
    while (start < item.length && prefixes.includes(item.charAt(start))) start++;
    const source = parseSource(detached(item.slice(start)));
    if (source.nick === "") continue;
    const { user, host } = source;
    draft.updateUser(source.nick, {
      online: true,
      ...(user === undefined ? {} : { user }),
      ...(host === undefined ? {} : { host }),
    });
    tellReturn(draft, message, source.nick);
    draft.setMember(channel, { nick: source.nick, prefixes: detached(item.slice(0, start)) });
  }
};

/** RPL_WHOREPLY: `<me> <channel> <user> <host> <server> <nick> <flags> :<hops> <realname>` */
const who: Handle = (draft, message) => {
  const [, , user, host, , nick = "", flags = "", tail = ""] = message.params;
  if (draft.user(nick) === undefined) return;
  const realname = tail.replace(/^[0-9]+ ?/, "");
  draft.updateUser(nick, { user, host, realname, ...whoFlags(draft, nick, flags) });
};

/** RPL_WHOSPCRPL with WHOX_FIELDS: `<me> <token> <channel> <user> <host> <nick> <flags> <account> :<realname>` */
const whox: Handle = (draft, message) => {
  const [, token, , user, host, nick = "", flags = "", account, realname] = message.params;
  if (token !== WHOX_TOKEN || draft.user(nick) === undefined) return;
  draft.updateUser(nick, {
    user,
    host,
    realname,
    account: account === "0" ? undefined : account,
    ...whoFlags(draft, nick, flags),
  });
  adoptConversation(draft, nick);
};

function whoFlags(draft: StateDraft, nick: string, flags: string): Partial<User> {
  const bot = draft.get().isupport.get("BOT") ?? "";
  const away = flags.startsWith("G") ? (draft.user(nick)?.away ?? "") : undefined;
  return {
    away,
    isOperator: flags.includes("*"),
    isBot: bot !== "" && flags.slice(1).includes(bot),
  };
}

/** `AWAY [:message]` from someone else. https://ircv3.net/specs/extensions/away-notify */
const away: Handle = (draft, message, source) => {
  if (draft.user(source.nick) === undefined) return;
  const text = message.params[0];
  const reason = text === undefined || text === "" ? undefined : awayText(text);
  const before = draft.user(source.nick)?.away;
  draft.updateUser(source.nick, { away: reason });
  if (draft.isSelf(source.nick)) draft.set({ isAway: reason !== undefined });
  if ((before === undefined) === (reason === undefined)) return;
  for (const name of draft.bufferNames()) {
    const isHere =
      draft.buffer(name)?.members.has(source.nick) === true || draft.isSame(name, source.nick);
    if (!isHere) continue;
    addEvent(
      draft,
      name,
      message,
      reason === undefined
        ? { type: "back", nick: source.nick }
        : { type: "away", nick: source.nick, message: reason },
    );
  }
};

/** https://ircv3.net/specs/extensions/account-notify */
const account: Handle = (draft, message, source) => {
  const name = message.params[0];
  const value = name === undefined || name === "*" ? undefined : name;
  if (draft.user(source.nick) !== undefined) draft.updateUser(source.nick, { account: value });
  if (draft.isSelf(source.nick)) draft.set({ account: value });
};

/** https://ircv3.net/specs/extensions/chghost */
const chghost: Handle = (draft, message, source) => {
  const [user, host] = message.params;
  if (draft.user(source.nick) !== undefined) draft.updateUser(source.nick, { user, host });
};

/** https://ircv3.net/specs/extensions/setname */
const setname: Handle = (draft, message, source) => {
  if (draft.user(source.nick) !== undefined)
    draft.updateUser(source.nick, { realname: displayText(message.params[0] ?? "") });
};

/** `METADATA <target> <key> <visibility> [:value]`, without a value when the key is gone. */
const metadata: Handle = (draft, message) => {
  const [target = "", key = "", , value] = message.params;
  setMetadata(draft, target, key, value);
};

/** RPL_KEYVALUE: `<me> <target> <key> <visibility> :<value>`; RPL_WHOISKEYVALUE is of the same shape. */
const keyValue: Handle = (draft, message) => {
  const [, target = "", key = "", , value] = message.params;
  setMetadata(draft, target, key, value);
};

/** RPL_KEYNOTSET: `<me> <target> <key> :text` */
const keyNotSet: Handle = (draft, message) => {
  const [, target = "", key = ""] = message.params;
  setMetadata(draft, target, key, undefined);
};

function setMetadata(draft: StateDraft, target: string, key: string, value: string | undefined) {
  const nick = target === "*" ? draft.get().nick : target;
  const user = draft.user(nick);
  if (user === undefined || !isMetadataKey(key)) return;
  if (value === undefined && !user.metadata.has(key)) return;
  const next = new Map(user.metadata);
  if (value === undefined) next.delete(key);
  else next.set(key, shortened(displayText(value), MAX_METADATA_LENGTH));
  draft.updateUser(user.nick, { metadata: next });
}

/** RPL_MONONLINE and RPL_MONOFFLINE: `<me> :nick[!user@host],…`. https://ircv3.net/specs/extensions/monitor */
const monitored =
  (online: boolean): Handle =>
  (draft, message) => {
    for (const item of (message.params[1] ?? "").split(",")) {
      const { nick: name, user, host } = parseSource(item);
      if (name === "" || draft.buffer(name)?.kind !== "direct") continue;
      if (!online && draft.user(name)?.online === true) draft.beginAbsence(name);
      if (online) tellReturn(draft, message, name);
      draft.updateUser(name, {
        online,
        ...(user === undefined ? {} : { user }),
        ...(host === undefined ? {} : { host }),
      });
    }
  };

const presence: Handle = (draft, message, source) => {
  // A message without text still shows that someone is there, and who they are.
  if (draft.user(source.nick) !== undefined && message.tags.has(TAG.bot))
    draft.updateUser(source.nick, { isBot: true });
};

export const membershipHandlers: Readonly<Record<string, Handle>> = {
  JOIN: join,
  PART: part,
  KICK: kick,
  QUIT: quit,
  NICK: nick,
  MODE: mode,
  AWAY: away,
  ACCOUNT: account,
  CHGHOST: chghost,
  SETNAME: setname,
  METADATA: metadata,
  TAGMSG: presence,
  "352": who,
  "353": names,
  "354": whox,
  "730": monitored(true),
  "731": monitored(false),
  "760": keyValue,
  "761": keyValue,
  "766": keyNotSet,
};
