// The history of a scripted server: what was said, and the answers to CHATHISTORY as servers of several kinds give them.
import type { Message } from "../../src/irc/message.js";
import { parseMessage } from "../../src/irc/message.js";
import { parseServerTime } from "../../src/irc/time.js";
import type { ServerPeer, WelcomeOptions } from "./scripted-peer.js";

export interface Stored {
  /** ISO 8601, as the server writes it. */
  readonly time: string;
  readonly nick: string;
  readonly text: string;
}

export interface ArchiveOptions {
  /** Whether messages have ids, and can be asked for by them. */
  readonly hasIds: boolean;
  /** The most messages in one answer. */
  readonly pageLength: number;
  /** Whether history is in the order of times, whatever came first. */
  readonly isSorted?: boolean;
  /** Whether an answer says that there is no more. */
  readonly tellsEnd?: boolean;
}

const CAPS = ["message-tags", "echo-message", "batch", "labeled-response", "server-time"];

export class Archive {
  private readonly stored = new Map<string, Stored[]>();
  /** What was asked, without limits. */
  readonly asked: string[] = [];
  private batches = 0;

  constructor(private readonly options: ArchiveOptions) {}

  get welcome(): WelcomeOptions {
    const { hasIds, pageLength } = this.options;
    const types = hasIds ? "timestamp,msgid" : "timestamp";
    return {
      caps: [...CAPS, "draft/chathistory"],
      isupport: [`CHATHISTORY=${pageLength}`, `MSGREFTYPES=${types}`],
    };
  }

  /** Stores a message and gives its line. */
  say(target: string, message: Stored): string {
    const list = this.stored.get(target) ?? [];
    this.stored.set(target, [...list, message]);
    return this.line(target, message);
  }

  /** The texts of a conversation in the order of its history. */
  texts(target: string): string[] {
    return this.history(target).map(({ text }) => text);
  }

  private history(target: string): readonly Stored[] {
    const list = this.stored.get(target) ?? [];
    return this.options.isSorted === true ? list.toSorted((a, b) => timeOf(a) - timeOf(b)) : list;
  }

  /** A message's id is its text, which therefore is unique where there are ids. */
  private line(target: string, { time, nick, text }: Stored): string {
    const id = this.options.hasIds ? `msgid=${idOf(text)};` : "";
    const to = target.startsWith("#") ? target : nick === "ann" ? target : "ann";
    return `@${id}time=${time} :${nick}!u@h PRIVMSG ${to} :${text}`;
  }

  /** Answers questions until no more come. Returns what else was sent. */
  async serve(peer: ServerPeer): Promise<string[]> {
    const others: string[] = [];
    for (let quiet = 0; quiet < 3; quiet++) {
      for (const line of await peer.settle()) {
        const message = parseMessage(line);
        if (message?.command !== "CHATHISTORY") {
          others.push(line);
          continue;
        }
        quiet = -1;
        this.answer(peer, message);
      }
    }
    return others;
  }

  private answer(peer: ServerPeer, question: Message): void {
    peer.send(...this.answerTo(question));
  }

  /** The lines that answer a CHATHISTORY. */
  answerTo({ params }: Message): string[] {
    const [subcommand = "", target = ""] = params;
    this.asked.push(params.slice(0, -1).join(" "));
    const isTargets = subcommand === "TARGETS";
    const lines = isTargets ? this.targets(params) : this.page(params);
    const reference = `h${++this.batches}`;
    const isEnd = this.options.tellsEnd === true && lines.length < this.options.pageLength;
    return [
      `${isEnd ? "@draft/chathistory-end " : ""}:irc.test BATCH +${reference} ${isTargets ? "draft/chathistory-targets" : `chathistory ${target}`}`,
      ...lines.map((line) =>
        line.startsWith("@")
          ? `@batch=${reference};${line.slice(1)}`
          : `@batch=${reference} ${line}`,
      ),
      `:irc.test BATCH -${reference}`,
    ];
  }

  private page([subcommand, target = "", selector = "", limit]: readonly string[]): string[] {
    const all = this.history(target);
    const length = Math.min(Number(limit), this.options.pageLength);
    const [type, value = ""] = selector.split("=");
    const at = type === "msgid" ? all.findIndex(({ text }) => idOf(text) === value) : -1;
    const time = parseServerTime(value) ?? NaN;
    const isBefore = (stored: Stored, i: number) =>
      type === "msgid" ? i < at : timeOf(stored) < time;
    const isAfter = (stored: Stored, i: number) =>
      type === "msgid" ? at >= 0 && i > at : timeOf(stored) > time;
    const found =
      subcommand === "LATEST"
        ? all.slice(-length)
        : subcommand === "BEFORE"
          ? all.filter(isBefore).slice(-length)
          : all.filter(isAfter).slice(0, length);
    return found.map((stored) => this.line(target, stored));
  }

  private targets([, from = "", until = "", limit]: readonly string[]): string[] {
    const [after, before] = [from, until].map((text) => parseServerTime(text.split("=")[1]) ?? NaN);
    return [...this.stored]
      .map(([target]) => ({ target, latest: this.history(target).at(-1)! }))
      .filter(({ latest }) => timeOf(latest) > after! && timeOf(latest) < before!)
      .toSorted((a, b) => timeOf(a.latest) - timeOf(b.latest))
      .slice(0, Math.min(Number(limit), this.options.pageLength))
      .map(({ target, latest }) => `:irc.test CHATHISTORY TARGETS ${target} ${latest.time}`);
  }
}

function timeOf({ time }: Stored): number {
  return parseServerTime(time) ?? NaN;
}

function idOf(text: string): string {
  return `id-${text.replace(/[^A-Za-z0-9]/g, "-")}`;
}
