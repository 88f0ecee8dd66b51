// Letting people in, or not: whether that is needed, Chat: Approve, Approve and Remember, Deny, Deny and Ban, and what was decided.
import type { Decision, DecisionKey, WaitingClient } from "../../server/control.js";
import { rememberApproveToJoin } from "../config.js";
import { waitingIn, type EmbeddedServer } from "../embedded-server.js";
import { l10n } from "../ui/l10n.js";
import { showInformationMessage, showWarningMessage } from "../ui/messages.js";
import { showQuickPick, type PickItem } from "../ui/quick-pick.js";
import { flashStatus } from "../ui/status-item.js";
import { askReason } from "./server.js";
import { canBeRemembered, type WaitingNode } from "../views/waiting.js";

/** Who is meant: a node of the Server view, or the one of this connection, which a notification was about. */
export type WaitingTarget = WaitingNode | Pick<WaitingClient, "id">;

interface Cx {
  readonly server: Pick<EmbeddedServer, "state" | "approve" | "deny" | "forgetDecisions">;
}

/** From now on people who come wait until the host lets them in. */
export async function requireApproval(): Promise<void> {
  await rememberApproveToJoin(true);
  void showInformationMessage(
    l10n.t("From now on people who join wait until you approve them. Those who are here stay."),
  );
}

/** From now on they do not; then those who wait are let in. */
export async function stopRequiringApproval(cx: Cx): Promise<void> {
  const count = waitingIn(cx.server.state).length;
  if (count > 0) {
    const letIn = l10n.t("Let Everyone In");
    const choice = await showWarningMessage(
      count === 1
        ? l10n.t("Stop requiring approval? The person who waits is let in.")
        : l10n.t("Stop requiring approval? The {0} people who wait are let in.", count),
      { modal: true },
      letIn,
    );
    if (choice !== letIn) return;
  }
  await rememberApproveToJoin(false);
  void showInformationMessage(l10n.t("People who have the invite link can join without approval."));
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

/** Lists what is remembered, one row for each person, and takes back what is picked. */
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
  if (picked !== undefined) await takeBack(cx, picked.decision);
}

async function takeBack(cx: Cx, { nick, verdict, keys }: Decision): Promise<void> {
  const isBan = verdict === "banned";
  const action = isBan ? l10n.t("Lift Ban") : l10n.t("Take Back Approval");
  const choice = await showWarningMessage(
    isBan ? l10n.t("Lift the ban of {0}?", nick) : l10n.t("Take back the approval of {0}?", nick),
    {
      modal: true,
      detail: isBan
        ? l10n.t("They can ask to join again. Forgotten is: {0}.", keysText(keys))
        : l10n.t(
            "When they join again, they wait for your approval. If they are here, they stay until they go. Forgotten is: {0}.",
            keysText(keys),
          ),
    },
    action,
  );
  if (choice !== action) return;
  cx.server.forgetDecisions(keys);
  void showInformationMessage(
    isBan
      ? l10n.t("{0} is no longer banned ({1}).", nick, keysText(keys))
      : l10n.t("{0} is no longer approved ({1}).", nick, keysText(keys)),
  );
}

const ICONS = { approved: "pass", visiting: "clock", banned: "circle-slash" } as const;

function itemOf({ nick, verdict, keys, reason }: Decision): PickItem {
  const words = {
    approved: l10n.t("always approved"),
    visiting: l10n.t("approved until the server stops"),
    banned: l10n.t("banned"),
  }[verdict];
  return {
    label: nick,
    description: [words, keysText(keys), ...(reason === "" ? [] : [reason])].join(" · "),
    icon: ICONS[verdict],
  };
}

function keysText(keys: readonly DecisionKey[]): string {
  return keys
    .map(
      ({ kind, value }) =>
        ({
          account: l10n.t("account {0}", value),
          certificate: l10n.t("certificate {0}", value.slice(0, 16)),
          address: l10n.t("address {0}", value),
        })[kind],
    )
    .join(", ");
}

async function targetOf(
  cx: Cx,
  title: string,
  given: WaitingTarget | undefined,
): Promise<WaitingClient | undefined> {
  if (given === undefined) return pick(cx, title);
  const { id, nick }: { id: string; nick?: string } = "waiting" in given ? given.waiting : given;
  const target = waitingIn(cx.server.state).find((client) => client.id === id);
  if (target === undefined) tellGone(nick);
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
function isStillWaiting(cx: Cx, { id, nick }: WaitingClient): boolean {
  const isThere = waitingIn(cx.server.state).some((client) => client.id === id);
  if (!isThere) tellGone(nick);
  return isThere;
}

function tellGone(nick: string | undefined): void {
  void showInformationMessage(
    nick === undefined
      ? l10n.t("This person is no longer waiting. If they ask to join again, you are told.")
      : l10n.t("{0} is no longer waiting. If they ask to join again, you are told.", nick),
  );
}
