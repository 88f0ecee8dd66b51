import type { ChatService } from "./chat-service.js";
import { Disposable } from "./disposable.js";
import type { EmbeddedServer } from "./embedded-server.js";
import { unreadSign, unreadText, unreadTotal } from "./unread.js";
import { preparationText } from "./words.js";
import { l10n } from "./ui/l10n.js";
import { StatusItem, type StatusContent } from "./ui/status-item.js";

/** One item: where we are, and how much is unread. A click opens the panel. */
export class StatusBar extends Disposable {
  private readonly item = this.register(
    new StatusItem("parley.status", l10n.t("Parley Chat"), "parley.openPanel"),
  );

  constructor(
    private readonly chat: ChatService,
    private readonly server: EmbeddedServer,
  ) {
    super();
    const update = () => {
      this.item.show(this.content());
    };
    this.register(chat.onDidChange(update));
    this.register(server.onDidChange(update));
    update();
  }

  private content(): StatusContent {
    const { status, network, preparation } = this.chat;
    const label = network?.label ?? "";
    if (preparation !== undefined)
      return {
        icon: "loading~spin",
        text: "Parley",
        tooltip: l10n.t("Parley: {0}", preparationText(preparation)),
      };
    switch (status.phase) {
      case "idle":
        return {
          icon: "comment-discussion",
          text: "Parley",
          tooltip: l10n.t("Parley: not connected"),
        };
      case "connecting":
        return {
          icon: "loading~spin",
          text: "Parley",
          tooltip:
            status.step === "approval"
              ? l10n.t("Parley: waiting for the host of {0} to let you in", label)
              : l10n.t("Parley: connecting to {0}", label),
        };
      case "waiting":
        return {
          icon: "sync~spin",
          text: "Parley",
          tooltip: l10n.t("Parley: trying to reach {0}", label),
        };
      case "closed":
        return {
          icon: "debug-disconnect",
          text: "Parley",
          tooltip: l10n.t("Parley: disconnected from {0}", label),
        };
      case "online":
        return this.onlineContent(label);
    }
  }

  private onlineContent(label: string): StatusContent {
    const total = unreadTotal(this.chat);
    const icon = this.server.state.phase === "running" ? "broadcast" : "comment-discussion";
    const where =
      this.server.state.phase === "running"
        ? l10n.t("Parley: hosting on {0}", label)
        : l10n.t("Parley: connected to {0}", label);
    if (total.unread === 0) return { icon, text: "Parley", tooltip: where };
    return { icon, text: unreadSign(total), tooltip: `${where}, ${unreadText(total)}` };
  }
}
