import type { Sound } from "../bridge/sounds.js";

/** Plays one sound at a time: what comes while one is playing is not played, nor kept for later. */
export class SoundPlayer {
  private readonly audio = document.createElement("audio");

  /** `media`: the folder of the pictures and sounds, with its slash. */
  constructor(private readonly media: string) {
    this.audio.hidden = true;
    document.body.append(this.audio);
  }

  play(sound: Sound, volume: number): void {
    if (!this.audio.paused && !this.audio.ended && this.audio.error === null) return;
    this.audio.src = `${this.media}sounds/${sound}.wav`;
    this.audio.volume = volume;
    // A page that no one has touched may not be allowed to; a sound is never worth an error.
    this.audio.play().catch(() => {
      this.audio.pause();
    });
  }
}
