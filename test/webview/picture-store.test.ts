// Which pictures the page asks for, how often, and who gets them.
import assert from "node:assert/strict";
import { FIRST_RETRY_MS, MAX_RETRY_MS, PictureStore } from "../../src/webview/picture-store.js";

const DATA = "data:image/png;base64,AAAA";

function start() {
  const asked: string[] = [];
  const answers = new Map<string, string>();
  const timers: { run: () => void; ms: number }[] = [];
  const taken: string[] = [];
  const store = new PictureStore(
    (id) => {
      asked.push(id);
      return Promise.resolve(answers.get(id));
    },
    (run, ms) => {
      timers.push({ run, ms });
    },
  );
  const give = (id: string, signal = new AbortController().signal) => {
    store.give(id, () => taken.push(id), signal);
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const elapse = async () => {
    const timer = timers.shift();
    timer?.run();
    await settled();
    return timer?.ms;
  };
  return { store, asked, answers, timers, taken, give, settled, elapse };
}

describe("the pictures of a page", () => {
  it("that could not be had come later, to all who wait for them", async () => {
    const { asked, answers, taken, give, settled, elapse, timers } = start();
    give("a");
    give("a");
    await settled();
    assert.deepEqual(taken, []);
    answers.set("a", DATA);
    assert.equal(await elapse(), FIRST_RETRY_MS);
    assert.deepEqual(taken, ["a", "a"]);
    assert.deepEqual(asked, ["a", "a"]);
    assert.deepEqual(timers, []);
  });

  it("that can never be had are asked for less and less often", async () => {
    const { timers, give, settled, elapse } = start();
    for (const id of ["a", "b", "c"]) give(id);
    await settled();
    const waits: (number | undefined)[] = [];
    for (let n = 0; n < 8; n++) {
      assert.equal(timers.length, 1);
      waits.push(await elapse());
    }
    assert.deepEqual(
      waits.slice(0, 3),
      [1, 2, 4].map((n) => n * FIRST_RETRY_MS),
    );
    assert.equal(waits.at(-1), MAX_RETRY_MS);
  });

  it("are asked for at once when we are connected again, unless they are here or under way", async () => {
    const { store, asked, answers, taken, give, settled } = start();
    answers.set("here", DATA);
    give("here");
    give("a");
    await settled();
    answers.set("a", DATA);
    store.connected();
    store.connected();
    await settled();
    assert.deepEqual(asked, ["here", "a", "a"]);
    assert.deepEqual(taken, ["here", "a"]);
  });

  it("that no one waits for any more are not asked for again", async () => {
    const { store, asked, give, settled, elapse, timers } = start();
    const gone = new AbortController();
    give("a", gone.signal);
    await settled();
    gone.abort();
    store.connected();
    await elapse();
    assert.deepEqual(asked, ["a"]);
    assert.deepEqual(timers, []);
  });
});
