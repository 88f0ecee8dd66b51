// The pictures of people that this page has shown.

const MAX_PICTURES = 300;

/** Asks for each picture once, however often it is drawn. One that could not be had is asked for when it is drawn again. */
export class PictureStore {
  private readonly kept = new Map<string, string>();
  private readonly loading = new Map<string, Promise<string | undefined>>();

  constructor(private readonly request: (id: string) => Promise<string | undefined>) {}

  /** Gives the `data:` address to `take`, at once where it is here. */
  give(id: string, take: (data: string | undefined) => void): void {
    const kept = this.kept.get(id);
    if (kept === undefined) void this.load(id).then(take);
    else take(kept);
  }

  private load(id: string): Promise<string | undefined> {
    let loading = this.loading.get(id);
    if (loading === undefined) {
      loading = this.request(id)
        .then((data) => this.keep(id, data))
        .catch(() => undefined)
        .finally(() => this.loading.delete(id));
      this.loading.set(id, loading);
    }
    return loading;
  }

  private keep(id: string, data: string | undefined): string | undefined {
    if (data === undefined || !isPicture(data)) return undefined;
    this.kept.set(id, data);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MAX_PICTURES && oldest !== undefined) this.kept.delete(oldest);
    return data;
  }
}

/** Whatever stands there, nothing is loaded from elsewhere. */
function isPicture(data: string): boolean {
  return /^data:image\/(?:png|jpeg);base64,/.test(data);
}
