// Localised sentences. Their arguments are others' words more often than not.
import * as vscode from "vscode";
import { printable } from "../../irc/printable.js";

export const l10n = {
  /** `message` in the person's language, with `{0}`, `{1}` … replaced. No argument can add a line or hide anything in it. */
  t(message: string, ...args: readonly (string | number)[]): string {
    return vscode.l10n.t(
      message,
      ...args.map((arg) => (typeof arg === "string" ? printable(arg) : arg)),
    );
  },
  /** English → translation; undefined in English. */
  get bundle(): Readonly<Record<string, string>> | undefined {
    return vscode.l10n.bundle;
  },
};
