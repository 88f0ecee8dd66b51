// Slash commands: one table entry and one small function each. The table is also the help and the completion.
import { prefixModes } from "../irc/isupport.js";
import { nickProblem } from "../irc/names.js";
import { missingParameter, withOldKey } from "./mode-parameters.js";
import type { ChatBuffer } from "./model.js";
import type { Session } from "./session.js";
import { SessionError } from "./session-error.js";
import { COMMAND_ERRORS, COMMAND_INFO, COMMAND_TEXTS, type CommandErrorCode } from "./texts.js";

/** `buffer` is the name of the buffer the command was typed in. */
export interface SlashContext {
  readonly session: Session;
  readonly buffer: string;
  /** False: a block of code that is too long for one message is refused, with "code-cut". */
  readonly mayCutCode?: boolean;
}

/** undefined: what the command does, or the server's answer to it, shows by itself. */
export type SlashOutcome =
  | {
      /** A text to show to the person alone. */
      readonly info?: string;
      /** The conversation to show, once it is there. */
      readonly opens?: string;
    }
  | undefined;

export interface SlashCommand {
  /** Such as `/msg <nick> <text>`. */
  readonly usage: string;
  readonly description: string;
  /** It needs no connection, or says itself when it does. */
  readonly isLocal?: true;
  readonly run: (cx: SlashContext, args: string) => SlashOutcome | Promise<SlashOutcome>;
}

/** Why a command was refused. `code` and `args` let a user interface say it in its own words. */
export class SlashCommandError extends Error {
  constructor(
    readonly code: CommandErrorCode,
    readonly args: readonly string[],
  ) {
    super(COMMAND_ERRORS[code](...args));
  }
}

export type ParsedInput =
  /** Blank: nothing to send. */
  | { readonly kind: "empty" }
  | { readonly kind: "message"; readonly text: string }
  | { readonly kind: "command"; readonly name: string; readonly args: string };

const MAX_SUGGESTIONS = 3;
const MAX_LISTED = 50;

/**
 * What was typed: `/name arguments` is a command, `//text` a message that begins with a slash, and so is `/path/to/it`.
 * Code that begins with a comment is a message as it is.
 */
