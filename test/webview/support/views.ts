// Views to show: a room with people and talk, and small changes of it.
import type {
  ConversationView,
  EventRow,
  MemberView,
  MessageRow,
  PersonView,
  RowView,
  ViewState,
} from "../../../src/bridge/view.js";

/** A Friday morning; rows count minutes from here. */
export const MORNING = new Date(2026, 10, 20, 9, 0).getTime();
const MINUTE_MS = 60_000;

let rowCount = 0;

export function message(nick: string, text: string, more: Partial<MessageRow> = {}): MessageRow {
  return {
    kind: "message",
    id: `m${++rowCount}`,
    time: MORNING,
    from: nick.toLowerCase(),
    nick,
    text,
    form: "message",
    own: false,
    mention: false,
    status: "sent",
    error: undefined,
    address: undefined,
    ...more,
  };
}

export function event(
  kind: EventRow["event"],
  nick: string,
  text: string,
  more: Partial<EventRow> = {},
): EventRow {
  return {
    kind: "event",
    id: `e${++rowCount}`,
    time: MORNING,
    event: kind,
    from: nick.toLowerCase(),
    nick,
    text,
    ...more,
  };
}

/** Gives the rows times, `step` minutes apart. */
export function spaced<T extends RowView>(rows: readonly T[], step = 1, start = MORNING): T[] {
  return rows.map((row, index) => ({ ...row, time: start + index * step * MINUTE_MS }));
}

export function person(nick: string, more: Partial<PersonView> = {}): PersonView {
  return {
    key: nick.toLowerCase(),
    nick,
    displayName: undefined,
    color: undefined,
    avatar: undefined,
    picture: undefined,
    ...more,
  };
}

export function member(nick: string, more: Partial<MemberView> = {}): MemberView {
  return {
    key: nick.toLowerCase(),
    role: undefined,
    away: false,
    awayMessage: "",
    isBot: false,
    isSelf: false,
    account: undefined,
    address: undefined,
    ...more,
  };
}

export const general: ConversationView = {
  id: "#general",
  name: "#general",
  kind: "channel",
  topic: "",
  canSend: true,
  audience: 2,
  members: [member("ann", { isSelf: true, role: "host" }), member("bob"), member("carla")],
  people: [person("ann"), person("bob"), person("carla")],
  rows: [],
  startsAtBeginning: false,
  unreadFrom: undefined,
  draft: "",
};

export const view: ViewState = {
  connection: { phase: "online", server: "127.0.0.1:9898", details: [] },
  isAudited: false,
  self: { nick: "ann", away: false, isHosting: true, takesPictures: true },
  conversations: [{ id: "#general", name: "#general", kind: "channel", unread: 0, mentions: 0 }],
  current: general,
  settings: { sendKey: "enter", showJoinLeave: "all", timeFormat: "24h" },
  commands: [
    { name: "me", usage: "/me <text>", description: "Send an action" },
    { name: "msg", usage: "/msg <nick> <text>", description: "Send a direct message" },
    { name: "nick", usage: "/nick <nick>", description: "Change your nick" },
    { name: "quit", usage: "/quit [reason]", description: "Leave the server" },
  ],
};

export const nothing: ViewState = {
  ...view,
  connection: { phase: "offline" },
  self: undefined,
  conversations: [],
  current: undefined,
};

/** `view` with another current conversation. */
export function showing(
  change: Partial<ConversationView>,
  more: Partial<ViewState> = {},
): ViewState {
  return { ...view, ...more, current: { ...general, ...change } };
}
