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
  APPROVE: ["APPROVE <nick> [ALWAYS]", "Lets someone in who waits. For operators."],
  AUTHENTICATE: ["AUTHENTICATE <mechanism or data>", "Logs in to an account (SASL)."],
  AWAY: ["AWAY [text]", "Marks you as away, or as back without a text."],
  BAN: ["BAN <nick> [reason]", "Sends someone away for good. For operators."],
  BATCH: ["BATCH +<id> draft/multiline <target>", "Starts or ends a message of several lines."],
  CAP: ["CAP LS 302 | LIST | REQ :<names> | END", "Negotiates capabilities."],
  CHATHISTORY: [
    "CHATHISTORY LATEST|BEFORE|AFTER|AROUND <target> <msgid= or timestamp=> <limit>",
    "Reads stored messages. Also BETWEEN with two positions, and TARGETS with two times.",
  ],
  DECISIONS: ["DECISIONS", "Lists who is let in or banned. For operators."],
  DENY: ["DENY <nick> [reason]", "Sends someone away who waits. For operators."],
  FILEHOST: ["FILEHOST", "Says where, and with which token, you upload a picture of yourself."],
  FORGET: ["FORGET <nick>", "Takes back an approval or a ban. For operators."],
  HELP: ["HELP [command]", "Explains a command."],
  HELPOP: ["HELPOP [command]", "The same as HELP."],
  INFO: ["INFO", "Shows information about the server."],
  INVITE: ["INVITE [nick #channel]", "Invites someone, or lists your invitations."],
  ISON: ["ISON <nick>…", "Shows which of these people are connected."],
  ISUPPORT: ["ISUPPORT", "Lists what the server supports."],
  JOIN: ["JOIN <#channel>[,…] [key][,…]", "Joins channels."],
  KICK: ["KICK <#channel> <nick> [reason]", "Removes someone from a channel."],
  KILL: ["KILL <nick> [reason]", "Disconnects someone. For operators."],
  KNOCK: ["KNOCK :<text>", "Says one line to the host while you wait to be let in."],
  LINKS: ["LINKS", "Lists the servers of the network."],
  LIST: ["LIST [conditions]", "Lists channels, such as those with >10 members or like #a*."],
  LUSERS: ["LUSERS", "Shows how many people are connected."],
  MARKREAD: ["MARKREAD <target> [timestamp=…]", "Shows or sets how far you have read."],
  METADATA: [
    "METADATA <target> GET|LIST|SET|CLEAR|SUB|UNSUB|SUBS|SYNC …",
    "Reads and sets names, colors and pictures.",
  ],
  MODE: ["MODE <target> [modes]", "Shows or changes modes."],
  MONITOR: ["MONITOR + | - <nick>[,…] | C | L | S", "Tells you when people come and go."],
  MOTD: ["MOTD", "Shows the message of the day."],
  NAMES: ["NAMES [#channel]", "Lists members."],
  NICK: ["NICK <nick>", "Changes your nick."],
  NOTICE: [
    "NOTICE <target>[,…] <text>",
    "Sends a message that no program replies to automatically.",
  ],
  OPER: ["OPER <name> <password>", "Makes you an operator of the server."],
  PART: ["PART <#channel>[,…] [reason]", "Leaves channels."],
  PASS: ["PASS <password>", "Sends the server's password, before NICK and USER."],
  PING: ["PING <text>", "Asks for a PONG."],
  PONG: ["PONG <text>", "Answers PING."],
  PRIVMSG: ["PRIVMSG <target>[,…] <text>", "Sends a message to a channel or a person."],
  QUIT: ["QUIT [reason]", "Ends the connection."],
  REDACT: ["REDACT <target> <msgid> [reason]", "Deletes a message."],
  REGISTER: [
    "REGISTER * <email or *> <password>",
    "Creates an account for your nick. No email is sent to the address.",
  ],
  REHASH: ["REHASH", "Reloads the configuration. For operators."],
  RELEASE: ["RELEASE <nick>", "Frees a nick from the account that owns it. For operators."],
  RENAME: ["RENAME <#old> <#new> [reason]", "Renames a channel."],
  SEARCH: ["SEARCH <in=#channel;from=nick;text=words;limit=20>", "Searches stored messages."],
  SETNAME: ["SETNAME <name>", "Changes your real name."],
  TAGMSG: ["TAGMSG <target>", "Sends tags without a text."],
  TIME: ["TIME", "Shows the server's time."],
  TOPIC: ["TOPIC <#channel> [topic]", "Shows or changes a channel's topic."],
  USER: ["USER <user> 0 * <real name>", "Sets your user name and real name when you connect."],
  USERHOST: ["USERHOST <nick>…", "Shows the user names and hosts of people."],
  VERIFY: [
    "VERIFY <account> <code>",
    "Not needed here: accounts are ready as soon as they are registered.",
  ],
  VERSION: ["VERSION", "Shows the server's software and version."],
  WAITING: ["WAITING", "Lists who waits to be let in. For operators."],
  WALLOPS: ["WALLOPS <text>", "Sends a message to all operators. For operators."],
  WHO: ["WHO <mask> [o] [%fields]", "Lists people."],
  WHOIS: ["WHOIS <nick>", "Shows information about someone."],
  WHOWAS: ["WHOWAS <nick> [count]", "Shows information about someone who has left."],
};

const INDEX = "index";
const NAMES_PER_LINE = 8;

function help({ params, reply }: CommandContext): void {
  const subject = (params[0] ?? "").toUpperCase();
  if (subject === "") {
    reply.numeric(RPL_HELPSTART, INDEX, "HELP <command> explains one of these");
    const names = Object.keys(HELP_TEXTS);
    while (names.length > 0)
      reply.numeric(RPL_HELPTXT, INDEX, names.splice(0, NAMES_PER_LINE).join(" "));
    reply.numeric(RPL_ENDOFHELP, INDEX, "End of /HELP");
    return;
  }
  const text = HELP_TEXTS[subject];
  if (text === undefined)
    throw new CommandError(ERR_HELPNOTFOUND, subject, "There is no help for this");
  reply.numeric(RPL_HELPSTART, subject, text[0]);
  reply.numeric(RPL_HELPTXT, subject, text[1]);
  reply.numeric(RPL_ENDOFHELP, subject, "End of /HELP");
}
