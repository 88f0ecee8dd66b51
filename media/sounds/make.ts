// Makes the sounds: `npx tsx media/sounds/make.ts`. Short, soft tones with few overtones, so that they are heard without being
// noticed; made here, so that they are free of anyone's rights.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { SOUNDS, type Sound } from "../../src/bridge/sounds.js";

const SAMPLE_RATE = 16_000;
const PEAK = 0.35;
/** Seconds until a tone is at its loudest: none begins with a click. */
const ATTACK = 0.008;

/** When a tone begins (s), its frequency (Hz), how long it takes to fade away (s), and how loud it is. */
type Tone = readonly [start: number, frequency: number, fade: number, level: number];

const TONES: Readonly<Record<Sound, readonly Tone[]>> = {
  // A fourth up, and down.
  connect: [
    [0, 523.25, 0.16, 0.8],
    [0.09, 698.46, 0.22, 1],
  ],
  disconnect: [
    [0, 698.46, 0.16, 0.8],
    [0.09, 523.25, 0.22, 1],
  ],
  // Like a small bell, and like a drop.
  messageIn: [
    [0, 880, 0.2, 1],
    [0, 2637.02, 0.06, 0.15],
  ],
  messageOut: [[0, 587.33, 0.07, 0.7]],
  error: [
    [0, 233.08, 0.16, 1],
    [0.12, 207.65, 0.24, 1],
  ],
};

/** One sound as a WAV file: 16 bits, one channel. */
export function wav(sound: Sound): Buffer {
  const tones = TONES[sound];
  const seconds = Math.max(...tones.map(([start, , fade]) => start + fade));
  const samples = new Int16Array(Math.round(seconds * SAMPLE_RATE));
  const waves = Array.from(samples, (_, i) => sum(tones, i / SAMPLE_RATE));
  const loudest = Math.max(...waves.map(Math.abs));
  waves.forEach((wave, i) => {
    samples[i] = Math.round((wave / loudest) * PEAK * 32_767);
  });
  return Buffer.concat([header(samples.byteLength), Buffer.from(samples.buffer)]);
}

function sum(tones: readonly Tone[], time: number): number {
  let wave = 0;
  for (const [start, frequency, fade, level] of tones) {
    const since = time - start;
    if (since < 0 || since > fade) continue;
    const rise = Math.min(1, since / ATTACK);
    const fall = (1 - since / fade) ** 2;
    wave += level * rise * fall * Math.sin(2 * Math.PI * frequency * since);
  }
  return wave;
}

/** `bytes`: of the samples that follow. */
function header(bytes: number): Buffer {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + bytes, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(SAMPLE_RATE, 24);
  head.writeUInt32LE(SAMPLE_RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(bytes, 40);
  return head;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const sound of SOUNDS)
    writeFileSync(path.join(import.meta.dirname, `${sound}.wav`), wav(sound));
