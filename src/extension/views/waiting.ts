// The part of the Server view that shows who waits to be let in.
import * as vscode from "../vscode.js";
import type { WaitingClient } from "../../server/control.js";
import { l10n } from "../ui/l10n.js";
import type { TreeNode } from "../ui/tree-view.js";

/** What a node stands for, for the commands of its context menu. */
export interface WaitingNode extends TreeNode {
  readonly waiting: WaitingClient;
}

/** Nothing where no one waits. */
export function waitingNodes(waiting: readonly WaitingClient[]): TreeNode[] {
  if (waiting.length === 0) return [];
  return [
    {
      id: "waiting",
      label: l10n.t("Waiting ({0})", waiting.length),
      description: l10n.t("want to join"),
      icon: new vscode.ThemeIcon("bell-dot"),
      children: waiting.map(waitingNode),
    },
  ];
}

function waitingNode(waiting: WaitingClient): WaitingNode {
  const { id, nick, realname, address, line } = waiting;
  const said = line === undefined ? [] : [l10n.t("“{0}”", line)];
  const facts = factsOf(waiting);
  return {
    id: `waiting:${id}`,
    label: nick,
    description: [address, ...said, ...facts].join(" · "),
    icon: new vscode.ThemeIcon("person-add"),
    tooltip: [realname === nick ? nick : `${nick} (${realname})`, address, ...said, ...facts],
    contextValue: canBeRemembered(waiting) ? "waiting.known" : "waiting.guest",
    waiting,
  };
}

/** Who they are, as far as that is known. */
export function factsOf(waiting: WaitingClient): string[] {
  const facts = [identityText(waiting), inviteText(waiting)];
  if (!waiting.secure) facts.push(l10n.t("not encrypted"));
  if (waiting.wasDenied) facts.push(l10n.t("denied before"));
  return facts;
}

/** Whether they can be recognized when they come again. */
export function canBeRemembered({ account, certificateFingerprint }: WaitingClient): boolean {
  return account !== undefined || certificateFingerprint !== undefined;
}

function identityText(waiting: WaitingClient): string {
  const { account, isNewAccount, certificateFingerprint } = waiting;
  if (account !== undefined && !isNewAccount)
    return l10n.t("was here before, with the account {0}", account);
  if (canBeRemembered(waiting))
    return l10n.t(
      "new here, with the certificate {0}",
      (certificateFingerprint ?? "").slice(0, 16),
    );
  return l10n.t("guest without a certificate");
}

function inviteText({ hasPassword }: WaitingClient): string {
  return hasPassword ? l10n.t("came with the invite") : l10n.t("came without an invite");
}
