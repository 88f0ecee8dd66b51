import * as vscode from "vscode";
import type { ChatService } from "./chat-service.js";
import { Disposable } from "./disposable.js";
import type { EmbeddedServer } from "./embedded-server.js";
import { unreadTotal } from "./unread.js";

/** One item: where we are, and how much is unread. A click opens the panel. */
export class StatusBar extends Disposable {
  private readonly item = this.register(
    vscode.window.createStatusBarItem("parley.status", vscode.StatusBarAlignment.Left, 50),
  );

  constructor(
    private readonly chat: ChatService,
    private readonly server: EmbeddedServer,
  ) {
    super();
    this.item.name = vscode.l10n.t("Parley Chat");
    this.item.command = "parley.openPanel";
    const update = () => {
      this.update();
    };
    this.register(chat.onDidChange(update));
    this.register(server.onDidChange(update));
    update();
    this.item.show();
  }

  private update(): void {
    const { text, tooltip } = this.content();
    this.item.text = text;
    this.item.tooltip = tooltip;
    // Icons have no name of their own: say it whole.
    this.item.accessibilityInformation = { label: tooltip, role: "button" };
  }

  private content(): { text: string; tooltip: string } {
    const { status, network } = this.chat;
    const label = network?.label ?? "";
    switch (status.phase) {
      case "idle":
        return {
          text: "$(comment-discussion) Parley",
          tooltip: vscode.l10n.t("Parley: not connected"),
        };
      case "connecting":
        return {
          text: "$(loading~spin) Parley",
          tooltip: vscode.l10n.t("Parley: connecting to {0}", label),
        };
      case "waiting":
        return {
          text: "$(sync~spin) Parley",
          tooltip: vscode.l10n.t("Parley: waiting for {0}", label),
        };
      case "closed":
        return {
          text: "$(debug-disconnect) Parley",
          tooltip: vscode.l10n.t("Parley: disconnected from {0}", label),
        };
      case "online":
        return this.onlineContent(label);
    }
  }

  private onlineContent(label: string): { text: string; tooltip: string } {
    const unread = unreadTotal(this.chat.state);
    const icon = this.server.state.phase === "running" ? "$(broadcast)" : "$(comment-discussion)";
    const where =
      this.server.state.phase === "running"
        ? vscode.l10n.t("Parley: hosting on {0}", label)
        : vscode.l10n.t("Parley: connected to {0}", label);
    return unread === 0
      ? { text: `${icon} Parley`, tooltip: where }
      : { text: `${icon} ${unread}`, tooltip: vscode.l10n.t("{0}, {1} unread", where, unread) };
  }
}
