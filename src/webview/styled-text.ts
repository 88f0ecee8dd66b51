// Text with IRC's formatting codes as a tree: bold and the like are the tags Markdown has for them.
import type { StyleRun, TextStyle } from "../irc/formatting.js";
import { element, type MarkdownNode, type MarkdownTag } from "./markdown-tree.js";

const TAGS: readonly (readonly [style: keyof TextStyle, tag: MarkdownTag])[] = [
  ["monospace", "code"],
  ["strike", "s"],
  ["underline", "u"],
  ["italic", "em"],
  ["bold", "strong"],
];

export class StyledText {
  constructor(private readonly runs: readonly StyleRun[]) {}

  /** `piece`, which stands at `start` of the message, with the styles it has there. */
  slice(piece: string, start: number): MarkdownNode[] {
    if (this.runs.length === 0) return [piece];
    const nodes: MarkdownNode[] = [];
    let from = 0;
    for (let index = this.runAt(start); from < piece.length; index++) {
      const end = Math.min(piece.length, (this.runs[index + 1]?.start ?? Infinity) - start);
      if (end > from) nodes.push(styled(piece.slice(from, end), this.runs[index]?.style));
      from = Math.max(from, end);
    }
    return nodes;
  }

  /** The index of the run in which `at` is; -1 before the first. */
  private runAt(at: number): number {
    let low = -1;
    let high = this.runs.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.runs[middle]?.start ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function styled(text: string, style: TextStyle | undefined): MarkdownNode {
  if (style === undefined) return text;
  const { color, background, reverse } = style;
  let node: MarkdownNode = text;
  for (const [name, tag] of TAGS) if (style[name] === true) node = element(tag, [node]);
  if (color === undefined && background === undefined && !reverse) return node;
  return element("span", [node], { colors: { color, background, reverse } });
}
