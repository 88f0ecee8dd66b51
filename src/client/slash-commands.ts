// Slash commands: one table entry and one small function each.
import type { Session } from "./session.js";

/** `buffer` is the name of the buffer the command was typed in. */
export interface SlashContext {
  readonly session: Session;
  readonly buffer: string;
}

/** Nothing to show, or a text to show to the person alone. */
export type SlashOutcome = { readonly info: string } | undefined;

export interface SlashCommand {
  /** Such as `/msg <nick> <text>`. */
  readonly usage: string;
  readonly description: string;
  readonly run: (cx: SlashContext, args: string) => SlashOutcome | Promise<SlashOutcome>;
}

/** Why a command was refused. `code` and `args` let the user interface say it in its own words. */
export class SlashCommandError extends Error {
  constructor(
    readonly code: string,
    readonly args: readonly string[],
    message: string,
  ) {
    super(message);
  }
}

export const slashCommands: ReadonlyMap<string, SlashCommand> = new Map();

export type ParsedInput =
  /** Blank: nothing to send. */
  | { readonly kind: "empty" }
  | { readonly kind: "message"; readonly text: string }
  | { readonly kind: "command"; readonly name: string; readonly args: string };

export function parseInput(_text: string): ParsedInput {
  throw new Error("not yet");
}

/** @throws SlashCommandError when the command is unknown or its arguments are wrong. */
export function runCommand(_cx: SlashContext, _name: string, _args: string): Promise<SlashOutcome> {
  throw new Error("not yet");
}
