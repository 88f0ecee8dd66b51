// How much the database is asked for at once, that is between two turns of the event loop: counted, not timed.
import { strict as assert } from "node:assert";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { onCleanup } from "./cleanup.js";

export interface DatabaseWork {
  /** How many rows were read at once at most. */
  rows: number;
  /** How many characters of text were read or looked through at once at most. */
  characters: number;
}

type Method = (...args: readonly unknown[]) => unknown;

const text = (value: SQLInputValue | undefined) => (typeof value === "string" ? value : "");

/** What looks through text within SQLite: our own, so that it can be counted. LIKE and GLOB take the product of both lengths. */
const SEARCHING: Readonly<Record<string, (...args: readonly SQLInputValue[]) => SQLInputValue>> = {
  instr: (all, part) => text(all).indexOf(text(part)) + 1,
  lower: (all) => text(all).toLowerCase(),
  upper: (all) => text(all).toUpperCase(),
  replace: (all, from, to) => text(all).replaceAll(text(from), text(to)),
  like: () => assert.fail("LIKE"),
  glob: () => assert.fail("GLOB"),
};

/** Counts the work of all databases that are opened from now on, until the test is over. */
export function countDatabaseWork(): { readonly most: DatabaseWork; reset(): void } {
  const most: DatabaseWork = { rows: 0, characters: 0 };
  const now: DatabaseWork = { rows: 0, characters: 0 };
  let turn: NodeJS.Immediate | undefined;

  const endTurn = () => {
    most.rows = Math.max(most.rows, now.rows);
    most.characters = Math.max(most.characters, now.characters);
    now.rows = 0;
    now.characters = 0;
    turn = undefined;
  };
  const add = (rows: number, characters: number) => {
    now.rows += rows;
    now.characters += characters;
    turn ??= setImmediate(endTurn);
  };
  const addRow = (row: unknown) => {
    let characters = 0;
    for (const value of Object.values(row ?? {}))
      if (typeof value === "string") characters += value.length;
    add(1, characters);
  };

  /** The statement, whose rows are counted. */
  const counted = (statement: StatementSync): StatementSync => {
    const { all, get, iterate } = statement as unknown as Readonly<Record<string, Method>>;
    const run = (method: Method | undefined, args: readonly unknown[]): unknown =>
      method === undefined ? undefined : Reflect.apply(method, statement, args);
    return Object.assign(statement, {
      all: (...args: readonly unknown[]) => {
        const rows = run(all, args) as readonly unknown[];
        rows.forEach(addRow);
        return rows;
      },
      get: (...args: readonly unknown[]) => {
        const row = run(get, args);
        addRow(row);
        return row;
      },
      *iterate(...args: readonly unknown[]) {
        for (const row of run(iterate, args) as Iterable<unknown>) {
          addRow(row);
          yield row;
        }
      },
    });
  };

  const original = Object.getOwnPropertyDescriptor(DatabaseSync.prototype, "prepare");
  assert.ok(original !== undefined);
  const prepare = original.value as (sql: string) => StatementSync;
  const known = new WeakSet<DatabaseSync>();
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql) {
    if (!known.has(this))
      for (const [name, search] of Object.entries(SEARCHING))
        this.function(name, { deterministic: true, varargs: true }, (...values) => {
          add(0, text(values[0]).length);
          return search(...values);
        });
    known.add(this);
    return counted(Reflect.apply(prepare, this, [sql]));
  };
  onCleanup(() => {
    clearImmediate(turn);
    Object.defineProperty(DatabaseSync.prototype, "prepare", original);
  });

  return {
    most,
    reset: () => {
      endTurn();
      most.rows = 0;
      most.characters = 0;
    },
  };
}
