// Messages that come in batches. https://ircv3.net/specs/extensions/batch
import type { Message } from "../irc/message.js";
import { TAG } from "../irc/tags.js";

/** A batch that has ended. */
export interface Batch {
  readonly type: string;
  readonly params: readonly string[];
  readonly messages: readonly Message[];
}

/** What became of a message: it is to be handled now, it waits in a batch, or it ended one. */
export type BatchOutcome =
  | { readonly kind: "handle" }
  | { readonly kind: "kept" }
  | { readonly kind: "ended"; readonly batch: Batch };

/** Only these are kept until they end; what is in others is handled as it comes. */
const COLLECTED = new Set(["chathistory", "draft/chathistory", "draft/chathistory-targets"]);
const MAX_OPEN = 64;
const MAX_MESSAGES = 5_000;

interface OpenBatch {
  readonly type: string;
  readonly params: readonly string[];
  readonly messages: Message[];
  /** The batch this one's messages go to: itself, or the history around it. Undefined: they are handled at once. */
  readonly into: OpenBatch | undefined;
}

export class Batches {
  private readonly open = new Map<string, OpenBatch>();

  take(message: Message): BatchOutcome {
    if (message.command === "BATCH") return this.takeFrame(message);
    const into = this.parentOf(message)?.into;
    if (into === undefined) return { kind: "handle" };
    if (into.messages.length < MAX_MESSAGES) into.messages.push(message);
    return { kind: "kept" };
  }

  private parentOf(message: Message): OpenBatch | undefined {
    const reference = message.tags.get(TAG.batch);
    return reference === undefined ? undefined : this.open.get(reference);
  }

  private takeFrame(message: Message): BatchOutcome {
    const [frame = "", type = "", ...params] = message.params;
    const reference = frame.slice(1);
    if (frame.startsWith("+")) {
      this.begin(reference, type, params, this.parentOf(message));
      return { kind: "kept" };
    }
    const batch = this.open.get(reference);
    this.open.delete(reference);
    // A batch inside a history is part of it and ends with it.
    return batch?.into === batch && batch !== undefined
      ? { kind: "ended", batch }
      : { kind: "kept" };
  }

  private begin(
    reference: string,
    type: string,
    params: readonly string[],
    parent: OpenBatch | undefined,
  ): void {
    if (this.open.size >= MAX_OPEN || this.open.has(reference)) return;
    const messages: Message[] = [];
    const batch: { -readonly [K in keyof OpenBatch]: OpenBatch[K] } = {
      type,
      params,
      messages,
      into: parent?.into,
    };
    if (batch.into === undefined && COLLECTED.has(type)) batch.into = batch;
    this.open.set(reference, batch);
  }
}
