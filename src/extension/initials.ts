// Pictures for tree views: a built-in one, or initials on the person's colour.
import * as vscode from "vscode";
import type { PersonView } from "../bridge/view.js";

const FALLBACK_COLORS = [
  "#b5523b",
  "#8a6d1f",
  "#4f7a28",
  "#1f7a6d",
  "#2b6cb0",
  "#6a5acd",
  "#96478f",
  "#7a5c4d",
];

/** The picture of `person` for a TreeItem. */
export function personIcon(person: PersonView, extensionUri: vscode.Uri): vscode.Uri {
  return person.avatar === undefined
    ? initialsIcon(person)
    : vscode.Uri.joinPath(extensionUri, "media", "avatars", `${person.avatar}.svg`);
}

function initialsIcon({ key, nick, displayName, color }: PersonView): vscode.Uri {
  const fill = color ?? fallbackColor(key);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8" fill="${fill}"/><text x="8" y="11.2" font-family="sans-serif" font-size="8.5" font-weight="600" text-anchor="middle" fill="${textOn(fill)}">${escapeXml(initials(displayName ?? nick))}</text></svg>`;
  return vscode.Uri.parse(`data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`);
}

/** One or two characters that stand for a name: `Ann Lee` → `AL`, `bob` → `B`. */
export function initials(name: string): string {
  const words = name.split(/[\s\-_.]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = words.slice(0, 2).map((word) => /[\p{L}\p{N}]/u.exec(word)?.[0] ?? "");
  return (letters.join("") || "?").toLocaleUpperCase();
}

function fallbackColor(key: string): string {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (hash * 31 + key.charCodeAt(i)) >>> 0;
  return FALLBACK_COLORS[hash % FALLBACK_COLORS.length] ?? "#6a5acd";
}

/** Black or white, whichever stands out from `fill` (`#rrggbb`): the weights are those of perceived brightness (ITU-R BT.601). */
function textOn(fill: string): string {
  const channel = (at: number) => parseInt(fill.slice(at, at + 2), 16);
  return channel(1) * 0.299 + channel(3) * 0.587 + channel(5) * 0.114 > 150 ? "#000000" : "#ffffff";
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
