import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";

/** Writes a file, and its folder, whole or not at all: other windows read it, and may be writing it too. */
export async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.new`;
  await writeFile(draft, bytes, { mode: 0o600 });
  await rename(draft, file);
}
