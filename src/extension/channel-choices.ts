// What Chat: Join Channel offers.
import type { ChatBuffer } from "../client/model.js";
import type { ListedChannel } from "../client/queries.js";
import { compareNames } from "./order.js";

export interface ChannelChoice {
  readonly name: string;
  readonly topic: string;
  /** How many are in it; undefined where only the server knows. */
  readonly members: number | undefined;
  /** Whether we are in it. */
  readonly joined: boolean;
}

/**
 * The channels the server lists and those that are remembered, by `fold`ed names each once. First those one can join, the
 * liveliest first.
 */
export function channelChoices(
  buffers: Iterable<ChatBuffer>,
  listed: readonly ListedChannel[],
  fold: (name: string) => string,
): readonly ChannelChoice[] {
  const choices = new Map<string, ChannelChoice>();
  for (const { name, kind, topic, joined, members } of buffers)
    if (kind === "channel")
      choices.set(fold(name), { name, topic, joined, members: joined ? members.size : undefined });
  for (const { name, topic, members } of listed) {
    const joined = choices.get(fold(name))?.joined === true;
    choices.set(fold(name), { name, topic, members, joined });
  }
  return [...choices.values()].sort(
    (a, b) =>
      Number(a.joined) - Number(b.joined) ||
      (b.members ?? 0) - (a.members ?? 0) ||
      compareNames(a.name, b.name),
  );
}
