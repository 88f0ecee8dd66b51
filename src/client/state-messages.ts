// PRIVMSG and NOTICE: live, echoed and from history.
import { channelTypes, prefixModes } from "../irc/isupport.js";
import type { Message } from "../irc/message.js";
import type { Source } from "../irc/source.js";
import { TAG } from "../irc/tags.js";
import type { ChatBuffer, MessageEntry } from "./model.js";
import type { StateDraft } from "./state-draft.js";
import { addInfo, entryId, entryTime, learnSource } from "./state-entries.js";
import { mentionsNick } from "./mentions.js";
import { displayText, formattedText, parseCtcp } from "./text.js";
import { countUnread } from "./unread.js";

/** Begins a mask of servers or hosts, to all of whose users a message goes. */
const BROADCAST = "$";
const MESSAGE_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Which conversation a message belongs to. */
interface Conversation {
  readonly buffer: string;
  readonly kind: ChatBuffer["kind"];
}

/** A live PRIVMSG or NOTICE, or the echo of our own. */
export function receiveMessage(draft: StateDraft, message: Message, source: Source): void {
  if (isFromServer(draft, message, source)) {
    const [target = ""] = message.params;
    // What a server says to a channel belongs there, where people see it.
    const isHere = isChannelName(draft, target) && draft.buffer(target)?.joined === true;
    addInfo(draft, isHere ? target : "", message, displayText(message.params.at(-1) ?? ""));
    return;
  }
  const own = isOwn(draft, message, source);
  const conversation = conversationOf(draft, message, source, own);
  const entry = messageEntry(draft, message, source, own);
  if (entry === undefined || conversation === undefined) return;
  learnSource(draft, message, source);
  if (conversation.kind === "direct") adoptConversation(draft, conversation.buffer);
  if (draft.openBuffer(conversation.buffer, conversation.kind) === undefined) return;
  if (own) receiveOwn(draft, conversation.buffer, entry);
  else receiveFromOther(draft, conversation.buffer, entry);
}

function isFromServer(draft: StateDraft, message: Message, source: Source): boolean {
  if (message.source === undefined || source.nick === draft.get().serverName) return true;
  return source.user === undefined && source.host === undefined && source.nick.includes(".");
}

export function conversationOf(
  draft: StateDraft,
  message: Message,
  source: Source,
  own: boolean,
): Conversation | undefined {
  const target = splitStatusPrefix(draft, message.params[0] ?? "").name;
  if (target === "") return undefined;
  if (isChannelName(draft, target)) return { buffer: target, kind: "channel" };
  const isToSelf = own && isToFormerSelf(draft, message, source);
  const peer = isToSelf ? draft.get().nick : own ? target : source.nick;
  // What an operator says to everyone is no message to us alone.
  if (target.startsWith(BROADCAST) && !(own && draft.buffer(target) !== undefined))
    return { buffer: "", kind: "server" };
  // No one can be answered by such a name.
  if (/^:|\s/.test(peer)) return { buffer: "", kind: "server" };
  return { buffer: peer, kind: "direct" };
}

/** Whether `name` is a channel's on this network. */
export function isChannelName(draft: StateDraft, name: string): boolean {
  return name !== "" && channelTypes(draft.get().isupport).includes(name.charAt(0));
}

/** A message's target: a name, and the status prefix before it. */
interface MessageTarget {
  readonly name: string;
  /** Of several the lowest, which includes the others; "" where there is none. */
  readonly statusPrefix: string;
}

/**
 * A message to `@#channel` reaches the operators of #channel and belongs to it. Servers take more prefixes there than they
 * announce: those of members count as well, but where a channel's name begins with them.
 * https://modern.ircdocs.horse/#statusmsg-parameter
 */
export function splitStatusPrefix(draft: StateDraft, target: string): MessageTarget {
  const { isupport } = draft.get();
  const types = channelTypes(isupport);
  const ranks = prefixModes(isupport).map(({ prefix }) => prefix);
  const announced = isupport.get("STATUSMSG") ?? "";
  const isPrefix = (character: string) =>
    announced.includes(character) || (ranks.includes(character) && !types.includes(character));
  let start = 0;
  while (start < target.length && isPrefix(target.charAt(start))) start++;
  if (!isChannelName(draft, target.slice(start))) return { name: target, statusPrefix: "" };
  const given = Array.from(target.slice(0, start));
  const lowest = ranks.findLast((prefix) => given.includes(prefix)) ?? given[0] ?? "";
  return { name: target.slice(start), statusPrefix: lowest };
}

