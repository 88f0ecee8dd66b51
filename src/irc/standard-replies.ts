// Codes of standard replies that Parley's own server sends. https://ircv3.net/specs/extensions/standard-replies

/** `NOTE * SERVER_STOPPING :<reason>`: the host stops the server on purpose; nobody need try to come back by himself. */
export const SERVER_STOPPING = "SERVER_STOPPING";
