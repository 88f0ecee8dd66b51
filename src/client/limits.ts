// How much of what a server sends is kept. A server may be broken or hostile: each number bounds what it can make us hold.
// Lengths are in UTF-16 units, which take two bytes at most.

// ---- one line

/** Tags of 8191 bytes and a line of 512 are the most a specification allows; some servers allow longer lines. */
export const MAX_RECEIVED_LINE_BYTES = 65_536;

/**
 * Of a source, and of each parameter but the last: names, numbers, modes. None has more room on a line of 512 bytes, and a name
 * that is longer could not be answered.
 */
export const MAX_WORD_LENGTH = 512;

/** RFC 1459 has fifteen; MODE and ISUPPORT lines of some servers have a few more. */
export const MAX_RECEIVED_PARAMS = 50;

/** A topic, reason, away message or notice of the server that is longer is cut, and ends with an ellipsis. */
export const MAX_SHOWN_TEXT = 4_096;

/** Of the value of a tag we use. Ids have some dozen characters; the longest are labels and accounts. */
export const MAX_TAG_VALUE_LENGTH = 512;

// ---- one connection

/** Lines a server does not read. A long message of our own with all around it has 200 KB. */
export const MAX_UNREAD_BYTES = 1_048_576;

/** One WebSocket message is one line, but some servers put many into one. */
export const MAX_WEBSOCKET_MESSAGE_BYTES = 262_144;

/** How long lines are taken in before the rest of the program has its turn. */
export const MAX_INTAKE_MS = 20;

/** Servers in use announce up to eighty. */
export const MAX_ISUPPORT_TOKENS = 300;

/** Each change of the case mapping keys all names anew; a server has one, which it tells once. */
export const MAX_CASE_MAPPINGS = 3;

/** People and memberships that a change of the case mapping may key anew: a server tells it before anyone is anywhere. */
export const MAX_REFOLDED_NAMES = 20_000;

/** Batches that have not ended. More are open only where some never end; then the oldest goes. */
export const MAX_OPEN_BATCHES = 64;

/** Of all open batches together: a page of history has a hundred messages, and the longest message 100 KB. */
export const MAX_BATCHED_LENGTH = 8_000_000;

/** Of one batch, which is taken in at its end in one go: ten times as many as we ask for. */
export const MAX_BATCH_MESSAGES = 1_000;

/** What a line that waits takes beside its text. */
export const LINE_OVERHEAD = 200;

/** METADATA SYNC that a server asks us to repeat later: one for each channel. */
export const MAX_SYNC_TIMERS = 200;

// ---- what we say

/** About how much memory the messages may take that are not sent yet, or failed: twenty of the longest, thousands of usual ones. */
export const MAX_UNSENT_BYTES = 4_000_000;

/** How much of it the next session is left, the newest: it is written anew whenever something changes. */
export const MAX_REMEMBERED_UNSENT_BYTES = 500_000;

/** What such a message takes beside its text: it waits, and has a row. */
export const UNSENT_OVERHEAD = 1_000;

// ---- answers

/** Channels of LIST: what a person can still look through. */
export const MAX_LISTED = 5_000;

/** A topic in such a list. */
export const MAX_LISTED_TOPIC = 390;

/** Channels of WHOIS. */
export const MAX_WHOIS_CHANNELS = 500;

// ---- people and conversations

/** Of a user name, host, real name, account or away message of another: longer ones are cut. */
export const MAX_PROFILE_LENGTH = 512;

/** What a person takes beside their names. */
export const USER_OVERHEAD = 200;

/** About how much memory all we know of people may take: 50,000 of them with a host and a real name of usual length. */
export const MAX_USER_BYTES = 24_000_000;

/** Members of all channels together: a hundred channels of two thousand. */
export const MAX_MEMBERSHIPS = 200_000;

/**
 * About how much memory the entries of all buffers may take. Sixty busy channels with two thousand messages each come to as
 * much; beyond that the largest buffers let go first.
 */
export const MAX_ENTRY_BYTES = 64_000_000;

/** What a buffer keeps of its entries however many others there are: some hundred messages. */
export const LEAST_BUFFER_BYTES = 65_536;

/** Lines played by a bouncer that are remembered while it plays, in all conversations together. */
export const MAX_RECOGNIZED = 50_000;

/** Ids of deleted messages that are remembered, should a history still have them; of all conversations together. */
export const MAX_REDACTED = 1_000;

/** Gaps that were asked for as they came, on one connection. */
export const MAX_ASKED_GAPS = 1_000;

/** Questions about history that were given up, and may still be answered. */
export const MAX_OVERDUE_ANSWERS = 100;

/** Conversations whose read mark is kept though they are not open. */
export const MAX_READ_MARKS = 1_000;
