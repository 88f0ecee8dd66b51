// The answer to NAMES, kept ready: whoever joins gets it, and a crowd does so one after the other.
import { CAP } from "../irc/caps.js";
import { RPL_NAMREPLY } from "../irc/numerics.js";
import { utf8Length } from "../irc/utf8.js";
import type { Channel } from "./channel.js";
import type { Client } from "./client.js";
import { numericLine, numericRoom, type NumericLine } from "./delivery.js";

/** What the lines are made with. */
interface ViewParts {
  readonly source: string;
  readonly symbol: string;
  readonly name: string;
  readonly allPrefixes: boolean;
  readonly withHost: boolean;
}

/** How the members are shown to some of the clients. */
interface View extends ViewParts {
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
    const of = { source, symbol, name, allPrefixes, withHost };
    const visible = this.visibleTo(client);
    // Strangers who are shown only some of the members are few, and what they are shown is different for each.
    if (visible !== undefined) return this.linesOf(this.show(of, visible));
    let view = this.views.find(
      (known) => known.allPrefixes === allPrefixes && known.withHost === withHost,
    );
    if (view === undefined) {
      view = this.show(of, this.channel.members.keys());
      this.views.push(view);
    }
    return this.linesOf(view);
  }

  /** The members `client` may see; undefined when that is all. */
  private visibleTo(client: Client): Client[] | undefined {
    if (this.channel.has(client)) return undefined;
    const members = [...this.channel.members.keys()];
    const visible = members.filter((member) => member.isVisibleTo(client));
    return visible.length < members.length ? visible : undefined;
  }

  private linesOf(view: View): readonly NumericLine[] {
    complete(view);
    return view.lines;
  }

  private show(of: ViewParts, members: Iterable<Client>): View {
    const view = { ...of, lines: [], last: "", isComplete: true, room: 0 };
    for (const member of members) this.add(view, member);
    return view;
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
