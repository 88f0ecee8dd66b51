// VS Code gives the focus back to the page behind the palette, or behind a question, when that closes. A webview takes it some
// time later, even if a question has opened meanwhile: what is typed then, a password perhaps, would go into the chat.
import * as vscode from "vscode";

/** Within this time a webview has taken the focus that was given back to it. */
const FOCUS_BACK_MS = 200;

/** How long a question that was answered waits for the next one. */
const WAIT_MS = 300;

/** Answered, and still on screen. */
let answered: vscode.QuickInput | undefined;

/** Shows a question: at once in the place of one that was answered, else when nothing takes the focus from it any more. */
export async function show(question: vscode.QuickInput): Promise<void> {
  if (answered === undefined && isWebviewBehind())
    await new Promise((resolve) => setTimeout(resolve, FOCUS_BACK_MS));
  question.show();
}

function isWebviewBehind(): boolean {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputWebview;
}

/** Closes a question that was answered, unless the next one takes its place before: the focus stays there. */
export function handOver(question: vscode.QuickInput): void {
  // Not disabled: a box that has lost the focus gives none back.
  question.busy = true;
  answered = question;
  setTimeout(() => {
    question.hide();
    if (answered === question) answered = undefined;
  }, WAIT_MS);
}
