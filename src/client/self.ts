// How we look to others: our draft/metadata-3 values, and whether we are away. Kept over reconnects.
import { CAP } from "../irc/caps.js";
import { toSingleLine } from "../irc/message.js";
import type { StateDraft } from "./state-draft.js";
import { isMetadataKey, METADATA_KEYS } from "./state-membership.js";

export interface SelfPort {
  readonly draft: StateDraft;
  readonly send: (command: string, ...params: string[]) => void;
  readonly isOpen: () => boolean;
}

export class Self {
  private readonly metadata: Map<string, string>;
  private awayMessage: string | undefined;

  constructor(
    metadata: ReadonlyMap<string, string>,
    private readonly port: SelfPort,
  ) {
    this.metadata = new Map(metadata);
    this.show();
  }

  /** Tells the server we have just registered with. */
  publish(): void {
    const { send } = this.port;
    if (this.hasMetadata) {
      send("METADATA", "*", "SUB", ...METADATA_KEYS);
      for (const [key, value] of this.metadata) send("METADATA", "*", "SET", key, value);
    }
    if (this.awayMessage !== undefined) send("AWAY", this.awayMessage);
  }

  /** Sets one of our values, or takes it back. */
  setMetadata(key: string, value: string | undefined): void {
    const { isOpen, send } = this.port;
    if (value === undefined) this.metadata.delete(key);
    else this.metadata.set(key, toSingleLine(value));
    this.showOne(key);
    if (isOpen() && this.hasMetadata)
      send("METADATA", "*", "SET", key, ...(value === undefined ? [] : [toSingleLine(value)]));
  }

  /** Whether we asked to be away. */
  get isAway(): boolean {
    return this.awayMessage !== undefined;
  }

  /** Away with a message, or back with undefined. */
  setAway(text: string | undefined): void {
    this.awayMessage = text === undefined || text.trim() === "" ? undefined : toSingleLine(text);
    this.port.send("AWAY", ...(this.awayMessage === undefined ? [] : [this.awayMessage]));
  }

  /** Puts our profile into the state as we set it, also where the server knows nothing of such things. */
  show(): void {
    const { draft } = this.port;
    const known = [...this.metadata].filter(([key]) => isMetadataKey(key));
    draft.updateUser(draft.get().nick, { metadata: new Map(known) });
  }

  /** What we did not set, such as the address of our picture, stays as the server told it. */
  private showOne(key: string): void {
    const { draft } = this.port;
    const { nick } = draft.get();
    const shown = new Map(draft.user(nick)?.metadata);
    const value = this.metadata.get(key);
    if (value === undefined || !isMetadataKey(key)) shown.delete(key);
    else shown.set(key, value);
    draft.updateUser(nick, { metadata: shown });
  }

  private get hasMetadata(): boolean {
    return this.port.draft.get().caps.has(CAP.metadata);
  }
}
