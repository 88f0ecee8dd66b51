// Words of a paragraph → text, emphasis, code and links. The delimiter stack is that of CommonMark
// (https://spec.commonmark.org/0.31.2/#phase-2-inline-structure), which reads any text in linear time.
import { readAddress, readDestination } from "./links.js";
import type { Line } from "./markdown-blocks.js";
import { element, isEmpty, type MarkdownNode, type MarkdownTag } from "./markdown-tree.js";
import type { StyledText } from "./styled-text.js";

/** Emphasis within emphasis; what is deeper is text. */
const MAX_NESTING = 8;
/** Characters with a meaning in one paragraph: no text of people has that many. */
const MAX_MARKS = 2500;
/** Characters of destinations that were read in vain, after which no more are looked for. */
const MAX_FAILED_DESTINATIONS = 20_000;

const SPECIAL = /[\n`\\*_~[\]]|https?:\/\/|mailto:/gi;
const ASCII_PUNCTUATION = /[!-/:-@[-`{-~]/;

/** A run of `*`, `_` or `~`, of which pieces become the begin or the end of emphasis. */
interface Delimiter {
  readonly character: string;
  /** How many are left, to be shown. */
  count: number;
  readonly length: number;
  readonly canOpen: boolean;
  readonly canClose: boolean;
  /** Innermost first. */
  readonly opens: Emphasis[];
  readonly closes: Emphasis[];
}

interface Emphasis {
  readonly tag: MarkdownTag;
  readonly mark: string;
}

type Item = { readonly nodes: readonly MarkdownNode[] } | { readonly delimiter: Delimiter };

/** `text` has the styles of the whole message. undefined where it has more than `limit` elements, or too many marks. */
export function parseInline(
  lines: readonly Line[],
  text: StyledText,
  limit: number,
): MarkdownNode[] | undefined {
  return new InlineReader(lines, text, limit).read();
}

class InlineReader {
  private readonly text: string;
  private readonly starts: readonly number[];
  private items: Item[] = [];
  /** Where in `items` a `[` stands that may begin a link. */
  private brackets: number[] = [];
  private elements = 0;
  private failedDestinations = 0;
  private noAddressBefore = 0;
  private codeMarks: ReadonlyMap<number, readonly number[]> | undefined;

  constructor(
    private readonly lines: readonly Line[],
    private readonly styled: StyledText,
    private readonly limit: number,
  ) {
    this.text = lines.map(({ text }) => text).join("\n");
    let at = 0;
    this.starts = lines.map(({ text }) => {
      const start = at;
      at += text.length + 1;
      return start;
    });
  }

  read(): MarkdownNode[] | undefined {
    const { text } = this;
    const special = new RegExp(SPECIAL);
    let at = 0;
    for (let marks = 0; marks <= MAX_MARKS; marks++) {
      special.lastIndex = at;
      const found = special.exec(text);
      this.addText(at, found?.index ?? text.length);
      if (found === null) return emphasize(this.items);
      at = this.readSpecial(found[0], found.index);
      if (this.elements > this.limit) return undefined;
    }
    return undefined;
  }

  /** Takes what begins at `at` with `mark`; gives where to go on. */
  private readSpecial(mark: string, at: number): number {
    switch (mark) {
      case "\n":
        return this.addElement(element("br", []), at + 1);
      case "`":
        return this.readCode(at);
      case "\\": {
        // It stays on screen: `¯\_(ツ)_/¯`, a path and a pattern are more common than a star that should be none.
        const isEscape = ASCII_PUNCTUATION.test(this.text.charAt(at + 1));
        return this.addText(at, at + (isEscape ? 2 : 1));
      }
      case "*":
      case "_":
      case "~":
        return this.readDelimiter(mark, at);
      case "[":
        this.brackets.push(this.items.length);
        return this.addText(at, at + 1);
      case "]":
        return this.readLink(at) ?? this.addText(at, at + 1);
      default:
        return this.readAddress(mark, at);
    }
  }

  private addText(start: number, end: number): number {
    if (end > start) {
      const nodes = this.styled.slice(this.text.slice(start, end), this.sourceOf(start));
      this.elements += nodes.length - 1;
      this.items.push({ nodes });
    }
    return end;
  }

  private addElement(node: MarkdownNode, end: number): number {
    this.elements++;
    this.items.push({ nodes: [node] });
    return end;
  }

  /** Where a place in the joined lines is in the message. */
  private sourceOf(at: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return (this.lines[low]?.at ?? 0) + at - (this.starts[low] ?? 0);
  }

  private readCode(at: number): number {
    const length = runLength(this.text, at);
    const close = this.closingMark(length, at + length);
    const code = close === undefined ? "" : this.text.slice(at + length, close);
    if (close === undefined || code.trim() === "") return this.addText(at, at + length);
    // "` `a` `" is how code that begins with a backtick is written.
    const shown = /^[ \n][^]*[ \n]$/.test(code) ? code.slice(1, -1) : code;
    return this.addElement(element("code", [shown]), close + length);
  }

  /** The next run of exactly `length` backticks. */
  private closingMark(length: number, from: number): number | undefined {
    this.codeMarks ??= codeMarks(this.text);
    const marks = this.codeMarks.get(length) ?? [];
    let low = 0;
    let high = marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((marks[middle] ?? 0) < from) low = middle + 1;
      else high = middle;
    }
    return marks[low];
  }

  private readDelimiter(character: string, at: number): number {
    const length = runLength(this.text, at);
    const end = at + length;
    if (character === "~" && length !== 2) return this.addText(at, end);
    const before = characterBefore(this.text, at);
    const after = characterAt(this.text, end);
    const isLeft = isFlanking(after, before);
    const isRight = isFlanking(before, after);
    // `2*3*4` and `a_b_c` are no emphasis. Scripts without spaces need `**` within words.
    const isStrict = character === "_" || (character === "*" && length === 1);
    const canOpen = isLeft && !(isStrict && LATIN_WORD.test(before));
    const canClose = isRight && !(isStrict && LATIN_WORD.test(after));
    if (!canOpen && !canClose) return this.addText(at, end);
    const delimiter = {
      character,
      count: length,
      length,
      canOpen,
      canClose,
      opens: [],
      closes: [],
    };
    this.items.push({ delimiter });
    return end;
  }

  private readAddress(mark: string, at: number): number {
    // What was read in vain is not read again from each "https://" within it.
    const isPart = at < this.noAddressBefore || WORD.test(characterBefore(this.text, at));
    const { href, end } = isPart ? { href: undefined, end: at } : readAddress(this.text, at);
    if (href === undefined) {
      this.noAddressBefore = Math.max(this.noAddressBefore, end);
      return this.addText(at, at + mark.length);
    }
    const words = this.styled.slice(href, this.sourceOf(at));
    return this.addElement(element("a", words, { href }), end);
  }

  /** `[words](https://…)`, at its `]`. */
  private readLink(at: number): number | undefined {
    const opening = this.brackets.pop();
    const start = at + 2;
    if (opening === undefined || this.text.charAt(at + 1) !== "(") return undefined;
    if (!/^(?:https?:|mailto:)/i.test(this.text.slice(start, start + 7))) return undefined;
    if (this.failedDestinations > MAX_FAILED_DESTINATIONS) return undefined;
    const { href, end } = readDestination(this.text, start);
    if (href === undefined) {
      this.failedDestinations += end - start;
      return undefined;
    }
    const inside = this.items.slice(opening + 1);
    const words = withoutLinks(emphasize(inside));
    // A link without words could not be seen.
    if (isEmpty(words)) return undefined;
    this.items.length = opening;
    // A link stands in no other.
    this.brackets = [];
    return this.addElement(element("a", words, { href }), end);
  }
}

