// The questions to the server about its history: one at a time, for a refusal does not say which of several it means.
import type { Message } from "../irc/message.js";
import { MAX_OVERDUE_ANSWERS } from "./limits.js";
import type { Row } from "./entry-identity.js";
import type { Place } from "./timeline-merge.js";
import { inNextTurn } from "./turns.js";

/** What came back. */
export interface Answer {
  readonly messages: readonly Message[];
  /** What of it was not here. */
  readonly fresh: readonly Row[];
  /** Whether the server has no more beyond it. */
  readonly isEnd: boolean;
  /** What was asked by. */
  readonly selector?: string | undefined;
}

export interface Question {
  /** Of CHATHISTORY. */
  readonly params: readonly string[];
  /** The conversation as the server is asked for it; undefined: the list of them. */
  readonly target: string | undefined;
  /** The conversation's name now, where that differs. */
  readonly renamedTo?: string;
  readonly selector?: string;
  readonly place?: Place;
  readonly unreadSince?: number | undefined;
  readonly unreadAfter?: string | undefined;
  /** Whether the end of what the server has may be taken for the end of the conversation. */
  readonly showsEnd?: "always" | "never" | "unless empty";
  readonly isUrgent?: boolean | undefined;
}

export interface OpenQuestion extends Question {
  /** Whether the conversation has been closed since: the answer is no longer wanted. */
  readonly isForgotten?: boolean;
  /** Undefined: refused, late or disconnected. */
  readonly settle: (answer: Answer | undefined) => void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface HistoryQueuePort {
  readonly send: (command: string, ...params: string[]) => boolean;
  readonly replyTimeoutMs: number;
  readonly isSame: (a: string, b: string) => boolean;
}

export class HistoryQueue {
  private current: Mutable<OpenQuestion> | undefined;
  private waiting: OpenQuestion[] = [];
  /** The targets of questions that were given up: what comes for them answers nothing that is open. */
  private overdue: string[] = [];

  constructor(private readonly port: HistoryQueuePort) {}

  /** Never rejects: whatever becomes of one question, the next has its turn. */
  ask(question: Question): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const { selector } = question;
      const open = {
        ...question,
        settle: (answer: Answer | undefined) => {
          resolve(answer === undefined ? undefined : { ...answer, selector });
        },
      };
      if (question.isUrgent === true) this.waiting.unshift(open);
      else this.waiting.push(open);
      this.next();
    });
  }

  private next(): void {
    while (this.current === undefined) {
      const question = this.waiting.shift();
      if (question === undefined) return;
      this.begin(question);
    }
  }

  private begin(question: OpenQuestion): void {
    if (!this.port.send("CHATHISTORY", ...question.params)) {
      question.settle(undefined);
      return;
    }
    const timer = setTimeout(() => {
      if (question.target !== undefined) this.overdue.push(question.target);
      if (this.overdue.length > MAX_OVERDUE_ANSWERS) this.overdue.shift();
      current.settle(undefined);
    }, this.port.replyTimeoutMs);
    const current: Mutable<OpenQuestion> = {
      ...question,
      settle: (answer) => {
        clearTimeout(timer);
        if (this.current === current) this.current = undefined;
        question.settle(answer);
        // Whoever has got an answer may have the next question about the same, which then comes first.
        inNextTurn(() => {
          this.next();
        });
      },
    };
    this.current = current;
  }

  /** The question a batch for `target` answers. */
  takeAnswer(target: string): OpenQuestion | undefined {
    const late = this.overdue.findIndex((name) => this.port.isSame(name, target));
    if (late >= 0) {
      this.overdue.splice(late, 1);
      return undefined;
    }
    const asked = this.current?.target;
    return asked !== undefined && this.port.isSame(asked, target) ? this.current : undefined;
  }

  /** The question a list of targets answers. */
  takeTargets(): OpenQuestion | undefined {
    return this.current?.target === undefined ? this.current : undefined;
  }

  /** A conversation has another name: what was asked by the old one is about it, what is still to be asked asks by the new one. */
  renamed(isOld: (name: string) => boolean, newName: string): void {
    const { current } = this;
    if (current?.target !== undefined && isOld(current.renamedTo ?? current.target))
      current.renamedTo = newName;
    this.waiting = this.waiting.map((question) => {
      if (question.target === undefined || !isOld(question.target)) return question;
      const [subcommand = "", , ...rest] = question.params;
      return { ...question, target: newName, params: [subcommand, newName, ...rest] };
    });
  }

  /** A conversation has been closed: nothing is asked about it any more, and what was asked is not answered. */
  forget(isMeant: (name: string) => boolean): void {
    const { current } = this;
    if (current?.target !== undefined && isMeant(current.renamedTo ?? current.target))
      current.isForgotten = true;
    const isOver = ({ target }: Question) => target !== undefined && isMeant(target);
    const over = this.waiting.filter(isOver);
    this.waiting = this.waiting.filter((question) => !isOver(question));
    for (const question of over) question.settle(undefined);
  }

  /** The server refuses. Returns whether something was asked. */
  takeFailure(): boolean {
    const { current } = this;
    current?.settle(undefined);
    return current !== undefined;
  }

  /** The connection is gone. */
  clear(): void {
    const open = [...(this.current === undefined ? [] : [this.current]), ...this.waiting];
    this.waiting = [];
    this.overdue = [];
    for (const question of open) question.settle(undefined);
  }
}
