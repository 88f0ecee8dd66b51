// Pictures of people for tree views: a built-in one, or initials on the person's colour.
import * as vscode from "./vscode.js";
import { inkOn, parseColor, toHex } from "../bridge/contrast.js";
import { colorFromKey, initials } from "../bridge/person.js";
import type { PersonView } from "../bridge/view.js";

/** The picture of `person` for a TreeItem. */
export function personIcon(person: PersonView, extensionUri: vscode.Uri): vscode.Uri {
  return person.avatar === undefined
    ? initialsIcon(person)
    : vscode.Uri.joinPath(extensionUri, "media", "avatars", `${person.avatar}.svg`);
}

function initialsIcon({ key, nick, displayName, color }: PersonView): vscode.Uri {
  const disc = color ?? colorFromKey(key);
  const ink = toHex(inkOn(parseColor(disc) ?? { r: 0, g: 0, b: 0 }));
  return svgUri(
    `<circle cx="8" cy="8" r="8" fill="${disc}"/><text x="8" y="11.2" font-family="sans-serif" font-size="8.5" font-weight="600" text-anchor="middle" fill="${ink}">${escapeXml(initials(displayName ?? nick))}</text>`,
  );
}

/** A spot of a colour (`#rrggbb`), for choosing one. */
export function colorIcon(color: string): vscode.Uri {
  return svgUri(`<circle cx="8" cy="8" r="6.5" fill="${color}" stroke="#888"/>`);
}

function svgUri(content: string): vscode.Uri {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${content}</svg>`;
  return vscode.Uri.parse(`data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`);
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