const WORD = /[\p{L}\p{N}_]/u;
const LATIN_WORD = /[\p{Script=Latin}\p{N}_]/u;

/** Whether a run of delimiters leans on `inner`: the spec's left- and right-flanking. */
function isFlanking(inner: string, outer: string): boolean {
  if (isSpace(inner)) return false;
  return !isPunctuation(inner) || isSpace(outer) || isPunctuation(outer);
}

function isSpace(character: string): boolean {
  return character === "" || /\s/.test(character);
}

function isPunctuation(character: string): boolean {
  return /[\p{P}\p{S}]/u.test(character);
}

function characterAt(text: string, at: number): string {
  const codePoint = text.codePointAt(at);
  return codePoint === undefined ? "" : String.fromCodePoint(codePoint);
}

function characterBefore(text: string, at: number): string {
  const isPair = at >= 2 && /[\udc00-\udfff]/.test(text.charAt(at - 1));
  return at === 0 ? "" : characterAt(text, at - (isPair ? 2 : 1));
}

function runLength(text: string, at: number): number {
  const character = text.charAt(at);
  let end = at;
  while (text.charAt(end) === character) end++;
  return end - at;
}

/** Where runs of backticks begin, by their length. */
function codeMarks(text: string): Map<number, number[]> {
  const marks = new Map<number, number[]>();
  for (const { index, 0: run } of text.matchAll(/`+/g)) {
    const known = marks.get(run.length);
    if (known === undefined) marks.set(run.length, [index]);
    else known.push(index);
  }
  return marks;
}

function withoutLinks(nodes: readonly MarkdownNode[]): MarkdownNode[] {
  return nodes.flatMap((node) => {
    if (typeof node === "string") return [node];
    const children = withoutLinks(node.children);
    return node.tag === "a" ? children : [{ ...node, children }];
  });
}

/** Pairs the delimiters among `items` and nests what stands between them. */
function emphasize(items: readonly Item[]): MarkdownNode[] {
  pair(items.flatMap((item) => ("delimiter" in item ? [item.delimiter] : [])));
  const root: MarkdownNode[] = [];
  const stack: { readonly nodes: MarkdownNode[]; readonly emphasis: Emphasis | undefined }[] = [];
  let nodes = root;
  for (const item of items) {
    if ("nodes" in item) {
      nodes.push(...item.nodes);
      continue;
    }
    const { closes, opens, character, count } = item.delimiter;
    for (const { mark } of closes) {
      const open = stack.pop();
      if (open?.emphasis === undefined) nodes.push(mark);
      else {
        open.nodes.push(element(open.emphasis.tag, joined(nodes)));
        nodes = open.nodes;
      }
    }
    if (count > 0) nodes.push(character.repeat(count));
    for (const emphasis of opens.toReversed()) {
      const isDeep = stack.length >= MAX_NESTING;
      stack.push({ nodes, emphasis: isDeep ? undefined : emphasis });
      if (isDeep) nodes.push(emphasis.mark);
      else nodes = [];
    }
  }
  return joined(root);
}

function pair(delimiters: readonly Delimiter[]): void {
  // A stack as a list, since what lies between a pair goes out of its middle.
  const before = delimiters.map((_, index) => index - 1);
  /** Below which no opener for such a closer is found. */
  const bottoms = new Map<string, number>();
  for (const [index, closer] of delimiters.entries()) {
    if (!closer.canClose) continue;
    const key = `${closer.character}${closer.canOpen}${closer.length % 3}`;
    while (closer.count > 0) {
      const bottom = bottoms.get(key) ?? -1;
      let at = before[index] ?? -1;
      while (at > bottom && !fits(delimiters[at], closer)) at = before[at] ?? -1;
      const opener = delimiters[at];
      if (at <= bottom || opener === undefined) {
        bottoms.set(key, before[index] ?? -1);
        break;
      }
      connect(opener, closer);
      before[index] = opener.count > 0 ? at : (before[at] ?? -1);
    }
    // What can no longer open is passed over by those that follow.
    if (index + 1 < delimiters.length && (!closer.canOpen || closer.count === 0)) {
      before[index + 1] = before[index] ?? -1;
    }
  }
}

/** https://spec.commonmark.org/0.31.2/#emphasis-and-strong-emphasis, rules 9 and 10: "unless both lengths are multiples of 3" */
function fits(opener: Delimiter | undefined, closer: Delimiter): boolean {
  if (opener?.character !== closer.character || !opener.canOpen || opener.count === 0) return false;
  if (opener.character === "~") return true;
  const isAmbiguous = opener.canClose || closer.canOpen;
  if (!isAmbiguous || (opener.length + closer.length) % 3 !== 0) return true;
  return opener.length % 3 === 0 && closer.length % 3 === 0;
}

function connect(opener: Delimiter, closer: Delimiter): void {
  const size = opener.count >= 2 && closer.count >= 2 ? 2 : 1;
  const tag = opener.character === "~" ? "s" : size === 2 ? "strong" : "em";
  const emphasis: Emphasis = { tag, mark: opener.character.repeat(size) };
  opener.opens.push(emphasis);
  closer.closes.push(emphasis);
  opener.count -= size;
  closer.count -= size;
}

/** Pieces of text beside each other as one. */
function joined(nodes: readonly MarkdownNode[]): MarkdownNode[] {
  const result: MarkdownNode[] = [];
  for (const node of nodes) {
    const last = result.at(-1);
    if (typeof node === "string" && typeof last === "string")
      result[result.length - 1] = last + node;
    else result.push(node);
  }
  return result;
}
