// What is heard of the chat, for those who want that.
import type { Sound } from "../bridge/sounds.js";
import type { ChatPanel } from "./chat-panel.js";
import type { ChatService } from "./chat-service.js";
import * as config from "./config.js";
import { Disposable } from "./disposable.js";
import type { PlatformSounds } from "./platform-sounds.js";
import { onDidShowProblem } from "./ui/problems.js";

/** Of many messages at once one is heard. */
const PAUSE_MS = 1000;

/** Plays sounds on the page where one is open, else by the platform. */
export class Sounds extends Disposable {
  private readonly playedAt = new Map<Sound, number>();
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

  /** Hears us come and go, and others. */
  private listen(): void {
    const { isOnline, state } = this.chat;
    const people = state?.users.size ?? 0;
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
    if (!this.panel.playSound(sound, wanted.volume)) this.platform.play(sound, wanted.volume);
  }
}
