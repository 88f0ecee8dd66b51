// Whom a message goes to, and in which conversation it is shown.
import type { ChatBuffer } from "./model.js";
import { SessionError } from "./session-error.js";
import type { StateDraft } from "./state-draft.js";
import { isChannelName, splitStatusPrefix } from "./state-messages.js";
import { checkName } from "./words.js";

export interface Recipient {
  /** What stands on the line. */
  readonly target: string;
  readonly buffer: string;
  readonly kind: ChatBuffer["kind"];
}

const MAX_RECIPIENTS = 20;

/** Those `list` names, separated by commas as IRC has it, each once. @throws SessionError when it names none, or too many */
export function recipientsIn(draft: StateDraft, list: string): Recipient[] {
  checkName(list);
  const recipients = new Map(
    list
      .split(",")
      .filter((name) => name !== "")
      .map((name) => recipient(draft, name))
      .map((one) => [draft.fold(one.target), one]),
  );
  if (recipients.size === 0) throw new SessionError("bad-name", `“${list}” is not a name.`);
  if (recipients.size > MAX_RECIPIENTS)
    throw new SessionError("refused", `A message can have at most ${MAX_RECIPIENTS} recipients.`);
  return [...recipients.values()];
}

function recipient(draft: StateDraft, name: string): Recipient {
  const channel = splitStatusPrefix(draft, name).name;
  if (isChannelName(draft, channel)) return { target: name, buffer: channel, kind: "channel" };
  // `$*.example` is everyone on some servers: for operators, and no one to have a conversation with.
  if (name.startsWith("$")) return { target: name, buffer: "", kind: "server" };
  // People are mentioned as `@nick` elsewhere; no nick begins like that.
  const target = name.replace(/^@+/, "");
  checkName(target);
  // `NickServ@services.example` answers as NickServ.
  const nick = /^[^@%!]+(?=[@%!])/.exec(target)?.[0];
  return { target, buffer: nick ?? target, kind: "direct" };
}