export function parseInput(text: string): ParsedInput {
  if (text.trim() === "") return { kind: "empty" };
  if (/^\/\/\S/.test(text)) return { kind: "message", text: text.slice(1) };
  // A second slash in the first word makes it a path, which people paste more often than they mistype commands.
  const match = /^\/([^\s/*][^\s/]*)(?:\s+([^]*))?$/.exec(text.trimEnd());
  if (match === null) return { kind: "message", text: text.replace(/[\r\n]+$/, "") };
  return { kind: "command", name: (match[1] ?? "").toLowerCase(), args: match[2] ?? "" };
}

/** Runs a command of the table. @throws SlashCommandError when there is none of this name, or it was refused */
export async function runCommand(
  cx: SlashContext,
  name: string,
  args: string,
): Promise<SlashOutcome> {
  const command = slashCommands.get(name);
  if (command === undefined) {
    const near = nearestCommands(name).map((known) => `/${known}`);
    throw new SlashCommandError("unknown-command", [`/${name}`, near.join(", ")]);
  }
  if (command.isLocal !== true) requireOnline(cx);
  try {
    return await cx.session.runIn(cx.buffer, () => command.run(cx, args.trim()));
  } catch (error) {
    if (error instanceof SessionError) throw fromSession(error, command);
    throw error;
  }
}

function fromSession(error: SessionError, command: SlashCommand): SlashCommandError {
  if (error.code === "bad-name") return new SlashCommandError("usage", [command.usage]);
  if (error.code === "not-in-channel") return new SlashCommandError(error.code, [error.subject]);
  return new SlashCommandError(error.code, [error.message]);
}

/** The commands a mistyped name most likely means, the likeliest first. */
export function nearestCommands(name: string): string[] {
  return [...slashCommands.keys()]
    .map((known) => ({ known, distance: known.startsWith(name) ? 0.5 : distance(known, name) }))
    .filter((candidate) => candidate.distance <= Math.max(1, name.length / 2))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MAX_SUGGESTIONS)
    .map((candidate) => candidate.known);
}

/** How many letters have to be put in, taken out or changed to make one word of the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

// ---- reading arguments

/** The first word and the rest. */
function firstWord(args: string): [string, string] {
  const match = /^(\S*)\s*([^]*)$/.exec(args);
  return [match?.[1] ?? "", match?.[2] ?? ""];
}

function usage(name: string): SlashCommandError {
  return new SlashCommandError("usage", [slashCommands.get(name)?.usage ?? `/${name}`]);
}

function bufferOf({ session, buffer }: SlashContext): ChatBuffer | undefined {
  return session.state.buffers.get(buffer);
}

/** The conversation the command was typed in, where one can talk. */
function requireTarget(cx: SlashContext): string {
  const buffer = bufferOf(cx);
  if (buffer === undefined || buffer.kind === "server")
    throw new SlashCommandError("no-conversation", []);
  return buffer.name;
}

function isChannel({ session }: SlashContext, name: string): boolean {
  const types = session.state.isupport.get("CHANTYPES") ?? "#&";
  return name !== "" && types.includes(name.charAt(0));
}

/** The channel named first in `args`, else the one the command was typed in; and what is left of `args`. */
function channelAndRest(cx: SlashContext, args: string): [string, string] {
  const [first, rest] = firstWord(args);
  if (isChannel(cx, first)) return [first, rest];
  const buffer = bufferOf(cx);
  if (buffer?.kind !== "channel") throw new SlashCommandError("no-channel", []);
  return [buffer.name, args];
}

function withHash(cx: SlashContext, name: string): string {
  return isChannel(cx, name) ? name : `#${name}`;
}

function requireOnline({ session }: SlashContext): void {
  if (session.status.phase !== "online") throw new SlashCommandError("not-connected", []);
}

// ---- the commands

type Run = SlashCommand["run"];

const me: Run = (cx, args) => {
  if (args === "") throw usage("me");
  cx.session.say(requireTarget(cx), args, "action");
  return undefined;
};

/**
 * Says `text`, but not to a channel we are not in, nor if code in it would be cut and the person has not been asked. The
 * conversation with `target` shows what becomes of it.
 */
function say(cx: SlashContext, target: string, text: string, form?: "notice"): void {
  cx.session.checkRecipients(target);
  const count =
    cx.mayCutCode === false ? cx.session.messagesOfCutCode(target, text, form) : undefined;
  if (count !== undefined) throw new SlashCommandError("code-cut", [String(count)]);
  cx.session.say(target, text, form);
}

/** Whether `name` is the conversation the command was typed in. */
function isHere(cx: SlashContext, name: string): boolean {
  const { buffers } = cx.session.state;
  const named = buffers.get(name);
  return named !== undefined && named === buffers.get(cx.buffer);
}

const msg: Run = (cx, args) => {
  const [target, text] = firstWord(args);
  if (target === "" || text === "") throw usage("msg");
  say(cx, target, text);
  return undefined;
};

const notice: Run = (cx, args) => {
  const [target, text] = firstWord(args);
  if (target === "" || text === "") throw usage("notice");
  say(cx, target, text, "notice");
  return undefined;
};

const query: Run = (cx, args) => {
  const [name, text] = firstWord(args);
  const nick = name.replace(/^@+/, "");
  if (nick === "" || nick.includes(",") || isChannel(cx, nick)) throw usage("query");
  if (text !== "") {
    requireOnline(cx);
    say(cx, nick, text);
  }
  if (text === "" && isHere(cx, nick)) return { info: COMMAND_INFO.alreadyWith(nick) };
  cx.session.openDirect(nick);
  return { opens: nick };
};

const nick: Run = async (cx, args) => {
  if (args === "") throw usage("nick");
  const problem = nickProblem(args);
  // Other networks may allow less or more; what could not even stand on the line is refused here.
  if (problem === "empty" || /[\s,!@*?#]/.test(args))
    throw new SlashCommandError("bad-nick", [args]);
  if (args === cx.session.state.nick) return { info: COMMAND_INFO.sameNick(args) };
  const refusal = await cx.session.setNick(args);
  if (refusal !== undefined) throw new SlashCommandError("refused", [refusal]);
  return undefined;
};

const topic: Run = (cx, args) => {
  const [channel, text] = channelAndRest(cx, args);
  const buffer = cx.session.state.buffers.get(channel);
  if (text === "" && buffer?.joined === true)
    return {
      info:
        buffer.topic === ""
          ? COMMAND_INFO.noTopic(channel)
          : COMMAND_INFO.topic(channel, buffer.topic),
    };
  // Of a channel we are not in only the server knows.
  if (text === "") cx.session.askTopic(channel);
  else cx.session.setTopic(channel, text);
  return undefined;
};

const away: Run = (cx, args) => {
  cx.session.setAway(args === "" ? COMMAND_TEXTS.away : args);
  return undefined;
};

const back: Run = (cx) => {
  if (!cx.session.isAway) return { info: COMMAND_INFO.notAway() };
  cx.session.setAway(undefined);
  return undefined;
};

const join: Run = (cx, args) => {
  const [names, keys] = firstWord(args);
  if (names === "") throw usage("join");
  const keyList = keys.split(",");
  const channels = names.split(",").flatMap((name, i) => {
    if (name === "") return [];
    const channel = withHash(cx, name);
    void cx.session.join(channel, keyList[i] === "" ? undefined : keyList[i]);
    return [channel];
  });
  const [first] = channels;
  if (first === undefined) throw usage("join");
  const isIn = cx.session.state.buffers.get(first)?.joined === true;
  // Where the person is already, showing it would change nothing.
  if (isIn && channels.length === 1 && isHere(cx, first))
    return { info: COMMAND_INFO.alreadyIn(first) };
  return { opens: first };
};

const part: Run = (cx, args) => {
  const [first] = firstWord(args);
  const buffer = bufferOf(cx);
  if (buffer?.kind === "direct" && !isChannel(cx, first)) {
    cx.session.closeBuffer(buffer.name);
    return undefined;
  }
  requireOnline(cx);
  const [channel, reason] = channelAndRest(cx, args);
  cx.session.part(channel, reason === "" ? undefined : reason);
  return undefined;
};

const close: Run = (cx) => {
  cx.session.closeBuffer(requireTarget(cx));
  return undefined;
};

const quit: Run = async (cx, args) => {
  await cx.session.close(args === "" ? undefined : args);
  return undefined;
};

const whois: Run = async (cx, args) => {
  const [who] = firstWord(args);
  const buffer = bufferOf(cx);
  const name = who === "" && buffer?.kind === "direct" ? buffer.name : who;
  if (name === "") throw usage("whois");
  const found = await cx.session.whois(name);
  // Most networks of ours are one server: its name, which no one chose, would say nothing.
  const isOurs = found.server === cx.session.state.serverName;
  return { info: COMMAND_INFO.whois(isOurs ? { ...found, server: undefined } : found) };
};

const kick: Run = (cx, args) => {
  const [channel, rest] = channelAndRest(cx, args);
  const [who, reason] = firstWord(rest);
  if (who === "") throw usage("kick");
  cx.session.kick(channel, who, reason === "" ? who : reason);
  return undefined;
};

const kill: Run = (cx, args) => {
  const [who, reason] = firstWord(args);
  if (who === "") throw usage("kill");
  cx.session.kill(who, reason === "" ? who : reason);
  return undefined;
};

const release: Run = async (cx, args) => {
  const [who] = firstWord(args);
  if (who === "") throw usage("release");
  await cx.session.releaseNick(who);
  return { info: COMMAND_INFO.released(who) };
};

const mode: Run = (cx, args) => {
  const words = args.split(/\s+/).filter((word) => word !== "");
  const [first = ""] = words;
  const isTargeted = isChannel(cx, first) || first === cx.session.state.nick;
  const [target] = isTargeted ? [first] : channelAndRest(cx, "");
  const modes = isTargeted ? words.slice(1) : words;
  cx.session.mode(target, ...(isChannel(cx, target) ? channelModes(cx, target, modes) : modes));
  return undefined;
};

function channelModes({ session }: SlashContext, channel: string, modes: string[]): string[] {
  const { isupport } = session.state;
  const missing = missingParameter(isupport, modes);
  if (missing !== undefined)
    throw new SlashCommandError("mode-needs", [channel, missing.mode, missing.needs]);
  return withOldKey(isupport, modes, session.keyOf(channel));
}

/** `/op nick…` and its kin: MODE for each of the people named who is not that already. */
const rank =
  (name: string, sign: "+" | "-", letter: "o" | "v"): Run =>
  (cx, args) => {
    const [channel, rest] = channelAndRest(cx, args);
    const nicks = rest.split(/\s+/).filter((word) => word !== "");
    if (nicks.length === 0) throw usage(name);
    const isNeedless = (who: string) => hasRank(cx, channel, who, letter) === (sign === "+");
    for (const who of nicks) if (!isNeedless(who)) cx.session.mode(channel, sign + letter, who);
    const told = nicks.filter(isNeedless).map((who) => RANK_INFO[`${sign}${letter}`](who, channel));
    return told.length === 0 ? undefined : { info: told.join("\n") };
  };

const RANK_INFO = {
  "+o": COMMAND_INFO.isOperator,
  "-o": COMMAND_INFO.isNoOperator,
  "+v": COMMAND_INFO.hasVoice,
  "-v": COMMAND_INFO.hasNoVoice,
} as const;

/** Whether someone has a role in a channel; undefined where that is not known. */
function hasRank({ session }: SlashContext, channel: string, nick: string, letter: string) {
  const { buffers, isupport } = session.state;
  const prefixes = buffers.get(channel)?.members.get(nick)?.prefixes;
  const rank = prefixModes(isupport).find(({ mode }) => mode === letter);
  if (prefixes === undefined || rank === undefined) return undefined;
  if (prefixes.includes(rank.prefix)) return true;
  // Many servers tell the highest role only.
  return prefixes === "" ? false : undefined;
}

const invite: Run = (cx, args) => {
  const [who, rest] = firstWord(args);
  if (who === "") throw usage("invite");
  const [channel] = channelAndRest(cx, rest);
  cx.session.invite(who, channel);
  return undefined;
};

const list: Run = async (cx) => {
  const channels = await cx.session.list();
  return { info: COMMAND_INFO.list(channels, MAX_LISTED) };
};

const names: Run = (cx, args) => {
  const [channel] = channelAndRest(cx, args);
  const buffer = cx.session.state.buffers.get(channel);
  if (buffer?.joined !== true) throw new SlashCommandError("not-in-channel", [channel]);
  const members = [...buffer.members.values()];
  return {
    info: COMMAND_INFO.names(
      channel,
      members.map((m) => m.prefixes.slice(0, 1) + m.nick),
    ),
  };
};

const raw: Run = (cx, args) => {
  if (args === "") throw usage("raw");
  cx.session.raw(args);
  return { info: COMMAND_INFO.rawSent() };
};

const clear: Run = (cx) => {
  cx.session.clear(cx.buffer);
  return undefined;
};

const help: Run = (_cx, args) => {
  const name = args.replace(/^\//, "").toLowerCase();
  const command = slashCommands.get(name);
  if (command !== undefined) return { info: `${command.usage}: ${command.description}` };
  if (name !== "")
    throw new SlashCommandError("unknown-command", [
      `/${name}`,
      nearestCommands(name)
        .map((known) => `/${known}`)
        .join(", "),
    ]);
  return {
    info: [...slashCommands.values()].map((c) => `${c.usage}: ${c.description}`).join("\n"),
  };
};

const TABLE = {
  me: { usage: "/me <text>", description: "Send an action", run: me },
  msg: { usage: "/msg <nick|#channel> <text>", description: "Send a message", run: msg },
  query: {
    usage: "/query <nick> [text]",
    description: "Open a direct message",
    isLocal: true,
    run: query,
  },
  notice: { usage: "/notice <nick|#channel> <text>", description: "Send a notice", run: notice },
  nick: { usage: "/nick <new nick>", description: "Change your nick", run: nick },
  topic: { usage: "/topic [#channel] [text]", description: "Show or set the topic", run: topic },
  away: { usage: "/away [message]", description: "Mark yourself as away", run: away },
  back: { usage: "/back", description: "Mark yourself as back", run: back },
  join: { usage: "/join <#channel> [key]", description: "Join a channel", run: join },
  part: {
    usage: "/part [#channel] [reason]",
    description: "Leave a channel, or close a direct message",
    isLocal: true,
    run: part,
  },
  close: { usage: "/close", description: "Close this conversation", isLocal: true, run: close },
  quit: { usage: "/quit [message]", description: "Leave the server", isLocal: true, run: quit },
  whois: { usage: "/whois <nick>", description: "Show information about someone", run: whois },
  names: { usage: "/names [#channel]", description: "Show who is in a channel", run: names },
  list: { usage: "/list", description: "Show the server's channels", run: list },
  invite: {
    usage: "/invite <nick> [#channel]",
    description: "Invite someone to a channel",
    run: invite,
  },
  kick: {
    usage: "/kick [#channel] <nick> [reason]",
    description: "Remove someone from a channel",
    run: kick,
  },
  op: {
    usage: "/op [#channel] <nick> …",
    description: "Make someone a channel operator",
    run: rank("op", "+", "o"),
  },
  deop: {
    usage: "/deop [#channel] <nick> …",
    description: "Remove someone's operator status",
    run: rank("deop", "-", "o"),
  },
  voice: {
    usage: "/voice [#channel] <nick> …",
    description: "Let someone speak in a moderated channel",
    run: rank("voice", "+", "v"),
  },
  devoice: {
    usage: "/devoice [#channel] <nick> …",
    description: "Remove the right to speak",
    run: rank("devoice", "-", "v"),
  },
  mode: {
    usage: "/mode [#channel] <modes> [parameters]",
    description: "Show or set modes",
    run: mode,
  },
  kill: {
    usage: "/kill <nick> [reason]",
    description: "Disconnect someone (operators only)",
    run: kill,
  },
  release: {
    usage: "/release <nick>",
    description: "Free a nick for anyone to take (operators only)",
    run: release,
  },
  raw: { usage: "/raw <line>", description: "Send a raw line of IRC", run: raw },
  clear: {
    usage: "/clear",
    description: "Clear this view; history stays on the server",
    isLocal: true,
    run: clear,
  },
  help: { usage: "/help [command]", description: "Show the commands", isLocal: true, run: help },
} as const satisfies Readonly<Record<string, SlashCommand>>;

/** All commands by name, in the order of `/help`. */
export const slashCommands: ReadonlyMap<string, SlashCommand> = new Map(Object.entries(TABLE));
