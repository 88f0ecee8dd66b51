// Pictures of people for tree views: a built-in one, or initials on the person's colour.
import * as vscode from "./vscode.js";
import { inkOn, parseColor, toHex } from "../bridge/contrast.js";
import { colorFromKey, initials } from "../bridge/person.js";
import type { PersonView } from "../bridge/view.js";
import type { Picture } from "../irc/picture.js";
import { dataUrl, type PictureSource } from "./pictures.js";

/** The picture of `person` for a TreeItem; initials until one of their own has come. */
export function personIcon(
  person: PersonView,
  extensionUri: vscode.Uri,
  pictures: Pick<PictureSource, "peek">,
): vscode.Uri {
  const { avatar, picture } = person;
  if (avatar !== undefined)
    return vscode.Uri.joinPath(extensionUri, "media", "avatars", `${avatar}.svg`);
  const own = picture === undefined ? undefined : pictures.peek(picture);
  return own === undefined ? initialsIcon(person) : roundIcon(own);
}

/** A tree is drawn each time someone comes or goes, and encoding a hundred pictures takes long enough to be felt. */
const roundIcons = new WeakMap<Picture, vscode.Uri>();

function roundIcon(picture: Picture): vscode.Uri {
  let icon = roundIcons.get(picture);
  if (icon === undefined) {
    icon = svgUri(
      `<clipPath id="disc"><circle cx="8" cy="8" r="8"/></clipPath><image href="${dataUrl(picture)}" width="16" height="16" preserveAspectRatio="xMidYMid slice" clip-path="url(#disc)"/>`,
    );
    roundIcons.set(picture, icon);
  }
  return icon;
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
