// The English words the client itself shows: all of them, so that a user interface can put its own in their place.
import type { ListedChannel, Whois } from "./queries.js";

/** What may stand in a nick; other networks may allow less. */
const NICK_RULE = "A nick can contain only letters, digits and - _ [ ] \\ ` ^ { } |";

/** Errors of messages that could not be sent (MessageEntry.error). */
export const SEND_ERRORS = {
  notConnected: "Not connected.",
  noAnswer: "The server did not confirm the message.",
  unconfirmed: "The connection was lost before the server confirmed this. It may have arrived.",
  audited:
    "Not sent: the host logs everything on this server. Send it again if it may be logged, or discard it.",
  notReceived: "No one received this notice. Check the name, or join the channel first.",
  elsewhere: (name: string, error: string) => `Your message to ${name} was not sent: ${error}`,
  flood:
    "The server closed the connection each time this was sent. Shorten it, or try again later.",
} as const;

/** Why a text is not taken (SessionError); it stays where it was typed. */
export const QUEUE_ERRORS = {
  "too-long": "This text is too long. Send it in parts.",
  "queue-full":
    "Too much is waiting to be sent. Try again when some of it has been sent, or discard messages that failed.",
} as const;

/** Why a nick is refused, where the server tells more than that. */
export const NICK_REFUSALS = {
  reserved: (nick: string) =>
    `The nick ${nick} belongs to someone else on this server, or looks like one that does. Choose another one, or ask the host to release it if it is yours.`,
  yours: (nick: string) => `Another connection of yours has the nick ${nick}.`,
} as const;

/** Why a nick is not released. */
export const RELEASE_ERRORS = {
  rights:
    "Only the host and operators of the server can release a nick. Ask the host to run Chat: Release a Nick…",
  unknown: "This server has no owned nicks to release. Ask its operators or services (NickServ).",
} as const;

/** Rows in the server's buffer that no server wrote. */
export const INFO_TEXTS = {
  invited: (nick: string, channel: string) =>
    `${nick} invited you to ${channel}. Enter /join ${channel} to accept.`,
  inviting: (nick: string, channel: string) => `${nick} has been invited to ${channel}.`,
} as const;

/** What a SlashCommandError says; the parameters are its `args`. */
export const COMMAND_ERRORS = {
  "unknown-command": (name = "", nearest = "") =>
    nearest === ""
      ? `There is no command ${name}. Enter /help to list the commands, or begin with // to send text that starts with a slash.`
      : `There is no command ${name}. Did you mean ${nearest}? Begin with // to send text that starts with a slash.`,
  usage: (usage = "") => `Usage: ${usage}`,
  "no-conversation": () => "This works only in a channel or a direct message.",
  "no-channel": () =>
    "This works only in a channel. Elsewhere, name the channel, such as #general.",
  "not-in-channel": (channel = "") =>
    `You are not in ${channel}. Enter /join ${channel} to join it.`,
  "bad-nick": (nick = "") => `“${nick}” is not a nick. ${NICK_RULE}`,
  "mode-needs": (channel = "", mode = "", needs = "") =>
    `${mode} needs a ${needs}. Enter /mode ${channel} ${mode} followed by the ${needs}.`,
  "not-connected": () => "Offline. Your draft is saved. Send it when you are connected again.",
  "timed-out": () => "The server did not answer in time. Try again.",
  "code-cut": (count = "") =>
    `The code block is too long for one message. It would become ${count} messages.`,
  "no-such-nick": (text = "") => text,
  "queue-full": (text = "") => text,
  "too-long": (text = "") => text,
  refused: (text = "") => text,
} as const;

export type CommandErrorCode = keyof typeof COMMAND_ERRORS;

/** What is sent in the person's name when they give no words of their own. */
export const COMMAND_TEXTS = { away: "Away" } as const;

/** What commands answer. */
export const COMMAND_INFO = {
  rawSent: () => "Sent to the server.",
  sameNick: (nick: string) => `You are ${nick} already.`,
  newNick: (nick: string) => `You are ${nick} now.`,
  alreadyWith: (nick: string) => `This is your conversation with ${nick}.`,
  alreadyIn: (channel: string) => `You are in ${channel} already.`,
  away: () => "You are marked as away. Enter /back when you are here again.",
  back: () => "You are back.",
  notAway: () => "You are not away.",
  isOperator: (nick: string, channel: string) => `${nick} is an operator of ${channel} already.`,
  isNoOperator: (nick: string, channel: string) => `${nick} is not an operator of ${channel}.`,
  hasVoice: (nick: string, channel: string) => `${nick} has voice in ${channel} already.`,
  hasNoVoice: (nick: string, channel: string) => `${nick} does not have voice in ${channel}.`,
  left: (channel: string) => `You left ${channel}.`,
  removed: (nick: string, channel: string) => `${nick} was removed from ${channel}.`,
  modes: (target: string, modes: string) => `Modes of ${target} changed: ${modes}`,
  ownModes: (modes: string) => `Your modes changed: ${modes}`,
  noChange: () => "Nothing changed.",
  done: () => "Done.",
  topic: (channel: string, topic: string) => `Topic of ${channel}: ${topic}`,
  noTopic: (channel: string) => `${channel} has no topic.`,
  names: (channel: string, names: readonly string[]) => `In ${channel}: ${names.join(", ")}`,
  list: (channels: readonly ListedChannel[], max: number) => {
    if (channels.length === 0) return "There are no channels.";
    const shown = channels
      .toSorted((a, b) => b.members - a.members)
      .slice(0, max)
      .map(({ name, members, topic }) => `${name} (${members})${topic === "" ? "" : `: ${topic}`}`);
    const more = channels.length - shown.length;
    return shown.concat(more > 0 ? [`… and ${more} more`] : []).join("\n");
  },
  released: (nick: string) => `The nick ${nick} is free. The next person to take it will own it.`,
  whois: (whois: Whois) => {
    const { nick, user, host, realname, channels } = whois;
    const lines = [
      `${nick} is ${user ?? "?"}@${host ?? "?"}${realname === undefined ? "" : ` (${realname})`}`,
    ];
    if (whois.account !== undefined) lines.push(`Account: ${whois.account}`);
    if (channels.length > 0) lines.push(`Channels: ${channels.join(" ")}`);
    if (whois.server !== undefined) lines.push(`Server: ${whois.server}`);
    if (whois.actualAddress !== undefined) lines.push(`Address: ${whois.actualAddress}`);
    if (whois.isSecure) lines.push("Connection: encrypted");
    if (whois.isOperator) lines.push("Server operator");
    if (whois.isBot) lines.push("Bot");
    if (whois.away !== undefined) lines.push(`Away: ${whois.away}`);
    if (whois.idleSeconds !== undefined) lines.push(`Idle: ${idle(whois.idleSeconds)}`);
    return lines.join("\n");
  },
} as const;

function idle(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
