// What the panel shows: plain JSON, made by the extension host, drawn by the webview. The page is a function of this.
import type { AvatarName } from "./avatars.js";

/** Everything the panel shows. */
export interface ViewState {
  readonly connection: ConnectionView;
  /** Whether the host logs everything that is said on the server, direct messages included. */
  readonly isAudited: boolean;
  /** Where our own nick is known. */
  readonly self: SelfView | undefined;
  readonly conversations: readonly ConversationSummary[];
  /** The conversation on screen; undefined before the first one exists. */
  readonly current: ConversationView | undefined;
  readonly settings: PanelSettings;
  /** The slash commands, for completion. */
  readonly commands: readonly CommandHelp[];
}

export interface SelfView {
  readonly nick: string;
  readonly away: boolean;
  /** Whether this window runs the server it is connected to. */
  readonly isHosting: boolean;
  /** Whether the server keeps pictures that people upload of themselves. */
  readonly takesPictures: boolean;
}

/** The state of the one connection, in words for people (localized by the host). */
export type ConnectionView =
  /** Never connected, or left on purpose: the page offers Host and Join. */
  | { readonly phase: "offline" }
  /** Hosting or joining has begun, and there is no connection to speak of yet; `text` says which. */
  | { readonly phase: "starting"; readonly text: string }
  /** On the way; `text` names the step. `isRetry`: an attempt before has failed. */
  | {
      readonly phase: "connecting";
      readonly text: string;
      readonly wasOnline?: boolean;
      readonly isRetry?: boolean;
    }
  /** The host has yet to let us in. `saidLine` is what we have said to them, which is once only. */
  | { readonly phase: "approval"; readonly text: string; readonly saidLine: string | undefined }
  | { readonly phase: "online"; readonly server: string; readonly details: readonly DetailView[] }
  /**
   * Tries again at `retryAt` (ms since the epoch); the page counts down by itself. `wasOnline`: the connection was lost, rather
   * than not made yet.
   */
  | {
      readonly phase: "waiting";
      readonly text: string;
      readonly retryAt: number;
      readonly wasOnline?: boolean;
    }
  /** Ended by the other side, and not tried again by itself: the host stopped, kicked, a changed certificate … */
  | {
      readonly phase: "closed";
      readonly cause: "host-stopped" | "kicked" | "banned" | "certificate-changed" | "failed";
      readonly text: string;
      /** What to compare, such as fingerprints. */
      readonly facts?: readonly DetailView[];
    };

/** One line of the connection details: local address, remote address, TLS version, cipher, fingerprint. */
export interface DetailView {
  readonly name: string;
  readonly value: string;
}

/** A conversation's id: the folded name of the channel or nick; "" is the server's own. */
export type ConversationId = string;

export interface ConversationSummary {
  readonly id: ConversationId;
  readonly name: string;
  readonly kind: "channel" | "direct" | "server";
  readonly unread: number;
  readonly mentions: number;
}

export interface ConversationView {
  readonly id: ConversationId;
  readonly name: string;
  readonly kind: "channel" | "direct" | "server";
  readonly topic: string;
  /** Whether a message can be sent now. */
  readonly canSend: boolean;
  /** How many people a message reaches, ourselves not counted. */
  readonly audience: number;
  /** Channels: everyone in it, in the order to show. Direct messages: both sides. */
  readonly members: readonly MemberView[];
  /** Everyone whose name stands in `rows` or `members`, each once. */
  readonly people: readonly PersonView[];
  /** Oldest first. */
  readonly rows: readonly RowView[];
  /** Whether the first row is the first thing ever said here. */
  readonly startsAtBeginning: boolean;
  /** The id of the first unread row when the conversation was opened: a divider goes before it. */
  readonly unreadFrom: string | undefined;
  /** The text the composer starts with. */
  readonly draft: string;
}

/** How a person looks. `key` is the folded nick. */
export interface PersonView {
  readonly key: string;
  readonly nick: string;
  /** Differs from the nick; undefined where none is set. */
  readonly displayName: string | undefined;
  /** `#rrggbb` as chosen, not yet corrected for contrast; undefined: the page derives one from the key. */
  readonly color: string | undefined;
  /** A built-in picture; undefined: initials. */
  readonly avatar: AvatarName | undefined;
  /** A picture of their own, to be asked for by this name, which no picture of another server has; initials stand there until it has come. */
  readonly picture: string | undefined;
}

