// The status bar.
import * as vscode from "vscode";
import { inert } from "./inert.js";

export interface StatusContent {
  /** A name of VS Code's, with its modifier: `sync~spin`. */
  readonly icon: string;
  readonly text: string;
  /** Says it whole, also to who cannot see the icon. */
  readonly tooltip: string;
}

/** An item of the status bar. A click runs `command`. */
export class StatusItem implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;

  constructor(id: string, name: string, command: string) {
    this.item = vscode.window.createStatusBarItem(id, vscode.StatusBarAlignment.Left, 50);
    this.item.name = inert(name);
    this.item.command = command;
  }

  show({ icon, text, tooltip }: StatusContent): void {
    this.item.text = `$(${icon}) ${inert(text)}`;
    this.item.tooltip = inert(tooltip);
    this.item.accessibilityInformation = { label: inert(tooltip), role: "button" };
    this.item.show();
  }

  dispose(): void {
    this.item.dispose();
  }
}

const FLASH_MS = 4000;

/** Says for a moment that something was done. */
export function flashStatus(icon: string, text: string): void {
  vscode.window.setStatusBarMessage(`$(${icon}) ${inert(text)}`, FLASH_MS);
}
