import * as vscode from "vscode";
import { inert } from "./inert.js";

/** Shows `title` while `task` runs: in the status bar. */
export function withStatusProgress<T>(title: string, task: () => Promise<T>): Promise<T> {
  const location = vscode.ProgressLocation.Window;
  return Promise.resolve(vscode.window.withProgress({ location, title: inert(title) }, task));
}

/** Shows `title` in a notification while `task` runs, with what it reports and a button to cancel it. */
export function withCancellableProgress<T>(
  title: string,
  task: (report: (message: string) => void, cancellation: vscode.CancellationToken) => Promise<T>,
): Promise<T> {
  return Promise.resolve(
    vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: inert(title),
        cancellable: true,
      },
      (progress, cancellation) =>
        task((message) => {
          progress.report({ message: inert(message) });
        }, cancellation),
    ),
  );
}

/** Aborts when the person cancels, or with `signal`. */
export function cancelledBy(token: vscode.CancellationToken, signal?: AbortSignal): AbortSignal {
  const button = new AbortController();
  token.onCancellationRequested(() => {
    button.abort();
  });
  return signal === undefined ? button.signal : AbortSignal.any([button.signal, signal]);
}
