import type * as vscode from "../vscode.js";
import type { ChatState, User } from "../../client/model.js";
import { fold } from "../../irc/casemapping.js";
import { caseMapping } from "../../irc/isupport.js";
import type { ChatService } from "../chat-service.js";
import { Disposable } from "../disposable.js";
import { personIcon } from "../person-icon.js";
import type { PictureSource } from "../pictures.js";
import { compareNames } from "../order.js";
import { memberRole, personView } from "../view-model.js";
import { NodeTree, type TreeNode } from "../ui/tree-view.js";
import { l10n } from "../ui/l10n.js";

/** What a node of the Online Users view stands for, for the commands of its context menu. */
export interface UserNode extends TreeNode {
  readonly nick: string;
}

/**
 * So many people are shown with pictures of their own, the others with initials. All of these are kept at once: otherwise each
 * that comes would drive out another, which would be fetched again.
 */
const MAX_PICTURES_SHOWN = 100;
const NO_PICTURES = { peek: () => undefined };

/** Everyone online, the host first. A click opens a direct message. */
export class OnlineUsersView extends Disposable {
  private readonly tree = this.register(new NodeTree("parley.onlineUsers", () => this.nodes()));
  /** What the nodes were made of; all of it is immutable. */
  private shown: readonly unknown[] = [];

  constructor(
    private readonly chat: ChatService,
    private readonly extensionUri: vscode.Uri,
    private readonly pictures: PictureSource,
  ) {
    super();
    this.register(
      pictures.onDidLoad(() => {
        this.tree.refresh();
      }),
    );
    this.register(
      chat.onDidChange(() => {
        this.tree.setMessage(this.emptyText());
        if (this.hasChanged()) this.tree.refresh();
      }),
    );
  }

  /** Why nobody is shown. */
  private emptyText(): string | undefined {
    const { session, state, isOnline } = this.chat;
    if (session === undefined) return undefined;
    if (!isOnline) return l10n.t("Not connected right now.");
    for (const { online } of state?.users.values() ?? []) if (online) return undefined;
    return l10n.t("Join a channel to see who is online in it.");
  }

  /** Whether anyone is shown otherwise than at the last call. What is said changes no one: sorting thousands takes long. */
  private hasChanged(): boolean {
    const { state, isOnline } = this.chat;
    const members = [...(state?.buffers.values() ?? [])].map((buffer) => buffer.members);
    const before = this.shown;
    this.shown = [isOnline, state?.nick, state?.users, ...members];
    return this.shown.length !== before.length || this.shown.some((it, i) => it !== before[i]);
  }

  private nodes(): UserNode[] {
    const { state } = this.chat;
    if (state === undefined || !this.chat.isOnline) return [];
    const hosts = hostNicks(state);
    return [...state.users]
      .filter(([, user]) => user.online)
      .sort(
        ([a, userA], [b, userB]) =>
          Number(hosts.has(b)) - Number(hosts.has(a)) || compareNames(userA.nick, userB.nick),
      )
      .map(([key, user], index) =>
        this.node(
          key,
          user,
          state,
          hosts.has(key),
          index < MAX_PICTURES_SHOWN ? this.pictures : NO_PICTURES,
        ),
      );
  }

  private node(
    key: string,
    user: User,
    state: ChatState,
    isHost: boolean,
    pictures: Pick<PictureSource, "peek">,
  ): UserNode {
    const isSelf = key === fold(state.nick, caseMapping(state.isupport));
    const person = personView(user, key);
    const notes = [
      person.displayName,
      isSelf ? l10n.t("you") : undefined,
      isHost ? l10n.t("host") : undefined,
      user.isBot ? l10n.t("bot") : undefined,
      awayText(user),
    ].filter((note) => note !== undefined);
    const verified =
      user.account === undefined ? undefined : l10n.t("Verified as {0}", user.account);
    return {
      id: key,
      nick: user.nick,
      label: user.nick,
      description: notes.join(" · "),
      icon: personIcon(person, this.extensionUri, pictures),
      contextValue: isSelf ? "user.self" : "user.other",
      tooltip: [user.nick, ...notes, verified, user.host].filter((line) => line !== undefined),
      spoken: [user.nick, ...notes].join(", "),
      command: isSelf
        ? { command: "parley.setProfile", title: l10n.t("Set Profile…") }
        : {
            command: "parley.openDirectMessage",
            title: l10n.t("Send Direct Message"),
            arguments: [user.nick],
          },
    };
  }
}

function awayText({ away }: User): string | undefined {
  if (away === undefined) return undefined;
  return away === "" ? l10n.t("away") : l10n.t("away: {0}", away);
}

/** The folded nicks of those who run the server: it gives them, and no one else, the owner's prefix. */
function hostNicks(state: ChatState): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const buffer of state.buffers.values()) {
    for (const [key, member] of buffer.members) {
      if (memberRole(member) === "host") hosts.add(key);
    }
  }
  return hosts;
}
