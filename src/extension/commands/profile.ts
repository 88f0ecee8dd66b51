// Chat: Set Profile…
import * as vscode from "../vscode.js";
import { AVATARS, COLORS, colorValue } from "../../bridge/avatars.js";
import { pictureId } from "../../irc/picture.js";
import * as config from "../config.js";
import { askText } from "../ui/input-box.js";
import { colorIcon } from "../person-icon.js";
import type { CommandContext } from "./context.js";
import { askNick } from "./join.js";
import { l10n } from "../ui/l10n.js";
import { showErrorMessage, showWarningMessage } from "../ui/messages.js";
import { showQuickPick, type PickItem } from "../ui/quick-pick.js";

type Choice = PickItem & { readonly change: (cx: CommandContext) => Promise<unknown> };

const title = () => l10n.t("Chat: Set Profile");
const MAX_DISPLAY_NAME = 64;

/** Shows the profile and changes parts of it until the person closes it. Others see each change at once. */
export async function setProfile(cx: CommandContext): Promise<void> {
  for (;;) {
    const choice = await showQuickPick(choices(cx), {
      title: title(),
      placeHolder: l10n.t("Select what to change. Press Escape when you are done."),
      ignoreFocusOut: true,
    });
    if (choice === undefined) return;
    const next = await choice.change(cx);
    cx.milestones.reach("hasProfile");
    if (next === "done") return;
  }
}

function choices(cx: CommandContext): Choice[] {
  const { displayName, color, avatar } = config.profile();
  const unset = l10n.t("not set");
  return [
    {
      label: l10n.t("Nick"),
      icon: "person",
      description: cx.chat.state?.nick ?? config.nick(),
      change: changeNick,
    },
    {
      label: l10n.t("Display name"),
      icon: "tag",
      description: displayName || unset,
      change: changeDisplayName,
    },
    {
      label: l10n.t("Color"),
      icon: "symbol-color",
      description: color || unset,
      change: changeColor,
    },
    {
      label: l10n.t("Picture"),
      icon: "account",
      description:
        avatar === config.OWN_PICTURE ? l10n.t("your own") : avatar || l10n.t("initials"),
      change: changeAvatar,
    },
  ];
}

async function changeNick(cx: CommandContext): Promise<void> {
  let value = cx.chat.state?.nick ?? config.nick();
  let problem: string | undefined;
  do {
    const nick = await askNick(title(), value, problem);
    if (nick === undefined) return;
    // Also where the connection was refused for the nick: the next attempt has this one.
    if (nick !== cx.chat.state?.nick) problem = await cx.chat.session?.setNick(nick);
    else problem = undefined;
    value = nick;
  } while (problem !== undefined);
  // Only one that was taken: a refused one would be refused at the next start as well.
  await config.rememberNick(value);
}

async function changeDisplayName(): Promise<void> {
  const name = await askText({
    title: title(),
    prompt: l10n.t("Name shown next to your nick (optional)"),
    value: config.profile().displayName,
    validate: (value) =>
      value.trim().length > MAX_DISPLAY_NAME
        ? l10n.t("Enter at most {0} characters.", MAX_DISPLAY_NAME)
        : undefined,
  });
  if (name !== undefined) await config.rememberProfile("displayName", name.trim());
}

async function changeColor(cx: CommandContext): Promise<void> {
  type Item = PickItem & { readonly color: string | undefined };
  const { color } = config.profile();
  const items: Item[] = [
    {
      label: l10n.t("None"),
      description: l10n.t("derived from your nick"),
      color: "",
    },
    ...Object.entries(COLORS).map(([name, value]): Item => ({
      label: name,
      description: name === color ? l10n.t("current") : value,
      icon: colorIcon(value),
      color: name,
    })),
    { label: l10n.t("Another…"), description: "#rrggbb", color: undefined },
  ];
  const item = await showQuickPick(items, {
    title: title(),
    placeHolder: l10n.t("The color of your name"),
    ignoreFocusOut: true,
  });
  if (item === undefined) return;
  const chosen = item.color ?? (await askColor(color));
  if (chosen === undefined) return;
  await config.rememberProfile("color", chosen);
  cx.log.debug(`profile color: ${chosen}`);
}

