// What the server says of itself, of channels and of us: numerics, standard replies, ERROR.
import { applyIsupport } from "../irc/isupport.js";
import type { Message } from "../irc/message.js";
import * as n from "../irc/numerics.js";
import { parseSource, type Source } from "../irc/source.js";
import { MAX_ISUPPORT_TOKENS } from "./limits.js";
import type { StateDraft } from "./state-draft.js";
import { addEvent, addInfo } from "./state-entries.js";
import { awayText, displayText } from "./text.js";
import { INFO_TEXTS } from "./texts.js";

type Handle = (draft: StateDraft, message: Message, source: Source) => void;

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

const topicReply: Handle = (draft, message) => {
  const [, channel = "", text = ""] = message.params;
  if (draft.buffer(channel)?.joined === true)
    draft.patchBuffer(channel, { topic: displayText(text) });
};

const noTopic: Handle = (draft, message) => {
  const channel = message.params[1] ?? "";
  draft.patchBuffer(channel, { topic: "", topicSetBy: undefined });
};

const topicSetBy: Handle = (draft, message) => {
  const [, channel = "", setter = ""] = message.params;
  draft.patchBuffer(channel, { topicSetBy: parseSource(setter).nick });
};

const setAway =
  (isAway: boolean): Handle =>
  (draft) => {
    const { nick } = draft.get();
    draft.set({ isAway });
    draft.updateUser(nick, { away: isAway ? (draft.user(nick)?.away ?? "") : undefined });
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

const operator: Handle = (draft, message) => {
  draft.updateUser(draft.get().nick, { isOperator: true });
  addInfo(draft, "", message, displayText(message.params.at(-1) ?? ""));
};

const invite: Handle = (draft, message, source) => {
  const [nick = "", channel = ""] = message.params;
  const text = draft.isSelf(nick)
    ? INFO_TEXTS.invited(source.nick, channel)
    : INFO_TEXTS.inviting(nick, channel);
  const place = draft.buffer(channel)?.joined === true ? channel : "";
  addInfo(draft, place, message, displayText(text));
};

const inviting: Handle = (draft, message) => {
  const [, nick = "", channel = ""] = message.params;
  const place = draft.buffer(channel) === undefined ? "" : channel;
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
const hostHidden: Handle = (draft, message) => {
  const [, shown = ""] = message.params;
  const { user, host } = parseSource(
    `${draft.get().nick}${shown.includes("@") ? "!" : "@"}${shown}`,
  );
  draft.updateUser(draft.get().nick, {
    ...(user === undefined ? {} : { user }),
    ...(host === undefined ? {} : { host }),
  });
  otherReply(draft, message);
};

/** `<command> <code> [context…] :<text>`. https://ircv3.net/specs/extensions/standard-replies */
const fail: Handle = (draft, message) => {
  const [, code = "", ...rest] = message.params;
  const text = displayText(rest.at(-1) ?? "");
  addEvent(draft, placeOf(draft, rest.slice(0, -1)), message, { type: "error", code, text });
};

const note: Handle = (draft, message) => {
  const rest = message.params.slice(2);
  const place = placeOf(draft, rest.slice(0, -1));
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

/** Any other numeric: a refusal, or something to read in the server's own buffer. */
export function otherReply(draft: StateDraft, message: Message): void {
  const params = message.params.slice(1);
  const context = params.slice(0, -1);
  const text = displayText(params.at(-1) ?? "");
  if (n.isErrorNumeric(message.command)) {
    const shown = displayText([context.join(" "), text].filter((part) => part !== "").join(": "));
    addEvent(draft, placeOf(draft, context), message, {
      type: "error",
      code: message.command,
      text: shown,
    });
    return;
  }
  addInfo(draft, "", message, displayText(params.join(" ")));
}

/** The numbers before the text are in it as well. */
const userCounts: Handle = (draft, message) => {
  addInfo(draft, "", message, displayText(message.params.at(-1) ?? ""));
};

const ignore: Handle = () => undefined;

export const replyHandlers: Readonly<Record<string, Handle>> = {
  [n.RPL_WELCOME]: welcome,
  [n.RPL_MYINFO]: ignore,
  [n.RPL_ISUPPORT]: isupport,
  [n.RPL_UMODEIS]: ignore,
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
  [n.RPL_LOCALUSERS]: userCounts,
  [n.RPL_GLOBALUSERS]: userCounts,
  FAIL: fail,
  WARN: note,
  NOTE: note,
  ERROR: closing,
  // Frames of other replies, and what has been taken up elsewhere.
  [n.RPL_ENDOFWHO]: ignore,
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
