// From one state to the next: what each line of the server means for what we know.
import { FoldedMap } from "../irc/casemapping.js";
import { message as newMessage, type Message } from "../irc/message.js";
import { parseSource, type Source } from "../irc/source.js";
import type { ChatState } from "./model.js";
import { StateDraft, type StateContext } from "./state-draft.js";
import { addInfo } from "./state-entries.js";
import { redact } from "./state-history.js";
import { membershipHandlers } from "./state-membership.js";
import { receiveMessage } from "./state-messages.js";
import { otherReply, replyHandlers } from "./state-replies.js";
import { displayText } from "./text.js";
import { COMMAND_INFO } from "./texts.js";

type Handle = (draft: StateDraft, message: Message, source: Source, typedIn?: string) => void;

const handlers: ReadonlyMap<string, Handle> = new Map([
  ...Object.entries(membershipHandlers),
  ...Object.entries(replyHandlers),
  ["PRIVMSG", receiveMessage],
  ["NOTICE", receiveMessage],
  ["REDACT", redact],
]);

/** What is known before anything has been said: ourselves, and an empty buffer for the server's own words. */
export function initialState(nick: string, context: StateContext): ChatState {
  // Until ISUPPORT tells better, names fold as ASCII does: it never takes two different nicks for one.
  const draft = new StateDraft(
    {
      nick,
      account: undefined,
      isAway: false,
      serverName: "",
      networkName: "",
      isupport: NO_ISUPPORT,
      caps: new Set(),
      isAudited: false,
      users: new FoldedMap("ascii"),
      buffers: new FoldedMap("ascii"),
    },
    context,
  );
  draft.openBuffer("", "server");
  draft.updateUser(nick, { online: true });
  return draft.publish();
}

/** The state after `message`. For many messages at once use a StateDraft: it copies once, not for each of them. */
export function apply(state: ChatState, message: Message, context: StateContext): ChatState {
  const draft = new StateDraft(state, context);
  applyMessage(draft, message);
  return draft.publish();
}

/**
 * Lets `draft` take in one message that is not part of a history. What it does not understand changes nothing. `typedIn` is
 * the conversation in which the person typed the command that it answers.
 */
export function applyMessage(draft: StateDraft, message: Message, typedIn?: string): void {
  const place = typedIn === undefined ? undefined : draft.buffer(typedIn)?.name;
  const source = parseSource(message.source ?? draft.get().serverName);
  const handle = handlers.get(message.command);
  const isOwn = draft.isSelf(source.nick);
  if (handle !== undefined) handle(draft, message, source, place);
  else if (/^[0-9]{3}$/.test(message.command)) otherReply(draft, message, place);
  if (isOwn && place !== undefined) tellDone(draft, message, place);
}

/** What was typed in one conversation and changes another is seen in both. */
function tellDone(draft: StateDraft, { command, params }: Message, place: string): void {
  const here = draft.buffer(place);
  const isSeenHere =
    command === "NICK" ? here?.joined === true : draft.isSame(params[0] ?? "", place);
  const text = isSeenHere ? undefined : doneText(draft, command, params.map(displayText));
  if (text !== undefined) addInfo(draft, place, newMessage("NOTE"), text);
}

function doneText(
  draft: StateDraft,
  command: string,
  [target = "", ...rest]: readonly string[],
): string | undefined {
  const [first = ""] = rest;
  switch (command) {
    case "KICK":
      return COMMAND_INFO.removed(first, target);
    case "MODE":
      return draft.isSelf(target)
        ? COMMAND_INFO.ownModes(first)
        : COMMAND_INFO.modes(target, rest.join(" "));
    case "NICK":
      return COMMAND_INFO.newNick(target);
    case "PART":
      return COMMAND_INFO.left(target);
    case "TOPIC":
      return first === "" ? COMMAND_INFO.noTopic(target) : COMMAND_INFO.topic(target, first);
    default:
      return undefined;
  }
}

/** Whether messages of this command tell something the state keeps. */
export function understands(command: string): boolean {
  return handlers.has(command);
}

/**
 * The connection is gone: no one is known to be anywhere, but all that was said stays. `reason`, where there was a
 * connection to lose, becomes a row of the server's buffer.
 */
export function applyDisconnect(draft: StateDraft, reason: string | undefined): void {
  for (const name of draft.bufferNames()) {
    draft.beginAbsence(name);
    if (draft.buffer(name)?.joined !== true) continue;
    draft.clearMembers(name);
    draft.patchBuffer(name, { joined: false });
  }
  draft.departAll();
  draft.set({ caps: new Set() });
  if (reason === undefined) return;
  const { now, newId } = draft.context;
  const event = { type: "disconnected", reason } as const;
  draft.addEntry("", { kind: "event", id: newId(), time: now(), event });
}

/** Another server may answer this time. Only the case mapping stays, until it tells its own: names keep their keys. */
export function forgetIsupport(draft: StateDraft): void {
  draft.forgetIsupport();
}

const NO_ISUPPORT: ChatState["isupport"] = new Map([["CASEMAPPING", "ascii"]]);
