// The order names and conversations are listed in, wherever they are.
import type { ChatBuffer } from "../client/model.js";

const collator = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });
const KINDS = { channel: 0, direct: 1, server: 2 } as const;

/** `ann` before `Bob`, `room2` before `room10`. */
export function compareNames(a: string, b: string): number {
  return collator.compare(a, b);
}

/** Rooms, then people, then the server's own. */
export function compareConversations(
  a: Pick<ChatBuffer, "kind" | "name">,
  b: Pick<ChatBuffer, "kind" | "name">,
): number {
  return KINDS[a.kind] - KINDS[b.kind] || compareNames(a.name, b.name);
}
