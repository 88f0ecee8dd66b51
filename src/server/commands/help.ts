// HELP. https://modern.ircdocs.horse/#help-message
import { ERR_HELPNOTFOUND, RPL_ENDOFHELP, RPL_HELPSTART, RPL_HELPTXT } from "../../irc/numerics.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError } from "../errors.js";

export const helpCommands: CommandTable = {
  HELP: { run: help },
  HELPOP: { run: help },
};

/** What each command is for: how it is written, then what it does. */
export const HELP_TEXTS: Readonly<Record<string, readonly [usage: string, purpose: string]>> = {
  AUTHENTICATE: ["AUTHENTICATE <mechanism or data>", "Logs in to an account (SASL)."],
  AWAY: ["AWAY [text]", "Says that you are away, or without a text that you are back."],
  BATCH: ["BATCH +<id> draft/multiline <target>", "Begins or ends a message of several lines."],
  CAP: ["CAP LS 302 | LIST | REQ :<names> | END", "Negotiates capabilities."],
  CHATHISTORY: [
    "CHATHISTORY LATEST|BEFORE|AFTER|AROUND <target> <msgid= or timestamp=> <limit>",
    "Reads what was said. Also BETWEEN with two places, and TARGETS with two times.",
  ],
  HELP: ["HELP [command]", "Says what a command is for."],
  HELPOP: ["HELPOP [command]", "The same as HELP."],
  INFO: ["INFO", "Tells about the server."],
  INVITE: ["INVITE [nick #channel]", "Invites somebody, or lists your invitations."],
  ISON: ["ISON <nick>…", "Says which of these are here."],
  ISUPPORT: ["ISUPPORT", "Lists what the server supports."],
  JOIN: ["JOIN <#channel>[,…] [key][,…]", "Joins channels."],
  KICK: ["KICK <#channel> <nick> [reason]", "Removes somebody from a channel."],
  KILL: ["KILL <nick> [reason]", "Disconnects somebody. For operators."],
  LINKS: ["LINKS", "Lists the servers of the network."],
  LIST: ["LIST [conditions]", "Lists channels, such as those with >10 members or like #a*."],
  LUSERS: ["LUSERS", "Counts who is here."],
  MARKREAD: ["MARKREAD <target> [timestamp=…]", "Asks or says up to where you have read."],
  METADATA: [
    "METADATA <target> GET|LIST|SET|CLEAR|SUB|UNSUB|SUBS|SYNC …",
    "Reads and sets names, colours and pictures.",
  ],
  MODE: ["MODE <target> [modes]", "Shows or changes modes."],
  MONITOR: ["MONITOR + | - <nick>[,…] | C | L | S", "Tells you when people come and go."],
  MOTD: ["MOTD", "Shows the message of the day."],
  NAMES: ["NAMES [#channel]", "Lists members."],
  NICK: ["NICK <nick>", "Changes your nick."],
  NOTICE: ["NOTICE <target>[,…] <text>", "Says something that nobody answers by itself."],
  OPER: ["OPER <name> <password>", "Makes you an operator of the server."],
  PART: ["PART <#channel>[,…] [reason]", "Leaves channels."],
  PASS: ["PASS <password>", "Gives the server's password, before NICK and USER."],
  PING: ["PING <text>", "Is answered by PONG."],
  PONG: ["PONG <text>", "Answers PING."],
  PRIVMSG: ["PRIVMSG <target>[,…] <text>", "Says something to a channel or to somebody."],
  QUIT: ["QUIT [reason]", "Ends the connection."],
  REDACT: ["REDACT <target> <msgid> [reason]", "Deletes a message."],
  REGISTER: [
    "REGISTER * <email or *> <password>",
    "Makes an account for your nick. No mail is sent to the address.",
  ],
  REHASH: ["REHASH", "Reads the configuration again. For operators."],
  RELEASE: ["RELEASE <nick>", "Takes a nick from the account that owns it. For operators."],
  RENAME: ["RENAME <#old> <#new> [reason]", "Gives a channel another name."],
  SEARCH: ["SEARCH <in=#channel;from=nick;text=words;limit=20>", "Finds what was said."],
  SETNAME: ["SETNAME <name>", "Changes your real name."],
  TAGMSG: ["TAGMSG <target>", "Sends tags without a text."],
  TIME: ["TIME", "Tells the server's time."],
  TOPIC: ["TOPIC <#channel> [topic]", "Shows or changes a channel's topic."],
  USER: ["USER <user> 0 * <real name>", "Says who you are, once."],
  USERHOST: ["USERHOST <nick>…", "Shows where people are."],
  VERIFY: [
    "VERIFY <account> <code>",
    "Has nothing to do here: accounts are complete once they are registered.",
  ],
  VERSION: ["VERSION", "Tells what the server is."],
  WALLOPS: ["WALLOPS <text>", "Tells all operators something. For operators."],
  WHO: ["WHO <mask> [o] [%fields]", "Lists people."],
  WHOIS: ["WHOIS <nick>", "Tells about somebody."],
  WHOWAS: ["WHOWAS <nick> [count]", "Tells about somebody who has left."],
};

const INDEX = "index";
const NAMES_PER_LINE = 8;

function help({ params, reply }: CommandContext): void {
  const subject = (params[0] ?? "").toUpperCase();
  if (subject === "") {
    reply.numeric(RPL_HELPSTART, INDEX, "HELP <command> tells about one of these");
    const names = Object.keys(HELP_TEXTS);
    while (names.length > 0)
      reply.numeric(RPL_HELPTXT, INDEX, names.splice(0, NAMES_PER_LINE).join(" "));
    reply.numeric(RPL_ENDOFHELP, INDEX, "End of /HELP");
    return;
  }
  const text = HELP_TEXTS[subject];
  if (text === undefined)
    throw new CommandError(ERR_HELPNOTFOUND, subject, "There is no help on this");
  reply.numeric(RPL_HELPSTART, subject, text[0]);
  reply.numeric(RPL_HELPTXT, subject, text[1]);
  reply.numeric(RPL_ENDOFHELP, subject, "End of /HELP");
}
