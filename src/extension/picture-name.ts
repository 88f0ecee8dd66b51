// What pictures are called on the page, which keeps those of one session after the other and must not mistake them.

/** `id`: what the server of the session calls it. */
export function pictureName(session: number, id: string): string {
  return `${session}-${id}`;
}

/** What the server of this session calls it; undefined: it is one of another session. */
export function pictureIdOf(session: number, name: string): string | undefined {
  const start = pictureName(session, "");
  return name.startsWith(start) ? name.slice(start.length) : undefined;
}