/** The status prefix of `target` as a field of a MessageEntry. */
export function statusPrefixField(
  draft: StateDraft,
  target: string,
): Pick<MessageEntry, "statusPrefix"> {
  const { statusPrefix } = splitStatusPrefix(draft, target);
  return statusPrefix === "" ? {} : { statusPrefix };
}

/** The entry of a PRIVMSG or NOTICE; undefined for CTCP other than ACTION and for what has no text. */
export function messageEntry(
  draft: StateDraft,
  message: Message,
  source: Source,
  own: boolean,
): MessageEntry | undefined {
  const raw = message.params[1] ?? "";
  const ctcp = parseCtcp(raw);
  if (ctcp !== undefined && ctcp.command !== "ACTION") return undefined;
  const text = displayText(ctcp?.text ?? raw);
  if (text.trim() === "") return undefined;
  const formatted = formattedText(ctcp?.text ?? raw);
  const ownId = own ? message.tags.get(TAG.id) : undefined;
  const isNotice = message.command === "NOTICE";
  return {
    kind: "message",
    id: ownId !== undefined && MESSAGE_ID.test(ownId) ? ownId : entryId(draft, message),
    msgid: message.tags.get(TAG.msgid),
    time: entryTime(draft, message),
    nick: source.nick,
    text,
    ...(formatted !== undefined && { formatted }),
    form: isNotice ? "notice" : ctcp === undefined ? "message" : "action",
    own,
    mention: !own && mentionsNick(text, draft.get().nick, draft.mapping),
    status: "sent",
    error: undefined,
    address: message.tags.get(TAG.address),
    ...statusPrefixField(draft, message.params[0] ?? ""),
  };
}

/**
 * The same account under another nick goes on with the same conversation, not with a second one. The nick that is the name of
 * the account is the one to keep: another that is still here may be a ghost of a lost connection.
 */
export function adoptConversation(draft: StateDraft, nick: string): void {
  const account = draft.user(nick)?.account;
  if (account === undefined || draft.isSelf(nick)) return;
  const isProper = draft.isSame(nick, account);
  if (!isProper && draft.buffer(nick) !== undefined) return;
  for (const name of draft.bufferNames()) {
    const user = draft.buffer(name)?.kind === "direct" ? draft.user(name) : undefined;
    if (user?.account !== account || draft.isSame(name, nick)) continue;
    if (isProper || !user.online) draft.renameBuffer(name, nick);
  }
}

function receiveFromOther(draft: StateDraft, buffer: string, entry: MessageEntry): void {
  if (draft.knows(buffer, entry.msgid ?? entry.id)) return;
  draft.addEntry(buffer, entry);
  countUnread(draft, buffer, [entry]);
  draft.context.onMessage?.(draft.buffer(buffer)?.name ?? buffer, entry);
}

/** What we said in another window or on another device; what was said here is Speech's to recognize. */
function receiveOwn(draft: StateDraft, buffer: string, entry: MessageEntry): void {
  if (!draft.knows(buffer, entry.msgid ?? entry.id) && !draft.knows(buffer, entry.id))
    draft.addEntry(buffer, entry);
}

/** The server's word for what we said takes the place of ours. */
export function confirmEntry(
  draft: StateDraft,
  buffer: string,
  id: string,
  echo: MessageEntry,
): void {
  const { msgid, time, nick, text, formatted, form, address, statusPrefix } = echo;
  draft.changeMessage(buffer, id, {
    msgid,
    time,
    nick,
    text,
    formatted,
    form,
    address,
    statusPrefix,
    status: "sent",
    error: undefined,
  });
}

/** Said to ourselves under a nick we had then: what others say to themselves does not reach us. */
export function isToFormerSelf(draft: StateDraft, message: Message, source: Source): boolean {
  const [target = ""] = message.params;
  return draft.isSame(source.nick, target) && wasSelf(draft, target);
}

/** Whether we had this nick before. */
export function wasSelf(draft: StateDraft, nick: string): boolean {
  return !draft.isSelf(nick) && draft.context.formerNicks?.has(draft.fold(nick)) === true;
}

/** Said by us, or by who is logged in to our account under another nick: that is us as well. */
export function isOwn(draft: StateDraft, message: Message, source: Source): boolean {
  const { account } = draft.get();
  if (draft.isSelf(source.nick) || isToFormerSelf(draft, message, source)) return true;
  return account !== undefined && message.tags.get(TAG.account) === account;
}
