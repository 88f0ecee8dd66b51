// What we said and may have arrived when a connection was lost: a history shows whether it did.
import { isChangedText } from "./changed-text.js";
import { UNECHOED_MS } from "./content-index.js";
import type { Row } from "./entry-identity.js";
import type { Entry, MessageEntry } from "./model.js";

interface Unsettled {
  readonly entry: MessageEntry;
  /** When it was first sent, by the server's clock. */
  readonly since: number;
}

export class UnsettledMessages {
  /** Oldest first. */
  private waiting: Unsettled[];
  /** The entries that have been found. */
  readonly settled = new Set<Entry>();

  constructor(pending: readonly Entry[], since: ReadonlyMap<string, number> = new Map()) {
    this.waiting = pending.flatMap((entry) => {
      const time = since.get(entry.id);
      return entry.kind !== "message" || time === undefined ? [] : { entry, since: time };
    });
  }

  /** `line`, or our message that it is word for word, as the server has it. Each message is one line's only. */
  take(line: Row): Row {
    return this.takeBy(line, (message, { text }) => message.entry.text === text);
  }

  /** The same of our message whose text the server has changed. */
  takeChanged(line: Row): Row {
    return this.takeBy(line, (message, { text }) => isChangedText(message.entry.text, text));
  }

  private takeBy(line: Row, isText: (message: Unsettled, line: MessageEntry) => boolean): Row {
    if (line.kind !== "message" || hasOwnId(line)) return line;
    const found = this.waiting.find((message) => isSame(message, line) && isText(message, line));
    if (found === undefined) return line;
    this.waiting = this.waiting.filter((message) => message !== found);
    this.settled.add(found.entry);
    return { ...line, id: found.entry.id, own: true, mention: false };
  }
}

/** A server that keeps our ids has told another one. */
function hasOwnId({ id, msgid }: MessageEntry): boolean {
  return msgid !== undefined && id !== msgid;
}

function isSame({ entry, since }: Unsettled, line: MessageEntry): boolean {
  // We may be here under another nick by now.
  if (!line.own && line.nick !== entry.nick) return false;
  return line.form === entry.form && line.time >= since - UNECHOED_MS;
}
