// How the audit log words what was said and what happened. One event is one line that no one's text can forge:
// `nick -> target: text` for messages, `* …` for events, and `    | text` for the further lines of a message.
import {
  formatModeChanges,
  parseChanmodes,
  parseModeChanges,
  type ModeChange,
} from "../../irc/modes.js";
import { escapeUnseen } from "../../irc/printable.js";
import { parseSource } from "../../irc/source.js";
import { NO_TAGS, formatTags } from "../../irc/tags.js";
import { ROLES } from "../channel.js";
import type { Client } from "../client.js";
import type { OutgoingParts } from "../delivery.js";
import { isOfTheMoment } from "../tags-of-the-moment.js";
import { parseLine } from "../history/text.js";
import { MULTILINE } from "../history/store.js";
import { CHANMODES } from "../isupport.js";

const EVENT = "* ";
const CONTINUATION = "    | ";
/** No line of a text begins like this. */
const TAGS = "    @ ";
const MODE_TYPES = parseChanmodes(CHANMODES, ROLES.map((role) => role.mode).join(""));
// eslint-disable-next-line no-control-regex -- CTCP is marked by them
const ACTION = /^\x01ACTION (.*?)\x01?$/s;

/** What the log calls a client, which may have no nick yet. */
export function nameInLog({ nick, isRegistered, isWaiting, connection }: Client): string {
  const { address, port } = connection.info;
  return isRegistered || isWaiting ? nick : `someone who connects from ${address} port ${port}`;
}

/** The line of an event, without its time. */
export function eventLine(text: string): string {
  return EVENT + escapeUnseen(text);
}

/** The lines of a message, without their time, which stands before the first. None for what is not logged. */
export function messageLines(parts: OutgoingParts): readonly string[] {
  const { command, params } = parts;
  const nick = parseSource(parts.source).nick;
  const [target = "", text = "", more = ""] = params;
  const because = (reason: string) => (reason === "" ? "" : `: ${reason}`);
  switch (command) {
    case "PRIVMSG":
    case "NOTICE":
      return [...said(nick, target, command, [text]), ...tagLines(parts)];
    case MULTILINE:
      return [...said(nick, text, target, joined(params.slice(2))), ...tagLines(parts)];
    case "TAGMSG":
      return [`${nick} -> ${target} (tags): ${visibleTags(parts)}`];
    case "WALLOPS":
      return said(nick, "operators", command, [target]);
    case "INVITE":
      return [eventLine(`${nick} invited ${target} to ${text}`)];
    case "JOIN":
      return [eventLine(`${nick} joined ${target}`)];
    case "PART":
      return [eventLine(`${nick} left ${target}${because(text)}`)];
    case "KICK":
      return [eventLine(`${nick} removed ${text} from ${target}${because(more)}`)];
    case "TOPIC":
      return [
        eventLine(
          text === ""
            ? `${nick} removed the topic of ${target}`
            : `${nick} changed the topic of ${target} to: ${text}`,
        ),
      ];
    case "MODE":
      return [eventLine(`${nick} set the modes ${modesIn(params.slice(1))} of ${target}`)];
    case "RENAME":
      return [eventLine(`${nick} renamed ${target} to ${text}${because(more)}`)];
    case "NICK":
      return [eventLine(`${nick} is now ${target}`)];
    case "QUIT":
      return [eventLine(`${nick} disconnected: ${target}`)];
    default:
      return [];
  }
}

function said(nick: string, target: string, command: string, lines: readonly string[]): string[] {
  const action = ACTION.exec(lines[0] ?? "");
  const kind =
    command === "PRIVMSG" ? (action === null ? "" : " (action)") : ` (${command.toLowerCase()})`;
  const [first = "", ...others] = action === null ? lines : [action[1] ?? "", ...lines.slice(1)];
  return [
    `${nick} -> ${target}${kind}: ${escapeUnseen(first)}`,
    ...others.map((line) => CONTINUATION + escapeUnseen(line)),
  ];
}

/** The lines of a message of several as they were written. */
function joined(stored: readonly string[]): string[] {
  const lines: string[] = [];
  for (const { text, isContinued } of stored.map(parseLine)) {
    if (isContinued && lines.length > 0) lines.push((lines.pop() ?? "") + text);
    else lines.push(text);
  }
  return lines;
}

/** What a message says by its tags: others can read them as they read its text. */
function tagLines(parts: OutgoingParts): string[] {
  const tags = visibleTags(parts);
  return tags === "" ? [] : [TAGS + tags];
}

function visibleTags({ clientTags = NO_TAGS }: OutgoingParts): string {
  if (clientTags.size === 0) return "";
  const said = [...clientTags].filter(([key, value]) => !isOfTheMoment(key, value));
  return escapeUnseen(formatTags(new Map(said)));
}

/** The changes, without the key of the channel, which is a password. */
function modesIn([modes = "", ...params]: readonly string[]): string {
  const hidden = (change: ModeChange) =>
    change.mode === "k" && change.param !== undefined ? { ...change, param: "*" } : change;
  return formatModeChanges(parseModeChanges(modes, params, MODE_TYPES).map(hidden)).join(" ");
}
