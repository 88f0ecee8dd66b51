// Messages that come in batches. https://ircv3.net/specs/extensions/batch
import { CAP } from "../irc/caps.js";
import { message, type Message } from "../irc/message.js";
import { TAG } from "../irc/tags.js";
import {
  LINE_OVERHEAD,
  MAX_BATCH_MESSAGES,
  MAX_BATCHED_LENGTH,
  MAX_OPEN_BATCHES,
} from "./limits.js";
import { MultilineCollector } from "./multiline.js";

/** A batch that has ended, or a piece of a playback. */
export interface Batch {
  readonly type: string;
  readonly params: readonly string[];
  readonly messages: readonly Message[];
  /** Whether the server says that nothing is left beyond it. */
  readonly isEnd: boolean;
}

/** What became of a line: a message is to be handled now, it waits in a batch, or it ended one or a piece of one. */
export type BatchOutcome =
  | { readonly kind: "handle"; readonly message: Message }
  | { readonly kind: "kept" }
  | { readonly kind: "ended"; readonly batch: Batch };

/** What a bouncer plays. https://wiki.znc.in/Playback */
const PLAYBACK = "znc.in/playback";
/** Only these are kept until they end; what is in others is handled as it comes. */
const COLLECTED = new Set([
  "chathistory",
  "draft/chathistory",
  "draft/chathistory-targets",
  PLAYBACK,
]);
/** A playback may have any length, and it is no one page: so many messages of it are taken in together. */
export const PLAYBACK_PIECE = 500;
const KEPT: BatchOutcome = { kind: "kept" };

/** Messages that are handled together. */
class CollectedBatch implements Batch {
  messages: Message[] = [];
  /** What all of it takes. */
  size = 0;

  constructor(
    readonly type: string,
    readonly params: readonly string[],
    readonly isEnd: boolean,
  ) {}

  add(message: Message): void {
    this.size += sizeOf(message);
    this.messages.push(message);
  }

  /** Takes out what is there, if that can and should be taken in before the rest comes. */
  takePiece(): Batch | undefined {
    if (this.type !== PLAYBACK || this.messages.length < PLAYBACK_PIECE) return undefined;
    const { type, params, messages, isEnd } = this;
    this.messages = [];
    this.size = 0;
    return { type, params, messages, isEnd };
  }
}

/** All of a message that is held, with its tags. */
function sizeOf({ source = "", params, tags }: Message): number {
  let size = LINE_OVERHEAD + source.length;
  for (const param of params) size += param.length;
  for (const [, value] of tags) size += value.length;
  return size;
}

/** Where `into` is undefined, messages are handled at once; otherwise they are part of the history around. */
type OpenBatch =
  | { readonly kind: "collected"; readonly into: CollectedBatch }
  | {
      readonly kind: "passing";
      readonly into: CollectedBatch | undefined;
      /** Of the command that is answered with it. */
      readonly label: string | undefined;
    }
  /** Its lines make one message. */
  | {
      readonly kind: "multiline";
      readonly into: CollectedBatch | undefined;
      readonly collector: MultilineCollector;
      readonly label: string | undefined;
    }
  /** It is where no batch may be, or was more than can be held. */
  | { readonly kind: "ignored"; readonly into: undefined };

export class Batches {
  private readonly open = new Map<string, OpenBatch>();

  /** `isSame` says whether two names are the same on this network. */
  constructor(private readonly isSame: (a: string, b: string) => boolean) {}

  take(line: Message): BatchOutcome {
    if (line.command === "BATCH") return this.takeFrame(line);
    const batch = this.batchOf(line);
    if (batch?.kind === "ignored") return KEPT;
    if (batch?.kind === "multiline") batch.collector.add(line);
    const outcome = batch?.kind === "multiline" ? KEPT : deliver(line, batch);
    if (batch !== undefined) this.checkSize(line.tags.get(TAG.batch) ?? "", batch);
    const piece = batch?.into?.takePiece();
    return piece === undefined ? outcome : { kind: "ended", batch: piece };
  }

