// What the numerics of servers say, in plain English: each server has words of its own, and most are older than the web.
import type { Message } from "../irc/message.js";
import * as n from "../irc/numerics.js";
import { displayText } from "./text.js";
import { COMMAND_ERRORS } from "./texts.js";

/** Its parameters are what the numeric names, in its order. Undefined: no one could say it better. */
type Say = (names: readonly string[]) => string | undefined;

/** Says it only of what the numeric names. */
const of =
  (say: (name: string) => string): Say =>
  ([name = ""]) =>
    name === "" ? undefined : say(name);

const ofTwo =
  (say: (first: string, second: string) => string): Say =>
  ([first = "", second = ""]) =>
    first === "" || second === "" ? undefined : say(first, second);

const always =
  (text: string): Say =>
  () =>
    text;

const CHANNEL = /^[#&+!]/;

/** An ERR_BADCHANNELKEY with this behind the channel: a key was given, and it is wrong. */
export const WRONG_KEY = "wrong";

const noChannel = (channel: string) =>
  `There is no channel ${channel}. Check the spelling, or enter /list to see the channels.`;
export const noPerson = (nick: string) => `No one with the nick ${nick} is connected.`;
/** For a row, which stays while people come back. */
const noPersonThen = (nick: string) => `No one with the nick ${nick} was connected then.`;
const noOperator = (channel: string) =>
  `You are not an operator of ${channel}. Ask one of its operators to do this, or to make you one.`;
const takenNick = (nick: string) => `The nick ${nick} is taken. Choose another one.`;

/** Refusals, each with what to do. */
const REFUSALS: Readonly<Record<string, Say>> = {
  [n.ERR_NOSUCHNICK]: of((name) => (CHANNEL.test(name) ? noChannel(name) : noPersonThen(name))),
  [n.ERR_NOSUCHSERVER]: of((name) => `There is no server or person named ${name}.`),
  [n.ERR_NOSUCHCHANNEL]: of(noChannel),
  [n.ERR_TOOMANYCHANNELS]: always(
    "You are in as many channels as this server allows. Leave one first.",
  ),
  [n.ERR_WASNOSUCHNICK]: of((nick) => `No one with the nick ${nick} has been here lately.`),
  [n.ERR_INPUTTOOLONG]: always("This is too long for the server. Shorten it."),
  [n.ERR_UNKNOWNCOMMAND]: of((command) => `This server does not know the command ${command}.`),
  [n.ERR_NONICKNAMEGIVEN]: always("Name a nick."),
  [n.ERR_ERRONEUSNICKNAME]: of(
    (nick) => `This server does not allow the nick ${nick}. Choose another one.`,
  ),
  [n.ERR_NICKNAMEINUSE]: of(takenNick),
  [n.ERR_NICKCOLLISION]: of(takenNick),
  [n.ERR_NICKTOOFAST]: always("You are changing your nick too fast. Wait a little and try again."),
  [n.ERR_USERNOTINCHANNEL]: ofTwo((nick, channel) => `${nick} is not in ${channel}.`),
  [n.ERR_NOTONCHANNEL]: of(COMMAND_ERRORS["not-in-channel"]),
  [n.ERR_USERONCHANNEL]: ofTwo((nick, channel) => `${nick} is already in ${channel}.`),
  [n.ERR_NEEDMOREPARAMS]: of(
    (command) => `${command} needs more than that. Enter /help to see how commands are used.`,
  ),
  [n.ERR_ALREADYREGISTERED]: always("This can be done only while connecting."),
  [n.ERR_PASSWDMISMATCH]: always("The password is wrong."),
  [n.ERR_KEYSET]: of((channel) => `${channel} has a key already. Remove it first.`),
  [n.ERR_CHANNELISFULL]: of((channel) => `${channel} is full. Try again later.`),
  [n.ERR_UNKNOWNMODE]: of((mode) => `This server has no mode ${mode}.`),
  [n.ERR_INVITEONLYCHAN]: of(
    (channel) => `${channel} is by invitation only. Ask someone in it to invite you.`,
  ),
  [n.ERR_BANNEDFROMCHAN]: of(
    (channel) => `You are banned from ${channel}. Ask one of its operators to let you in.`,
  ),
  [n.ERR_BADCHANNELKEY]: ([channel = "", key]) => {
    if (channel === "") return undefined;
    const what = key === undefined ? `${channel} needs a key.` : `The key for ${channel} is wrong.`;
    return `${what} Enter /join ${channel} followed by the key, or ask someone in it for the key.`;
  },
  [n.ERR_BADCHANMASK]: of((name) => `${name} is not a channel name.`),
  [n.ERR_BANLISTFULL]: of(
    (channel) => `This list of ${channel} is full. Remove something from it first.`,
  ),
  [n.ERR_NOPRIVILEGES]: always(
    "Only operators of the server can do this. Ask one of them, or the host.",
  ),
  [n.ERR_CHANOPRIVSNEEDED]: of(noOperator),
  [n.ERR_NOOPERHOST]: always("You cannot become an operator of the server from this computer."),
  [n.ERR_UMODEUNKNOWNFLAG]: always("This server has no such mode."),
  [n.ERR_USERSDONTMATCH]: always("You can change only your own modes."),
  [n.ERR_HELPNOTFOUND]: always("The server has no help on this."),
  [n.ERR_INVALIDMODEPARAM]: ([channel = "", mode = "", value = "*"]) =>
    value === "*" && mode !== "" ? `Mode ${mode} of ${channel} needs a value after it.` : undefined,
  [n.ERR_INVALIDKEY]: always("This key is not allowed. Choose one without spaces and commas."),
};

const listed =
  (what: string): Say =>
  ([channel = "", mask = "", by]) =>
    mask === ""
      ? undefined
      : `${what} ${channel}: ${mask}${by === undefined ? "" : ` (by ${by.replace(/!.*/, "")})`}`;

const endOfList = (what: string): Say => of((channel) => `End of the ${what} of ${channel}.`);

/** Answers. */
const ANSWERS: Readonly<Record<string, Say>> = {
  [n.RPL_TRYAGAIN]: of((command) => `The server is too busy for ${command}. Try again later.`),
  [n.RPL_YOUREOPER]: always("You are an operator of this server now."),
  [n.RPL_HOSTHIDDEN]: of((host) => `Others see your address as ${host} now.`),
  [n.RPL_ENDOFBANLIST]: endOfList("bans"),
  [n.RPL_ENDOFEXCEPTLIST]: endOfList("exceptions from bans"),
  [n.RPL_ENDOFINVEXLIST]: endOfList("exceptions from needing an invitation"),
};
/** The last of what these name is no text. */
const LISTS: Readonly<Record<string, Say>> = {
  [n.RPL_UMODEIS]: ([modes = ""]) => `Your modes: ${modes}`,
  [n.RPL_CHANNELMODEIS]: ([channel = "", ...modes]) => `Modes of ${channel}: ${modes.join(" ")}`,
  [n.RPL_BANLIST]: listed("Banned from"),
  [n.RPL_EXCEPTLIST]: listed("Never banned from"),
  [n.RPL_INVEXLIST]: listed("Needs no invitation to"),
};

/** Why a channel takes no message, by the mode its server names. */
const NOT_TAKEN: readonly (readonly [RegExp, (channel: string) => string])[] = [
  [
    /\+m\b|\bvoice\b/i,
    (channel) =>
      `${channel} is moderated: only people with voice can speak. Ask one of its operators for voice.`,
  ],
  [/\+n\b/, COMMAND_ERRORS["not-in-channel"]],
  [
    /\+b\b/,
    (channel) => `You are banned from ${channel}. Ask one of its operators to let you speak.`,
  ],
];

function cannotSend(channel: string, why: string): string | undefined {
  return NOT_TAKEN.find(([mode]) => mode.test(why))?.[1](channel);
}

/** What a numeric says, in plain English; undefined where the server's own words have to do. */
export function plainReply({ command, params }: Message): string | undefined {
  const names = params.slice(1).map(displayText);
  const list = LISTS[command];
  if (list !== undefined) return list(names);
  if (command === n.ERR_CANNOTSENDTOCHAN && params.length > 2)
    return cannotSend(names[0] ?? "", names.at(-1) ?? "");
  return (REFUSALS[command] ?? ANSWERS[command])?.(names.slice(0, -1));
}

/** The same, or else the server's own words. */
export function replyText(line: Message): string {
  return plainReply(line) ?? displayText(line.params.at(-1) ?? "");
}
