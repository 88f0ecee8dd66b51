// SEARCH. https://soju.im/search
import { CAP } from "../../irc/caps.js";
import { ERR_UNKNOWNCOMMAND } from "../../irc/numerics.js";
import { parseTags } from "../../irc/tags.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError, StandardError, errorText } from "../errors.js";
import type { SearchQuery } from "../history/search.js";
import type { StoredMessage } from "../history/store.js";
import { SEARCH_MAX } from "../isupport.js";
import { shown } from "../reply.js";
import { parseTime } from "../timestamp.js";
import { findConversation, readability } from "./conversations.js";
import { sendStored } from "./history.js";

export const searchCommands: CommandTable = {
  SEARCH: { run: search, minParams: 1, inTurns: true },
};

const KEYS: ReadonlySet<string> = new Set(["in", "from", "after", "before", "text", "limit"]);
const MAX_TEXT_BYTES = 200;
/** As many lines could have been said in the time a search can take. */
const PRICE = 10;

async function search(cx: CommandContext): Promise<void> {
  const { client, server, params, reply } = cx;
  if (!client.has(CAP.search))
    throw new CommandError(ERR_UNKNOWNCOMMAND, "SEARCH", "Unknown command");
  const query = parseQuery(cx, params[0] ?? "");
  client.connection.costs(PRICE);
  let found: readonly StoredMessage[];
  try {
    found = await server.archive.store.search(query);
  } catch (error) {
    server.logger.error(`a search failed: ${errorText(error)}`);
    throw new StandardError("INTERNAL_ERROR", [], "The search failed; try again later");
  }
  // Meanwhile the client may have left the channel or been made to.
  const { mayRead } = readability(cx);
  reply.batch("soju.im/search", [], () => {
    for (const message of found) if (mayRead(message)) sendStored(cx, message);
  });
}

function parseQuery(cx: CommandContext, data: string): SearchQuery {
  const attributes = parseTags(data);
  for (const key of attributes.keys())
    if (!KEYS.has(key))
      throw invalid(key, `is not a search key; valid ones are ${[...KEYS].join(", ")}`);
  const text = attributes.get("text");
  if (text !== undefined && (text === "" || Buffer.byteLength(text) > MAX_TEXT_BYTES))
    throw invalid("text", `must have 1 to ${MAX_TEXT_BYTES} bytes`);
  return {
    buffers: buffersOf(cx, attributes.get("in")),
    text,
    from: attributes.get("from"),
    after: timeOf("after", attributes.get("after")),
    before: timeOf("before", attributes.get("before")),
    limit: limitOf(attributes.get("limit")),
  };
}

function invalid(key: string, problem: string): StandardError {
  return new StandardError("INVALID_PARAMS", [key], `${shown(key)} ${problem}`);
}

function timeOf(key: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = parseTime(text);
  if (time === undefined) throw invalid(key, "must be a time such as 2019-01-04T14:33:26.123Z");
  return time;
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return SEARCH_MAX;
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw invalid("limit", "must be a number greater than 0");
  return Math.min(Number(text), SEARCH_MAX);
}

/** One conversation, or everything the client may read. */
function buffersOf(cx: CommandContext, target: string | undefined): readonly string[] {
  if (target === undefined) return readability(cx).buffers;
  const conversation = findConversation(cx, target);
  if (conversation === undefined) throw invalid("in", "must be a channel that you are in");
  return [conversation.buffer];
}
