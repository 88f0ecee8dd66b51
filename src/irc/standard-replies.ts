// Codes of standard replies that Parley's own server sends. https://ircv3.net/specs/extensions/standard-replies

/** `NOTE * SERVER_STOPPING :<reason>`: the host stops the server on purpose; clients should not reconnect automatically. */
export const SERVER_STOPPING = "SERVER_STOPPING";

/** `NOTE NICK NICKNAME_RESERVED <nick> :<text>`, before ERR_NICKNAMEINUSE: the nick belongs to another account. */
export const NICKNAME_RESERVED = "NICKNAME_RESERVED";

/** `NOTE NICK NICKNAME_YOURS <nick> :<text>`, before ERR_NICKNAMEINUSE: another connection of one's own account has it. */
export const NICKNAME_YOURS = "NICKNAME_YOURS";

/** `NOTE RELEASE NICKNAME_RELEASED <nick> :<text>`: the nick is no one's any more. */
export const NICKNAME_RELEASED = "NICKNAME_RELEASED";
