// What the tests do with the message list: talk to fill it, the wheel, and history to ask for.
import assert from "node:assert/strict";
import type { GapRow, RowView, ViewState } from "../../../src/bridge/view.js";
import type { Panel } from "./panel.js";
import { message, MORNING, spaced } from "./views.js";

export const GAP: GapRow = { kind: "gap", id: "gap", time: 0 };

/** Rows of many lines, so that few of them fill a screen. */
export function talk(count: number, start = 0): RowView[] {
  return spaced(
    Array.from({ length: count }, (_, n) => message(n % 3 ? "bob" : "carla", `line ${start + n}`)),
    1,
    MORNING + start * 60_000,
  );
}

export function place({ log }: Panel): Promise<{ top: number; toEnd: number }> {
  return log.evaluate((list) => ({
    top: list.scrollTop,
    toEnd: list.scrollHeight - list.scrollTop - list.clientHeight,
  }));
}

/** Scrolls by the wheel's means and waits until the page has taken notice. */
export async function scrollTo({ log }: Panel, top: number): Promise<void> {
  await log.evaluate(async (list, to) => {
    list.scrollTop = to;
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  }, top);
}

/** With `rows` at the end; those of others are unread until the page says that it has shown them. */
export const add = (state: ViewState, ...rows: RowView[]): ViewState => ({
  ...state,
  conversations: state.conversations.map((c) => ({
    ...c,
    unread: rows.filter((row) => row.kind === "message" && !row.own).length,
  })),
  current: { ...state.current!, rows: [...state.current!.rows, ...rows] },
});

/** When the page has drawn two more frames. */
export async function drawn({ page }: Panel): Promise<void> {
  await page.evaluate(
    () =>
      new Promise((done) =>
        requestAnimationFrame(() => {
          requestAnimationFrame(done);
        }),
      ),
  );
}

/** Turns the wheel over the list until `until` says so. */
export async function wheel(
  panel: Panel,
  deltaY: number,
  until: () => Promise<boolean>,
): Promise<void> {
  const box = (await panel.log.boundingBox())!;
  await panel.page.mouse.move(box.x + 100, box.y + 100);
  for (let turns = 0; !(await until()); turns++) {
    assert.ok(turns < 400, "the list does not move");
    await panel.page.mouse.wheel(0, deltaY);
    await drawn(panel);
  }
}

/** Whether the beginning is on screen. */
export async function isAtTop(panel: Panel): Promise<boolean> {
  if ((await place(panel)).top > 0) return false;
  return (await panel.log.getByText("This is the beginning").count()) > 0;
}

/** Whether the newest message is on screen. */
export async function isAtEnd(panel: Panel): Promise<boolean> {
  const pill = panel.page.getByRole("button", { name: "Go to the newest message" });
  return (await pill.count()) === 0 && (await place(panel)).toEnd < 2;
}

/** Answers each gap of the page with the rows before or after it, `page` of `all` at a time. */
export function serveGaps(panel: Panel, all: readonly RowView[], page: number): void {
  panel.host.fill = (host, { row, side }) => {
    const current = host.view.current!;
    const index = current.rows.findIndex(({ id }) => id === row);
    const before = all.findIndex(({ id }) => id === current.rows[index - 1]?.id);
    const after = all.findIndex(({ id }) => id === current.rows[index + 1]?.id);
    const missing = all.slice(before + 1, after === -1 ? all.length : after);
    const came = side === "after" ? missing.slice(-page) : missing.slice(0, page);
    const gap = came.length < missing.length ? [current.rows[index]!] : [];
    const rows = current.rows.toSpliced(
      index,
      1,
      ...(side === "after" ? [...gap, ...came] : [...came, ...gap]),
    );
    host.show({
      ...host.view,
      current: { ...current, rows, startsAtBeginning: rows[0]?.id === all[0]?.id },
    });
  };
}

/** What a page saves that was left at `row`. */
export function savedAt(row: RowView): unknown {
  return { scroll: { "#general": { row: row.id, at: 0, offset: 0 } } };
}

/** Gives the page this size. The browser says that it has done so before the page knows of it. */
export async function resize(
  panel: Panel,
  size: { readonly width: number; readonly height: number },
): Promise<void> {
  await panel.page.setViewportSize(size);
  await panel.page.waitForFunction(
    ({ width, height }) => innerWidth === width && innerHeight === height,
    size,
  );
  await drawn(panel);
}
