// Codes of standard replies that Parley's own server sends. https://ircv3.net/specs/extensions/standard-replies

/** `NOTE * SERVER_STOPPING :<reason>`: the host stops the server on purpose; clients should not reconnect automatically. */
export const SERVER_STOPPING = "SERVER_STOPPING";

/** `NOTE NICK NICKNAME_RESERVED <nick> :<text>`, before ERR_NICKNAMEINUSE: the nick belongs to another account. */
export const NICKNAME_RESERVED = "NICKNAME_RESERVED";

/** `NOTE NICK NICKNAME_YOURS <nick> :<text>`, before ERR_NICKNAMEINUSE: another connection of one's own account has it. */
export const NICKNAME_YOURS = "NICKNAME_YOURS";

/** `NOTE RELEASE NICKNAME_RELEASED <nick> :<text>`: the nick is no one's any more. */
export const NICKNAME_RELEASED = "NICKNAME_RELEASED";

/**
 * `NOTE * WAITING_FOR_APPROVAL :<text>`: the connection is complete, and the host has to let us in. Also
 * `FAIL <command> WAITING_FOR_APPROVAL :<text>`: not before that.
 */
export const WAITING_FOR_APPROVAL = "WAITING_FOR_APPROVAL";

/** `NOTE FILEHOST UPLOAD_TOKEN <address> <token> :<text>`: where, and with which bearer token, this session may upload its picture. */
export const UPLOAD_TOKEN = "UPLOAD_TOKEN";

/** `NOTE KNOCK KNOCK_DELIVERED :<text>`: the host has the line we sent while we wait. */
export const KNOCK_DELIVERED = "KNOCK_DELIVERED";

/** `NOTE * APPROVED :<text>`: the host has let us in. */
export const APPROVED = "APPROVED";

/** `FAIL * APPROVAL_DENIED :<reason>`, before ERROR: the host does not let us in. */
export const APPROVAL_DENIED = "APPROVAL_DENIED";
/** The reason of a host who gave none. */
export const DENIED_WITHOUT_REASON = "The host did not let you in";

/** `FAIL * APPROVAL_TIMED_OUT :<text>`, before ERROR: we waited too long. */
export const APPROVAL_TIMED_OUT = "APPROVAL_TIMED_OUT";

/** `NOTE * APPROVAL_REQUESTED <nick> :<text>`, to operators: someone waits for their approval. */
export const APPROVAL_REQUESTED = "APPROVAL_REQUESTED";
