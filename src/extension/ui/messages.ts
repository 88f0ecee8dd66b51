// Notifications and modal dialogs.
import * as vscode from "vscode";
import { inert, inertLines } from "./inert.js";
import { problemShown } from "./problems.js";

/** A modal dialog waits for an answer. `detail` may have several lines. */
export interface ModalOptions {
  readonly modal: true;
  readonly detail?: string;
}

/** Resolves with the chosen one of `actions`; undefined: closed. */
export interface ShowMessage {
  (text: string, ...actions: readonly string[]): Promise<string | undefined>;
  (text: string, options: ModalOptions, ...actions: readonly string[]): Promise<string | undefined>;
}

export const showInformationMessage = messageOf((...args) =>
  vscode.window.showInformationMessage(...args),
);
export const showWarningMessage = messageOf((...args) => vscode.window.showWarningMessage(...args));
export const showErrorMessage = messageOf((...args) => {
  problemShown();
  return vscode.window.showErrorMessage(...args);
});

type Show = (
  text: string,
  options: vscode.MessageOptions,
  ...actions: string[]
) => Thenable<string | undefined>;

function messageOf(show: Show): ShowMessage {
  return async (text: string, ...rest: readonly (string | ModalOptions)[]) => {
    const { detail, ...options } = rest.find((part) => typeof part !== "string") ?? {};
    const actions = rest.filter((part) => typeof part === "string");
    const shown = actions.map(inert);
    const chosen = await show(
      inert(text),
      { ...options, ...(detail !== undefined && { detail: inertLines(detail) }) },
      ...shown,
    );
    return chosen === undefined ? undefined : actions[shown.indexOf(chosen)];
  };
}
