import * as vscode from "vscode";

const shown = new vscode.EventEmitter<void>();

/** The person is told that something they wanted did not work. */
export const onDidShowProblem = shown.event;

export function problemShown(): void {
  shown.fire();
}
