// The window itself.
import * as vscode from "vscode";

export const isWindowFocused = (): boolean => vscode.window.state.focused;

export const onDidChangeWindowFocus = (listener: (isFocused: boolean) => void): vscode.Disposable =>
  vscode.window.onDidChangeWindowState(({ focused }) => {
    listener(focused);
  });

/** Hands `handler` the links of this extension that were clicked. */
export const registerUriHandler = (handler: vscode.UriHandler): vscode.Disposable =>
  vscode.window.registerUriHandler(handler);
