// Where the client writes its log. VS Code's LogOutputChannel satisfies it as it is.

/** info tells what a person should know, debug shows the lines of the wire. Never passwords or message text. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
