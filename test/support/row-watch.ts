// What a person sees of the message list while it scrolls, frame by frame.

/** What was seen since the watch began. */
export interface RowWatch {
  /** The texts of the messages that were on screen, in the order in which they came into sight. */
  readonly seen: readonly string[];
  /** Frames that have no row in common with the frame before: something was skipped. */
  readonly skips: readonly string[];
  /** The furthest that rows went up and down the screen from one frame to the next, in pixels. */
  readonly up: number;
  readonly down: number;
}

/** Begins to watch the list of this page. Runs in the browser. */
export function watchRows(): void {
  const scroller = document
    .querySelector("chat-panel")
    ?.shadowRoot?.querySelector("message-list")
    ?.shadowRoot?.querySelector(".scroller");
  if (scroller == null) throw new Error("no message list");
  const watch = { seen: new Set<string>(), skips: [] as string[], up: 0, down: 0, stop: false };
  Object.assign(window, { rowWatch: watch });
  let before = new Map<string, number>();
  const look = (): void => {
    if (watch.stop) return;
    const edges = scroller.getBoundingClientRect();
    const now = new Map<string, number>();
    for (const element of scroller.querySelectorAll<HTMLElement>("[data-row]")) {
      const { top, bottom } = element.getBoundingClientRect();
      if (bottom <= edges.top || top >= edges.bottom) continue;
      const { row } = element as HTMLElement & { row?: { text: string } };
      now.set(element.dataset.row ?? "", top);
      if (row !== undefined) watch.seen.add(row.text);
    }
    const shared = [...now].find(([id]) => before.has(id));
    if (shared !== undefined) {
      const moved = shared[1] - (before.get(shared[0]) ?? 0);
      watch.up = Math.max(watch.up, -moved);
      watch.down = Math.max(watch.down, moved);
    } else if (before.size > 0) {
      watch.skips.push(
        `${[...before.keys()].at(0) ?? ""} → ${[...now.keys()].at(-1) ?? "nothing"}`,
      );
    }
    before = now;
    requestAnimationFrame(look);
  };
  look();
}

/** Ends the watch of this page. Runs in the browser. */
export function seenRows(): RowWatch {
  const { rowWatch } = window as unknown as {
    rowWatch: { seen: Set<string>; skips: string[]; up: number; down: number; stop: boolean };
  };
  rowWatch.stop = true;
  const { seen, skips, up, down } = rowWatch;
  return { seen: [...seen], skips, up, down };
}
