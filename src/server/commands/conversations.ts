// Which conversations a client may read, and from when on. The one place that decides it.
import type { Channel } from "../channel.js";
import type { Client } from "../client.js";
import type { CommandContext } from "../dispatch.js";
import { channelBuffer } from "../history/archive.js";
import { identityOf, type StoredMessage } from "../history/store.js";

export interface Conversation {
  /** As it is shown. */
  readonly name: string;
  readonly buffer: string;
  readonly channel: Channel | undefined;
  /** The other one of a direct conversation, if they are here. */
  readonly peer: Client | undefined;
  /** What was said before is not for the client. Milliseconds since the epoch. */
  readonly since: number;
}

/** The conversation the client calls `target`; undefined for a channel it is not in. */
export function findConversation(
  { server, client }: CommandContext,
  target: string,
): Conversation | undefined {
  if (target.startsWith("#")) {
    const channel = server.channels.find(target);
    // History is for members: those who were not let in, or have not joined yet, read nothing.
    if (channel?.has(client) !== true) return undefined;
    const buffer = channelBuffer(channel);
    return { name: channel.name, buffer, channel, peer: undefined, since: 0 };
  }
  const peer = server.clients.find(target);
  const buffer = server.archive.conversationWith(client, target, peer);
  // By its "canonical name" a person is not known who has left; so it is the one that was asked by, which is how irctest,
  // too, knows the answer to a question.
  return { name: target, buffer, channel: undefined, peer, since: directSince(client) };
}

/** From when on the client may read its direct messages: a guest's nick may have been another guest's before. */
export function directSince({ account, nickSince }: Client): number {
  return account === undefined ? nickSince : 0;
}

/** Tells of each stored message, of whatever conversation, whether the client may read it now. */
export function readability({ server, client }: CommandContext): {
  readonly buffers: readonly string[];
  readonly mayRead: (message: StoredMessage) => boolean;
} {
  const channels = new Set([...client.channels].map(channelBuffer));
  const direct = new Set(server.archive.store.conversationsOf(identityOf(client)));
  const since = directSince(client);
  return {
    buffers: [...channels, ...direct],
    mayRead: ({ buffer, time }) => channels.has(buffer) || (direct.has(buffer) && time >= since),
  };
}
