import * as vscode from "vscode";
import type { ChatBuffer } from "../../client/model.js";
import type { ConversationId } from "../../bridge/view.js";
import type { ChatService } from "../chat-service.js";
import { Disposable } from "../disposable.js";
import { compareConversations } from "../order.js";
import { unreadTotal } from "../unread.js";
import { NodeTree, type Node } from "./tree-view.js";

/** Rooms and direct messages with their unread counts; the sum is the view's badge. */
export class ConversationsView extends Disposable {
  private readonly tree = this.register(new NodeTree("parley.conversations", () => this.nodes()));

  constructor(private readonly chat: ChatService) {
    super();
    this.register(
      chat.onDidChange(() => {
        this.update();
      }),
    );
  }

  private update(): void {
    this.tree.refresh();
    const unread = unreadTotal(this.chat.state);
    const { view } = this.tree;
    if (unread === (view.badge?.value ?? 0)) return;
    view.badge =
      unread === 0
        ? undefined
        : { value: unread, tooltip: vscode.l10n.t("{0} unread messages", unread) };
  }

  private nodes(): Node[] {
    return [...(this.chat.state?.buffers ?? [])]
      .sort(([, a], [, b]) => compareConversations(a, b))
      .map(([id, buffer]) => this.node(id, buffer));
  }

  private node(id: ConversationId, buffer: ChatBuffer): Node {
    const name = buffer.kind === "server" ? vscode.l10n.t("Server messages") : buffer.name;
    const unread = buffer.unread === 0 ? undefined : vscode.l10n.t("{0} unread", buffer.unread);
    const isLeft = buffer.kind === "channel" && !buffer.joined && this.chat.isOnline;
    const notes = [unread, isLeft ? vscode.l10n.t("not joined") : undefined].filter(
      (note) => note !== undefined,
    );
    const item = new vscode.TreeItem(name);
    item.id = `conversation:${id}`;
    item.description = notes.join(" · ");
    item.iconPath = new vscode.ThemeIcon(
      ICONS[buffer.kind],
      unread === undefined ? undefined : new vscode.ThemeColor("notificationsInfoIcon.foreground"),
    );
    item.contextValue = `conversation.${buffer.kind}`;
    item.tooltip = buffer.topic === "" ? name : `${name}\n${buffer.topic}`;
    item.accessibilityInformation = { label: [name, ...notes].join(", ") };
    item.command = {
      command: "parley.openConversation",
      title: vscode.l10n.t("Open Conversation"),
      arguments: [id],
    };
    return { item };
  }
}

const ICONS = { channel: "comment-discussion", direct: "account", server: "server" } as const;
