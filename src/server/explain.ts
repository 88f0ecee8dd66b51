// What is wrong, and what is allowed, in words for people.
import { CHANNEL_MAX_BYTES, NICK_MAX_BYTES, type NameProblem } from "../irc/names.js";

/** Why a nick was refused. */
export function explainNick(problem: NameProblem): string {
  switch (problem) {
    case "empty":
      return "Erroneous nickname: it is empty";
    case "too-long":
      return `Erroneous nickname: it is longer than ${NICK_MAX_BYTES} bytes`;
    case "bad-start":
      return "Erroneous nickname: it must begin with a letter";
    case "bad-character":
      return "Erroneous nickname: it can contain only letters, digits and - _ [ ] \\ ` ^ { } |";
    case "reserved":
      return "Erroneous nickname: this name is reserved";
  }
}

/** What the name of a channel must be. */
export function explainChannelName(problem: NameProblem): string {
  switch (problem) {
    case "too-long":
      return `a channel name can have at most ${CHANNEL_MAX_BYTES} bytes`;
    case "empty":
    case "bad-start":
      return "a channel name must begin with # and have at least one more character";
    case "bad-character":
    case "reserved":
      return "a channel name cannot contain spaces, commas, colons, * ? ! or invisible characters";
  }
}

const HOW_TO_KNOCK = "To say one line to the host, send KNOCK :text, or any direct message";

/** What someone is told who has to be let in. */
export const PLEASE_WAIT = `The host has to let you in: please wait. ${HOW_TO_KNOCK}`;

/** Why what they ask for is refused until then. */
export const NOT_BEFORE_APPROVAL = `You can do this when the host has let you in. ${HOW_TO_KNOCK}`;
