// What the server sends, and who of us takes it up.
import type { Message } from "../irc/message.js";
import * as n from "../irc/numerics.js";
import { parseSource } from "../irc/source.js";
import { TAG } from "../irc/tags.js";
import { parseServerTime } from "../irc/time.js";
import { Batches } from "./batches.js";
import type { ChannelKeeper } from "./channel-keeper.js";
import type { History } from "./history.js";
import type { NickKeeper } from "./nick-keeper.js";
import { MAX_SYNC_TIMERS } from "./limits.js";
import { Roundtrips } from "./roundtrip.js";
import type { Speech } from "./speech.js";
import type { TestBack } from "./test-back.js";
import { applyMessage, understands } from "./state.js";
import type { StateDraft } from "./state-draft.js";

export interface InboxPort {
  readonly draft: StateDraft;
  readonly history: History;
  readonly channels: ChannelKeeper;
  readonly nicks: NickKeeper;
  readonly speech: Speech;
  readonly send: (command: string, ...params: string[]) => void;
  readonly testBack: TestBack;
  readonly onWelcome: () => void;
  /** Another client of ours has read a conversation up to a time. */
  readonly onReadElsewhere: (buffer: string, time: number) => void;
  /** Something in a direct conversation may be missing. */
  readonly onGap: (buffer: string) => void;
  /** Someone began a conversation with us. */
  readonly onNewConversation: (buffer: string) => void;
}

/** So many times of messages are remembered. */
const MAX_TIMES = 5;
const MAX_SYNC_DELAY_S = 60;
const STANDARD_REPLIES: ReadonlySet<string> = new Set(["FAIL", "WARN", "NOTE"]);

export class Inbox {
  /** Questions that are open on this connection. */
  roundtrips = new Roundtrips();
  /** The server's times of the last live messages. */
  private lastTimes: number[] = [];
  private batches: Batches;
  /** By folded name of the target. */
  private readonly syncTimers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly port: InboxPort) {
    this.batches = this.newBatches();
  }

  /**
   * About when the server last said anything: what comes later we have missed. The earliest of the last few, for the last may
   * come from a clock that is ahead.
   */
  get lastServerTime(): number | undefined {
    return this.lastTimes.length === 0 ? undefined : Math.min(...this.lastTimes);
  }

  private newBatches(): Batches {
    return new Batches((a, b) => this.port.draft.isSame(a, b));
  }

  disconnected(): void {
    this.port.testBack.disconnected();
    for (const timer of this.syncTimers.values()) clearTimeout(timer);
    this.syncTimers.clear();
    this.roundtrips.endAll();
    this.roundtrips = new Roundtrips();
    this.batches = this.newBatches();
  }

  receive(line: Message): void {
    const outcome = this.batches.take(line);
    if (outcome.kind === "ended") {
      this.port.history.playback.end();
      this.port.history.takeBatch(outcome.batch);
    }
    if (outcome.kind !== "handle") return;
    if (this.port.history.playback.take(outcome.message)) return;
    const time = parseServerTime(outcome.message.tags.get(TAG.time));
    if (time !== undefined) this.lastTimes = [...this.lastTimes.slice(1 - MAX_TIMES), time];
    this.handle(outcome.message);
    this.lookForGap(outcome.message);
  }

  /** A direct message may show that something before it is missing. */
  private lookForGap({ command, source, params }: Message): void {
    if (command !== "PRIVMSG" && command !== "NOTICE") return;
    const { draft } = this.port;
    const { nick } = parseSource(source ?? "");
    const name = draft.isSelf(nick) ? (params[0] ?? "") : nick;
    if (draft.buffer(name)?.kind === "direct" && draft.timeline(name)?.hasMissedGap === true)
      this.port.onGap(name);
  }

  private handle(line: Message): void {
    const { draft, nicks, channels, speech } = this.port;
    const { isTaken, typedIn } = speech.takeAnswer(line);
    if (isTaken || this.isTaken(line)) return;
    const isAnswer = this.roundtrips.take(line);
    this.port.testBack.take(line);
    const { nick } = parseSource(line.source ?? "");
    const isOwn = draft.isSelf(nick);
    const isNew = draft.buffer(nick) === undefined;
    nicks.handle(line);
    // A refusal someone waits for is theirs to show; what tells of people is taken in all the same.
    const tellsOfPeople = understands(line.command) && !STANDARD_REPLIES.has(line.command);
    if (!isAnswer || tellsOfPeople) applyMessage(draft, channels.withRefusedKey(line), typedIn);
    channels.handle(line);
    const isMessage = line.command === "PRIVMSG" || line.command === "NOTICE";
    if (isNew && isMessage && draft.buffer(nick)?.kind === "direct")
      this.port.onNewConversation(nick);
    this.follow(line, isOwn);
  }

  /** Whether `line` answers something of ours, other than a message, that shows elsewhere or nowhere. */
  private isTaken(line: Message): boolean {
    const { history, channels, nicks } = this.port;
    if (line.command === "PONG") return true;
    if (line.command === "FAIL" && line.params[0] === "CHATHISTORY") return history.takeFailure();
    // A server without capabilities says so; that is no news to anyone.
    if (line.command === n.ERR_UNKNOWNCOMMAND && line.params[1] === "CAP") return true;
    const isNews = channels.takeRefusal(line);
    return isNews === undefined ? nicks.takeRefusal(line) : !isNews;
  }

  private follow(line: Message, isOwn: boolean): void {
    const { command, params } = line;
    switch (command) {
      case "PRIVMSG":
      case "NOTICE":
        if (isOwn) this.port.speech.settle();
        return;
      case n.RPL_WELCOME:
        this.port.history.welcomed(line);
        this.port.onWelcome();
        return;
      case "MARKREAD":
      case "READ":
        this.readElsewhere(params[0] ?? "", params[1] ?? "");
        return;
      case n.RPL_METADATASYNCLATER:
        this.syncLater(params[1] ?? "", params[2]);
        return;
      default:
    }
  }

  /** https://ircv3.net/specs/extensions/read-marker */
  private readElsewhere(buffer: string, marker: string): void {
    const time = parseServerTime(marker.replace(/^timestamp=/, ""));
    if (time !== undefined) this.port.onReadElsewhere(buffer, time);
  }

  private syncLater(target: string, retryAfter: string | undefined): void {
    const name = this.port.draft.fold(target);
    if (this.syncTimers.has(name) || this.syncTimers.size >= MAX_SYNC_TIMERS) return;
    const seconds = Math.min(Math.max(Number(retryAfter) || 1, 1), MAX_SYNC_DELAY_S);
    const timer = setTimeout(() => {
      this.syncTimers.delete(name);
      this.port.send("METADATA", target, "SYNC");
    }, seconds * 1000);
    this.syncTimers.set(name, timer);
  }
}
