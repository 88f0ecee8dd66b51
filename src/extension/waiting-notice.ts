// Tells the host who wants to join, wherever they are in the editor.
import * as vscode from "./vscode.js";
import type { WaitingClient } from "../server/control.js";
import { Disposable } from "./disposable.js";
import { waitingIn, type EmbeddedServer } from "./embedded-server.js";
import { l10n } from "./ui/l10n.js";
import { showInformationMessage } from "./ui/messages.js";

/** Those who come within this time are told of together; each time it is twice as long … */
const GATHER_MS = 500;
/** … up to this, and as at first once no one has come for so long. */
const MAX_GATHER_MS = 60_000;
const MAX_NAMES = 3;

/** One notification for all who come within a time. People who were denied a moment ago are in the view only. */
export class WaitingNotice extends Disposable {
  private readonly told = new Set<string>();
  private gatherMs = GATHER_MS;
  private lastTold = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly server: Pick<EmbeddedServer, "state" | "onDidChange">,
    private readonly gather = GATHER_MS,
  ) {
    super();
    this.gatherMs = gather;
    this.register(
      server.onDidChange(() => {
        this.look();
      }),
    );
  }

  override dispose(): void {
    clearTimeout(this.timer);
    super.dispose();
  }

  private look(): void {
    const ids = new Set(waitingIn(this.server.state).map(({ id }) => id));
    for (const id of this.told) if (!ids.has(id)) this.told.delete(id);
    if (this.newcomers().length === 0) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.tell();
    }, this.gatherMs);
  }

  private newcomers(): WaitingClient[] {
    return waitingIn(this.server.state).filter(
      ({ id, wasDenied }) => !wasDenied && !this.told.has(id),
    );
  }

  private async tell(): Promise<void> {
    const newcomers = this.newcomers();
    const [first] = newcomers;
    if (first === undefined) return;
    for (const { id } of newcomers) this.told.add(id);
    this.slowDown();
    await (newcomers.length === 1 ? this.tellOne(first) : this.tellSeveral(newcomers));
  }

  /** Someone who comes again and again must not fill the screen. */
  private slowDown(): void {
    const now = Date.now();
    const isQuiet = now - this.lastTold > MAX_GATHER_MS;
    this.gatherMs = isQuiet ? this.gather : Math.min(this.gatherMs * 2, MAX_GATHER_MS);
    this.lastTold = now;
  }

  private async tellOne({ id, nick, address, line }: WaitingClient): Promise<void> {
    const text =
      line === undefined
        ? l10n.t("{0} ({1}) wants to join.", nick, address)
        : l10n.t("{0} ({1}) wants to join: “{2}”", nick, address, line);
    const approve = l10n.t("Approve");
    const deny = l10n.t("Deny…");
    const choice = await showInformationMessage(text, approve, deny);
    if (choice === approve) await vscode.commands.executeCommand("parley.approve", { id });
    else if (choice === deny) await vscode.commands.executeCommand("parley.deny", { id });
  }

  private async tellSeveral(newcomers: readonly WaitingClient[]): Promise<void> {
    const nicks = newcomers.slice(0, MAX_NAMES).map(({ nick }) => nick);
    const more = newcomers.length > MAX_NAMES ? "…" : "";
    const show = l10n.t("Show");
    const text = l10n.t("{0} people want to join: {1}", newcomers.length, nicks.join(", ") + more);
    if ((await showInformationMessage(text, show)) === show)
      await vscode.commands.executeCommand("parley.server.focus");
  }
}
