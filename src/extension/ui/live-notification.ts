// A notification that can be changed and withdrawn. VS Code has such ones for progress only: those have one button, which puts
// them away, but their text may have links.
import * as vscode from "vscode";
import { inert } from "./inert.js";

/** Runs a command of ours. */
export interface NotificationLink {
  readonly label: string;
  readonly command: string;
  readonly args: readonly unknown[];
}

/** VS Code cuts longer texts, which would cut a link in two. */
const MAX_CHARACTERS = 1000;

/** Stays until it is disposed of or the person presses its button, `later`; then nothing brings it back. */
export class LiveNotification implements vscode.Disposable {
  private progress: vscode.Progress<{ message: string }> | undefined;
  private message = "";
  private withdraw: () => void = () => undefined;

  constructor(later: string) {
    const withdrawn = new Promise<void>((resolve) => {
      this.withdraw = resolve;
    });
    const location = vscode.ProgressLocation.Notification;
    // VS Code shows only the first line of one that has no button, and takes words of ours for the button, which its types do
    // not tell: https://github.com/microsoft/vscode/blob/main/src/vs/platform/progress/common/progress.ts
    const cancellable = inert(later) as unknown as boolean;
    void vscode.window.withProgress({ location, cancellable }, (progress, cancellation) => {
      this.progress = progress;
      cancellation.onCancellationRequested(() => {
        this.dispose();
      });
      this.report();
      return withdrawn;
    });
  }

  show(text: string, links: readonly NotificationLink[]): void {
    const linked = links.map(formatLink).join(" \u00b7 ");
    const message = `${cut(inert(text), MAX_CHARACTERS - linked.length - 1)} ${linked}`;
    if (message === this.message) return;
    this.message = message;
    this.report();
  }

  dispose(): void {
    this.progress = undefined;
    this.withdraw();
  }

  private report(): void {
    if (this.message !== "") this.progress?.report({ message: this.message });
  }
}

/** As the text of a progress notification has it. */
export function formatLink({ label, command, args }: NotificationLink): string {
  const query = encodeURIComponent(JSON.stringify(args)).replace(/[()]/g, escape);
  return `[${inert(label)}](command:${command}?${query} "${inert(label)}")`;
}

function escape(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, "")}\u2026`;
}
