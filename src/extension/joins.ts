/** The attempts to join of this window, of which only the latest goes on. */
export class Joins {
  private running = new AbortController();
  /** What was typed, or given, as the address of a join that has come to nothing so far. */
  private typed: string | undefined;
  private offered: string | undefined;

  /** Begins one, and ends the one before. Its signal says that it has ended itself. */
  begin(): AbortSignal {
    this.end();
    this.running = new AbortController();
    return this.running.signal;
  }

  /** Ends the one that is under way, if any. */
  end(): void {
    this.running.abort();
  }

  /** An address was entered: it is there the next time, unless it leads somewhere. */
  entered(address: string): void {
    this.typed = address;
  }

  /** An address led somewhere. */
  succeeded(): void {
    this.typed = undefined;
  }

  /** What to begin the form with. An invite the person has just copied beats what they typed before, but only once. */
  suggestion(copiedInvite: string | undefined, recent: string): string {
    const isNew = copiedInvite !== this.offered;
    this.offered = copiedInvite;
    if (copiedInvite !== undefined && (isNew || this.typed === undefined)) return copiedInvite;
    return this.typed ?? recent;
  }
}
