// The first time Parley runs in an installation: it shows where it is.
import * as vscode from "./vscode.js";

const KEY = "welcomed";
const WALKTHROUGH = "parley-chat.parley#start";
/** An invite link that started VS Code is handed over by then: people who follow one need no other guide. */
const DELAY_MS = 1500;

/** Brings Parley's views to the front and opens the walkthrough, once, if they are wanted by then. */
export function showFirstWindow(
  memento: vscode.Memento,
  isWanted: () => boolean,
  delayMs = DELAY_MS,
): vscode.Disposable {
  if (memento.get(KEY) === true) return new vscode.Disposable(() => undefined);
  const timer = setTimeout(() => {
    void memento.update(KEY, true);
    if (isWanted()) void show();
  }, delayMs);
  return new vscode.Disposable(() => {
    clearTimeout(timer);
  });
}

async function show(): Promise<void> {
  await vscode.commands.executeCommand("workbench.view.extension.parley");
  await vscode.commands.executeCommand("workbench.action.openWalkthrough", WALKTHROUGH, false);
}
