// Characters that are not seen, or that change how the ones around them are seen. No one needs them to read a line,
// and they let text pass for what it is not.

const LINE_BREAKS = /\r\n|[\t-\r\x85\u2028\u2029]/g;

// Control characters, what Unicode says to draw as nothing (zero-width characters, bidirectional controls, fillers, tags,
// selectors), annotation marks, the Braille cell without a dot, and halves of a character.
const UNSEEN = String.raw`[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]`;

// Scripts in which a joiner between two letters is spelling: https://www.unicode.org/reports/tr31/#Layout_and_Format_Control_Characters
const SCRIPTS = "Arab Syrc Mong Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Khmr Mymr Tibt";
const LETTER = `[${SCRIPTS.replace(/\w+ ?/g, (script) => String.raw`\p{scx=${script.trim()}}`)}]`;
const PICTURE = String.raw`\p{Extended_Pictographic}`;

/** An unseen character that belongs to what is seen: part of a word, of a Han character's shape, or of an emoji. */
const SPELLED = [
  `[\\u200c\\u200d](?<=${LETTER}.)(?=${LETTER})`,
  String.raw`[\ufe00-\ufe02\u{e0100}-\u{e01ef}](?<=\p{Ideographic}.)`,
  `[\\ufe0e\\ufe0f](?<=${PICTURE}.)`,
  String.raw`\ufe0f(?<=[0-9#*].)(?=\u20e3)`,
  `\\u200d(?<=[${PICTURE}\\p{Emoji_Modifier}\\ufe0f].)(?=${PICTURE})`,
  // The flags of England, Scotland and Wales: https://www.unicode.org/reports/tr51/#Subdivision_Flags
  String.raw`[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{3,6}\u{e007f}(?<=\u{1f3f4}.{4,7})`,
].join("|");

const UNSEEN_OR_BREAK = new RegExp(`${UNSEEN}|[\\u2028\\u2029]`, "gu");
const HAS_UNSEEN = new RegExp(UNSEEN, "u");
const UNSEEN_OR_SPELLED = new RegExp(`(${SPELLED})|${UNSEEN}+`, "gu");
const UNSEEN_BREAK_OR_SPELLED = new RegExp(`(${SPELLED})|${UNSEEN}|[\\u2028\\u2029]`, "gu");

/** `text` on one line, with nothing hidden in it: line breaks become spaces, characters no one sees become `mark`. */
export function printable(text: string, mark = "\ufffd"): string {
  const line = text.replace(LINE_BREAKS, " ");
  if (!HAS_UNSEEN.test(line)) return line;
  return line.replace(UNSEEN_OR_SPELLED, (found, spelled: string | undefined) =>
    spelled === undefined ? mark.repeat(Array.from(found).length) : found,
  );
}

/** The same for a text of several lines, such as a log has. */
export function printableLines(text: string, mark?: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => printable(line, mark))
    .join("\n");
}

/** `text` on one line that loses nothing: what no one sees, line breaks included, is escaped as `\uXXXX`; tabs are spaces. */
export function escapeUnseen(text: string): string {
  return text
    .replaceAll("\t", " ")
    .replace(UNSEEN_BREAK_OR_SPELLED, (found, spelled?: string) => spelled ?? escaped(found));
}

/** The same for JSON on one line, in which joiners of emoji are escaped as well. */
export function printableJson(json: string): string {
  return json.replace(UNSEEN_OR_BREAK, escaped);
}

/** Both halves of a pair, one after the other. */
function escaped(found: string): string {
  return found.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
