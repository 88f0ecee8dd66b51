// The only reader and writer of VS Code settings. Defaults and limits stand in package.json.
import * as vscode from "./vscode.js";
import { colorValue, avatarName, avatarValue, type AvatarName } from "../bridge/avatars.js";
import type { Sound } from "../bridge/sounds.js";
import type { PanelSettings } from "../bridge/view.js";

/** How we look to others. Empty strings mean: not set. */
export interface Profile {
  readonly displayName: string;
  /** A name of COLORS or `#rrggbb`. */
  readonly color: string;
  /** A name of AVATARS, or OWN_PICTURE. */
  readonly avatar: string;
}

/** A picture of one's own (own-picture.ts). */
export const OWN_PICTURE = "own";

const settings = () => vscode.workspace.getConfiguration("parley");

/** A string setting; its default where the file holds something else. */
function text<T extends string>(key: string, fallback: T): T {
  const value: unknown = settings().get(key);
  return typeof value === "string" ? (value as T) : fallback;
}

export function panelSettings(): PanelSettings {
  return {
    sendKey: text<PanelSettings["sendKey"]>("composer.sendKey", "enter"),
    showJoinLeave: text<PanelSettings["showJoinLeave"]>("messages.joinLeave", "condensed"),
    timeFormat: text<PanelSettings["timeFormat"]>("messages.timeFormat", "auto"),
  };
}

export const directMessagesOpen = () =>
  text<"never" | "badge" | "reveal">("directMessages.open", "badge");

/** Which sounds are played, and how loud: above 0, at most 1; undefined: none. */
export function sounds():
  { readonly volume: number; readonly has: (sound: Sound) => boolean } | undefined {
  const volume: unknown = settings().get("sounds.volume");
  if (settings().get("sounds.enabled") !== true || typeof volume !== "number" || volume <= 0)
    return undefined;
  const events: unknown = settings().get("sounds.events");
  const chosen = typeof events === "object" && events !== null ? events : {};
  return {
    volume: Math.min(volume, 100) / 100,
    has: (sound) => (chosen as Readonly<Record<string, unknown>>)[sound] !== false,
  };
}

export const quitWord = () => text<"ask" | "leave" | "send">("composer.quitWord", "ask");

export const defaultChannel = () => text<string>("defaultChannel", "#general");

/** Whether people who come to the server that this window hosts wait to be let in. */
export const approveToJoin = () => settings().get("approveToJoin") === true;

export async function rememberApproveToJoin(value: boolean): Promise<void> {
  await settings().update("approveToJoin", value, vscode.ConfigurationTarget.Global);
}

export const showAddresses = () => text<"host" | "everyone">("host.showAddresses", "host");

/** Servers that are shown the certificate of this installation as well: `host` or `host:port` each. */
export function identityServers(): readonly string[] {
  const value: unknown = settings().get("identity.servers");
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}

/** VS Code's own setting: whether what has just been installed may show its walkthrough. */
export const opensWalkthroughs = () =>
  vscode.workspace
    .getConfiguration("workbench.welcomePage.walkthroughs")
    .get<boolean>("openOnInstall") !== false;

export const resumes = () => settings().get("resume") !== false;

export function suggestedPort(): number {
  const port: unknown = settings().get("host.port");
  return typeof port === "number" && Number.isInteger(port) && port >= 0 && port <= 65535
    ? port
    : 9898;
}

export const nick = () => text<string>("nick", "");

export async function rememberNick(value: string): Promise<void> {
  await settings().update("nick", value, vscode.ConfigurationTarget.Global);
}

export function profile(): Profile {
  return {
    displayName: text("profile.displayName", ""),
    color: text("profile.color", ""),
    avatar: text("profile.avatar", ""),
  };
}

export async function rememberProfile(key: keyof Profile, value: string): Promise<void> {
  await settings().update(
    `profile.${key}`,
    value === "" ? undefined : value,
    vscode.ConfigurationTarget.Global,
  );
}

/** The profile as draft/metadata-3 keys. What is not valid is left out. */
export function profileMetadata({
  displayName,
  color,
  avatar,
}: Profile): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  if (displayName.trim() !== "") metadata.set("display-name", displayName.trim());
  const value = colorValue(color);
  if (value !== undefined) metadata.set("color", value);
  const picture = avatarName(avatarValue(avatar as AvatarName));
  if (picture !== undefined) metadata.set("avatar", avatarValue(picture));
  return metadata;
}
