// What a question to the server, or a wish, can fail with.

export type SessionErrorCode =
  /** There is no connection to ask over. */
  | "not-connected"
  /** No answer in time. */
  | "timed-out"
  | "no-such-nick"
  /** It needs a channel that we are not in: `subject`. */
  | "not-in-channel"
  /** The server said no; the message is its own. */
  | "refused"
  /** There is no room for it among what waits to be sent. */
  | "queue-full"
  /** It would take all of that room and more. */
  | "too-long"
  /** A name or line that no server could take. */
  | "bad-name";

/** Told apart by `code`; `message` is English. */
export class SessionError extends Error {
  constructor(
    readonly code: SessionErrorCode,
    message: string,
    readonly subject = "",
  ) {
    super(message);
  }
}
