import * as vscode from "vscode";
import { inert } from "./inert.js";

/** A row to choose. The icon is a name of VS Code's, or a picture. */
export interface PickItem {
  readonly label: string;
  readonly description?: string | undefined;
  readonly detail?: string | undefined;
  readonly icon?: string | vscode.Uri;
}

export interface PickOptions {
  readonly title: string;
  readonly placeHolder?: string;
  readonly ignoreFocusOut?: boolean;
  readonly matchOnDescription?: boolean;
}

/** Resolves with the chosen one of `items`; undefined: given up. */
export async function showQuickPick<T extends PickItem>(
  items: readonly T[],
  { title, placeHolder, ...behavior }: PickOptions,
): Promise<T | undefined> {
  const rows = items.map((item) => ({ ...row(item), item }));
  const chosen = await vscode.window.showQuickPick(rows, {
    ...behavior,
    title: inert(title),
    ...(placeHolder !== undefined && { placeHolder: inert(placeHolder) }),
  });
  return chosen?.item;
}

function row({ label, description, detail, icon }: PickItem): vscode.QuickPickItem {
  return {
    label: inert(label),
    ...(description !== undefined && { description: inert(description) }),
    ...(detail !== undefined && { detail: inert(detail) }),
    ...(icon !== undefined && {
      iconPath: typeof icon === "string" ? new vscode.ThemeIcon(icon) : icon,
    }),
  };
}
