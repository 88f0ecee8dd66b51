// The tables of the server's SQLite file, and how those of older versions become them.
import type { DatabaseSync } from "node:sqlite";
import { rollBack } from "./records.js";

/** Each step takes the schema one version further; the file remembers in `user_version` how many it has had. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE messages (
     seq INTEGER PRIMARY KEY,
     buffer TEXT NOT NULL,
     msgid TEXT NOT NULL,
     time INTEGER NOT NULL,
     is_event INTEGER NOT NULL,
     source TEXT NOT NULL,
     account TEXT,
     address TEXT,
     is_bot INTEGER NOT NULL,
     command TEXT NOT NULL,
     params TEXT NOT NULL,
     client_tags TEXT NOT NULL,
     sender TEXT,
     send_id TEXT
   ) STRICT;
   CREATE INDEX messages_by_buffer ON messages (buffer, seq);
   CREATE INDEX messages_by_time ON messages (buffer, time, seq);
   CREATE UNIQUE INDEX messages_by_msgid ON messages (msgid, buffer);
   CREATE INDEX messages_by_send ON messages (send_id, sender) WHERE send_id IS NOT NULL;
   CREATE TABLE conversations (
     identity TEXT NOT NULL,
     buffer TEXT NOT NULL,
     PRIMARY KEY (identity, buffer)
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE accounts (
     folded TEXT PRIMARY KEY,
     name TEXT NOT NULL,
     email TEXT,
     created INTEGER NOT NULL,
     salt BLOB,
     iterations INTEGER,
     stored_key BLOB,
     server_key BLOB
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE certificates (
     fingerprint TEXT PRIMARY KEY,
     account TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  // Buffers by number, and only what is needed found by an index: two indexes with long names in them cost more than all
  // else about a message. Where a time stands is found by halving, for times never go back.
  `CREATE TABLE buffers (
     id INTEGER PRIMARY KEY,
     name TEXT NOT NULL UNIQUE
   ) STRICT;
   INSERT INTO buffers (name) SELECT DISTINCT buffer FROM messages;
   CREATE TABLE lines (
     seq INTEGER PRIMARY KEY,
     buffer INTEGER NOT NULL,
     msgid TEXT NOT NULL,
     time INTEGER NOT NULL,
     is_event INTEGER NOT NULL,
     source TEXT NOT NULL,
     account TEXT,
     address TEXT,
     is_bot INTEGER NOT NULL,
     command TEXT NOT NULL,
     params TEXT NOT NULL,
     client_tags TEXT NOT NULL,
     sender TEXT,
     send_id TEXT
   ) STRICT;
   INSERT INTO lines SELECT seq, (SELECT id FROM buffers WHERE name = buffer), msgid, time, is_event, source,
     account, address, is_bot, command, params, client_tags, sender, send_id FROM messages;
   DROP TABLE messages;
   ALTER TABLE lines RENAME TO messages;
   CREATE INDEX messages_by_buffer ON messages (buffer);
   CREATE INDEX messages_by_msgid ON messages (msgid);
   CREATE INDEX messages_by_send ON messages (send_id, sender) WHERE send_id IS NOT NULL;`,
  `CREATE TABLE read_markers (
     account TEXT NOT NULL,
     target TEXT NOT NULL,
     time INTEGER NOT NULL,
     PRIMARY KEY (account, target)
   ) STRICT, WITHOUT ROWID;`,
  // What is found by its words is looked up in the messages: the index keeps no text of its own.
  `CREATE VIRTUAL TABLE words USING fts5(text, content='', contentless_delete=1);
   CREATE TABLE indexed (seq INTEGER NOT NULL) STRICT;
   INSERT INTO indexed VALUES (0);`,
  `CREATE TABLE channels (
     folded TEXT PRIMARY KEY,
     name TEXT NOT NULL,
     founder TEXT,
     state TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX channels_by_founder ON channels (founder) WHERE founder IS NOT NULL;
   CREATE TABLE metadata (
     account TEXT NOT NULL,
     key TEXT NOT NULL,
     value TEXT NOT NULL,
     PRIMARY KEY (account, key)
   ) STRICT, WITHOUT ROWID;`,
  // The index of buffers is written many messages at a time; filed is how far. Whatever is said after the last message was
  // removed gets that one's seq, and is not filed.
  `DROP INDEX messages_by_buffer;
   CREATE TABLE places (
     buffer INTEGER NOT NULL,
     seq INTEGER NOT NULL,
     PRIMARY KEY (buffer, seq)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO places SELECT buffer, seq FROM messages ORDER BY buffer, seq;
   CREATE TABLE filed (seq INTEGER NOT NULL) STRICT;
   INSERT INTO filed SELECT coalesce(max(seq), 0) FROM messages;
   CREATE TRIGGER unfile AFTER DELETE ON messages BEGIN
     DELETE FROM places WHERE buffer = OLD.buffer AND seq = OLD.seq;
     UPDATE filed SET seq = OLD.seq - 1
       WHERE seq >= OLD.seq AND NOT EXISTS (SELECT 1 FROM messages WHERE seq > OLD.seq);
   END;`,
  // Members of channels who stay whether they are connected or not.
  `CREATE TABLE presences (
     account TEXT PRIMARY KEY,
     state TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  // An account keeps the nicks it comes by, and may lose one: its name no longer says which are its own.
  `CREATE TABLE nicks (
     folded TEXT PRIMARY KEY,
     nick TEXT NOT NULL,
     account TEXT NOT NULL,
     used INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   INSERT INTO nicks SELECT folded, name, folded, created FROM accounts;`,
  // Beginnings of words: put together from all words that begin so, the common ones take too long. Made anew by searching.
  `DROP TABLE words;
   CREATE VIRTUAL TABLE words USING fts5(text, content='', contentless_delete=1, prefix='2');
   UPDATE indexed SET seq = 0;`,
  // Of words in very many messages all places are merged in one go, half a second for everyone at a million messages: so
  // what is removed is cleared out where little else is left.
  `INSERT INTO words (words, rank) VALUES ('deletemerge', 90);`,
  // Whom the host has let in or banned.
  `CREATE TABLE decisions (
     kind TEXT NOT NULL,
     value TEXT NOT NULL,
     verdict TEXT NOT NULL,
     nick TEXT NOT NULL,
     reason TEXT NOT NULL,
     time INTEGER NOT NULL,
     PRIMARY KEY (kind, value)
   ) STRICT, WITHOUT ROWID;`,
  // Pictures that people have uploaded of themselves; which is whose stands in the metadata.
  `CREATE TABLE pictures (
     id TEXT PRIMARY KEY,
     type TEXT NOT NULL,
     bytes BLOB NOT NULL
   ) STRICT;`,
  // The counter of the folder's stamp.
  `CREATE TABLE stamp (counter INTEGER NOT NULL) STRICT;
   INSERT INTO stamp VALUES (0);`,
  // What was said apart from what happened: where thousands came and went, the last message is found at once all the same.
  `DROP TRIGGER unfile;
   CREATE TABLE filed_places (
     buffer INTEGER NOT NULL,
     is_event INTEGER NOT NULL,
     seq INTEGER NOT NULL,
     PRIMARY KEY (buffer, is_event, seq)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO filed_places SELECT buffer, is_event, seq FROM messages WHERE seq <= (SELECT seq FROM filed)
     ORDER BY buffer, is_event, seq;
   DROP TABLE places;
   ALTER TABLE filed_places RENAME TO places;
   CREATE TRIGGER unfile AFTER DELETE ON messages BEGIN
     DELETE FROM places WHERE buffer = OLD.buffer AND is_event = OLD.is_event AND seq = OLD.seq;
     UPDATE filed SET seq = OLD.seq - 1
       WHERE seq >= OLD.seq AND NOT EXISTS (SELECT 1 FROM messages WHERE seq > OLD.seq);
   END;`,
];

export function versionOf(database: DatabaseSync): number {
  return (database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
}

/** All steps up to `version` or none: a file that cannot be brought here still opens where it came from. */
export function migrate(database: DatabaseSync, version = MIGRATIONS.length): void {
  const steps = MIGRATIONS.slice(versionOf(database), version);
  if (steps.length === 0) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    for (const step of steps) database.exec(step);
    database.exec(`PRAGMA user_version = ${version}; COMMIT`);
  } catch (error) {
    rollBack(database);
    throw error;
  }
}
