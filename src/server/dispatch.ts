// A line → its table entry → what must hold → the handler → the reply.
import {
  ERR_INPUTTOOLONG,
  ERR_NEEDMOREPARAMS,
  ERR_NOPRIVILEGES,
  ERR_NOTREGISTERED,
  ERR_UNKNOWNCOMMAND,
  ERR_UNKNOWNERROR,
} from "../irc/numerics.js";
import { MAX_CLIENT_TAG_DATA_BYTES, MAX_LINE_BYTES, MAX_PARAMS } from "../irc/limits.js";
import { parseMessage, type Message } from "../irc/message.js";
import { WAITING_FOR_APPROVAL } from "../irc/standard-replies.js";
import { TAG, parseTags, type Tags } from "../irc/tags.js";
import { utf8Length } from "../irc/utf8.js";
import { CAP } from "../irc/caps.js";
import type { Client } from "./client.js";
import type { Input } from "./input-queue.js";
import { CommandError, StandardError, answerRefusal } from "./errors.js";
import { NOT_BEFORE_APPROVAL } from "./explain.js";
import { Reply, shown } from "./reply.js";
import type { Server } from "./server.js";

/** What a handler works with. */
export interface CommandContext {
  readonly server: Server;
  readonly client: Client;
  readonly message: Message;
  /** The message's parameters. */
  readonly params: readonly string[];
  readonly reply: Reply;
}

export interface Command {
  readonly run: (cx: CommandContext) => void | Promise<void>;
  /** Answered by ERR_NEEDMOREPARAMS where there are fewer. */
  readonly minParams?: number;
  /** May be used before registration is complete; otherwise ERR_NOTREGISTERED. */
  readonly beforeRegistration?: boolean;
  /** How long a line may be, with CR LF and without tags, where that is more than 512 bytes. */
  readonly maxBytes?: number;
  /** For operators only; otherwise ERR_NOPRIVILEGES. */
  readonly operator?: boolean;
  /** Can take milliseconds, and is done in turns with all others that can. */
  readonly inTurns?: boolean;
}

export type CommandTable = Readonly<Record<string, Command>>;

const MAX_LABEL_BYTES = 64;
/** GET is answered as HTTP. */
const HTTP_METHODS: ReadonlySet<string> = new Set([
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "CONNECT",
  "TRACE",
]);

/** Handles one thing a client said. The promise, where there is one, never rejects. */
export function dispatch(
  server: Server,
  table: ReadonlyMap<string, Command>,
  client: Client,
  input: Input,
): Promise<void> | undefined {
  if (input.kind !== "line") {
    refuse(server, client, input);
    return undefined;
  }
  const { text } = input;
  const message = parseMessage(text);
  if (isTooLong(text, message === undefined ? undefined : table.get(message.command))) {
    refuse(server, client, { kind: "too-long" });
    return undefined;
  }
  if (message === undefined) {
    refuseUnparsed(server, client, text);
    return undefined;
  }
  return run(server, table, client, message);
}

// More parameters than a line may have become part of the last, as if it had been marked with a colon.
function atMost(params: readonly string[]): readonly string[] {
  if (params.length <= MAX_PARAMS) return params;
  return [...params.slice(0, MAX_PARAMS - 1), params.slice(MAX_PARAMS - 1).join(" ")];
}

function run(
  server: Server,
  table: ReadonlyMap<string, Command>,
  client: Client,
  message: Message,
): Promise<void> | undefined {
  const command = table.get(message.command);
  const isInTurns = command?.inTurns === true && client.isRegistered;
  const turn = isInTurns ? server.turns.take() : undefined;
  if (turn === undefined) return runNow(server, command, client, message);
  const { connection } = client;
  return turn.then(() => {
    // Meanwhile it may have ended.
    if (!connection.isOpen) return undefined;
    return connection.answering(() => runNow(server, command, client, message));
  });
}

function runNow(
  server: Server,
  command: Command | undefined,
  client: Client,
  message: Message,
): Promise<void> | undefined {
  const reply = new Reply(server, client, labelOf(client, message.tags));
  const cx: CommandContext = { server, client, message, params: atMost(message.params), reply };
  try {
    const pending = guarded(cx, command);
    if (pending instanceof Promise)
      return pending
        .catch((error: unknown) => {
          answerError(cx, error);
        })
        .finally(() => {
          reply.finish();
        });
  } catch (error) {
    answerError(cx, error);
  }
  reply.finish();
  return undefined;
}

