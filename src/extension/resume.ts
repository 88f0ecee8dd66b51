// Comes back after a reload: what this window did while its panel was open.
import type * as vscode from "./vscode.js";
import type { ServerAddress } from "../client/address.js";
import type { HostRequest } from "./hosting.js";

export type ResumeRecord =
  | { readonly kind: "host"; readonly request: HostRequest }
  /** The password is with KnownServers. */
  | {
      readonly kind: "join";
      readonly address: ServerAddress;
      /** The host did not let us in: to ask again is the person's to decide. */
      readonly isDenied?: boolean;
    };

const KEY = "resume";

/** The record of this workspace. */
export class Resume {
  constructor(private readonly memento: vscode.Memento) {}

  get(): ResumeRecord | undefined {
    return this.memento.get<ResumeRecord>(KEY);
  }

  async set(record: ResumeRecord | undefined): Promise<void> {
    await this.memento.update(KEY, record);
  }
}
