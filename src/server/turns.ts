// Those who ask for much are answered one after the other, and in between everyone else is heard.

/** Gives out turns, one in each turn of the event loop. */
export class Turns {
  private isTaken = false;
  private readonly waiting: (() => void)[] = [];

  /** Resolves when it is one's turn; undefined when it is already. */
  take(): Promise<void> | undefined {
    if (this.isTaken)
      return new Promise((resolve) => {
        this.waiting.push(resolve);
      });
    this.isTaken = true;
    this.passOn();
    return undefined;
  }

  private passOn(): void {
    setImmediate(() => {
      const next = this.waiting.shift();
      if (next === undefined) {
        this.isTaken = false;
        return;
      }
      next();
      this.passOn();
    });
  }
}
