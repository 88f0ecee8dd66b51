// The answers to one command, on their way to its sender. Labels and batches are made here, nowhere else.
// https://ircv3.net/specs/extensions/labeled-response
import { CAP } from "../irc/caps.js";
import { TAG, escapeTagValue } from "../irc/tags.js";
import { cutToBytes, joinToBytes, utf8Length } from "../irc/utf8.js";
import type { Client } from "./client.js";
import { Outgoing, numericRoom, type NumericLine, type OutgoingParts } from "./delivery.js";

/** What a reply needs to know of the server. */
export interface ReplyOrigin {
  readonly name: string;
  now(): number;
  newId(): string;
}

interface Line {
  readonly message: Outgoing;
  readonly batch: string | undefined;
}

/** Collects the answers while a label asks for it; without a label they go out as they come. */
export class Reply {
  private held: Line[] | undefined;
  private batchId: string | undefined;
  /** The id of a batch that, being first and last, is the whole answer so far. */
  private wholeBatch: string | undefined;

  constructor(
    private readonly origin: ReplyOrigin,
    private readonly client: Client,
    readonly label: string | undefined,
  ) {
    if (label !== undefined) this.held = [];
  }

  /** The label of what is sent apart from the answer, where the echo would have had it. */
  get echoLabel(): string | undefined {
    return this.client.has(CAP.echoMessage) ? this.label : undefined;
  }

  /** `:server <numeric> <nick> <params…>` */
  numeric(numeric: string, ...params: readonly string[]): void {
    this.message(numeric, [this.client.nick, ...safeMiddles(params)]);
  }

  /** `… :<word> <word>…`, as many lines as it takes to cut no word; none where there are no words. */
  list(
    numeric: string,
    words: readonly string[],
    separator = " ",
    before: readonly string[] = [],
  ): void {
    const room = numericRoom(this.origin.name) - utf8Length([...before, ":"].join(" ")) - 1;
    for (const line of joinToBytes(words, separator, room)) this.numeric(numeric, ...before, line);
  }

  /** Numerics made before, in one go. */
  numerics(lines: readonly NumericLine[]): void {
    if (this.held === undefined && this.batchId === undefined)
      this.client.sendNumerics(lines, this.origin.now());
    else for (const { numeric, params } of lines) this.numeric(numeric, ...params);
  }

  /** A message of the server, or of `source`. */
  message(command: string, params: readonly string[], source = this.origin.name): void {
    this.send(new Outgoing({ source, command, params, time: this.origin.now() }));
  }

  fail(command: string, code: string, ...rest: readonly string[]): void {
    this.message("FAIL", [command, code, ...safeMiddles(rest)]);
  }

  /** Only for those who asked for standard replies: it can be done without. */
  warn(command: string, code: string, ...rest: readonly string[]): void {
    if (this.client.has(CAP.standardReplies))
      this.message("WARN", [command, code, ...safeMiddles(rest)]);
  }

  /** The same of what is no warning. */
  note(command: string, code: string, ...rest: readonly string[]): void {
    if (this.client.has(CAP.standardReplies))
      this.message("NOTE", [command, code, ...safeMiddles(rest)]);
  }

  /** Any message, such as the echo of what the client sent. */
  send(message: Outgoing): void {
    if (this.held !== undefined) this.held.push({ message, batch: this.batchId });
    else this.client.sendWith(message, batchTag(this.batchId));
  }

  /** What `fill` sends stands in a batch, where the client knows batches. `about` is what is said of the batch itself. */
  batch(
    type: string,
    params: readonly string[],
    fill: () => void,
    about: Partial<OutgoingParts> = {},
  ): void {
    if (!this.client.has(CAP.batch)) {
      fill();
      return;
    }
    const id = this.origin.newId();
    const outer = this.batchId;
    if (this.held?.length === 0) this.wholeBatch = id;
    const opening = { source: this.origin.name, time: this.origin.now(), ...about };
    this.send(new Outgoing({ ...opening, command: "BATCH", params: [`+${id}`, type, ...params] }));
    this.batchId = id;
    fill();
    this.batchId = outer;
    this.message("BATCH", [`-${id}`]);
  }

  /** The command is answered later, with another one of the same label; until then no one may say that it is done. */
  postpone(): void {
    this.held = undefined;
  }

  /** The command is done: what was held goes out. Called by dispatch; called again it does nothing. */
  finish(): void {
    const { held, label } = this;
    if (held === undefined || label === undefined) return;
    this.held = undefined;
    const labelTag = `${TAG.label}=${escapeTagValue(label)}`;
    const [first] = held;
    if (first === undefined) {
      this.sendServer("ACK", [], labelTag);
    } else if (held.length === 1 || this.isOneBatch(held)) {
      this.client.sendWith(first.message, joinTags(labelTag, batchTag(first.batch)));
      for (const line of held.slice(1)) this.client.sendWith(line.message, batchTag(line.batch));
    } else {
      const id = this.origin.newId();
      this.sendServer("BATCH", [`+${id}`, "labeled-response"], labelTag);
      for (const { message, batch } of held) this.client.sendWith(message, batchTag(batch ?? id));
      this.sendServer("BATCH", [`-${id}`], "");
    }
  }

  private isOneBatch(held: readonly Line[]): boolean {
    const last = held.at(-1)?.message.parts;
    return (
      this.wholeBatch !== undefined &&
      last?.command === "BATCH" &&
      last.params[0] === `-${this.wholeBatch}`
    );
  }

  private sendServer(command: string, params: readonly string[], tags: string): void {
    const { name: source } = this.origin;
    const message = new Outgoing({ source, command, params, time: this.origin.now() });
    this.client.sendWith(message, tags);
  }
}

function batchTag(id: string | undefined): string {
  return id === undefined ? "" : `${TAG.batch}=${id}`;
}

function joinTags(a: string, b: string): string {
  return b === "" ? a : `${a};${b}`;
}

const MAX_SHOWN_BYTES = 64;

/** Part of what was sent, fit to stand before the last parameter of an answer. */
export function shown(text: string): string {
  const word = text.split(" ", 1)[0] ?? "";
  const safe = word.startsWith(":") || word === "" ? "*" : word;
  return cutToBytes(safe, MAX_SHOWN_BYTES);
}

function safeMiddles(params: readonly string[]): string[] {
  return params.map((param, i) =>
    i < params.length - 1 && (param === "" || param.startsWith(":") || param.includes(" "))
      ? shown(param)
      : param,
  );
}
