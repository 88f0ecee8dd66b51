// Pictures of the people of the server one is at.
import * as vscode from "./vscode.js";
import type { Picture } from "../irc/picture.js";
import type { ChatService } from "./chat-service.js";
import { Disposable } from "./disposable.js";
import { RETRY_MS, SessionPictures } from "./session-pictures.js";
import type { Log } from "./ui/log.js";

/** What could not be had is shown again, and so asked for again, after about this long, then after twice as long … */
const FIRST_RETRY_MS = RETRY_MS + 1000;
/** … up to this. */
const MAX_RETRY_MS = 20 * FIRST_RETRY_MS;

/** Where trees have pictures from. */
export interface PictureSource {
  /** One more is there, or it is time to ask again for those that could not be had. */
  readonly onDidLoad: vscode.Event<void>;
  /** The picture, if it is there: the same object each time. Otherwise it is fetched, and `onDidLoad` tells when it has come. */
  readonly peek: (id: string) => Picture | undefined;
}

/** Owns the pictures of the session there is. One server's pictures say nothing about the people of another. */
export class Pictures extends Disposable implements PictureSource {
  private pictures: SessionPictures | undefined;
  private retry: NodeJS.Timeout | undefined;
  private retryMs = FIRST_RETRY_MS;
  private readonly loaded = this.register(new vscode.EventEmitter<void>());

  readonly onDidLoad = this.loaded.event;

  constructor(
    private readonly chat: ChatService,
    private readonly log: Log,
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  readonly peek = (id: string): Picture | undefined => {
    const pictures = this.current();
    const picture = pictures?.touch(id);
    if (picture === undefined) void pictures?.load(id);
    return picture;
  };

  /** The picture, once it has come; undefined where it cannot be had. */
  async load(id: string): Promise<Picture | undefined> {
    return this.current()?.load(id);
  }

  override dispose(): void {
    clearTimeout(this.retry);
    super.dispose();
  }

  private current(): SessionPictures | undefined {
    const { session } = this.chat;
    if (session !== this.pictures?.session) this.pictures = session && this.of(session);
    return this.pictures;
  }

  private of(session: NonNullable<ChatService["session"]>): SessionPictures {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.retryMs = FIRST_RETRY_MS;
    return new SessionPictures({
      session,
      state: () => this.chat.state,
      log: this.log,
      now: this.now,
      onLoaded: () => {
        this.loaded.fire();
      },
      onFailed: () => {
        this.retryLater();
      },
    });
  }

  private retryLater(): void {
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      this.retryMs = Math.min(2 * this.retryMs, MAX_RETRY_MS);
      this.loaded.fire();
    }, this.retryMs).unref();
  }
}

export function dataUrl({ type, bytes }: Picture): string {
  return `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;
}
