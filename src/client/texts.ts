// The English words the client itself shows: all of them, so that a user interface can put its own in their place.

/** Errors of messages that could not be sent (MessageEntry.error). */
export const SEND_ERRORS = {
  notConnected: "Not connected.",
  tooMany: "Too many messages are waiting to be sent.",
  noAnswer: "The server did not confirm the message.",
} as const;

export const INFO_TEXTS = {
  invited: (nick: string, channel: string) =>
    `${nick} invites you to ${channel}. /join ${channel} accepts.`,
  inviting: (nick: string, channel: string) => `${nick} has been invited to ${channel}.`,
} as const;
