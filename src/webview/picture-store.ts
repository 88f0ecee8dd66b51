// The pictures of people that this page has shown.

const MAX_PICTURES = 300;
/** Those that could not be had are asked for again after this long, then after twice as long … */
export const FIRST_RETRY_MS = 35_000;
/** … up to this. */
export const MAX_RETRY_MS = 16 * FIRST_RETRY_MS;

type Take = (data: string) => void;

/** Asks for each picture once, however often it is drawn, and again for those that are still waited for. */
export class PictureStore {
  private readonly kept = new Map<string, string>();
  private readonly loading = new Set<string>();
  /** Who waits for what is not here. */
  private readonly waiting = new Map<string, Set<Take>>();
  private isRetrying = false;
  private retryMs = FIRST_RETRY_MS;

  constructor(
    private readonly request: (id: string) => Promise<string | undefined>,
    private readonly later: (run: () => void, ms: number) => void = (run, ms) => {
      setTimeout(run, ms);
    },
  ) {}

  /** Gives the `data:` address to `take`: at once where it is here, otherwise when it has come, until `signal` says otherwise. */
  give(id: string, take: Take, signal: AbortSignal): void {
    const kept = this.kept.get(id);
    if (kept !== undefined) {
      take(kept);
      return;
    }
    const takers = this.waiting.get(id) ?? new Set();
    this.waiting.set(id, takers.add(take));
    signal.addEventListener("abort", () => {
      takers.delete(take);
      if (takers.size === 0 && this.waiting.get(id) === takers) this.waiting.delete(id);
    });
    void this.load(id);
  }

  /** We are connected again: what could not be had may be there now. */
  connected(): void {
    this.retryMs = FIRST_RETRY_MS;
    this.loadAll();
  }

  private loadAll(): void {
    for (const id of this.waiting.keys()) void this.load(id);
  }

  private async load(id: string): Promise<void> {
    if (this.loading.has(id)) return;
    this.loading.add(id);
    const data = await this.request(id).catch(() => undefined);
    this.loading.delete(id);
    if (data !== undefined && isPicture(data)) this.keep(id, data);
    else if (this.waiting.has(id)) this.retryLater();
  }

  private keep(id: string, data: string): void {
    this.kept.set(id, data);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MAX_PICTURES && oldest !== undefined) this.kept.delete(oldest);
    const takers = this.waiting.get(id) ?? [];
    this.waiting.delete(id);
    for (const take of takers) take(data);
  }

  private retryLater(): void {
    if (this.isRetrying) return;
    this.isRetrying = true;
    this.later(() => {
      this.isRetrying = false;
      this.retryMs = Math.min(2 * this.retryMs, MAX_RETRY_MS);
      this.loadAll();
    }, this.retryMs);
  }
}

/** Whatever stands there, nothing is loaded from elsewhere. */
function isPicture(data: string): boolean {
  return /^data:image\/(?:png|jpeg);base64,/.test(data);
}
