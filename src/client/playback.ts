// What was missed, as a bouncer without chathistory plays it: as if it were said now.
import type { Message } from "../irc/message.js";
import { parseSource } from "../irc/source.js";
import { TAG } from "../irc/tags.js";
import { parseServerTime } from "../irc/time.js";
import { PLAYBACK_PIECE } from "./batches.js";
import { MAX_RECOGNIZED } from "./limits.js";
import type { StateDraft } from "./state-draft.js";
import { insertHistory } from "./state-history.js";
import { conversationOf, isOwn } from "./state-messages.js";

export interface PlaybackPort {
  readonly draft: StateDraft;
  /** Lines from before this time are played; undefined: none are. */
  readonly endsAt: () => number | undefined;
  /** What is later than this is unread in a buffer. */
  readonly leftSince: (buffer: string) => number | undefined;
  /** Whether a line is the server's word for what we said on this connection. */
  readonly isEcho: (line: Message) => boolean;
  /** Entries have come in or have been confirmed. */
  readonly onInserted: () => void;
}

/** No bouncer plays what is older than this: such times are those of a clock that was never set. */
const EARLIEST_TIME = Date.UTC(2001, 0);

interface Played {
  readonly target: string;
  readonly messages: Message[];
}

export class Playback {
  /** What lines of the playback of this connection have been recognized as, by folded name of the buffer. */
  private readonly recognized = new Map<string, Set<string>>();
  /** How many of them there are. */
  private recognizedLines = 0;
  /** What is being played, by folded name of the buffer. */
  private readonly played = new Map<string, Played>();
  private playedLines = 0;

  constructor(private readonly port: PlaybackPort) {}

  disconnected(): void {
    this.end();
    this.forgetRecognized();
  }

  /**
   * Takes a line from before this connection: a bouncer without chathistory plays what was missed as if it were said now.
   * Returns whether it was one. Those in a row are put in their places together, which may be a walk through all that is there.
   */
  take(message: Message): boolean {
    const target = this.targetOf(message);
    if (target === undefined) {
      this.end();
      return false;
    }
    const name = this.port.draft.fold(target);
    const played = this.played.get(name) ?? { target, messages: [] };
    this.played.set(name, played);
    played.messages.push(message);
    if (++this.playedLines >= PLAYBACK_PIECE) this.end();
    return true;
  }

  /** Where a line from before this connection belongs; undefined: it is none. */
  private targetOf(message: Message): string | undefined {
    const { draft } = this.port;
    const time = parseServerTime(message.tags.get(TAG.time));
    const isText = message.command === "PRIVMSG" || message.command === "NOTICE";
    if (!isText || time === undefined) return undefined;
    if (time >= (this.port.endsAt() ?? -Infinity) || time < EARLIEST_TIME) return undefined;
    // What has an id is known by it, and what has a label answers us.
    if (message.tags.has(TAG.msgid) || message.tags.has(TAG.label)) return undefined;
    const source = parseSource(message.source ?? "");
    const own = isOwn(draft, message, source);
    const conversation = conversationOf(draft, message, source, own);
    if (conversation === undefined || conversation.kind === "server") return undefined;
    // The clocks may differ.
    return own && this.port.isEcho(message) ? undefined : conversation.buffer;
  }

  /** Takes in what has been played so far: something else has come, or no more for now. */
  end(): void {
    if (this.playedLines === 0) return;
    const played = [...this.played.values()];
    this.played.clear();
    this.playedLines = 0;
    for (const { target, messages } of played) this.insert(target, messages);
    this.port.onInserted();
  }

  private insert(target: string, messages: readonly Message[]): void {
    const { draft } = this.port;
    const name = draft.fold(target);
    // More than a bouncer plays: two of the same words may be taken for one then.
    this.recognizedLines += messages.length;
    if (this.recognizedLines > MAX_RECOGNIZED) this.forgetRecognized();
    const recognized = this.recognized.get(name) ?? new Set();
    this.recognized.set(name, recognized);
    insertHistory(draft, {
      target,
      // Nothing but their times says where they belong.
      messages: messages.toSorted((a, b) => timeOf(a) - timeOf(b)),
      unreadSince: this.port.leftSince(target),
      place: { next: "nothing" },
      isLast: false,
      recognized,
    });
  }

  private forgetRecognized(): void {
    for (const ids of this.recognized.values()) ids.clear();
    this.recognized.clear();
    this.recognizedLines = 0;
  }
}

function timeOf({ tags }: Message): number {
  return parseServerTime(tags.get(TAG.time)) ?? 0;
}
