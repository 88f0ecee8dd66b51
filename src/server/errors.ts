// The kinds of errors the server tells apart.
import type { ServerFailure } from "./control.js";
import { shown, type Reply } from "./reply.js";

/** The sender asked wrongly: dispatch answers with this numeric. What they sent may be in `params` as it came. */
export class CommandError extends Error {
  readonly params: readonly string[];

  constructor(
    readonly numeric: string,
    ...params: readonly string[]
  ) {
    super(`${numeric} ${params.join(" ")}`);
    this.name = "CommandError";
    // Cut, so that there is room for what is wrong with it.
    this.params = params.map((param, i) => (i < params.length - 1 ? shown(param) : param));
  }
}

/** The sender asked wrongly: dispatch answers with `FAIL <command> <code> <context…> :<description>`. */
export class StandardError extends Error {
  readonly context: readonly string[];

  constructor(
    readonly code: string,
    context: readonly string[],
    readonly description: string,
  ) {
    super(`${code} ${description}`);
    this.name = "StandardError";
    this.context = context.map(shown);
  }
}

/** Tells the sender of `command` what they asked wrongly. Returns false for an error of another kind. */
export function answerRefusal(reply: Reply, command: string, error: unknown): boolean {
  if (error instanceof CommandError) reply.numeric(error.numeric, ...error.params);
  else if (error instanceof StandardError)
    reply.fail(command, error.code, ...error.context, error.description);
  else return false;
  return true;
}

/** The environment or an option does not let the server start. `message` says what to do about it. */
export class StartError extends Error {
  constructor(
    readonly code: ServerFailure["code"],
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "StartError";
  }
}

/** An option is wrong: `message` names it, says what is wrong and what is allowed. */
export class ConfigError extends StartError {
  constructor(
    readonly key: string,
    problem: string,
  ) {
    super("bad-option", `${key}: ${problem}`);
    this.name = "ConfigError";
  }
}

/** The `code` of a Node error such as EADDRINUSE. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

export const SQLITE_CORRUPT = 11;

/** SQLite's own code, without what it says in detail; 0 for an error that is not SQLite's. */
export function sqliteCode(error: unknown): number {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
}

export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isDamage = sqliteCode(error) === SQLITE_CORRUPT;
  return isDamage
    ? `${error.message}: restart the server to recover what can be read`
    : error.message;
}
