// How a server of IRC begins.
import { parseMessage } from "../irc/message.js";

/** The commands an IRC server may open with. */
const IRC_OPENING = /^(?:NOTICE|ERROR|PING|CAP|FAIL|WARN|NOTE|0[0-9]{2}|4[0-9]{2}|5[0-9]{2})$/;

/** Whether `line` can be the first thing an IRC server says. */
export function isIrcOpening(line: string): boolean {
  const message = parseMessage(line);
  return message !== undefined && IRC_OPENING.test(message.command);
}
