// What the composer offers to complete: commands after "/", nicks after "@".
import type { CommandHelp } from "../bridge/view.js";

export interface Completion {
  /** The part of the text that gives way. */
  readonly start: number;
  readonly end: number;
  readonly options: readonly CompletionOption[];
}

export interface CompletionOption {
  readonly insert: string;
  readonly label: string;
  readonly detail: string;
}

const MAX_OPTIONS = 8;

/** What can be completed at `caret`; undefined where nothing can, or the only option already stands there. */
export function completionAt(
  text: string,
  caret: number,
  nicks: readonly string[],
  commands: readonly CommandHelp[],
): Completion | undefined {
  const before = text.slice(0, caret);
  const command = /^\/(\S*)$/.exec(before)?.[1];
  if (command !== undefined)
    return offer(0, caret, `/${command}`, commandOptions(command, commands));
  const nick = /(?:^|\s)@(\S*)$/.exec(before)?.[1];
  if (nick === undefined) return undefined;
  return offer(caret - nick.length - 1, caret, `@${nick}`, nickOptions(nick, nicks));
}

/** The text with `option` in it, and where the caret goes. */
export function complete(
  text: string,
  { start, end }: Completion,
  option: CompletionOption,
): { readonly text: string; readonly caret: number } {
  // A space that is there already is stepped over, not doubled.
  const rest = text.slice(end).replace(/^ /, "");
  return { text: text.slice(0, start) + option.insert + rest, caret: start + option.insert.length };
}

function offer(
  start: number,
  end: number,
  typed: string,
  options: readonly CompletionOption[],
): Completion | undefined {
  const [first] = options;
  if (first === undefined) return undefined;
  if (options.length === 1 && first.insert.trimEnd() === typed) return undefined;
  return { start, end, options: options.slice(0, MAX_OPTIONS) };
}

function commandOptions(prefix: string, commands: readonly CommandHelp[]): CompletionOption[] {
  return commands
    .filter(({ name }) => startsWith(name, prefix))
    .map(({ name, usage, description }) => ({
      insert: `/${name} `,
      label: usage,
      detail: description,
    }));
}

function nickOptions(prefix: string, nicks: readonly string[]): CompletionOption[] {
  return nicks
    .filter((nick) => startsWith(nick, prefix))
    .map((nick) => ({ insert: `@${nick} `, label: `@${nick}`, detail: "" }));
}

function startsWith(word: string, prefix: string): boolean {
  return word.toLowerCase().startsWith(prefix.toLowerCase());
}