function guarded(cx: CommandContext, command: Command | undefined): void | Promise<void> {
  const name = cx.message.command;
  // A web page can have a browser send its visitors' commands here, under a request's own first line.
  if (!cx.client.isRegistered && HTTP_METHODS.has(name)) {
    cx.client.connection.close("This is a chat server, not a web server");
    return;
  }
  if (cx.client.isWaiting && command === undefined)
    throw new StandardError(WAITING_FOR_APPROVAL, [], NOT_BEFORE_APPROVAL);
  if (!cx.client.isRegistered && command?.beforeRegistration !== true)
    throw new CommandError(ERR_NOTREGISTERED, "You have not registered");
  if (command === undefined) throw new CommandError(ERR_UNKNOWNCOMMAND, name, "Unknown command");
  if (cx.params.length < (command.minParams ?? 0))
    throw new CommandError(ERR_NEEDMOREPARAMS, name, "Not enough parameters");
  if (command.operator === true && !cx.client.isOperator)
    throw new CommandError(
      ERR_NOPRIVILEGES,
      "Permission denied: only the host and server operators can do this",
    );
  return command.run(cx);
}

function answerError({ server, client, message, reply }: CommandContext, error: unknown): void {
  if (answerRefusal(reply, message.command, error)) return;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  server.logger.error(`${message.command} from ${client.nick} (${client.id}) failed: ${text}`);
  reply.numeric(
    ERR_UNKNOWNERROR,
    message.command,
    "The command failed on the server; see the server's log",
  );
}

function refuse(
  server: Server,
  client: Client,
  input: Exclude<Input, { readonly kind: "line" }>,
): void {
  const reply = new Reply(server, client, undefined);
  if (input.kind === "too-long")
    reply.numeric(
      ERR_INPUTTOOLONG,
      `Input line was too long: ${MAX_LINE_BYTES - 2} bytes are allowed, and ${MAX_CLIENT_TAG_DATA_BYTES} of tags before them`,
    );
  else
    reply.fail(
      input.command,
      "INVALID_UTF8",
      "Message rejected, your IRC software MUST use UTF-8 encoding on this network",
    );
}

/** A line whose command has characters no command has; its label is answered all the same. */
function refuseUnparsed(server: Server, client: Client, text: string): void {
  const [, tagData, command] = /^(?:@([^ ]*) +)?(?::[^ ]* +)?([^ ]+)/.exec(text.trim()) ?? [];
  if (command === undefined) return;
  const reply = new Reply(server, client, labelOf(client, parseTags(tagData ?? "")));
  if (client.isRegistered) reply.numeric(ERR_UNKNOWNCOMMAND, shown(command), "Unknown command");
  else reply.numeric(ERR_NOTREGISTERED, "You have not registered");
  reply.finish();
}

/** The limits of message-tags: tags and the rest are measured apart. */
function isTooLong(text: string, command: Command | undefined): boolean {
  if (text.length * 3 <= MAX_LINE_BYTES - 2) return false;
  const maxBytes = command?.maxBytes ?? MAX_LINE_BYTES;
  const space = text.startsWith("@") ? text.indexOf(" ") : -1;
  const tagData = space < 0 ? "" : text.slice(1, space);
  const rest = space < 0 ? text : text.slice(space + 1);
  return utf8Length(tagData) > MAX_CLIENT_TAG_DATA_BYTES || utf8Length(rest) > maxBytes - 2;
}

function labelOf(client: Client, tags: Tags): string | undefined {
  // "The batch capability … MUST be negotiated to use labeled responses."
  if (!client.has(CAP.labeledResponse) || !client.has(CAP.batch)) return undefined;
  const label = tags.get(TAG.label);
  // labeled-response: "The value MUST NOT exceed 64 bytes."
  if (label === undefined || label === "" || utf8Length(label) > MAX_LABEL_BYTES) return undefined;
  return label;
}
