// What is held of batches that have not ended.
import { strict as assert } from "node:assert";
import { Batches } from "../../src/client/batches.js";
import { MAX_BATCHED_LENGTH, MAX_BATCH_MESSAGES } from "../../src/client/limits.js";
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

  it("of more messages than a server has for us are let go as a whole", () => {
    const batches = new Batches((a, b) => a === b);
    const take = (line: string) => batches.take(parseMessage(line)!);
    take("BATCH +1 chathistory #room");
    for (let i = 0; i <= MAX_BATCH_MESSAGES; i++) take("@batch=1 :bob!u@h PRIVMSG #room :hi");
    assert.equal(batches.size, 0);
    assert.deepEqual(take("BATCH -1"), { kind: "kept" });
  });

  it("of a bouncer's playback are taken in piece by piece, whatever their length", () => {
    const batches = new Batches((a, b) => a === b);
    const texts: string[] = [];
    const pieces: number[] = [];
    const take = (line: string) => {
      const outcome = batches.take(parseMessage(line)!);
      if (outcome.kind !== "ended") return;
      assert.deepEqual(outcome.batch.params, ["#room"]);
      pieces.push(outcome.batch.messages.length);
      texts.push(...outcome.batch.messages.map(({ params }) => params[1]!));
    };
    take("BATCH +1 znc.in/playback #room");
    for (let i = 0; i < 7_500; i++) take(`@batch=1 :bob!u@h PRIVMSG #room :${i}`);
    take("BATCH -1");
    assert.deepEqual(
      texts,
      Array.from({ length: 7_500 }, (_, i) => String(i)),
    );
    assert.ok(pieces.length > 10 && pieces.every((length) => length <= 500));
  });
});
