// The answer to NAMES, kept ready: whoever joins gets it, and a crowd does so one after the other.
import { CAP } from "../irc/caps.js";
import { RPL_NAMREPLY } from "../irc/numerics.js";
import { utf8Length } from "../irc/utf8.js";
import type { Channel } from "./channel.js";
import type { Client } from "./client.js";
import { numericLine, numericRoom, type NumericLine } from "./delivery.js";

/** How the members are shown to some of the clients. */
interface View {
  /** What the lines were made with. */
  readonly source: string;
  readonly symbol: string;
  readonly name: string;
  readonly allPrefixes: boolean;
  readonly withHost: boolean;
  readonly lines: NumericLine[];
  /** The names in the last line, which may become more. */
  last: string;
  /** Whether `lines` has all of `last`. */
  isComplete: boolean;
  /** How many bytes of names the last line still takes. */
  room: number;
}

/** Owns the lines that say who is in a channel. */
export class Roster {
  private views: View[] = [];

  constructor(private readonly channel: Channel) {}

  /** A new member; the others are as before. */
  added(member: Client): void {
    for (const view of this.views) this.add(view, member);
  }

  /** A member is gone, or is shown otherwise than before. */
  forget(): void {
    this.views = [];
  }

  /** RPL_NAMREPLY as `client` understands it. Valid until a member comes, goes or changes. */
  lines(client: Client, source: string): readonly NumericLine[] {
    const allPrefixes = client.has(CAP.multiPrefix);
    const withHost = client.has(CAP.userhostInNames);
    const symbol = this.channel.flags.has("s") ? "@" : "=";
    const { name } = this.channel;
    if (this.views.some((view) => view.symbol !== symbol || view.name !== name)) this.forget();
    let view = this.views.find(
      (known) => known.allPrefixes === allPrefixes && known.withHost === withHost,
    );
    if (view === undefined) {
      view = {
        source,
        symbol,
        name,
        allPrefixes,
        withHost,
        lines: [],
        last: "",
        isComplete: true,
        room: 0,
      };
      for (const member of this.channel.members.keys()) this.add(view, member);
      this.views.push(view);
    }
    complete(view);
    return view.lines;
  }

  private add(view: View, member: Client): void {
    const { source, symbol, name, lines } = view;
    const shown =
      this.channel.prefixes(member, view.allPrefixes) +
      (view.withHost ? member.source : member.nick);
    const bytes = utf8Length(shown) + 1;
    if (bytes <= view.room) {
      if (view.isComplete) lines.pop();
      view.last += ` ${shown}`;
      view.room -= bytes;
    } else {
      complete(view);
      view.last = shown;
      view.room = numericRoom(source) - utf8Length(` ${symbol} ${name} :`) - bytes;
    }
    view.isComplete = false;
  }
}

function complete(view: View): void {
  const { source, symbol, name, lines, last } = view;
  if (!view.isComplete) lines.push(numericLine(source, RPL_NAMREPLY, symbol, name, last));
  view.isComplete = true;
}
