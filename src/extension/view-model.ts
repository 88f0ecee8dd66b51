// From what the client knows to what the panel shows. Unchanged rows and people stay the same objects: a diff is cheap.
import { avatarName, colorValue } from "../bridge/avatars.js";
import type {
  CommandHelp,
  ConnectionView,
  ConversationId,
  ConversationSummary,
  ConversationView,
  EventRow,
  MemberRole,
  MemberView,
  PanelSettings,
  PersonView,
  RowView,
  SelfView,
  ViewState,
} from "../bridge/view.js";
import type { ChatBuffer, ChatState, Entry, EventEntry, Member, User } from "../client/model.js";
import { fold } from "../irc/casemapping.js";
import { AVATAR_TOKEN, caseMapping } from "../irc/isupport.js";
import { pictureId } from "../irc/picture.js";
import { pictureName } from "./picture-name.js";
import { compareConversations, compareNames } from "./order.js";
import type { RowSelection } from "./row-window.js";
import type { Unread } from "./unread.js";
import { eventText, ownKickText, serverMessages } from "./words.js";

/** What toView() needs beside the client's state. */
export interface ViewContext {
  readonly connection: ConnectionView;
  readonly isHosting: boolean;
  /** ChatService.sessionNumber */
  readonly session: number;
  /** ChatService.serverName */
  readonly serverName: string;
  readonly isOnline: boolean;
  readonly settings: PanelSettings;
  readonly commands: readonly CommandHelp[];
  readonly current: ConversationId | undefined;
  /** Which rows of it the page holds. */
  readonly rows: (buffer: ChatBuffer) => RowSelection;
  readonly unread: (conversation: ConversationId) => Unread;
  readonly unreadFrom: string | undefined;
  readonly draft: string;
}

const ROLES: Readonly<Record<string, MemberRole>> = {
  "~": "host",
  "&": "admin",
  "@": "operator",
  "%": "halfop",
  "+": "voice",
};
const ROLE_ORDER = ["host", "admin", "operator", "halfop", "voice", undefined];

/** The highest role a member's prefixes give. */
export function memberRole(member: Member): MemberView["role"] {
  return ROLES[member.prefixes.charAt(0)];
}

/** Makes each ViewState from the one before. */
export class ViewModel {
  private view: ViewState | undefined;
  private state: ChatState | undefined;
  private rows = new WeakMap<Entry, RowView>();
  /** The name of the server in them. */
  private serverName = "";
  private readonly people = new WeakMap<User, PersonView>();

  next(state: ChatState | undefined, context: ViewContext): ViewState {
    if (context.serverName !== this.serverName) this.rows = new WeakMap();
    this.serverName = context.serverName;
    const view: ViewState = {
      connection: context.connection,
      isAudited: context.connection.phase !== "offline" && state?.isAudited === true,
      self: state && selfView(state, context),
      conversations: conversations(state, context),
      current: this.current(state, context),
      settings: context.settings,
      commands: context.commands,
    };
    this.view = view;
    this.state = state;
    return view;
  }

  private current(
    state: ChatState | undefined,
    context: ViewContext,
  ): ConversationView | undefined {
    const id = context.current;
    const buffer = id === undefined ? undefined : state?.buffers.get(id);
    if (state === undefined || id === undefined || buffer === undefined) return undefined;
    const before = this.view?.current?.id === id ? this.view.current : undefined;
    // Sorting thousands of members for each message would be felt.
    const isSameCrowd =
      before !== undefined &&
      this.state?.buffers.get(id)?.members === buffer.members &&
      this.state.users === state.users &&
      this.state.nick === state.nick;
    const { entries, hasFirst } = context.rows(buffer);
    const rows = entries.map((entry) => this.row(entry, buffer, state));
    const members = isSameCrowd ? before.members : this.members(state, buffer);
    return {
      id,
      name: conversationName(buffer),
      kind: buffer.kind,
      topic: buffer.topic,
      canSend:
        context.isOnline && buffer.kind !== "server" && (buffer.kind === "direct" || buffer.joined),
      audience: audience(state, buffer),
      members,
      people: this.peopleOf(state, members, rows, context.session),
      rows,
      startsAtBeginning: buffer.startsAtBeginning && hasFirst,
      unreadFrom: context.unreadFrom,
      draft: context.draft,
    };
  }

  private row(entry: Entry, buffer: ChatBuffer, { serverName, nick }: ChatState): RowView {
    let row = this.rows.get(entry);
    if (row === undefined) {
      row = toRow(entry, buffer, { own: serverName, shown: this.serverName, self: nick });
      this.rows.set(entry, row);
    }
    return row;
  }

  private members(state: ChatState, buffer: ChatBuffer): MemberView[] {
    if (buffer.kind === "server") return [];
    const members: readonly Member[] =
      buffer.kind === "channel"
        ? [...buffer.members.values()]
        : [state.nick, buffer.name].map((nick) => ({ nick, prefixes: "" }));
    return members
      .map((member) => memberView(state, member))
      .sort(
        (a, b) =>
          ROLE_ORDER.indexOf(a.role) - ROLE_ORDER.indexOf(b.role) || compareNames(a.key, b.key),
      );
  }

