import * as vscode from "vscode";
import type { ChatState, User } from "../../client/model.js";
import { fold } from "../../irc/casemapping.js";
import { caseMapping } from "../../irc/isupport.js";
import type { ChatService } from "../chat-service.js";
import { Disposable } from "../disposable.js";
import { personIcon } from "../person-icon.js";
import { compareNames } from "../order.js";
import { memberRole, personView } from "../view-model.js";
import { NodeTree, type Node } from "./tree-view.js";

/** Everyone online, the host first. A click opens a direct message. */
export class OnlineUsersView extends Disposable {
  private readonly tree = this.register(new NodeTree("parley.onlineUsers", () => this.nodes()));

  constructor(
    private readonly chat: ChatService,
    private readonly extensionUri: vscode.Uri,
  ) {
    super();
    this.register(
      chat.onDidChange(() => {
        const isCutOff = chat.session !== undefined && !chat.isOnline;
        this.tree.view.message = isCutOff ? vscode.l10n.t("Not connected right now.") : undefined;
        this.tree.refresh();
      }),
    );
  }

  private nodes(): Node[] {
    const { state } = this.chat;
    if (state === undefined || !this.chat.isOnline) return [];
    const hosts = hostNicks(state);
    return [...state.users]
      .filter(([, user]) => user.online)
      .sort(
        ([a, userA], [b, userB]) =>
          Number(hosts.has(b)) - Number(hosts.has(a)) || compareNames(userA.nick, userB.nick),
      )
      .map(([key, user]) => this.node(key, user, state, hosts.has(key)));
  }

  private node(key: string, user: User, state: ChatState, isHost: boolean): Node {
    const isSelf = key === fold(state.nick, caseMapping(state.isupport));
    const person = personView(user, key);
    const notes = [
      person.displayName,
      isSelf ? vscode.l10n.t("you") : undefined,
      isHost ? vscode.l10n.t("host") : undefined,
      user.isBot ? vscode.l10n.t("bot") : undefined,
      awayText(user),
    ].filter((note) => note !== undefined);
    const item = new vscode.TreeItem(user.nick);
    item.id = key;
    item.description = notes.join(" · ");
    item.iconPath = personIcon(person, this.extensionUri);
    item.contextValue = isSelf ? "user.self" : "user.other";
    const verified =
      user.account === undefined ? undefined : vscode.l10n.t("Verified as {0}", user.account);
    item.tooltip = [user.nick, ...notes, verified, user.host].filter(Boolean).join("\n");
    item.accessibilityInformation = { label: [user.nick, ...notes].join(", ") };
    item.command = isSelf
      ? { command: "parley.setProfile", title: vscode.l10n.t("Set Profile…") }
      : {
          command: "parley.openDirectMessage",
          title: vscode.l10n.t("Send Direct Message"),
          arguments: [user.nick],
        };
    return { item };
  }
}

function awayText({ away }: User): string | undefined {
  if (away === undefined) return undefined;
  return away === "" ? vscode.l10n.t("away") : vscode.l10n.t("away: {0}", away);
}

/** The folded nicks of those who run the server: it gives them, and nobody else, the owner's prefix. */
function hostNicks(state: ChatState): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const buffer of state.buffers.values()) {
    for (const [key, member] of buffer.members) {
      if (memberRole(member) === "host") hosts.add(key);
    }
  }
  return hosts;
}
