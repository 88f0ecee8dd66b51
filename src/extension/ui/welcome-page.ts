// VS Code's page of walkthroughs, as far as extensions can see it.
import * as vscode from "vscode";

/** It is among the pages of which VS Code tells no more than that they are there, as the settings are. */
export function hasWelcomePage(): boolean {
  return vscode.window.tabGroups.all.some(({ tabs }) =>
    tabs.some(({ input }) => input === undefined),
  );
}

/** Calls `listener` whenever tabs change, with whether there may be a welcome page. */
export const onDidChangeTabs = (listener: (hasPage: boolean) => void): vscode.Disposable =>
  vscode.window.tabGroups.onDidChangeTabs(() => {
    listener(hasWelcomePage());
  });
