// Listeners of one kind of event.

/** Ends a subscription. */
export interface Disposable {
  dispose(): void;
}

export class Emitter<T> {
  private readonly listeners = new Set<(value: T) => void>();

  /** `onFault` hears of what a listener throws: neither the others nor the sender should. */
  constructor(private readonly onFault: (error: unknown) => void) {}

  on(listener: (value: T) => void): Disposable {
    // A function of its own for each subscription, so that the same listener can be there twice.
    const call = (value: T) => {
      listener(value);
    };
    this.listeners.add(call);
    return { dispose: () => this.listeners.delete(call) };
  }

  fire(value: T): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(value);
      } catch (error) {
        this.onFault(error);
      }
    }
  }
}
