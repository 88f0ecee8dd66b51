// The log in the Output view. It lies in a file as well, which people read in a terminal.
import * as vscode from "vscode";
import { printableLines } from "../../irc/printable.js";
import type { Logger } from "../../client/logger.js";

export interface Log extends Logger {
  error(message: string, cause?: unknown): void;
  show(): void;
  dispose(): void;
}

/** Makes the output channel `name`. */
export function createLog(name: string): Log {
  const channel = vscode.window.createOutputChannel(name, { log: true });
  return {
    debug: (message) => {
      channel.debug(printableLines(message));
    },
    info: (message) => {
      channel.info(printableLines(message));
    },
    warn: (message) => {
      channel.warn(printableLines(message));
    },
    error: (message, cause) => {
      const text = cause === undefined ? message : `${message}\n${causeText(cause)}`;
      channel.error(printableLines(text));
    },
    show: () => {
      channel.show();
    },
    dispose: () => {
      channel.dispose();
    },
  };
}

function causeText(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
