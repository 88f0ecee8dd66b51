// What the server says of itself, of channels and of us: numerics, standard replies, ERROR.
import { applyIsupport } from "../irc/isupport.js";
import type { Message } from "../irc/message.js";
import * as n from "../irc/numerics.js";
import { parseSource, type Source } from "../irc/source.js";
import { MAX_ISUPPORT_TOKENS } from "./limits.js";
import type { StateDraft } from "./state-draft.js";
import { addEvent, addInfo } from "./state-entries.js";
import { plainReply } from "./reply-texts.js";
import { awayText, displayText } from "./text.js";
import { COMMAND_INFO, INFO_TEXTS } from "./texts.js";

/** `typedIn`: the conversation in which the person typed the command that is answered. */
type Handle = (draft: StateDraft, message: Message, source: Source, typedIn?: string) => void;

const welcome: Handle = (draft, message, source) => {
  const nick = message.params[0] ?? draft.get().nick;
  // The nick we had is someone else's now, perhaps our own ghost's.
  if (!draft.isSelf(nick)) draft.updateUser(draft.get().nick, { online: false });
  draft.set({ nick, serverName: source.nick });
  draft.updateUser(nick, { online: true, away: undefined });
  addEvent(draft, "", message, { type: "connected", server: source.nick });
};

const isupport: Handle = (draft, message) => {
  const tokens = message.params.slice(1, -1);
  const next = applyIsupport(draft.get().isupport, tokens, MAX_ISUPPORT_TOKENS);
  draft.setIsupport(next);
  draft.set({ networkName: next.get("NETWORK") ?? draft.get().networkName });
};

const topic: Handle = (draft, message, source) => {
  const [channel = "", text = ""] = message.params;
  if (draft.buffer(channel)?.joined !== true) return;
  const shown = displayText(text);
  draft.patchBuffer(channel, { topic: shown, topicSetBy: source.nick });
  addEvent(draft, channel, message, { type: "topic", nick: source.nick, topic: shown });
};

/** Of a channel we are not in only someone who asks hears. */
const topicReply: Handle = (draft, message, _source, typedIn) => {
  const [, channel = "", text = ""] = message.params.map(displayText);
  if (draft.buffer(channel)?.joined === true) draft.patchBuffer(channel, { topic: text });
  else if (typedIn !== undefined)
    addInfo(draft, typedIn, message, COMMAND_INFO.topic(channel, text));
};

const noTopic: Handle = (draft, message, _source, typedIn) => {
  const channel = message.params[1] ?? "";
  draft.patchBuffer(channel, { topic: "", topicSetBy: undefined });
  if (draft.buffer(channel)?.joined !== true && typedIn !== undefined)
    addInfo(draft, typedIn, message, COMMAND_INFO.noTopic(displayText(channel)));
};

const topicSetBy: Handle = (draft, message) => {
  const [, channel = "", setter = ""] = message.params;
  draft.patchBuffer(channel, { topicSetBy: parseSource(setter).nick });
};

const setAway =
  (isAway: boolean): Handle =>
  (draft, message, _source, typedIn) => {
    const { nick } = draft.get();
    draft.set({ isAway });
    draft.updateUser(nick, { away: isAway ? (draft.user(nick)?.away ?? "") : undefined });
    if (typedIn !== undefined)
      addInfo(draft, typedIn, message, isAway ? COMMAND_INFO.away() : COMMAND_INFO.back());
  };

/** RPL_AWAY: `<me> <nick> :<message>`, an answer to a direct message or to WHOIS. */
const awayReply: Handle = (draft, message) => {
  const [, nick = "", text = ""] = message.params;
  if (draft.user(nick) !== undefined) draft.updateUser(nick, { away: awayText(text) });
};

const loggedIn: Handle = (draft, message) => {
  draft.set({ account: message.params[2] });
};

const loggedOut: Handle = (draft) => {
  draft.set({ account: undefined });
};

const operator: Handle = (draft, message, _source, typedIn) => {
  draft.updateUser(draft.get().nick, { isOperator: true });
  otherReply(draft, message, typedIn);
};

const invite: Handle = (draft, message, source) => {
  const [nick = "", channel = ""] = message.params;
  const text = draft.isSelf(nick)
    ? INFO_TEXTS.invited(source.nick, channel)
    : INFO_TEXTS.inviting(nick, channel);
  const place = draft.buffer(channel)?.joined === true ? channel : "";
  addInfo(draft, place, message, displayText(text));
};

const inviting: Handle = (draft, message, _source, typedIn) => {
  const [, nick = "", channel = ""] = message.params;
  const place = typedIn ?? (draft.buffer(channel) === undefined ? "" : channel);
  addInfo(draft, place, message, displayText(INFO_TEXTS.inviting(nick, channel)));
};

const whoisUser: Handle = (draft, message) => {
  const [, nick = "", user, host, , realname] = message.params;
  if (draft.user(nick) !== undefined) draft.updateUser(nick, { user, host, realname });
};

const whoisOperator: Handle = (draft, message) => {
  const nick = message.params[1] ?? "";
  if (draft.user(nick) !== undefined) draft.updateUser(nick, { isOperator: true });
};

const whoisAccount: Handle = (draft, message) => {
  const [, nick = "", account] = message.params;
  if (draft.user(nick) !== undefined) draft.updateUser(nick, { account });
};

/** RPL_HOSTHIDDEN: `<me> [<user>@]<host> :is now your displayed host` */
const hostHidden: Handle = (draft, message, _source, typedIn) => {
  const [, shown = ""] = message.params;
  const { user, host } = parseSource(
    `${draft.get().nick}${shown.includes("@") ? "!" : "@"}${shown}`,
  );
  draft.updateUser(draft.get().nick, {
    ...(user === undefined ? {} : { user }),
    ...(host === undefined ? {} : { host }),
  });
  otherReply(draft, message, typedIn);
};

