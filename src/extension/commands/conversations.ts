// Leaving, and going from conversation to conversation.
import { compareConversations, compareNames } from "../order.js";
import { stopServer } from "./host.js";
import type { CommandContext } from "./context.js";
import { enterChannel } from "./join-channel.js";
import { l10n } from "../ui/l10n.js";
import { showInformationMessage, showWarningMessage } from "../ui/messages.js";
import { showQuickPick, type PickItem } from "../ui/quick-pick.js";
import type { ConversationNode } from "../views/conversations.js";
import type { UserNode } from "../views/online-users.js";
import { serverMessages } from "../words.js";

/** Leaves the chat. A host is asked what becomes of the server. */
export async function leave(cx: CommandContext, quitMessage?: string): Promise<void> {
  cx.joins.end();
  if (cx.server.state.phase === "running") {
    const stop = l10n.t("Stop Server");
    const keep = l10n.t("Leave It Running");
    const choice = await showWarningMessage(
      l10n.t("You are hosting this server. Stop it for everyone, or only leave the chat?"),
      { modal: true },
      stop,
      keep,
    );
    if (choice === undefined) return;
    if (choice === stop) {
      await stopServer(cx, { force: true });
      return;
    }
  }
  await cx.resume.set(undefined);
  await cx.chat.leave(quitMessage === "" ? undefined : quitMessage);
}

/** Shows a conversation; without `id` the person picks one, unread ones first. */
export async function openConversation(cx: CommandContext, id?: string): Promise<void> {
  const chosen = id ?? (await pickConversation(cx));
  if (chosen === undefined) return;
  cx.chat.open(chosen);
  cx.panel.show();
}

async function pickConversation(cx: CommandContext): Promise<string | undefined> {
  type Item = PickItem & { readonly id: string };
  const items = [...(cx.chat.state?.buffers ?? [])]
    .sort(([, a], [, b]) => b.unread - a.unread || compareConversations(a, b))
    .map(([id, { name, kind, unread, topic }]): Item => ({
      label: kind === "server" ? serverMessages() : name,
      description: unread === 0 ? topic : l10n.t("{0} unread", unread),
      id,
    }));
  const item = await showQuickPick(items, {
    title: l10n.t("Chat: Open Conversation"),
    placeHolder: l10n.t("Channel or person"),
    matchOnDescription: true,
  });
  return item?.id;
}

/** Opens a direct message; without `nick` the person picks who. */
export async function openDirectMessage(cx: CommandContext, given?: unknown): Promise<void> {
  const nick = nickOf(given) ?? (await pickNick(cx));
  if (nick === undefined) return;
  cx.chat.openDirect(nick);
  cx.panel.show();
}

/** A nick given as such, or by the node of a tree. */
function nickOf(given: unknown): string | undefined {
  if (typeof given === "string") return given;
  return (given as Partial<UserNode> | undefined)?.nick;
}

async function pickNick(cx: CommandContext): Promise<string | undefined> {
  const { state } = cx.chat;
  if (state === undefined) return undefined;
  const nicks = [...state.users.values()]
    .filter(({ nick, online }) => online && nick !== state.nick)
    .map(({ nick }) => nick)
    .sort(compareNames);
  if (nicks.length === 0) {
    void showInformationMessage(l10n.t("No one else is online yet."));
    return undefined;
  }
  const items = nicks.map((nick) => ({ label: nick }));
  const item = await showQuickPick(items, {
    title: l10n.t("Chat: Send Direct Message"),
    placeHolder: l10n.t("Select a person"),
  });
  return item?.label;
}

/** Closes the conversation of a tree's node, or the one on screen. */
export function closeConversation(cx: CommandContext, given?: unknown): void {
  const conversation =
    (given as Partial<ConversationNode> | undefined)?.conversation ?? cx.chat.current;
  if (conversation !== undefined) cx.chat.closeConversation(conversation);
}

/** Comes back into the channel of a tree's node, or the one on screen, after leaving it or being removed. */
export async function rejoin(cx: CommandContext, given?: unknown): Promise<void> {
  const conversation =
    (given as Partial<ConversationNode> | undefined)?.conversation ?? cx.chat.current;
  const buffer = conversation === undefined ? undefined : cx.chat.state?.buffers.get(conversation);
  const { session } = cx.chat;
  if (session === undefined || buffer?.kind !== "channel" || buffer.joined) return;
  // Here the person looks for what comes of it.
  cx.chat.open(buffer.name);
  cx.panel.show();
  await enterChannel(cx, session, buffer.name);
}
