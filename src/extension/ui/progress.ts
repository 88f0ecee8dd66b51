import * as vscode from "vscode";
import { inert } from "./inert.js";
import { formatLink, type NotificationLink } from "./live-notification.js";

/** Shows `title` while `task` runs: in the status bar. */
export function withStatusProgress<T>(title: string, task: () => Promise<T>): Promise<T> {
  const location = vscode.ProgressLocation.Window;
  return Promise.resolve(vscode.window.withProgress({ location, title: inert(title) }, task));
}

/** Says what goes on, with a link to what can be done meanwhile. */
export type ReportProgress = (message: string, link?: NotificationLink) => void;

/** Shows `title` in a notification while `task` runs, with what it reports and a button to cancel it. */
export function withCancellableProgress<T>(
  title: string,
  task: (report: ReportProgress, cancellation: vscode.CancellationToken) => Promise<T>,
): Promise<T> {
  return Promise.resolve(
    vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: inert(title),
        cancellable: true,
      },
      (progress, cancellation) =>
        task((message, link) => {
          const words = inert(message);
          progress.report({
            message: link === undefined ? words : `${words} ${formatLink(link)}`,
          });
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
