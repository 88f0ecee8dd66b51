// What people see of a message's text. Everything here comes from strangers.
import { withoutControls } from "../irc/controls.js";
import { stripFormatting } from "../irc/formatting.js";

/** `text` without formatting codes and other control characters. Line feeds stay: only a message of several lines has any. */
export function displayText(text: string): string {
  return withoutControls(stripFormatting(text));
}

/** `text` with its formatting codes but without other control characters; undefined where that is the same as displayText(). */
export function formattedText(text: string): string | undefined {
  const kept = withoutControls(text);
  return kept === displayText(text) ? undefined : kept;
}

/** A CTCP message's command and text, or undefined when `text` is an ordinary one. https://modern.ircdocs.horse/ctcp.html */
export function parseCtcp(text: string): { command: string; text: string } | undefined {
  if (!text.startsWith("\x01")) return undefined;
  const body = text.endsWith("\x01") && text.length > 1 ? text.slice(1, -1) : text.slice(1);
  const space = body.indexOf(" ");
  return space < 0
    ? { command: body.toUpperCase(), text: "" }
    : { command: body.slice(0, space).toUpperCase(), text: body.slice(space + 1) };
}

/** An away message to show; "" where there is none. `*` says only that. https://ircv3.net/specs/extensions/pre-away */
export function awayText(text: string): string {
  return text === "*" ? "" : displayText(text);
}
