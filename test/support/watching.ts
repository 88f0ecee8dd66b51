const timeoutMs = 30_000;
const intervalMs = 50;

/** Looks again and again until what is seen holds: for files and screens, which tell nobody when they change. */
export async function watch<T>(
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
  /** What to say of what was seen last when it never does. */
  explain: (seen: T) => string,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > deadline) throw new Error(explain(seen));
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
