// What keeps others' text from being more than text. VS Code reads `[label](command:…)` in notifications and input boxes as
// a link that runs a command, and `$(name)` in labels and status bar texts as an icon. Which surface reads what differs and
// changes, so every text of every surface goes through here; our own icons are passed beside it.
import { printable } from "../../irc/printable.js";

/** Longer texts are cut: no surface has room for more, and a notification is cut by VS Code. */
const MAX_CHARACTERS = 1000;

/** Takes the meaning from what stands before it; as narrow as a space can be. */
const HAIR_SPACE = "\u200a";
const LINK = /\](?=\([a-z][a-z0-9+.-]*:)/gi;
const ICON = /\$(?=\([a-z0-9-]+(?:~[a-z]+)?\))/gi;

// No script stacks more marks on a letter; many of them stand over the rows above and below.
const STACKED_MARKS = /(\p{M}{10})\p{M}+/gu;

/** `text` as one line that VS Code shows as it is: no links, no icons, nothing unseen. */
export function inert(text: string): string {
  return printable(cut(text))
    .replace(STACKED_MARKS, "$1\ufffd")
    .replace(LINK, `]${HAIR_SPACE}`)
    .replace(ICON, `$${HAIR_SPACE}`);
}

/** The same for a text of several lines. Whatever it is made of must have one line each: see l10n. */
export function inertLines(text: string): string {
  return text.split("\n").map(inert).join("\n");
}

/** The same for what may be missing, as most parts of VS Code's options may. */
export function inertOptional(text: string | undefined): string | undefined {
  return text === undefined ? undefined : inert(text);
}

function cut(text: string): string {
  if (text.length <= MAX_CHARACTERS) return text;
  return `${text.slice(0, MAX_CHARACTERS).replace(/[\ud800-\udbff]$/, "")}…`;
}
