// The picture this person has made their own, on every server that takes it.
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import * as vscode from "./vscode.js";
import type { SetPictureResult } from "../bridge/protocol.js";
import { SessionError } from "../client/session-error.js";
import { pictureId, readPicture, type Picture } from "../irc/picture.js";
import type { ChatService } from "./chat-service.js";
import { publishProfile } from "./commands/profile.js";
import * as config from "./config.js";
import { Disposable } from "./disposable.js";
import type { Pictures } from "./pictures.js";
import { l10n } from "./ui/l10n.js";
import type { Log } from "./ui/log.js";
import { writeWhole } from "./write-whole.js";

const FILE = "own-picture";

/** Owns the file with the picture. The setting `parley.profile.avatar` says whether it is used. */
export class OwnPicture extends Disposable {
  private wasOnline = false;
  /** One upload after the other: the server takes one at a time. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly folder: vscode.Uri,
    private readonly chat: ChatService,
    private readonly pictures: Pictures,
    private readonly log: Log,
  ) {
    super();
    this.register(
      chat.onDidChange(() => {
        const { isOnline } = chat;
        if (isOnline && !this.wasOnline) void this.tryToPublish();
        this.wasOnline = isOnline;
      }),
    );
    const pattern = new vscode.RelativePattern(folder, FILE);
    const watcher = this.register(vscode.workspace.createFileSystemWatcher(pattern));
    // Another window has another picture.
    for (const changed of [watcher.onDidChange, watcher.onDidCreate])
      this.register(changed(() => void this.tryToPublish()));
  }

  /** The picture that was chosen last, whether it is used or not. */
  async read(): Promise<Picture | undefined> {
    try {
      const picture = readPicture(await readFile(this.file));
      return typeof picture === "string" ? undefined : picture;
    } catch {
      return undefined;
    }
  }

  /** Uses this picture from now on, here and on other servers. */
  async set(bytes: Uint8Array): Promise<SetPictureResult> {
    const picture = readPicture(bytes);
    if (typeof picture === "string") {
      this.log.warn(`The panel made a picture that cannot be used: ${picture}`);
      return { error: l10n.t("This picture cannot be used. Choose another one.") };
    }
    try {
      await writeWhole(this.file, picture.bytes);
      await config.rememberProfile("avatar", config.OWN_PICTURE);
    } catch (error) {
      this.log.error("Your picture could not be stored.", error);
      return { error: l10n.t("Your picture could not be stored: {0}", String(error)) };
    }
    return this.show();
  }

  /** Uses the picture that was chosen last again. */
  async useAgain(): Promise<SetPictureResult> {
    await config.rememberProfile("avatar", config.OWN_PICTURE);
    return this.show();
  }

  /** Removes it from this computer; where it was used there are initials. */
  async delete(): Promise<void> {
    if (config.profile().avatar === config.OWN_PICTURE) await config.rememberProfile("avatar", "");
    await rm(this.file, { force: true });
  }

  private async show(): Promise<SetPictureResult> {
    publishProfile({ chat: this.chat });
    try {
      await this.publish();
      return { error: undefined };
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      return { error: l10n.t("The server did not take your picture: {0}", error.message) };
    }
  }

  /** Sends the picture to the server, if it is used and the server does not have it yet. @throws SessionError */
  publish(): Promise<void> {
    const published = this.turn.then(() => this.publishNow());
    this.turn = published.catch(() => undefined);
    return published;
  }

  private async tryToPublish(): Promise<void> {
    try {
      await this.publish();
    } catch (error) {
      this.log.warn(`Your picture could not be sent: ${String(error)}`);
    }
  }

  private async publishNow(): Promise<void> {
    if (config.profile().avatar !== config.OWN_PICTURE || !this.chat.isOnline) return;
    const picture = await this.read();
    const { session, state } = this.chat;
    if (picture === undefined || session?.takesPictures !== true || state === undefined) return;
    const id = pictureId(state.users.get(state.nick)?.metadata.get("avatar"));
    const there = id === undefined ? undefined : await this.pictures.load(id);
    if (there !== undefined && Buffer.from(there.bytes).equals(picture.bytes)) return;
    await session.uploadPicture(picture);
  }

  private get file(): string {
    return path.join(this.folder.fsPath, FILE);
  }
}
