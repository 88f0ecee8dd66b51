// What has to be ended after a test, however it went.

const cleanups: (() => void | Promise<void>)[] = [];

/** Runs `cleanup` after the running test, the latest first. What it throws fails the test. */
export function onCleanup(cleanup: () => void | Promise<void>): void {
  cleanups.push(cleanup);
}

/** Called by the root hook. Everything is ended, even where ending something fails. */
export async function runCleanups(): Promise<void> {
  const failures: unknown[] = [];
  for (let cleanup = cleanups.pop(); cleanup !== undefined; cleanup = cleanups.pop()) {
    try {
      await cleanup();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0)
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, "cleaning up failed");
}
