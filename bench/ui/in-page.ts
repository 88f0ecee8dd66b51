// What is measured inside the panel's page. Each function runs in the browser and stands for itself.

interface Meter {
  frames: number;
  start: number;
  isRunning: boolean;
}

type Scope = typeof globalThis & { meter?: Meter; keyTimes?: number[] };

/** Whether a message of this text is drawn. */
export function rowOf(text: string): boolean {
  const list = document
    .querySelector("chat-panel")
    ?.shadowRoot?.querySelector("message-list")?.shadowRoot;
  const rows = [...(list?.querySelectorAll<HTMLElement>("message-row") ?? [])];
  return rows.some((row) => (row as HTMLElement & { row?: { text: string } }).row?.text === text);
}

/** Whether the beginning of the conversation is on screen. */
export function scroller(): boolean {
  const list = document
    .querySelector("chat-panel")
    ?.shadowRoot?.querySelector("message-list")?.shadowRoot;
  const top = list?.querySelector(".scroller")?.scrollTop ?? 0;
  return top < 1 && list?.querySelector(".beginning") != null;
}

/** Begins to count frames. */
export function startFrames(): void {
  const meter: Meter = { frames: 0, start: performance.now(), isRunning: true };
  (globalThis as Scope).meter = meter;
  const count = (): void => {
    meter.frames++;
    if (meter.isRunning) requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
}

/** Frames a second since startFrames. */
export function framesOf(): number {
  const { meter } = globalThis as Scope;
  if (meter === undefined) return 0;
  meter.isRunning = false;
  return meter.frames / ((performance.now() - meter.start) / 1000);
}

/** Begins to measure keys, or gives what was measured: from each key to the end of the frame after it, in ms. */
export function keyDelays(begin: boolean): number[] {
  const scope = globalThis as Scope;
  if (!begin) return scope.keyTimes ?? [];
  const times: number[] = [];
  scope.keyTimes = times;
  document.addEventListener(
    "keydown",
    ({ timeStamp }) => {
      requestAnimationFrame(() => {
        setTimeout(() => times.push(performance.now() - timeStamp));
      });
    },
    { capture: true },
  );
  return times;
}
