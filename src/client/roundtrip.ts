// Questions to the server whose answer is several lines.
import type { Message } from "../irc/message.js";
import { SessionError } from "./session-error.js";

/** Reads one answer. */
export interface Collector<T> {
  /**
   * Takes in a message: `undefined` when it is none of ours, `"more"` when it is but not the last, and otherwise the result
   * or the error.
   */
  readonly take: (message: Message) => undefined | "more" | { readonly value: T } | SessionError;
}

interface Question {
  readonly take: (message: Message) => undefined | "more" | "done";
  readonly giveUp: (error: SessionError) => void;
}

/** The questions that are open on one connection. Each ends: by its answer, by time, or with the connection. */
export class Roundtrips {
  private readonly open = new Set<Question>();

  /** The answer `collector` reads; begins to listen at once. @throws SessionError */
  ask<T>(collector: Collector<T>, timeoutMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.open.delete(question);
      };
      const question: Question = {
        take: (message) => {
          const outcome = collector.take(message);
          if (outcome === undefined || outcome === "more") return outcome;
          end();
          if (outcome instanceof SessionError) reject(outcome);
          else resolve(outcome.value);
          return "done";
        },
        giveUp: (error) => {
          end();
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        question.giveUp(new SessionError("timed-out", "The server did not answer in time."));
      }, timeoutMs);
      this.open.add(question);
    });
  }

  /** Whether `message` is part of an answer someone waits for. */
  take(message: Message): boolean {
    for (const question of this.open) if (question.take(message) !== undefined) return true;
    return false;
  }

  /** The connection is gone. */
  endAll(): void {
    for (const question of [...this.open])
      question.giveUp(new SessionError("not-connected", "The connection was lost."));
  }
}
