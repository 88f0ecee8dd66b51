import type * as vscode from "vscode";

/** Secrets that are never kept. */
export const noSecrets = {
  get: () => Promise.resolve(undefined),
  set: () => Promise.resolve(),
};

/** Keeps what it is given for as long as it lives. */
export class FakeMemento implements vscode.Memento {
  private readonly values = new Map<string, unknown>();
  keys(): readonly string[] {
    return [...this.values.keys()];
  }
  get<T>(key: string, fallback?: T): T {
    return (this.values.get(key) ?? fallback) as T;
  }
  update(key: string, value: unknown): Promise<void> {
    // As VS Code does: what is kept is JSON.
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, JSON.parse(JSON.stringify(value)));
    return Promise.resolve();
  }
}

/**
 * As VS Code's: all keys are one value, an update is written in a turn of its own, and comes back as the whole value it
 * was part of. What it comes back over is gone.
 */
export class EchoingMemento implements vscode.Memento {
  private value: Record<string, unknown> = {};
  private scheduled: Promise<void> | undefined;

  /** What is written, as JSON: what the next window begins with. */
  stored = "{}";

  keys(): readonly string[] {
    return Object.keys(this.value);
  }

  get<T>(key: string, fallback?: T): T {
    return (this.value[key] ?? fallback) as T;
  }

  update(key: string, value: unknown): Promise<void> {
    this.value[key] = value;
    this.scheduled ??= turn().then(async () => {
      this.scheduled = undefined;
      const sent = JSON.stringify(this.value);
      await turn();
      this.accept(sent);
    });
    return this.scheduled;
  }

  /** The storage has changed, by this window or another. */
  accept(stored: string): void {
    this.stored = stored;
    this.value = JSON.parse(stored) as Record<string, unknown>;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
