// The context keys the manifest's `when` clauses use.
import * as vscode from "./vscode.js";
import type { ChatService } from "./chat-service.js";
import { Disposable } from "./disposable.js";
import { waitingIn, type EmbeddedServer } from "./embedded-server.js";
import type { LocalHosts } from "./local-hosts.js";

export class ContextKeys extends Disposable {
  private readonly known = new Map<string, boolean>();

  constructor(
    private readonly chat: ChatService,
    private readonly server: EmbeddedServer,
    private readonly localHosts: LocalHosts,
  ) {
    super();
    const update = () => {
      this.update();
    };
    this.register(chat.onDidChange(update));
    this.register(server.onDidChange(update));
    update();
    this.register(localHosts.onDidChange(() => void this.updateLocalHost()));
    void this.updateLocalHost();
  }

  private async updateLocalHost(): Promise<void> {
    this.set("localHost", (await this.localHosts.others()).length > 0);
  }

  private update(): void {
    const { phase } = this.chat.status;
    this.set("session", this.chat.session !== undefined);
    this.set("preparing", this.chat.preparation !== undefined);
    this.set("online", phase === "online");
    this.set("waiting", phase === "waiting");
    this.set("closed", phase === "closed");
    const shown = this.chat.currentBuffer;
    this.set("leftChannel", this.chat.isOnline && shown?.kind === "channel" && !shown.joined);
    this.set("hosting", this.server.state.phase === "running");
    const { state } = this.server;
    this.set("logging", state.phase === "running" && state.audit.isOn);
    this.set("approval", state.phase === "running" && state.needsApproval);
    this.set("applicants", waitingIn(state).length > 0);
    this.set("starting", this.server.state.phase === "starting");
  }

  private set(name: string, value: boolean): void {
    if (this.known.get(name) === value) return;
    this.known.set(name, value);
    void vscode.commands.executeCommand("setContext", `parley.${name}`, value);
  }
}
