// Limits the specifications set. What a server chooses for itself (NICKLEN …) it announces in ISUPPORT.

/** Modern IRC, "Compatibility with incorrect software": a line takes at most 512 bytes with CR LF, tags not counted. */
export const MAX_LINE_BYTES = 512;

/** message-tags, "Size limit": clients MUST NOT send messages with tag data exceeding 4094 bytes. */
export const MAX_CLIENT_TAG_DATA_BYTES = 4094;

/** RFC 2812 §2.3 allows fifteen parameters; a parser must accept what arrives, a sender must not exceed it. */
export const MAX_PARAMS = 15;

/** The line of someone who waits for the host's approval: longer ones are refused. */
export const MAX_KNOCK_BYTES = 300;