  /** What no batch of a server in use comes to is let go as a whole: half a page would hide that the rest is missing. */
  private checkSize(reference: string, batch: OpenBatch): void {
    if (batch.into === undefined && batch.kind !== "multiline") return;
    const count = batch.into?.messages.length ?? 0;
    if (count <= MAX_BATCH_MESSAGES && this.size <= MAX_BATCHED_LENGTH) return;
    for (const [key, open] of this.open)
      if (key === reference || (open.into !== undefined && open.into === batch.into))
        this.open.set(key, { kind: "ignored", into: undefined });
  }

  /** What all open batches take. A history may be held by batches inside it alone, when it has itself been let go. */
  get size(): number {
    const collected = new Set<CollectedBatch>();
    let size = 0;
    for (const open of this.open.values()) {
      if (open.into !== undefined) collected.add(open.into);
      if (open.kind === "multiline") size += open.collector.size;
    }
    for (const batch of collected) size += batch.size;
    return size;
  }

  private batchOf(line: Message): OpenBatch | undefined {
    const reference = line.tags.get(TAG.batch);
    return reference === undefined ? undefined : this.open.get(reference);
  }

  private takeFrame(line: Message): BatchOutcome {
    const [frame = ""] = line.params;
    const reference = frame.slice(1);
    if (!frame.startsWith("+")) return this.end(reference);
    if (!this.open.has(reference)) this.begin(reference, this.newBatch(line));
    return KEPT;
  }

  private begin(reference: string, batch: OpenBatch): void {
    // So many are open only where some are never closed, and the oldest has waited long enough.
    const [oldest] = this.open.keys();
    if (this.open.size >= MAX_OPEN_BATCHES && oldest !== undefined) this.open.delete(oldest);
    this.open.set(reference, batch);
  }

  private newBatch(opening: Message): OpenBatch {
    const [, type = "", ...params] = opening.params;
    const parent = this.batchOf(opening);
    if (parent?.kind === "multiline" || parent?.kind === "ignored")
      return { kind: "ignored", into: undefined };
    const into = parent?.into;
    // What is in a batch answers the command of the batch's label. https://ircv3.net/specs/extensions/labeled-response
    const label =
      opening.tags.get(TAG.label) ?? (parent?.kind === "passing" ? parent.label : undefined);
    if (type === CAP.multiline) {
      const collector = new MultilineCollector(opening, this.isSame);
      return { kind: "multiline", into, collector, label };
    }
    // A history inside a history is part of it and ends with it.
    if (into !== undefined || !COLLECTED.has(type)) return { kind: "passing", into, label };
    const isEnd = opening.tags.has(TAG.historyEnd);
    return { kind: "collected", into: new CollectedBatch(type, params, isEnd) };
  }

  private end(reference: string): BatchOutcome {
    const batch = this.open.get(reference);
    this.open.delete(reference);
    if (batch?.kind === "collected") return { kind: "ended", batch: batch.into };
    // The answer is complete, and if it was no refusal, the command was taken.
    if (batch?.kind === "passing" && batch.label !== undefined)
      return deliver(message("ACK", [], undefined, new Map([[TAG.label, batch.label]])), batch);
    const whole = batch?.kind === "multiline" ? batch.collector.combine() : undefined;
    return whole === undefined ? KEPT : deliver(whole, batch);
  }
}

function deliver(line: Message, batch: OpenBatch | undefined): BatchOutcome {
  if (batch?.into !== undefined) {
    batch.into.add(line);
    return KEPT;
  }
  const label = batch !== undefined && "label" in batch ? batch.label : undefined;
  if (label === undefined || line.tags.has(TAG.label)) return { kind: "handle", message: line };
  return {
    kind: "handle",
    message: { ...line, tags: new Map([...line.tags, [TAG.label, label]]) },
  };
}
