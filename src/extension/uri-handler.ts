// vscode://parley-chat.parley/join?…
import type * as vscode from "./vscode.js";
import { formatAddress, parseAddress } from "../client/address.js";
import { addressProblemText, fingerprintText } from "./words.js";
import { l10n } from "./ui/l10n.js";
import { showErrorMessage, showInformationMessage } from "./ui/messages.js";

/** Answers an invite link that was clicked. A link never joins by itself: the person sees where it leads and says so. */
export class InviteUriHandler implements vscode.UriHandler {
  constructor(private readonly join: (invite: string) => Promise<void>) {}

  async handleUri(uri: vscode.Uri): Promise<void> {
    if (uri.path !== "/join") {
      void showErrorMessage(l10n.t("This link is not understood: Parley knows invite links only."));
      return;
    }
    // Uri keeps the query decoded; URLSearchParams encodes it again as parseAddress expects.
    const query = new URLSearchParams(uri.query.replaceAll("+", "%2B")).toString();
    const invite = `vscode://parley-chat.parley/join?${query}`;
    const parsed = parseAddress(invite);
    if ("problem" in parsed) {
      void showErrorMessage(
        l10n.t("This invite link is damaged. {0}", addressProblemText(parsed.problem)),
      );
      return;
    }
    const { address } = parsed;
    const fingerprint =
      address.fingerprint === undefined
        ? l10n.t("none: you will be asked")
        : fingerprintText(address.fingerprint);
    const joinAction = l10n.t("Join");
    const choice = await showInformationMessage(
      l10n.t("Join the chat on {0}?", formatAddress(address)),
      {
        modal: true,
        detail: l10n.t(
          "Room: {0}\nAddresses: {1}\nPort: {2}\nCertificate (SHA-256): {3}",
          address.channels.join(", "),
          address.hosts.join(", "),
          address.port,
          fingerprint,
        ),
      },
      joinAction,
    );
    if (choice === joinAction) await this.join(invite);
  }
}
