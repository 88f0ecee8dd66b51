// Files of the server's own: no one but their owner may read them.
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";

/** The rights of all who do not own the file. */
export const OTHERS = 0o077;

/** All of the text is on the disk after this, or nothing of it, whatever fails meanwhile. */
export function replaceFile(file: string, text: string): void {
  const draft = clearDraft(file);
  writeFileSync(draft, text, { mode: 0o600, flag: "wx", flush: true });
  renameSync(draft, file);
}

/** The same, without anyone waiting for the disk. */
export async function replaceFileSoon(file: string, text: string): Promise<void> {
  const draft = clearDraft(file);
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

/** What was written to the file is on the disk after this. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** One that is left from before would keep its rights, and may be a link to elsewhere. */
function clearDraft(file: string): string {
  const draft = `${file}.new`;
  rmSync(draft, { force: true });
  return draft;
}
