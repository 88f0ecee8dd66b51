// Pictures that people have uploaded to one server, as far as they were needed.
import { SessionError } from "../client/session-error.js";
import type { ChatState } from "../client/model.js";
import type { Session } from "../client/session.js";
import { pictureId, picturePath, type Picture } from "../irc/picture.js";
import type { Log } from "./ui/log.js";

export const MAX_PICTURES = 300;
const MAX_BYTES = 16 * 1024 * 1024;
/** How many are waited for at once. */
const MAX_LOADING = 300;
/** How many addresses are tried for one picture at a time: anyone can say that theirs is this one. */
const MAX_ADDRESSES = 8;
/** What could not be had is not asked for again so soon. */
export const RETRY_MS = 30_000;

export interface SessionPicturesPort {
  readonly session: Session;
  readonly state: () => ChatState | undefined;
  readonly log: Pick<Log, "debug">;
  readonly now: () => number;
  readonly onLoaded: () => void;
  /** One could not be had. */
  readonly onFailed: () => void;
}

/** Owns what was fetched by one session: the pictures used last, by what the server calls them. */
export class SessionPictures {
  private readonly kept = new Map<string, Picture>();
  private bytes = 0;
  private readonly loading = new Map<string, Promise<Picture | undefined>>();
  /** When an address failed; of the connection that `status` stands for. */
  private readonly failedAt = new Map<string, number>();
  private status: Session["status"] | undefined;
  /** The part of an address that is ours, as the last picture that came had it: a server gives one to each connection. */
  private token: string | undefined;

  constructor(private readonly port: SessionPicturesPort) {}

  get session(): Session {
    return this.port.session;
  }

  /** The picture, which was used now. */
  touch(id: string): Picture | undefined {
    const picture = this.kept.get(id);
    if (picture === undefined) return undefined;
    this.kept.delete(id);
    this.kept.set(id, picture);
    return picture;
  }

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
    this.forgetFailures();
    for (const avatar of this.addressesOf(id)) {
      const picture = await this.fetchFrom(avatar);
      if (picture === undefined) continue;
      this.token = tokenOf(avatar);
      this.keep(id, picture);
      this.port.onLoaded();
      return picture;
    }
    return undefined;
  }

  private async fetchFrom(avatar: string): Promise<Picture | undefined> {
    try {
      return await this.session.fetchPicture(avatar);
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.port.log.debug(`A picture could not be fetched: ${error.message}`);
      if (error.code !== "not-connected") this.failed(avatar);
      return undefined;
    }
  }

  /** Where the picture may be, as people say that theirs is: by the addresses that are most likely to be true first. */
  private addressesOf(id: string): readonly string[] {
    const byToken = new Map<string | undefined, string>();
    for (const { metadata } of this.port.state()?.users.values() ?? []) {
      const avatar = metadata.get("avatar");
      if (avatar === undefined || pictureId(avatar) !== id) continue;
      if (!this.hasJustFailed(avatar)) byToken.set(tokenOf(avatar), avatar);
    }
    const isOurs = (token: string | undefined) => Number(token === this.token);
    return [...byToken]
      .sort(([a], [b]) => isOurs(b) - isOurs(a))
      .slice(0, MAX_ADDRESSES)
      .map(([, avatar]) => avatar);
  }

  /** Each connection begins anew: what failed in the last one may be had in this one. */
  private forgetFailures(): void {
    const { status } = this.session;
    if (status !== this.status) this.failedAt.clear();
    this.status = status;
  }

  private hasJustFailed(avatar: string): boolean {
    const at = this.failedAt.get(avatar);
    return at !== undefined && Math.abs(this.port.now() - at) < RETRY_MS;
  }

  private failed(avatar: string): void {
    this.failedAt.delete(avatar);
    this.failedAt.set(avatar, this.port.now());
    const [oldest] = this.failedAt.keys();
    if (this.failedAt.size > MAX_PICTURES && oldest !== undefined) this.failedAt.delete(oldest);
    this.port.onFailed();
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

function tokenOf(avatar: string): string | undefined {
  return picturePath(avatar)?.split("/")[2];
}
