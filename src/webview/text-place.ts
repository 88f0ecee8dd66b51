// Places within the text of a row, which stay the same however it is wrapped and drawn.

/**
 * The first character of a row's text that reaches below `edge` (in the window), with its upper edge; undefined where
 * none does. A message is what was said, not its head.
 */
export function firstCharacter(
  row: Element,
  edge: number,
): { readonly at: number; readonly top: number } | undefined {
  const range = new Range();
  let at = 0;
  for (const text of textsOf(row)) {
    range.selectNodeContents(text);
    const rect = range.getBoundingClientRect();
    if (rect.bottom > edge) {
      const index = rect.top < edge ? firstBelow(text, edge) : 0;
      const top = topOf(text, index);
      return top === undefined ? undefined : { at: at + index, top };
    }
    at += text.length;
  }
  return undefined;
}

/** The upper edge of a character of a row's text; undefined where it is not drawn. */
export function topOfCharacter(row: Element, at: number): number | undefined {
  let before = 0;
  for (const text of textsOf(row)) {
    if (at < before + text.length) return topOf(text, at - before);
    before += text.length;
  }
  return undefined;
}

function* textsOf(row: Element): Iterable<Text> {
  const walker = document.createTreeWalker(row.querySelector(".text") ?? row, NodeFilter.SHOW_TEXT);
  while (walker.nextNode() !== null) yield walker.currentNode as Text;
}

/** Lines go down, so the first character below the edge is found by halving. */
function firstBelow(text: Text, edge: number): number {
  const range = new Range();
  range.setStart(text, 0);
  let low = 0;
  let high = text.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    range.setEnd(text, middle + 1);
    if (range.getBoundingClientRect().bottom > edge) high = middle;
    else low = middle + 1;
  }
  return low;
}

function topOf(text: Text, index: number): number | undefined {
  const range = new Range();
  range.setStart(text, index);
  range.setEnd(text, index + 1);
  const { top, height } = range.getBoundingClientRect();
  return height === 0 ? undefined : top;
}
