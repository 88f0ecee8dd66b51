// What is held of batches that have not ended.
import { strict as assert } from "node:assert";
import { Batches } from "../../src/client/batches.js";
import { MAX_BATCHED_LENGTH } from "../../src/client/limits.js";
import { parseMessage } from "../../src/irc/message.js";

describe("open batches", () => {
  it("are bounded together, also inside a history that was let go for there are too many", () => {
    const batches = new Batches((a, b) => a === b);
    const take = (line: string) => batches.take(parseMessage(line)!);
    const text = "x".repeat(50_000);
    take("BATCH +0 chathistory #room");
    for (let i = 0; i < 500; i++) {
      take(`@batch=${i} BATCH +${i + 1} chathistory #room`);
      take(`@batch=${i + 1} :bob!u@h PRIVMSG #room :${text}`);
      assert.ok(batches.size <= MAX_BATCHED_LENGTH + 2 * text.length, `${batches.size} are held`);
    }
  });
});
