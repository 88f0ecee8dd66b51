// What IRC clients put into text for color and the like. https://modern.ircdocs.horse/formatting

// Color and hex color with their digits; then bold, reset, monospace, reverse, italic, strike, underline.
const FORMATTING =
  // eslint-disable-next-line no-control-regex -- they are the formatting characters
  /\x03(?:([0-9]{1,2})(?:,([0-9]{1,2}))?)?|\x04(?:([0-9a-f]{6})(?:,([0-9a-f]{6}))?)?|[\x02\x0f\x11\x16\x1d-\x1f]/gi;

/** `text` without formatting codes. Other control characters stay. */
export function stripFormatting(text: string): string {
  return text.replace(FORMATTING, "");
}

export interface TextStyle {
  readonly bold: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly strike: boolean;
  readonly monospace: boolean;
  /** Color and background change places. */
  readonly reverse: boolean;
  /** `#rrggbb`; undefined: the reader's own. */
  readonly color: string | undefined;
  readonly background: string | undefined;
}

/** From `start`, up to the next run or the end. */
export interface StyleRun {
  readonly start: number;
  readonly style: TextStyle;
}

export interface FormattedText {
  /** Without formatting codes. */
  readonly text: string;
  /** In order of `start`; before the first run nothing is formatted. */
  readonly runs: readonly StyleRun[];
}

const PLAIN: TextStyle = {
  bold: false,
  italic: false,
  underline: false,
  strike: false,
  monospace: false,
  reverse: false,
  color: undefined,
  background: undefined,
};

type Toggle = "bold" | "italic" | "underline" | "strike" | "monospace" | "reverse";

const TOGGLES: ReadonlyMap<string, Toggle> = new Map([
  ["\x02", "bold"],
  ["\x1d", "italic"],
  ["\x1f", "underline"],
  ["\x1e", "strike"],
  ["\x11", "monospace"],
  ["\x16", "reverse"],
]);

/** Reads the formatting codes out of `text`. Each line starts unformatted, as each is a message of its own on the wire. */
export function readFormatting(text: string): FormattedText {
  const runs: StyleRun[] = [];
  let plain = "";
  let style = PLAIN;
  let end = 0;
  function add(next: TextStyle): void {
    if (next === style) return;
    style = next;
    if (runs.at(-1)?.start === plain.length) runs.pop();
    runs.push({ start: plain.length, style });
  }
  function take(piece: string): void {
    const line = piece.indexOf("\n");
    if (line === -1 || style === PLAIN) {
      plain += piece;
      return;
    }
    plain += piece.slice(0, line);
    add(PLAIN);
    plain += piece.slice(line);
  }
  for (const match of text.matchAll(FORMATTING)) {
    take(text.slice(end, match.index));
    end = match.index + match[0].length;
    add(styleAfter(style, match));
  }
  take(text.slice(end));
  return { text: plain, runs };
}

function styleAfter(style: TextStyle, match: RegExpExecArray): TextStyle {
  const [code, color, background, hexColor, hexBackground] = match;
  const toggle = TOGGLES.get(code);
  if (toggle !== undefined) return { ...style, [toggle]: !style[toggle] };
  if (code === "\x0f") return PLAIN;
  if (hexColor !== undefined)
    return colored(style, `#${hexColor}`, hexBackground && `#${hexBackground}`);
  if (color !== undefined) {
    const shown = { ...style, color: paletteColor(color) };
    return background === undefined ? shown : { ...shown, background: paletteColor(background) };
  }
  return { ...style, color: undefined, background: undefined };
}

function colored(style: TextStyle, color: string, background: string | undefined): TextStyle {
  return { ...style, color, background: background ?? style.background };
}

/** The color of a number; undefined for 99, "the default". */
function paletteColor(number: string): string | undefined {
  const color = COLORS[Number(number)];
  return color === undefined ? undefined : `#${color}`;
}

/** 0 to 15 as mIRC has them, 16 to 98 as https://modern.ircdocs.horse/formatting#colors-16-98. */
const COLORS = (
  "ffffff 000000 00007f 009300 ff0000 7f0000 9c009c fc7f00 ffff00 00fc00 009393 00ffff 0000fc ff00ff 7f7f7f d2d2d2 " +
  "470000 472100 474700 324700 004700 00472c 004747 002747 000047 2e0047 470047 47002a " +
  "740000 743a00 747400 517400 007400 007449 007474 004074 000074 4b0074 740074 740045 " +
  "b50000 b56300 b5b500 7db500 00b500 00b571 00b5b5 0063b5 0000b5 7500b5 b500b5 b5006b " +
  "ff0000 ff8c00 ffff00 b2ff00 00ff00 00ffa0 00ffff 008cff 0000ff a500ff ff00ff ff0098 " +
  "ff5959 ffb459 ffff71 cfff60 6fff6f 65ffc9 6dffff 59b4ff 5959ff c459ff ff66ff ff59bc " +
  "ff9c9c ffd39c ffff9c e2ff9c 9cff9c 9cffdb 9cffff 9cd3ff 9c9cff dc9cff ff9cff ff94d3 " +
  "000000 131313 282828 363636 4d4d4d 656565 818181 9f9f9f bcbcbc e2e2e2 ffffff"
).split(" ");
