// Letting people in, or not: Chat: Approve, Always Allow, Deny, Deny and Ban, Allowed and Banned People.
import type { Decision, WaitingClient } from "../../server/control.js";
import { waitingIn, type EmbeddedServer } from "../embedded-server.js";
import { l10n } from "../ui/l10n.js";
import { showInformationMessage, showWarningMessage } from "../ui/messages.js";
import { showQuickPick, type PickItem } from "../ui/quick-pick.js";
import { flashStatus } from "../ui/status-item.js";
import { askReason } from "./server.js";
import { canBeRemembered, type WaitingNode } from "../views/waiting.js";

/** Who is meant: a node of the Server view, or the one of this connection, which a notification was about. */
export type WaitingTarget = WaitingNode | { readonly id: string };

interface Cx {
  readonly server: Pick<EmbeddedServer, "state" | "approve" | "deny" | "forgetDecisions">;
}

export async function approve(cx: Cx, given?: WaitingTarget): Promise<void> {
  const target = await targetOf(cx, l10n.t("Chat: Approve"), given);
  if (target === undefined) return;
  cx.server.approve(target.id, false);
  flashStatus("check", l10n.t("{0} can join", target.nick));
}

/** From now on they come in without a question. */
export async function approveAlways(cx: Cx, given?: WaitingTarget): Promise<void> {
  const target = await targetOf(cx, l10n.t("Chat: Approve and Remember"), given);
  if (target === undefined) return;
  cx.server.approve(target.id, true);
  if (canBeRemembered(target)) flashStatus("check", l10n.t("{0} can always join", target.nick));
  else
    void showInformationMessage(
      l10n.t(
        "{0} can join, but will wait again next time: they have no account and no certificate to recognize them by.",
        target.nick,
      ),
    );
}

export async function deny(cx: Cx, given?: WaitingTarget): Promise<void> {
  const target = await targetOf(cx, l10n.t("Chat: Deny"), given);
  if (target === undefined) return;
  const reason = await askReason(l10n.t("Deny {0}", target.nick));
  if (reason !== undefined && isStillWaiting(cx, target)) cx.server.deny(target.id, reason, false);
}

export async function denyAndBan(cx: Cx, given?: WaitingTarget): Promise<void> {
  const target = await targetOf(cx, l10n.t("Chat: Deny and Ban"), given);
  if (target === undefined) return;
  const ban = l10n.t("Deny and Ban");
  const choice = await showWarningMessage(
    l10n.t("Ban {0}? They cannot come again until you take it back.", target.nick),
    { modal: true, detail: banDetail(target) },
    ban,
  );
  if (choice !== ban) return;
  const reason = await askReason(l10n.t("Deny and ban {0}", target.nick));
  if (reason !== undefined && isStillWaiting(cx, target)) cx.server.deny(target.id, reason, true);
}

function banDetail(target: WaitingClient): string {
  return canBeRemembered(target)
    ? l10n.t("They are recognized by their account and their certificate.")
    : l10n.t(
        "They have no account and no certificate, so everyone at the address {0} who has not been approved is banned. For this computer's own address, only the nick is banned.",
        target.address,
      );
}

/** Lists what is remembered, and takes back what is picked. */
export async function showDecisions(cx: Cx): Promise<void> {
  const { state } = cx.server;
  const decisions = state.phase === "running" ? state.decisions : [];
  if (decisions.length === 0) {
    void showInformationMessage(l10n.t("No one has been approved or banned."));
    return;
  }
  type Item = PickItem & { readonly decision: Decision };
  const items = decisions.map((decision): Item => ({ ...itemOf(decision), decision }));
  const picked = await showQuickPick(items, {
    title: l10n.t("Chat: Approved and Banned People"),
    placeHolder: l10n.t("Pick one to take it back"),
    matchOnDescription: true,
  });
  if (picked === undefined) return;
  cx.server.forgetDecisions([picked.decision]);
  flashStatus("check", l10n.t("Forgotten: {0}", picked.decision.nick));
}

const ICONS = { approved: "pass", visiting: "clock", banned: "circle-slash" } as const;

function itemOf({ nick, verdict, kind, value, reason }: Decision): PickItem {
  const words = {
    approved: l10n.t("always approved"),
    visiting: l10n.t("approved until the server stops"),
    banned: l10n.t("banned"),
  }[verdict];
  const by = {
    account: l10n.t("account {0}", value),
    certificate: l10n.t("certificate {0}", value.slice(0, 16)),
    address: l10n.t("address {0}", value),
  }[kind];
  return {
    label: nick,
    description: [words, by, ...(reason === "" ? [] : [reason])].join(" · "),
    icon: ICONS[verdict],
  };
}

async function targetOf(
  cx: Cx,
  title: string,
  given: WaitingTarget | undefined,
): Promise<WaitingClient | undefined> {
  if (given === undefined) return pick(cx, title);
  const id = "waiting" in given ? given.waiting.id : given.id;
  const target = waitingIn(cx.server.state).find((client) => client.id === id);
  if (target === undefined) tellGone();
  return target;
}

async function pick(cx: Cx, title: string): Promise<WaitingClient | undefined> {
  type Item = PickItem & { readonly client: WaitingClient };
  const items = waitingIn(cx.server.state).map((client): Item => ({
    label: client.nick,
    description: client.address,
    ...(client.line !== undefined && { detail: client.line }),
    client,
  }));
  if (items.length === 0) {
    void showInformationMessage(l10n.t("No one is waiting to join."));
    return undefined;
  }
  const item = await showQuickPick(items, { title });
  return item !== undefined && isStillWaiting(cx, item.client) ? item.client : undefined;
}

/** While the host was asked something they may have left, or been let in otherwise. */
function isStillWaiting(cx: Cx, { id }: WaitingClient): boolean {
  const isThere = waitingIn(cx.server.state).some((client) => client.id === id);
  if (!isThere) tellGone();
  return isThere;
}

function tellGone(): void {
  void showInformationMessage(l10n.t("They are no longer waiting."));
}
