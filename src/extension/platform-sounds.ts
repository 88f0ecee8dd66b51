// Sounds where no page is open to play them: by the system's own player.
import { execFile } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { Sound } from "../bridge/sounds.js";
import type { Log } from "./ui/log.js";
import { writeWhole } from "./write-whole.js";

/** A program that plays the file that is put after its arguments. */
export interface Player {
  readonly command: string;
  readonly args: (file: string) => readonly string[];
}

const execute = promisify(execFile);
const TIMEOUT_MS = 5000;
/** Bytes before the samples in our files. */
const HEADER_BYTES = 44;

/** The players that a system may have, the best first. */
export function playersOf(platform: NodeJS.Platform): readonly Player[] {
  const plain = (command: string, ...args: string[]): Player => ({
    command,
    args: (file) => [...args, file],
  });
  switch (platform) {
    case "darwin":
      return [plain("/usr/bin/afplay")];
    case "win32":
      return [
        {
          command: "powershell.exe",
          args: (file) => [
            ...["-NoProfile", "-NonInteractive", "-Command"],
            `(New-Object Media.SoundPlayer '${file.replaceAll("'", "''")}').PlaySync()`,
          ],
        },
      ];
    default:
      return [plain("pw-play"), plain("paplay"), plain("aplay", "-q")];
  }
}

/** Plays one sound at a time: what comes while one is playing is not played. */
export class PlatformSounds {
  private playing = false;

  constructor(
    /** Where the sounds are, and where those of another volume are written. */
    private readonly folders: { readonly sounds: string; readonly storage: string },
    private players: readonly Player[],
    private readonly log: Pick<Log, "info">,
  ) {}

  get isPlaying(): boolean {
    return this.playing;
  }

  play(sound: Sound, volume: number): void {
    if (this.playing || this.players.length === 0) return;
    this.playing = true;
    void this.playFile(sound, volume)
      .catch((error: unknown) => {
        this.log.info(`No sounds outside the chat panel: ${String(error)}`);
        this.players = [];
      })
      .finally(() => {
        this.playing = false;
      });
  }

  private async playFile(sound: Sound, volume: number): Promise<void> {
    const file = await this.fileOf(sound, volume);
    let failure: unknown;
    for (const player of this.players) {
      try {
        await execute(player.command, player.args(file), {
          timeout: TIMEOUT_MS,
          windowsHide: true,
        });
        // The first one that works is the only one from then on.
        this.players = [player];
        return;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /** The sound in this volume: not every player has one of its own. */
  private async fileOf(sound: Sound, volume: number): Promise<string> {
    const file = path.join(this.folders.storage, `${sound}-${Math.round(volume * 100)}.wav`);
    try {
      await access(file);
      return file;
    } catch {
      const bytes = await readFile(path.join(this.folders.sounds, `${sound}.wav`));
      await writeWhole(file, quieter(bytes, volume));
      return file;
    }
  }
}

function quieter(wav: Buffer, volume: number): Buffer {
  const result = Buffer.from(wav);
  for (let at = HEADER_BYTES; at + 1 < result.length; at += 2)
    result.writeInt16LE(Math.round(result.readInt16LE(at) * volume), at);
  return result;
}
