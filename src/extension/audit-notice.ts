// People whose panel is not on screen do not see its banner when the host begins to log everything.
import * as vscode from "./vscode.js";
import type { ChatPanel } from "./chat-panel.js";
import type { ChatService } from "./chat-service.js";
import { Disposable } from "./disposable.js";
import type { EmbeddedServer } from "./embedded-server.js";
import { l10n } from "./ui/l10n.js";
import { showWarningMessage } from "./ui/messages.js";

/** Tells it when it begins for a chat that was there before, after a reconnect as well. */
export class AuditNotice extends Disposable {
  private session: ChatService["session"];
  private wasAudited = false;

  constructor(
    private readonly chat: Pick<ChatService, "session" | "state" | "network" | "onDidChange">,
    private readonly server: Pick<EmbeddedServer, "isActive">,
    private readonly panel: Pick<ChatPanel, "isVisible">,
  ) {
    super();
    this.register(
      chat.onDidChange(() => {
        this.look();
      }),
    );
  }

  private look(): void {
    const { session, state, network } = this.chat;
    const isAudited = state?.isAudited === true;
    const begins = session === this.session && isAudited && !this.wasAudited;
    this.session = session;
    this.wasAudited = isAudited;
    // The host has just said so.
    if (begins && !this.server.isActive) void this.tell(network?.label ?? "");
  }

  private async tell(label: string): Promise<void> {
    const open = l10n.t("Open Panel");
    const text = l10n.t(
      "The host of {0} now logs everything said there, including direct messages.",
      label,
    );
    const actions = this.panel.isVisible ? [] : [open];
    if ((await showWarningMessage(text, ...actions)) === open)
      await vscode.commands.executeCommand("parley.openPanel");
  }
}
