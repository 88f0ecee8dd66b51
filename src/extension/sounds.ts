// What is heard of the chat, for those who want that.
import type { Sound } from "../bridge/sounds.js";
import type { User } from "../client/model.js";
import type { ChatPanel } from "./chat-panel.js";
import type { ChatService } from "./chat-service.js";
import * as config from "./config.js";
import { Disposable } from "./disposable.js";
import type { PlatformSounds } from "./platform-sounds.js";
import { onDidShowProblem } from "./ui/problems.js";

/** Of many messages at once one is heard. */
const PAUSE_MS = 1000;

/** More than any of our sounds takes, with what it takes to begin. */
const LONGEST_MS = 500;

/** Plays sounds on the page where one is open, else by the platform: by one of them at a time, and each plays one at a time. */
export class Sounds extends Disposable {
  private readonly playedAt = new Map<Sound, number>();
  private onPageAt = -Infinity;
  private wasOnline = false;
  private people = 0;

  constructor(
    private readonly chat: ChatService,
    private readonly panel: Pick<ChatPanel, "playSound">,
    private readonly platform: PlatformSounds,
    private readonly now: () => number = Date.now,
  ) {
    super();
    const on = (sound: Sound) => () => {
      this.play(sound);
    };
    this.register(chat.onDidReceiveMessage(on("messageIn")));
    this.register(chat.onDidSay(on("messageOut")));
    this.register(chat.onDidFailToSend(on("error")));
    this.register(onDidShowProblem(on("error")));
    this.register(
      chat.onDidChange(() => {
        this.listen();
      }),
    );
  }

  /** Hears us come and go, and others: not by whom is known, for people who left stay known where something of theirs is shown. */
  private listen(): void {
    const { isOnline, state } = this.chat;
    const people = onlineCount(state?.users.values() ?? []);
    const { wasOnline, people: before } = this;
    this.wasOnline = isOnline;
    this.people = people;
    if (isOnline !== wasOnline) this.play(isOnline ? "connect" : "disconnect");
    else if (isOnline && people !== before) this.play(people > before ? "connect" : "disconnect");
  }

  private play(sound: Sound): void {
    const wanted = config.sounds();
    if (wanted?.has(sound) !== true) return;
    const now = this.now();
    if (Math.abs(now - (this.playedAt.get(sound) ?? -Infinity)) < PAUSE_MS) return;
    this.playedAt.set(sound, now);
    if (this.platform.isPlaying) return;
    if (this.panel.playSound(sound, wanted.volume)) this.onPageAt = now;
    // The page may have been closed while it played.
    else if (Math.abs(now - this.onPageAt) >= LONGEST_MS) this.platform.play(sound, wanted.volume);
  }
}

function onlineCount(users: Iterable<Pick<User, "online">>): number {
  let count = 0;
  for (const { online } of users) if (online) count++;
  return count;
}
