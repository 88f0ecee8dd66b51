// A message of several lines, whole. https://ircv3.net/specs/extensions/multiline
import { CAP } from "../irc/caps.js";
import { NO_TAGS, TAG, formatTags } from "../irc/tags.js";
import type { Client } from "./client.js";
import { Outgoing, type OutgoingParts } from "./delivery.js";
import { formatLine, parseLine, type TextLine } from "./history/text.js";
import { MULTILINE } from "./history/store.js";
import type { Reply } from "./reply.js";

const BATCH_TYPE = "draft/multiline";
const MAX_REPEATED_TAGS = 256;

/** The message as it is stored: `MULTILINE <command> <target> <line>…`, with everything that is said of it. */
export function wholeMessage(
  parts: OutgoingParts,
  command: string,
  target: string,
  lines: readonly TextLine[],
): Outgoing {
  return new Outgoing({
    ...parts,
    command: MULTILINE,
    params: [command, target, ...lines.map(formatLine)],
  });
}

/** How a whole message is said to those who know such messages, and to the others. Made once for all recipients. */
export class MultilineDelivery {
  private readonly batched: readonly Outgoing[];
  private readonly plain: readonly Outgoing[];

  constructor(whole: Outgoing, id: string) {
    const { parts } = whole;
    const { target } = read(whole);
    const serverTags = `${TAG.batch}=${id}`;
    this.batched = [
      new Outgoing({ ...parts, command: "BATCH", params: [`+${id}`, BATCH_TYPE, target] }),
      ...batchedLines(whole).map(
        (line) => new Outgoing({ ...line, serverTags: joinTags(serverTags, line.serverTags) }),
      ),
      new Outgoing({ ...bare(parts), command: "BATCH", params: [`-${id}`] }),
    ];
    this.plain = plainLines(whole);
  }

  /** Everything that is said, for when none of it may be. */
  get messages(): readonly Outgoing[] {
    return [...this.batched, ...this.plain];
  }

  to(client: Client): void {
    const messages = knows(client) ? this.batched : this.plain;
    for (const message of messages) client.deliver(message);
  }
}

/** The whole message as an answer: an echo, or a part of the history. */
export function replyWhole(client: Client, reply: Reply, whole: Outgoing): void {
  if (!knows(client)) {
    for (const line of plainLines(whole)) reply.send(line);
    return;
  }
  const lines = batchedLines(whole);
  reply.batch(
    BATCH_TYPE,
    [read(whole).target],
    () => {
      for (const line of lines) reply.send(new Outgoing(line));
    },
    whole.parts,
  );
}

function knows(client: Client): boolean {
  return client.has(CAP.multiline) && client.has(CAP.batch);
}

function read({ parts }: Outgoing): {
  readonly command: string;
  readonly target: string;
  readonly lines: readonly TextLine[];
} {
  const [command = "", target = "", ...lines] = parts.params;
  return { command, target, lines: lines.map(parseLine) };
}

function joinTags(a: string, b: string | undefined): string {
  return b === undefined ? a : `${a};${b}`;
}

/** "Servers MUST only include a message ID on the first message"; what else is known is on the batch itself. */
function bare({ source, time }: OutgoingParts): Omit<OutgoingParts, "command" | "params"> {
  return { source, time, clientTags: NO_TAGS };
}

function batchedLines(whole: Outgoing): OutgoingParts[] {
  const { command, target, lines } = read(whole);
  return lines.map(({ text, isContinued }) => ({
    ...bare(whole.parts),
    command,
    params: [target, text],
    ...(isContinued ? { serverTags: TAG.multilineConcat } : {}),
  }));
}

/**
 * "Tags MAY also be included on subsequent lines": short ones are. Four kilobytes on each of a hundred lines would fill the
 * send queues of all who get them.
 */
function plainLines(whole: Outgoing): Outgoing[] {
  const { command, target, lines } = read(whole);
  const { clientTags = NO_TAGS } = whole.parts;
  const areShort = formatTags(clientTags).length <= MAX_REPEATED_TAGS;
  return lines
    .filter(({ text }) => text !== "")
    .map(
      ({ text }, i) =>
        new Outgoing({
          ...whole.parts,
          command,
          params: [target, text],
          msgid: i === 0 ? whole.parts.msgid : undefined,
          clientTags: i === 0 || areShort ? clientTags : NO_TAGS,
        }),
    );
}
