// VS Code keeps all keys of an extension as one value, and each change of it comes back from the storage as a whole: one that
// comes back after a later update() takes that update with it, unwritten. So one update at a time, and until it is known to
// be kept its value is read from here.
import { isDeepStrictEqual } from "node:util";
import type * as vscode from "./vscode.js";

/** How often an update is repeated that another window's change has undone. */
const MAX_ATTEMPTS = 3;

/** A Memento whose updates are not undone by earlier ones. There must be one for each Memento of VS Code. */
export class QueuedMemento implements vscode.Memento {
  /** What is not known to be kept, as JSON makes it: the newest value of each key. */
  private readonly pending = new Map<string, unknown>();
  private writing: Promise<void> | undefined;

  constructor(private readonly memento: vscode.Memento) {}

  keys(): readonly string[] {
    const keys = new Set(this.memento.keys());
    for (const [key, value] of this.pending) {
      if (value === undefined) keys.delete(key);
      else keys.add(key);
    }
    return [...keys];
  }

  get<T>(key: string, fallback?: T): T {
    const value = this.pending.has(key) ? this.pending.get(key) : this.memento.get(key);
    return (value === undefined ? fallback : value) as T;
  }

  /** Resolves when everything given so far is kept. */
  update(key: string, value: unknown): Promise<void> {
    this.pending.set(key, value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
    this.writing ??= this.write().finally(() => {
      this.writing = undefined;
    });
    return this.writing;
  }

  private async write(): Promise<void> {
    let attempts = 0;
    while (this.pending.size > 0) {
      const written = [...this.pending];
      await Promise.all(written.map(([key, value]) => this.memento.update(key, value)));
      const kept = written.filter(([key, value]) =>
        isDeepStrictEqual(this.memento.get(key), value),
      );
      attempts = kept.length === written.length ? 0 : attempts + 1;
      for (const [key, value] of attempts < MAX_ATTEMPTS ? kept : written)
        if (this.pending.get(key) === value) this.pending.delete(key);
    }
  }
}
