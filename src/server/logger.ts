// Where the server writes what its operator should know.
import { printableJson, printableLines } from "../irc/printable.js";
import type { ServerConfig } from "./config.js";

/** info tells the operator's story, debug shows the lines of the wire. Never passwords; message text at debug only. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export type LogLevel = keyof Logger;

const ORDER: readonly LogLevel[] = ["error", "warn", "info", "debug"];

/** A logger that hands every message at or above `least` to `write`. */
export function createLogger(
  least: LogLevel,
  write: (level: LogLevel, message: string) => void,
): Logger {
  const at = (level: LogLevel) => {
    if (ORDER.indexOf(level) > ORDER.indexOf(least)) return () => undefined;
    return (message: string) => {
      write(level, message);
    };
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A logger for a terminal or a service manager: one line each, as text or as JSON. */
export function createStreamLogger(
  { logLevel, logJson }: Pick<ServerConfig, "logLevel" | "logJson">,
  stream: { write(text: string): unknown },
  now: () => number = Date.now,
): Logger {
  return createLogger(logLevel, (level, message) => {
    const time = new Date(now()).toISOString();
    stream.write(
      logJson
        ? `${printableJson(JSON.stringify({ time, level, message }))}\n`
        : `${time} ${level.padEnd(5)} ${indented(message)}\n`,
    );
  });
}

// What a client sent must not be able to forge a log line or steer the terminal: further lines are ours, and indented.
function indented(message: string): string {
  return printableLines(message, "?").replace(/\n/g, "\n  ");
}
