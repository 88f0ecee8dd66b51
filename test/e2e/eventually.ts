const timeoutMs = 30_000;
const intervalMs = 50;

/** Resolves when `holds` says so: for facts no locator can wait for. Rejects with `what` when they do not come true. */
export async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not in ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
