// vscode://parley-chat.parley/join?…
import type * as vscode from "./vscode.js";
import { formatInvite, parseClickedInvite } from "../client/address.js";
import { wantsToJoin } from "./trust-dialogs.js";
import { l10n } from "./ui/l10n.js";
import { showErrorMessage } from "./ui/messages.js";
import { addressProblemText } from "./words.js";

/** Answers an invite link that was clicked. A link never joins by itself: the person sees where it leads and says so. */
export class InviteUriHandler implements vscode.UriHandler {
  /** Whether a link has been handed over. */
  isUsed = false;

  constructor(private readonly join: (invite: string) => Promise<void>) {}

  async handleUri(uri: vscode.Uri): Promise<void> {
    this.isUsed = true;
    const isJoin = /^\/join\/?$/.test(uri.path);
    if (!isJoin && !"/join".startsWith(uri.path)) {
      void showErrorMessage(l10n.t("Parley cannot open this link. It opens only invite links."));
      return;
    }
    // What was decoded before it got here may have a # that was none of the link's own.
    const fragment = uri.fragment === "" ? "" : `#${uri.fragment}`;
    const parsed = parseClickedInvite(isJoin ? uri.query + fragment : "");
    if ("problem" in parsed) {
      const text = addressProblemText(parsed.problem);
      const isCut = parsed.problem.code === "incomplete-invite";
      void showErrorMessage(isCut ? text : l10n.t("This invite link is damaged. {0}", text));
      return;
    }
    if (await wantsToJoin(parsed.address)) await this.join(formatInvite(parsed.address));
  }
}
