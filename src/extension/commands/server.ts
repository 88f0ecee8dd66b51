// The host's other commands.
import * as vscode from "../vscode.js";
import { SessionError } from "../../client/session-error.js";
import { nickProblem, normalizeNick } from "../../irc/names.js";
import type { ConnectedClient } from "../../server/control.js";
import { askText } from "../ui/input-box.js";
import type { ServerNode } from "../views/server.js";
import { nickProblemText } from "../words.js";
import type { CommandContext } from "./context.js";
import { l10n } from "../ui/l10n.js";
import { showInformationMessage } from "../ui/messages.js";
import { showQuickPick, type PickItem } from "../ui/quick-pick.js";
import { flashStatus } from "../ui/status-item.js";
import type { UserNode } from "../views/online-users.js";

export async function copyInviteLink(cx: CommandContext): Promise<void> {
  if (cx.server.state.phase !== "running") {
    void showInformationMessage(l10n.t("Only the host has the invite link. Ask the host for it."));
    return;
  }
  await vscode.env.clipboard.writeText(cx.hosting.invite());
  cx.milestones.reach("hasInvited");
  flashStatus("check", l10n.t("Invite link copied"));
}

export async function copyAddress(given?: ServerNode): Promise<void> {
  if (given?.address === undefined) return;
  await vscode.env.clipboard.writeText(given.address);
  flashStatus("check", l10n.t("Address copied"));
}

/** Disconnects the client of a tree's node, or one the host picks. */
export async function kickClient(cx: CommandContext, given?: ServerNode): Promise<void> {
  const client = clientOf(cx, given) ?? (await pickClient(cx));
  if (client === undefined) return;
  const reason = await askReason(l10n.t("Disconnect {0}", client.nick));
  if (reason === undefined) return;
  cx.server.disconnectClient(client.id, reason);
}

/** Why someone is sent away, in the host's words. */
export function askReason(title: string): Promise<string | undefined> {
  return askText({ value: "", title, prompt: l10n.t("Reason shown to them (optional)") });
}

function clients(cx: CommandContext): readonly ConnectedClient[] {
  return cx.server.state.phase === "running" ? cx.server.state.clients : [];
}

function clientOf(cx: CommandContext, given: ServerNode | undefined): ConnectedClient | undefined {
  if (given?.client !== undefined) return given.client;
  const nick = (given as Partial<UserNode> | undefined)?.nick;
  return clients(cx).find((client) => client.nick === nick);
}

async function pickClient(cx: CommandContext): Promise<ConnectedClient | undefined> {
  type Item = PickItem & { readonly client: ConnectedClient };
  const items = clients(cx)
    .filter(({ isOperator }) => !isOperator)
    .map((client): Item => ({ label: client.nick, description: client.address, client }));
  if (items.length === 0) {
    void showInformationMessage(l10n.t("No one else is connected."));
    return undefined;
  }
  const item = await showQuickPick(items, {
    title: l10n.t("Chat: Disconnect Someone"),
  });
  return item?.client;
}

/** Lets a nick be anyone's again, whose owner cannot prove any more to be it. */
export async function releaseNick(cx: CommandContext): Promise<void> {
  let value = "";
  let problem: string | undefined;
  for (;;) {
    const answer = await askText({
      title: l10n.t("Chat: Release a Nick"),
      prompt: l10n.t(
        "Nick of someone who has lost their key, for example with a new computer. The next person to take the nick will own it, so make sure you know who is asking.",
      ),
      value,
      problem,
      validate: (text) => {
        const found = nickProblem(normalizeNick(text));
        return found === undefined ? undefined : nickProblemText(found);
      },
    });
    if (answer === undefined) return;
    value = normalizeNick(answer);
    try {
      await cx.chat.session?.releaseNick(value);
      void showInformationMessage(
        l10n.t("The nick {0} is free. The next person to take it will own it.", value),
      );
      return;
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      problem = error.message;
    }
  }
}

export async function forgetCertificate(cx: CommandContext): Promise<void> {
  const items = [...cx.known.pinned().keys()].map((key) => ({ label: key.replace(" ", ":"), key }));
  if (items.length === 0) {
    void showInformationMessage(l10n.t("No certificates are remembered."));
    return;
  }
  const item = await showQuickPick(items, {
    title: l10n.t("Chat: Forget a Server's Certificate"),
    placeHolder: l10n.t("Parley will ask again the next time you connect"),
  });
  if (item !== undefined) await cx.known.forget(item.key);
}
