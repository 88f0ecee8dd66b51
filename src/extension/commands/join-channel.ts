// Chat: Join Channel…
import type { ListedChannel } from "../../client/queries.js";
import type { Session } from "../../client/session.js";
import { SessionError } from "../../client/session-error.js";
import { channelTypes } from "../../irc/isupport.js";
import { channelNameProblem } from "../../irc/names.js";
import { channelChoices, type ChannelChoice } from "../channel-choices.js";
import { l10n } from "../ui/l10n.js";
import { askText } from "../ui/input-box.js";
import { showLivePick, type LivePickItem } from "../ui/quick-pick.js";
import type { CommandContext } from "./context.js";

type Item = LivePickItem & { readonly name: string };

/** Shows the channels of the network, and joins the one that is picked or typed. A new name creates a channel. */
export async function joinChannel(cx: CommandContext): Promise<void> {
  const { session } = cx.chat;
  if (session === undefined) return;
  const list = new ChannelList(session);
  const item = await showLivePick<Item>({
    title: l10n.t("Chat: Join Channel"),
    placeHolder: () => list.hint,
    matchOnDetail: true,
    loading: list.load(),
    items: (typed) => items(cx, list.channels, typed),
  });
  // Another chat may have begun meanwhile.
  if (item === undefined || cx.chat.session !== session) return;
  const { name } = item;
  cx.chat.openWhenJoined(name);
  cx.panel.show();
  // While offline, the next connection joins it.
  if (session.state.buffers.get(name)?.joined !== true) await enterChannel(cx, session, name);
}

/** Joins a channel, and asks for its key where it has one. Why it is refused is told in the conversation on screen. */
export async function enterChannel(
  { chat }: CommandContext,
  session: Session,
  name: string,
): Promise<void> {
  let key: string | undefined;
  for (;;) {
    const isIn = await session.runIn(chat.current ?? "", () => session.join(name, key));
    if (isIn || !session.needsKey(name)) return;
    key = await askText({
      title: l10n.t("Chat: Join Channel"),
      prompt: l10n.t("Key for {0}", name),
      value: "",
      password: true,
      problem:
        key === undefined
          ? undefined
          : l10n.t("This key is wrong. Enter it again, or ask someone in {0} for it.", name),
      validate: keyProblem,
    });
    if (key === undefined || chat.session !== session) return;
  }
}

function keyProblem(key: string): string | undefined {
  if (key === "") return l10n.t("Enter the key.");
  return /^:|[\s,]/.test(key)
    ? l10n.t("A key cannot contain spaces or commas, or begin with a colon.")
    : undefined;
}

/** What the server answers to LIST. */
class ChannelList {
  channels: readonly ListedChannel[] = [];
  hint = l10n.t("Channel name (created if it does not exist)");

  constructor(private readonly session: Session) {}

  async load(): Promise<void> {
    try {
      this.channels = await this.session.list();
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.hint =
        error.code === "not-connected"
          ? l10n.t("Not connected. You will join the channel when the connection is back.")
          : l10n.t("The server cannot list its channels right now. Enter the name of a channel.");
    }
  }
}

function items(
  { chat }: CommandContext,
  listed: readonly ListedChannel[],
  typed: string,
): readonly Item[] {
  const fold = (name: string) => chat.idOf(name);
  const name = channelName(chat.state?.isupport, typed);
  const choices = channelChoices(chat.state?.buffers.values() ?? [], listed, fold);
  const rows = choices.map((choice): Item => ({
    label: choice.name,
    description: description(choice),
    detail: choice.topic === "" ? undefined : choice.topic,
    name: choice.name,
    isTyped: fold(choice.name) === fold(name),
  }));
  return name === "" || rows.some(({ isTyped }) => isTyped) ? rows : [newChannel(name), ...rows];
}

function description({ joined, members }: ChannelChoice): string | undefined {
  const facts = [
    joined ? l10n.t("joined") : undefined,
    members === undefined ? undefined : membersText(members),
  ];
  return facts.filter((fact) => fact !== undefined).join(" · ") || undefined;
}

function membersText(members: number): string {
  switch (members) {
    case 0:
      return l10n.t("no one is there now");
    case 1:
      return l10n.t("1 member");
    default:
      return l10n.t("{0} members", members);
  }
}

function newChannel(name: string): Item {
  const problem = channelProblem(name);
  return {
    label: name,
    description: problem ?? l10n.t("join, or create it"),
    name,
    isTyped: true,
    isRefused: problem !== undefined,
  };
}

/** The channel a person means: what begins like no channel of this network gets a #. */
function channelName(isupport: ReadonlyMap<string, string> | undefined, text: string): string {
  const name = text.trim();
  const types = isupport === undefined ? "#" : channelTypes(isupport);
  return name === "" || types.includes(name.charAt(0)) ? name : `#${name}`;
}

function channelProblem(name: string): string | undefined {
  // Other kinds of channels than # have the same rules for the rest of their names.
  switch (channelNameProblem(name.replace(/^[^#]/, "#"))) {
    case undefined:
      return undefined;
    case "empty":
      return l10n.t("Enter the name of a channel, such as #design.");
    case "too-long":
      return l10n.t("The channel name is too long.");
    default:
      return l10n.t("A channel name cannot contain spaces, commas, colons, * or ?.");
  }
}
