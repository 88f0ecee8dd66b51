import * as vscode from "../vscode.js";
import type { ChatBuffer } from "../../client/model.js";
import type { ConversationId } from "../../bridge/view.js";
import type { ChatService } from "../chat-service.js";
import { Disposable } from "../disposable.js";
import { compareConversations } from "../order.js";
import { conversationUnreadText, unreadText, unreadTotal } from "../unread.js";
import { NodeTree, type TreeNode } from "../ui/tree-view.js";
import { l10n } from "../ui/l10n.js";
import { serverMessages } from "../words.js";

/** What a node of the Conversations view stands for, for the commands of its context menu. */
export interface ConversationNode extends TreeNode {
  readonly conversation: ConversationId;
}

/** Channels and direct messages with their unread counts; what is for us is the number on the view's badge. */
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
    const total = unreadTotal(this.chat);
    this.tree.setBadge(total.mentions, unreadText(total));
  }

  private nodes(): ConversationNode[] {
    return [...(this.chat.state?.buffers ?? [])]
      .sort(([, a], [, b]) => compareConversations(a, b))
      .map(([id, buffer]) => this.node(id, buffer));
  }

  private node(id: ConversationId, buffer: ChatBuffer): ConversationNode {
    const name = buffer.kind === "server" ? serverMessages() : buffer.name;
    const count = this.chat.unread(id);
    const unread = count.unread === 0 ? undefined : conversationUnreadText(buffer.kind, count);
    const isLeft = buffer.kind === "channel" && !buffer.joined && this.chat.isOnline;
    const notes = [unread, isLeft ? l10n.t("not joined") : undefined].filter(
      (note) => note !== undefined,
    );
    return {
      id: `conversation:${id}`,
      conversation: id,
      label: name,
      description: notes.join(" · "),
      icon: new vscode.ThemeIcon(
        ICONS[buffer.kind],
        unread === undefined
          ? undefined
          : new vscode.ThemeColor("notificationsInfoIcon.foreground"),
      ),
      contextValue: `conversation.${isLeft ? "left" : buffer.kind}`,
      tooltip: buffer.topic === "" ? [name] : [name, buffer.topic],
      spoken: [name, ...notes].join(", "),
      command: {
        command: "parley.openConversation",
        title: l10n.t("Open Conversation"),
        arguments: [id],
      },
    };
  }
}

const ICONS = { channel: "comment-discussion", direct: "account", server: "server" } as const;
