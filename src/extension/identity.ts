// Who this installation is to servers: a key and a certificate, made once and kept.
import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Logger } from "../client/logger.js";
import type { ClientCertificate } from "../client/session-options.js";
import { checkClientCertificate } from "../client/net/tls.js";
import type { Secrets } from "./secrets.js";

export interface IdentityPort {
  readonly secrets: Secrets;
  /** A folder of this extension's, for all windows of this installation; need not be there yet. */
  readonly folder: string;
  /** Another one each time a window is loaded. */
  readonly windowSession: string;
  readonly make: () => Promise<ClientCertificate>;
  readonly logger: Logger;
}

interface KeptIdentity extends ClientCertificate {
  /** The `windowSession` it was stored in. */
  readonly storedBy: string;
}

const SECRET_KEY = "identity";
const FILE = "identity.json";

/**
 * Owns the certificate of this installation. Its place is the SecretStorage. Whether that keeps anything is not known
 * before it has: without a key ring VS Code forgets all secrets with the window, and says nothing. An identity that is lost
 * costs the person their nick wherever it was shown, so a file only its owner may read holds it as well, until a later
 * window has found it in the storage.
 */
export class Identity {
  private loaded: Promise<ClientCertificate | undefined> | undefined;
  private readonly file: string;

  constructor(private readonly port: IdentityPort) {
    this.file = path.join(port.folder, FILE);
  }

  /** The certificate, made if there is none; undefined where it could not be kept: better a guest than a new one each day. */
  get(): Promise<ClientCertificate | undefined> {
    this.loaded ??= this.load().catch((error: unknown) => {
      this.loaded = undefined;
      this.port.logger.warn(`could not load the identity of this installation: ${String(error)}`);
      return undefined;
    });
    return this.loaded;
  }

  private async load(): Promise<ClientCertificate> {
    const { secrets, windowSession, logger, make } = this.port;
    const stored = parseIdentity(await secrets.get(SECRET_KEY));
    if (stored !== undefined) {
      if (stored.storedBy !== windowSession) await rm(this.file, { force: true });
      return stored;
    }
    let identity = await this.readFile();
    if (identity === undefined) {
      logger.info("making the key and certificate of this installation");
      identity = await this.writeFile(await make());
    }
    const { cert, key } = identity;
    const secret: KeptIdentity = { cert, key, storedBy: windowSession };
    await secrets.set(SECRET_KEY, JSON.stringify(secret));
    return identity;
  }

  private async readFile(): Promise<ClientCertificate | undefined> {
    try {
      return parseIdentity(await readFile(this.file, "utf8"));
    } catch (error) {
      if (isCode(error, "ENOENT")) return undefined;
      throw error;
    }
  }

  /** Keeps `made`, unless another window has kept its own just now. Returns what is kept. */
  private async writeFile(made: ClientCertificate): Promise<ClientCertificate> {
    await mkdir(this.port.folder, { recursive: true });
    const written = `${this.file}.${randomUUID()}`;
    try {
      const { cert, key } = made;
      await writeFile(written, JSON.stringify({ cert, key }), { mode: 0o600, flag: "wx" });
      try {
        // Two windows that begin at the same moment must end with one identity: of two links of a name only one is made.
        await link(written, this.file);
      } catch {
        const other = await this.readFile();
        if (other !== undefined) return other;
        // What stands there is damaged, or there are no links here.
        await rename(written, this.file);
      }
      return made;
    } finally {
      await rm(written, { force: true });
    }
  }
}

/** What was kept, if it can be used. */
function parseIdentity(text: string | undefined): KeptIdentity | undefined {
  if (text === undefined) return undefined;
  try {
    const { cert, key, storedBy } = JSON.parse(text) as Partial<KeptIdentity>;
    if (cert === undefined || key === undefined) return undefined;
    checkClientCertificate({ cert, key });
    return { cert, key, storedBy: storedBy ?? "" };
  } catch {
    return undefined;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