export type MemberRole = "host" | "admin" | "operator" | "halfop" | "voice";

export interface MemberView {
  /** Key of a PersonView. */
  readonly key: string;
  readonly role: MemberRole | undefined;
  readonly away: boolean;
  readonly awayMessage: string;
  readonly isBot: boolean;
  readonly isSelf: boolean;
  /** The account they have proved to be; undefined: a guest. */
  readonly account: string | undefined;
  /** user@host as the server shows it. */
  readonly address: string | undefined;
}

export type RowView = MessageRow | EventRow | GapRow;

/** Rows are missing here; they can be asked for (`loadGap`). */
export interface GapRow {
  readonly kind: "gap";
  readonly id: string;
  readonly time: number;
}

/** Something a person said. `text` is from the network: data, never markup. It may have formatting codes (`irc/formatting`). */
export interface MessageRow {
  readonly kind: "message";
  /** Unique in its conversation and stable from pending to sent. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Key of a PersonView. */
  readonly from: string;
  readonly nick: string;
  readonly text: string;
  readonly form: "message" | "action" | "notice";
  readonly own: boolean;
  /** Whether it names us. */
  readonly mention: boolean;
  readonly status: "pending" | "sent" | "failed";
  /** Why it failed, for people. */
  readonly error: string | undefined;
  /** The sender's address, where the host shows addresses to everyone or we are the host. */
  readonly address: string | undefined;
  /** Only members of this role or a higher one received it. Left out: everyone did. */
  readonly visibleTo?: MemberRole;
}

/** Something that happened. Only the host makes these, so user text cannot forge one. */
export interface EventRow {
  readonly kind: "event";
  readonly id: string;
  readonly time: number;
  readonly event:
    | "join"
    | "leave"
    | "nick"
    | "topic"
    | "mode"
    | "kick"
    | "away"
    | "back"
    | "info"
    | "error"
    | "connection";
  /** Key of the PersonView it is about. */
  readonly from: string | undefined;
  readonly nick: string | undefined;
  /** The whole sentence, localized. */
  readonly text: string;
}

export interface CommandHelp {
  readonly name: string;
  /** Such as `/msg <nick> <text>`. */
  readonly usage: string;
  readonly description: string;
}

export interface PanelSettings {
  /** `enter`: Enter sends, Shift+Enter breaks the line; `ctrlEnter`: the other way, Ctrl or Cmd+Enter sends. */
  readonly sendKey: "enter" | "ctrlEnter";
  readonly showJoinLeave: "all" | "condensed" | "none";
  readonly timeFormat: "12h" | "24h" | "auto";
}

/** One step from a ViewState to the next. */
export type ViewUpdate =
  | { readonly type: "connection"; readonly connection: ConnectionView }
  | { readonly type: "audit"; readonly isAudited: boolean }
  | { readonly type: "self"; readonly self: SelfView | undefined }
  | { readonly type: "conversations"; readonly conversations: readonly ConversationSummary[] }
  | { readonly type: "settings"; readonly settings: PanelSettings }
  | { readonly type: "commands"; readonly commands: readonly CommandHelp[] }
  /** Another conversation is on screen, or none. */
  | { readonly type: "current"; readonly current: ConversationView | undefined }
  /** The header of the current conversation changed: everything but its rows, members, people and draft. */
  | {
      readonly type: "header";
      readonly header: Pick<
        ConversationView,
        "name" | "topic" | "canSend" | "audience" | "startsAtBeginning" | "unreadFrom"
      >;
    }
  | { readonly type: "members"; readonly members: readonly MemberView[] }
  | { readonly type: "people"; readonly people: readonly PersonView[] }
  /** Rows `start` to `start + deleted` of the current conversation give way to `inserted`. */
  | {
      readonly type: "rows";
      readonly start: number;
      readonly deleted: number;
      readonly inserted: readonly RowView[];
    };
