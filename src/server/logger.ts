// Where the server writes what its operator should know.
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
        ? `${JSON.stringify({ time, level, message })}\n`
        : `${time} ${level.padEnd(5)} ${oneLine(message)}\n`,
    );
  });
}

// What a client sent must not be able to forge a log line or steer the terminal.
function oneLine(message: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what must go
  return message.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, "?").replace(/\n/g, "\n  ");
}