function askColor(color: string): Promise<string | undefined> {
  return askText({
    title: title(),
    prompt: l10n.t("Enter a color as #rrggbb"),
    value: colorValue(color) ?? "#",
    validate: (value) =>
      colorValue(value.trim()) === undefined
        ? l10n.t("Enter # and six hexadecimal digits, such as #2b6cb0.")
        : undefined,
  });
}

/** Whether something else is to be changed next. */
async function changeAvatar(cx: CommandContext): Promise<"more" | "done"> {
  type Item = PickItem & { readonly avatar: string } & { readonly own?: "again" | "delete" };
  const { avatar } = config.profile();
  const items: Item[] = [
    {
      label: l10n.t("Initials"),
      description: l10n.t("derived from your name"),
      avatar: "",
    },
    {
      label: l10n.t("A picture of your own…"),
      description: ownPictureNote(cx, avatar),
      icon: "file-media",
      avatar: config.OWN_PICTURE,
    },
    ...((await cx.ownPicture.read()) === undefined ? [] : ownPictureItems(avatar)),
    ...AVATARS.map((name): Item => ({
      label: name,
      ...(name === avatar && { description: l10n.t("current") }),
      icon: vscode.Uri.joinPath(cx.extensionUri, "media", "avatars", `${name}.svg`),
      avatar: name,
    })),
  ];
  const item = await showQuickPick(items, {
    title: title(),
    placeHolder: l10n.t("Your picture"),
    ignoreFocusOut: true,
  });
  if (item === undefined) return "more";
  if (item.own !== undefined) {
    await (item.own === "again" ? useOwnPicture(cx) : deleteOwnPicture(cx));
    return "more";
  }
  if (item.avatar !== config.OWN_PICTURE) {
    await config.rememberProfile("avatar", item.avatar);
    return "more";
  }
  // The dialog is on the page, which a list in front of it would hide.
  cx.panel.choosePicture();
  return "done";
}

/** What can be done with the picture that was made one's own before. */
function ownPictureItems(avatar: string) {
  const again = {
    label: l10n.t("Use your own picture again"),
    icon: "history",
    avatar: config.OWN_PICTURE,
    own: "again" as const,
  };
  const remove = {
    label: l10n.t("Delete your own picture…"),
    icon: "trash",
    avatar: "",
    own: "delete" as const,
  };
  return avatar === config.OWN_PICTURE ? [remove] : [again, remove];
}

async function useOwnPicture(cx: CommandContext): Promise<void> {
  const { error } = await cx.ownPicture.useAgain();
  if (error !== undefined) void showErrorMessage(error);
}

async function deleteOwnPicture(cx: CommandContext): Promise<void> {
  const remove = l10n.t("Delete");
  const choice = await showWarningMessage(
    l10n.t("Delete your own picture from this computer?"),
    { modal: true, detail: l10n.t("Others then see your initials where it was used.") },
    remove,
  );
  if (choice === remove) await cx.ownPicture.delete();
}

function ownPictureNote({ chat }: CommandContext, avatar: string): string | undefined {
  if (chat.isOnline && chat.session?.takesPictures === false)
    return l10n.t("people on this server see your initials instead");
  return avatar === config.OWN_PICTURE ? l10n.t("current") : undefined;
}

/** Tells the server what changed in the settings, wherever it was changed. */
export function publishProfile(cx: Pick<CommandContext, "chat">): void {
  const { session, state, isOnline } = cx.chat;
  if (session === undefined || state === undefined || !isOnline) return;
  const profile = config.profile();
  const wanted = config.profileMetadata(profile);
  // The server gives it its value.
  const isOwn = profile.avatar === config.OWN_PICTURE;
  const known = state.users.get(state.nick)?.metadata;
  for (const key of ["display-name", "color", "avatar"]) {
    const value = wanted.get(key);
    if (key === "avatar" && isOwn && pictureId(known?.get(key)) !== undefined) continue;
    if (value !== known?.get(key)) session.setMetadata(key, value);
  }
}
