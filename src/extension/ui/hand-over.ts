import type * as vscode from "vscode";

/** How long a question that was answered waits for the next one. */
const WAIT_MS = 300;

/**
 * Closes a question that was answered, unless the next one takes its place before. VS Code gives the focus back to the page
 * behind a question that closes, and may do so after the next one has opened: what is typed then, a password perhaps, would
 * go into the chat.
 */
export function handOver(question: vscode.QuickInput): void {
  // Not disabled: a box that has lost the focus gives none back.
  question.busy = true;
  setTimeout(() => {
    question.hide();
  }, WAIT_MS);
}
