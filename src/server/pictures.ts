// The pictures people have uploaded of themselves.
import { createHmac } from "node:crypto";
import type { StatementSync } from "node:sqlite";
import { inflateSync } from "node:zlib";
import {
  readPicture,
  type Picture,
  type PictureProblem,
  type PictureType,
} from "../irc/picture.js";
import { pngPixels, usedColors, withColors, type PngPixels } from "../irc/png.js";
import type { Client } from "./client.js";
import { errorText } from "./errors.js";
import type { Records } from "./history/records.js";
import type { Logger } from "./logger.js";
import { pictureIn, pictureValue } from "./metadata.js";

export interface StoredPicture {
  readonly type: PictureType;
  readonly bytes: Buffer;
}

const ID_DIGITS = 32;

/**
 * Owns the table of pictures. A picture is kept for as long as someone who is here, or an account, has it as `avatar`; the same
 * picture of several people is kept once.
 */
export class Pictures {
  private readonly put: StatementSync;
  private readonly get: StatementSync;
  private readonly drop: StatementSync;
  private readonly count: StatementSync;
  private readonly ofNoAccount: StatementSync;
  private readonly ofAccount: StatementSync;

  constructor(
    private readonly records: Records,
    /** With it, no one can tell from a picture what it is called here. */
    private readonly secret: Buffer,
    /** Everyone who is here, connected or not. */
    private readonly people: () => Iterable<Client>,
    private readonly logger: Logger,
  ) {
    const { database } = records;
    this.put = database.prepare("INSERT OR IGNORE INTO pictures VALUES (?, ?, ?)");
    this.get = database.prepare("SELECT type, bytes FROM pictures WHERE id = ?");
    this.drop = database.prepare("DELETE FROM pictures WHERE id = ?");
    this.count = database.prepare("SELECT count(*) AS n FROM pictures");
    this.ofNoAccount = database.prepare(
      `SELECT id FROM pictures WHERE '${pictureValue("")}' || id NOT IN
         (SELECT value FROM metadata WHERE key = 'avatar')`,
    );
    this.ofAccount = database.prepare(
      "SELECT 1 FROM metadata WHERE key = 'avatar' AND value = ? LIMIT 1",
    );
  }

  /** Keeps a picture. Returns what it is called. @throws Error when it cannot be stored; then it is not. */
  keep({ type, bytes }: Picture): string {
    const id = createHmac("sha256", this.secret).update(bytes).digest("hex").slice(0, ID_DIGITS);
    this.records.change(() => this.put.run(id, type, bytes));
    return id;
  }

  /** The picture, if someone who is here has it: those who left are not shown any more. */
  of(id: string): StoredPicture | undefined {
    if (!this.isWorn(id)) return undefined;
    const row = this.get.get(id) as { type: PictureType; bytes: Uint8Array } | undefined;
    return row && { type: row.type, bytes: Buffer.from(row.bytes) };
  }

  /** Someone does not have this value of `avatar` any more: if it was a picture that no one else has, it is deleted. */
  released(value: string | undefined): void {
    const id = pictureIn(value);
    if (id === undefined || this.isWorn(id) || this.isAccounts(id)) return;
    try {
      this.records.change(() => this.drop.run(id));
    } catch (error) {
      // The next tidying finds it.
      this.logger.warn(`could not delete a picture: ${errorText(error)}`);
    }
  }

  /** Deletes what no one has, such as what guests had when the server was killed. */
  tidy(): void {
    const ids = this.ofNoAccount.all().map(({ id }) => String(id));
    for (const id of ids) this.released(pictureValue(id));
  }

  /** How many are kept. */
  get size(): number {
    return (this.count.get() as { n: number }).n;
  }

  private isWorn(id: string): boolean {
    const value = pictureValue(id);
    for (const client of this.people()) if (client.metadata.get("avatar") === value) return true;
    return false;
  }

  private isAccounts(id: string): boolean {
    return this.ofAccount.get(pictureValue(id)) !== undefined;
  }
}

/** Reads what someone uploaded: a picture, cleaned, or what is wrong with it. */
export function checkedPicture(bytes: Buffer): Picture | PictureProblem {
  const picture = readPicture(bytes);
  if (typeof picture === "string" || picture.type !== "image/png") return picture;
  const pixels = pngPixels(picture.bytes);
  const data = decompressed(pixels);
  const used = data === undefined ? undefined : usedColors(pixels, data);
  if (used === undefined) return "damaged";
  return used.size === 0 ? picture : { ...picture, bytes: withColors(picture.bytes, used) };
}

/** The data of a PNG, if it is as long as its header says, and nothing stands behind it. */
function decompressed(pixels: PngPixels): Buffer | undefined {
  try {
    // Never unpacks more than that, whatever it would become.
    const { buffer, engine } = inflateSync(pixels.compressed, {
      maxOutputLength: pixels.bytes,
      info: true,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    const isWhole =
      buffer.length === pixels.bytes && engine.bytesWritten === pixels.compressed.length;
    return isWhole ? buffer : undefined;
  } catch {
    return undefined;
  }
}