  private peopleOf(
    state: ChatState,
    members: readonly MemberView[],
    rows: readonly RowView[],
    session: number,
  ): PersonView[] {
    const people = new Map<string, PersonView>();
    const add = (key: string | undefined, nick: string | undefined) => {
      if (key !== undefined && !people.has(key))
        people.set(key, this.person(state, key, nick, session));
    };
    for (const { key } of members) add(key, undefined);
    for (const row of rows) if (row.kind !== "gap") add(row.from, row.nick);
    return [...people.values()];
  }

  private person(
    state: ChatState,
    key: string,
    nick: string | undefined,
    session: number,
  ): PersonView {
    const user = state.users.get(key);
    if (user === undefined) {
      return {
        key,
        nick: nick ?? key,
        displayName: undefined,
        color: undefined,
        avatar: undefined,
        picture: undefined,
      };
    }
    let person = this.people.get(user);
    if (person === undefined) {
      person = personView(user, key);
      const { picture } = person;
      if (picture !== undefined) person = { ...person, picture: pictureName(session, picture) };
      this.people.set(user, person);
    }
    return person;
  }
}

/** How a user looks. `key` is the folded nick. */
export function personView(user: User, key: string): PersonView {
  const displayName = user.metadata.get("display-name");
  return {
    key,
    nick: user.nick,
    displayName: displayName === user.nick ? undefined : displayName,
    color: colorValue(user.metadata.get("color")),
    avatar: avatarName(user.metadata.get("avatar")),
    picture: pictureId(user.metadata.get("avatar")),
  };
}

function conversations(
  state: ChatState | undefined,
  { unread }: ViewContext,
): ConversationSummary[] {
  return [...(state?.buffers ?? [])]
    .map(([id, buffer]) => ({
      id,
      name: conversationName(buffer),
      kind: buffer.kind,
      ...unread(id),
    }))
    .sort(compareConversations);
}

function conversationName({ kind, name }: ChatBuffer): string {
  return kind === "server" ? serverMessages() : name;
}

function selfView(state: ChatState, { isHosting }: ViewContext): SelfView {
  const takesPictures = state.isupport.has(AVATAR_TOKEN);
  return { nick: state.nick, away: state.isAway, isHosting, takesPictures };
}

function audience(state: ChatState, buffer: ChatBuffer): number {
  if (buffer.kind === "direct") return 1;
  const self = buffer.members.has(state.nick) ? 1 : 0;
  return Math.max(0, buffer.members.size - self);
}

function memberView(state: ChatState, member: Member): MemberView {
  const user = state.users.get(member.nick);
  const key = fold(member.nick, caseMapping(state.isupport));
  return {
    key,
    role: memberRole(member),
    away: user?.away !== undefined,
    awayMessage: user?.away ?? "",
    isBot: user?.isBot ?? false,
    isSelf: key === fold(state.nick, caseMapping(state.isupport)),
    account: user?.account,
    address: user?.host === undefined ? undefined : `${user.user ?? "*"}@${user.host}`,
  };
}

/** The name a server has of itself, which is often made up, the one people know it by, and ours. */
interface Names {
  readonly own: string;
  readonly shown: string;
  readonly self: string;
}

function toRow(entry: Entry, buffer: ChatBuffer, names: Names): RowView {
  if (entry.kind === "gap") return entry;
  if (entry.kind === "event") return eventRow(entry, buffer, names);
  const { kind, id, time, nick, form, own, mention, status, error } = entry;
  const text = entry.formatted ?? entry.text;
  const from = fold(nick, buffer.members.mapping);
  // Where we are ourselves is no news.
  const address = own ? undefined : entry.address;
  const row = { kind, id, time, from, nick, text, form, own, mention, status, error, address };
  if (entry.statusPrefix === undefined) return row;
  // A network's own prefix has no role here; that few people see the message must be shown all the same.
  return { ...row, visibleTo: ROLES[entry.statusPrefix] ?? "operator" };
}

function eventRow(
  { id, time, event: happened }: EventEntry,
  buffer: ChatBuffer,
  { own, shown, self }: Names,
): EventRow {
  const isServer = (name: string) => own !== "" && name === own;
  const isByServer = "nick" in happened && happened.type !== "kick" && isServer(happened.nick);
  let event = happened;
  if (isByServer) event = { ...happened, nick: shown };
  else if (happened.type === "kick" && isServer(happened.by)) event = { ...happened, by: shown };
  const key = (name: string) => fold(name, buffer.members.mapping);
  if (event.type === "kick" && key(event.nick) === key(self))
    return {
      kind: "event",
      id,
      time,
      event: "error",
      from: undefined,
      nick: undefined,
      text: ownKickText(event),
    };
  const nick = "nick" in event && !isByServer ? event.nick : undefined;
  return {
    kind: "event",
    id,
    time,
    event: EVENT_KINDS[event.type],
    from: nick === undefined ? undefined : key(nick),
    nick,
    text: eventText(event, shown),
  };
}

const EVENT_KINDS: Readonly<Record<EventEntry["event"]["type"], EventRow["event"]>> = {
  join: "join",
  part: "leave",
  quit: "leave",
  kick: "kick",
  nick: "nick",
  topic: "topic",
  mode: "mode",
  away: "away",
  back: "back",
  info: "info",
  error: "error",
  connected: "connection",
  disconnected: "connection",
};
