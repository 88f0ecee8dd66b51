// What people can say while they wait for the host's approval, and nothing else.
import { MAX_KNOCK_BYTES } from "../../irc/limits.js";
import { formatMessage, message as ircMessage } from "../../irc/message.js";
import { ERR_NEEDMOREPARAMS, ERR_TOOMANYCHANNELS } from "../../irc/numerics.js";
import { KNOCK_DELIVERED, WAITING_FOR_APPROVAL } from "../../irc/standard-replies.js";
import { utf8Length } from "../../irc/utf8.js";
import { wordsFor } from "../approval.js";
import type { Command, CommandContext, CommandTable } from "../dispatch.js";
import { CommandError, StandardError } from "../errors.js";
import { NOT_BEFORE_APPROVAL } from "../explain.js";
import { capCommands } from "./cap.js";
import { becomeOperator, requireOperator } from "./operators.js";
import { registrationCommands } from "./registration.js";

/** The table of those who wait. */
export const waitingTable: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    ...capCommands,
    ...registrationCommands,
    JOIN: { run: join, minParams: 1, beforeRegistration: true },
    KNOCK: { run: knockCommand, beforeRegistration: true },
    NOTICE: { run: directMessage, beforeRegistration: true },
    OPER: { run: oper, minParams: 2, beforeRegistration: true },
    PRIVMSG: { run: directMessage, beforeRegistration: true },
  }),
);

export const knockCommands: CommandTable = {
  KNOCK: { run: needless },
};

function needless(): void {
  throw new StandardError("ALREADY_APPROVED", [], "You are already in: you can talk to everyone");
}

/** Done when the client is let in. */
function join({ server, client, message, params, reply }: CommandContext): void {
  const applicant = server.approval.queue.of(client);
  if (applicant === undefined) return;
  const [channels = ""] = params;
  const line = formatMessage(ircMessage("JOIN", params));
  if (!server.approval.queue.rememberJoin(applicant, channels, line))
    throw new CommandError(ERR_TOOMANYCHANNELS, channels, "You have joined too many channels");
  reply.note(message.command, WAITING_FOR_APPROVAL, "You join when the host has let you in");
}

/** `KNOCK :text`; clients that have the command for channels say `KNOCK #channel :text`. */
function knockCommand(cx: CommandContext): void {
  const [first = "", ...rest] = cx.params;
  knock(cx, first.startsWith("#") ? rest.join(" ") : cx.params.join(" "));
}

/** Whom it is for makes no difference, so that it does not tell who is here. What services are told may be a password. */
function directMessage(cx: CommandContext): void {
  const [target = "", text = ""] = cx.params;
  if (/^[#&@+%~]|serv(?:@.*)?$|,/i.test(target))
    throw new StandardError(WAITING_FOR_APPROVAL, [], NOT_BEFORE_APPROVAL);
  knock(cx, text);
}

function knock(cx: CommandContext, text: string): void {
  const { server, client, message, reply } = cx;
  const applicant = server.approval.queue.of(client);
  if (applicant === undefined) return;
  const refuse = (code: string, why: string) => new StandardError(code, [], why);
  if (text.trim() === "")
    throw new CommandError(ERR_NEEDMOREPARAMS, message.command, "There is no text");
  if (utf8Length(text) > MAX_KNOCK_BYTES)
    throw refuse(
      "MESSAGE_TOO_LONG",
      `The line is too long for the host: at most ${MAX_KNOCK_BYTES} bytes`,
    );
  if (!server.approval.knock(applicant, text))
    throw refuse("ALREADY_KNOCKED", "The host has your line already; please wait for their answer");
  reply.message(...wordsFor(client, "NOTE", KNOCK_DELIVERED, "The host sees your line", "KNOCK"));
}

/** An operator needs no approval: they give it. */
async function oper(cx: CommandContext): Promise<void> {
  await requireOperator(cx);
  becomeOperator(cx);
}
