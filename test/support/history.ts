// A history without a server around it.
import type { DatabaseSync } from "node:sqlite";
import { createLogger } from "../../src/server/logger.js";
import { IN_MEMORY, openDatabase } from "../../src/server/history/database.js";
import { SqliteHistory } from "../../src/server/history/sqlite.js";
import type { StoredMessage } from "../../src/server/history/store.js";
import { onCleanup } from "./cleanup.js";

const quiet = createLogger("error", () => undefined);

/** The `n`th message, said at the time `n`. */
export function storedMessage(n: number, buffer = "#room", command = "PRIVMSG"): StoredMessage {
  return {
    buffer,
    msgid: `id${n}`,
    time: n,
    source: "a!b@c",
    account: undefined,
    address: undefined,
    isBot: false,
    command,
    params: [buffer, String(n)],
    clientTags: "",
  };
}

/** The history in a file, or in memory. It is closed after the test. */
export function openHistory(file = IN_MEMORY): {
  readonly history: SqliteHistory;
  readonly database: DatabaseSync;
} {
  const database = openDatabase(file, quiet);
  const history = new SqliteHistory(database);
  onCleanup(() => {
    history.close();
  });
  return { history, database };
}
