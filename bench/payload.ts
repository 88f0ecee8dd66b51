// The text of the messages sent: who sent it and its number, so that every delivery can be checked.

const LF = 0x0a;
const ZERO = 0x30;
const SENDER_DIGITS = 4;
const NUMBER_DIGITS = 7;
const FILLER = "the quick brown fox jumps over the lazy dog 0123456789";
const NUMBER_AT = 1 + SENDER_DIGITS + 1;
const FILLER_AT = NUMBER_AT + NUMBER_DIGITS + 1;

/** The bytes of a message's text. */
export const PAYLOAD_BYTES = 64;

/** The text of message `number` of a sender: `s0007 0000123 the quick …`, as long for all. */
export function payload(sender: number, number: number): string {
  const head = `s${String(sender).padStart(SENDER_DIGITS, "0")} ${String(number).padStart(NUMBER_DIGITS, "0")} `;
  return head + FILLER.slice(0, PAYLOAD_BYTES - head.length);
}

const FILLER_BYTES = Buffer.from(payload(0, 0).slice(FILLER_AT));
const COMMAND = Buffer.from(" PRIVMSG ");

export interface Payload {
  readonly sender: number;
  readonly number: number;
}

/** What a line (with its CR LF) carries, or undefined when it is not one of ours, or not whole. */
export function readPayload(line: Buffer): Payload | undefined {
  const start = line.length - 2 - PAYLOAD_BYTES;
  if (start < COMMAND.length || line[line.length - 1] !== LF || !line.includes(COMMAND)) return;
  const fillerAt = start + FILLER_AT;
  if (line.compare(FILLER_BYTES, 0, FILLER_BYTES.length, fillerAt, line.length - 2) !== 0) return;
  return {
    sender: digits(line, start + 1, SENDER_DIGITS),
    number: digits(line, start + NUMBER_AT, NUMBER_DIGITS),
  };
}

function digits(bytes: Buffer, from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i++) value = value * 10 + (bytes[i] ?? 0) - ZERO;
  return value;
}
