// Webview panels. What they show is the page's; the title of their tab is ours.
import * as vscode from "vscode";
import { inert } from "./inert.js";

/** A panel whose title only setTabTitle() sets. */
export type EditorTab = Omit<vscode.WebviewPanel, "title">;

/** Opens a tab in the active group. */
export function createEditorTab(
  viewType: string,
  title: string,
  preserveFocus: boolean,
  options: vscode.WebviewOptions,
): EditorTab {
  const place = { viewColumn: vscode.ViewColumn.Active, preserveFocus };
  return vscode.window.createWebviewPanel(viewType, inert(title), place, options);
}

export function setTabTitle(tab: EditorTab, title: string): void {
  (tab as vscode.WebviewPanel).title = inert(title);
}

/** Hands `restore` the tabs that VS Code brings back after a reload. */
export function restoreEditorTabs(
  viewType: string,
  restore: (tab: EditorTab) => void,
): vscode.Disposable {
  return vscode.window.registerWebviewPanelSerializer(viewType, {
    deserializeWebviewPanel: (tab) => {
      restore(tab);
      return Promise.resolve();
    },
  });
}