/** `<command> <code> [context…] :<text>`. https://ircv3.net/specs/extensions/standard-replies */
const fail: Handle = (draft, message, _source, typedIn) => {
  const [, code = "", ...rest] = message.params;
  const text = displayText(rest.at(-1) ?? "");
  const place = typedIn ?? placeOf(draft, rest.slice(0, -1));
  addEvent(draft, place, message, { type: "error", code, text });
};

const note: Handle = (draft, message, _source, typedIn) => {
  const rest = message.params.slice(2);
  const place = typedIn ?? placeOf(draft, rest.slice(0, -1));
  addInfo(draft, place, message, displayText(rest.at(-1) ?? ""));
};

const closing: Handle = (draft, message) => {
  const text = displayText(message.params[0] ?? "");
  addEvent(draft, "", message, { type: "error", code: "ERROR", text });
};

/** The conversation a reply speaks of: the first of its parameters that names one. */
function placeOf(draft: StateDraft, context: readonly string[]): string {
  const name = context.find((param) => param !== "" && draft.buffer(param) !== undefined);
  return draft.buffer(name ?? "")?.name ?? "";
}

/** Any other numeric: a refusal, or something to read where it was asked for, or else in the server's own buffer. */
export function otherReply(draft: StateDraft, message: Message, typedIn?: string): void {
  const { command } = message;
  const params = message.params.slice(1).map(displayText);
  const plain = plainReply(message);
  if (!n.isErrorNumeric(command)) {
    addInfo(draft, typedIn ?? "", message, plain ?? params.join(" "));
    return;
  }
  const context = params.slice(0, -1);
  const words = [context.join(" "), params.at(-1) ?? ""].filter((part) => part !== "");
  const text = plain ?? words.join(": ");
  const place = typedIn ?? placeOf(draft, context);
  addEvent(draft, place, message, { type: "error", code: command, text });
}

/** Shown only to someone who asks: servers tell them to everyone who connects. */
const whenAsked: Handle = (draft, message, _source, typedIn) => {
  if (typedIn !== undefined) otherReply(draft, message, typedIn);
};

/** The numbers before the text are in it as well. */
const userCounts: Handle = (draft, message, _source, typedIn) => {
  if (typedIn !== undefined)
    addInfo(draft, typedIn, message, displayText(message.params.at(-1) ?? ""));
};

const ignore: Handle = () => undefined;

export const replyHandlers: Readonly<Record<string, Handle>> = {
  [n.RPL_WELCOME]: welcome,
  [n.RPL_MYINFO]: ignore,
  [n.RPL_ISUPPORT]: isupport,
  [n.RPL_YOURHOST]: ignore,
  [n.RPL_CREATED]: ignore,
  [n.RPL_UMODEIS]: whenAsked,
  TOPIC: topic,
  [n.RPL_TOPIC]: topicReply,
  [n.RPL_NOTOPIC]: noTopic,
  [n.RPL_TOPICWHOTIME]: topicSetBy,
  [n.RPL_NOWAWAY]: setAway(true),
  [n.RPL_UNAWAY]: setAway(false),
  [n.RPL_AWAY]: awayReply,
  [n.RPL_LOGGEDIN]: loggedIn,
  [n.RPL_LOGGEDOUT]: loggedOut,
  [n.RPL_YOUREOPER]: operator,
  [n.RPL_HOSTHIDDEN]: hostHidden,
  INVITE: invite,
  [n.RPL_INVITING]: inviting,
  [n.RPL_WHOISUSER]: whoisUser,
  [n.RPL_WHOISOPERATOR]: whoisOperator,
  [n.RPL_WHOISACCOUNT]: whoisAccount,
  [n.RPL_LUSERCLIENT]: whenAsked,
  [n.RPL_LUSEROP]: whenAsked,
  [n.RPL_LUSERUNKNOWN]: whenAsked,
  [n.RPL_LUSERCHANNELS]: whenAsked,
  [n.RPL_LUSERME]: whenAsked,
  [n.RPL_LOCALUSERS]: userCounts,
  [n.RPL_GLOBALUSERS]: userCounts,
  FAIL: fail,
  WARN: note,
  NOTE: note,
  ERROR: closing,
  // Frames of other replies, and what has been taken up elsewhere.
  [n.RPL_ENDOFWHO]: ignore,
  [n.RPL_ENDOFWHOIS]: ignore,
  [n.RPL_ENDOFWHOWAS]: ignore,
  [n.RPL_ENDOFINFO]: ignore,
  [n.RPL_ENDOFHELP]: ignore,
  [n.RPL_ENDOFLINKS]: ignore,
  [n.RPL_ENDOFSTATS]: ignore,
  [n.RPL_ENDOFINVITELIST]: ignore,
  [n.RPL_ENDOFMONLIST]: ignore,
  [n.RPL_LISTSTART]: ignore,
  [n.RPL_LISTEND]: ignore,
  [n.RPL_ENDOFNAMES]: ignore,
  [n.RPL_ENDOFMOTD]: ignore,
  [n.RPL_MOTDSTART]: ignore,
  [n.ERR_NOMOTD]: ignore,
  [n.RPL_CREATIONTIME]: ignore,
  [n.RPL_SASLSUCCESS]: ignore,
  [n.RPL_METADATASUBOK]: ignore,
  [n.RPL_METADATAUNSUBOK]: ignore,
  [n.RPL_METADATASUBS]: ignore,
  [n.RPL_METADATASYNCLATER]: ignore,
};
