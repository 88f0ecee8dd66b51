// Pictures that people have uploaded to the server, as far as they were needed.
import * as vscode from "./vscode.js";
import { SessionError } from "../client/session-error.js";
import { pictureId, type Picture } from "../irc/picture.js";
import type { ChatService } from "./chat-service.js";
import { Disposable } from "./disposable.js";
import type { Log } from "./ui/log.js";

export const MAX_PICTURES = 300;
const MAX_BYTES = 16 * 1024 * 1024;
/** How many are waited for at once. */
const MAX_LOADING = 300;
/** What could not be had is not asked for again so soon. */
const RETRY_MS = 30_000;

/** Where trees have pictures from. */
export interface PictureSource {
  /** One more is there. */
  readonly onDidLoad: vscode.Event<void>;
  /** The picture as a `data:` address, if it is there. Otherwise it is fetched, and `onDidLoad` tells when it has come. */
  readonly peek: (id: string) => string | undefined;
}

/** Owns what was fetched: the pictures used last, by what they are called. */
export class Pictures extends Disposable implements PictureSource {
  private readonly kept = new Map<string, Picture>();
  private bytes = 0;
  private readonly loading = new Map<string, Promise<Picture | undefined>>();
  private readonly failedAt = new Map<string, number>();
  private readonly loaded = this.register(new vscode.EventEmitter<void>());

  readonly onDidLoad = this.loaded.event;

  constructor(
    private readonly chat: ChatService,
    private readonly log: Log,
  ) {
    super();
  }

  readonly peek = (id: string): string | undefined => {
    const picture = this.touch(id);
    if (picture === undefined) void this.load(id);
    return picture && dataUrl(picture);
  };

  /** The picture, once it has come; undefined where it cannot be had. */
  load(id: string): Promise<Picture | undefined> {
    const picture = this.touch(id);
    if (picture !== undefined) return Promise.resolve(picture);
    let loading = this.loading.get(id);
    if (loading === undefined) {
      if (this.loading.size >= MAX_LOADING) return Promise.resolve(undefined);
      loading = this.fetch(id).finally(() => this.loading.delete(id));
      this.loading.set(id, loading);
    }
    return loading;
  }

  private async fetch(id: string): Promise<Picture | undefined> {
    const avatar = this.avatarOf(id);
    const { session } = this.chat;
    // Each session has addresses of its own: what failed by one may be had by the next.
    if (avatar === undefined || session === undefined || this.hasJustFailed(avatar))
      return undefined;
    try {
      const picture = await session.fetchPicture(avatar);
      this.keep(id, picture);
      this.loaded.fire();
      return picture;
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.log.debug(`A picture could not be fetched: ${error.message}`);
      this.failed(avatar);
      return undefined;
    }
  }

  /** Where the picture of that name is, as the server tells us. */
  private avatarOf(id: string): string | undefined {
    for (const { metadata } of this.chat.state?.users.values() ?? []) {
      const avatar = metadata.get("avatar");
      if (pictureId(avatar) === id) return avatar;
    }
    return undefined;
  }

  private hasJustFailed(avatar: string): boolean {
    const at = this.failedAt.get(avatar);
    return at !== undefined && Date.now() - at < RETRY_MS;
  }

  private failed(avatar: string): void {
    this.failedAt.delete(avatar);
    this.failedAt.set(avatar, Date.now());
    const [oldest] = this.failedAt.keys();
    if (this.failedAt.size > MAX_PICTURES && oldest !== undefined) this.failedAt.delete(oldest);
  }

  /** The picture, which was used now. */
  private touch(id: string): Picture | undefined {
    const picture = this.kept.get(id);
    if (picture === undefined) return undefined;
    this.kept.delete(id);
    this.kept.set(id, picture);
    return picture;
  }

  private keep(id: string, picture: Picture): void {
    this.kept.set(id, picture);
    this.bytes += picture.bytes.length;
    for (const [oldest, { bytes }] of this.kept) {
      if (this.kept.size <= MAX_PICTURES && this.bytes <= MAX_BYTES) return;
      this.kept.delete(oldest);
      this.bytes -= bytes.length;
    }
  }
}

export function dataUrl({ type, bytes }: Picture): string {
  return `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;
}
