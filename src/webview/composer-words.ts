// What the composer says about itself.
import type { ConnectionView, ConversationView } from "../bridge/view.js";
import { t } from "./l10n.js";
import { cleanLine } from "../bridge/text.js";

/** The composer's name for screen readers, kept stable: `Message #general`. */
export function composerName({ kind, name }: Pick<ConversationView, "kind" | "name">): string {
  return kind === "server" ? t("Enter a command") : t("Message {0}", cleanLine(name));
}

/** Why nothing can be sent now; undefined when it can. */
export function obstacle(
  { canSend, kind, name }: Pick<ConversationView, "canSend" | "kind" | "name">,
  connection: ConnectionView,
): string | undefined {
  if (canSend) return undefined;
  switch (connection.phase) {
    case "starting":
      return t("Not connected yet.");
    case "connecting":
      return connection.wasOnline === true ? t("Reconnecting…") : t("Connecting…");
    case "approval":
      return t("The host has not let you in yet.");
    case "waiting":
      return connection.wasOnline === true ? t("Connection lost.") : t("Not connected yet.");
    case "offline":
    case "closed":
      return t("Offline.");
    case "online":
      if (kind === "server") return t("Only commands can be sent here, such as /help.");
      if (kind === "direct") return t("{0} is not online.", cleanLine(name));
      return t("You are not in {0}.", cleanLine(name));
  }
}

/** When a connection is tried again; "" where that is not waited for. */
export function retryWords(connection: ConnectionView, secondsLeft: number): string {
  if (connection.phase !== "waiting") return "";
  if (secondsLeft === 0) return t("Trying again…");
  return connection.wasOnline === true
    ? t("Reconnecting in {0} s.", secondsLeft)
    : t("Trying again in {0} s.", secondsLeft);
}

/** What becomes of the text that cannot be sent now; "" where there is none. */
export function draftWords(text: string): string {
  return text.trim() === "" ? "" : t("Your draft is saved.");
}

/** Whether this is a channel we are not in and can ask to come into. */
export function canRejoin(
  { canSend, kind }: Pick<ConversationView, "canSend" | "kind">,
  { phase }: Pick<ConnectionView, "phase">,
): boolean {
  return phase === "online" && kind === "channel" && !canSend;
}

/** Whether whom a message reaches is what anyone would expect: then it need not be said. */
export function isOrdinary({
  kind,
  audience,
  members,
}: Pick<ConversationView, "kind" | "audience" | "members">): boolean {
  if (kind === "direct") return !members.some(({ isSelf, away }) => away && !isSelf);
  return kind === "server" || audience > 0;
}

/** Whom a message reaches. */
export function audienceWords({
  kind,
  name,
  audience,
  members,
  canSend,
}: Pick<ConversationView, "kind" | "name" | "audience" | "members" | "canSend">): string {
  const shown = cleanLine(name);
  if (kind === "server") return "";
  // Who is there is not known while we are not.
  if (!canSend) return t("to {0}", shown);
  if (kind === "direct") return directWords(shown, members);
  if (audience === 0) return t("to {0} – no one else is here", shown);
  if (audience === 1) return t("to {0} – 1 person", shown);
  return t("to {0} – {1} people", shown, audience);
}

/** Who is away may not answer soon: worth knowing before one writes. */
function directWords(name: string, members: ConversationView["members"]): string {
  const other = members.find(({ isSelf }) => !isSelf);
  if (other?.away !== true) return t("to {0}", name);
  const message = cleanLine(other.awayMessage);
  return message === "" ? t("to {0} – away", name) : t("to {0} – away: {1}", name, message);
}
