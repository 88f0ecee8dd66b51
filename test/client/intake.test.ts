// What is taken in of what a server sends, and what ends a connection that takes nothing.
import { strict as assert } from "node:assert";
import { boundedMessage } from "../../src/client/intake.js";
import {
  MAX_RECEIVED_PARAMS,
  MAX_SHOWN_TEXT,
  MAX_TAG_VALUE_LENGTH,
  MAX_WORD_LENGTH,
} from "../../src/client/limits.js";
import { LineFeed } from "../../src/client/line-feed.js";
import { parseMessage } from "../../src/irc/message.js";
import { joined, startScripted } from "./scripted-peer.js";

const bounded = (line: string) => boundedMessage(parseMessage(line)!);
const LONG = "x".repeat(60_000);

describe("a line of 64 KB", () => {
  it("is left out where its sender or target is no name any more", () => {
    assert.equal(bounded(`:${LONG}!u@h JOIN #room`), undefined);
    assert.equal(bounded(`:bob!u@h PRIVMSG #${LONG} :hello`), undefined);
    assert.ok(bounded(`:bob!u@${"h".repeat(MAX_WORD_LENGTH - 10)} PRIVMSG #room :hello`));
  });

  it("is cut with an ellipsis where it is a topic or a reason, and whole where it is a message", () => {
    const topic = bounded(`:bob!u@h TOPIC #room :${LONG}`)!.params[1]!;
    assert.equal(topic.length, MAX_SHOWN_TEXT);
    assert.ok(topic.endsWith("x…"));
    assert.equal(bounded(`:bob!u@h PRIVMSG #room :${LONG}`)!.params[1], LONG);
  });

  it("is not cut in the middle of a character", () => {
    const topic = bounded(`:bob!u@h TOPIC #room :${"🙂".repeat(20_000)}`)!.params[1]!;
    assert.ok(topic.isWellFormed());
  });

  it("has no more parameters and tags than anybody reads", () => {
    const message = bounded(
      `@msgid=m;evil=${LONG};time=${"9".repeat(MAX_TAG_VALUE_LENGTH + 1)} 005 ann ${"A ".repeat(20_000)}`,
    )!;
    assert.deepEqual([...message.tags], [["msgid", "m"]]);
    assert.equal(message.params.length, MAX_RECEIVED_PARAMS);
  });
});

/** A feed each of whose lines is worth more than a turn, and what has become of it. */
function slowFeed() {
  const seen: string[] = [];
  const source = {
    isPaused: false,
    pause: () => {
      source.isPaused = true;
    },
    resume: () => {
      source.isPaused = false;
    },
  };
  let turns = 0;
  let finish: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const feed = new LineFeed(source, {
    onLine: (line) => {
      seen.push(line);
      const end = performance.now() + 30;
      while (performance.now() < end);
    },
    onChunkEnd: () => {
      turns++;
    },
    onEnd: (detail) => {
      seen.push(detail);
      finish();
    },
  });
  const push = (text: string) => {
    feed.push(Buffer.from(text));
  };
  return { feed, push, source, seen, ended, turns: () => turns };
}

describe("lines that arrive together", () => {
  it("are handed over in turns, in order, and the end comes after them", async () => {
    const { feed, push, source, seen, ended, turns } = slowFeed();
    push("1\r\n2\r\n3\r\n");
    assert.ok(source.isPaused, "nothing more is read meanwhile");
    push("4\r\n");
    feed.end("end");
    await ended;
    assert.deepEqual(seen, ["1", "2", "3", "4", "end"]);
    assert.equal(turns(), 4);
  });

  it("share one turn of the event loop when a stream has several chunks of them in it", async () => {
    const { feed, push, source, seen, ended } = slowFeed();
    for (const line of ["1", "2", "3"]) push(`${line}\r\n`);
    assert.deepEqual(seen, ["1"]);
    assert.ok(source.isPaused, "nothing more is read meanwhile");
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(seen, ["1", "2"]);
    feed.end("end");
    await ended;
    assert.deepEqual(seen, ["1", "2", "3", "end"]);
  });
});

describe("a server that reads nothing", () => {
  it("is left when so much waits for it, though it goes on asking", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server);
    peer.socket.pause();
    const pings = `PING ${"x".repeat(480)}\r\n`.repeat(100);
    // What the systems on both sides hold comes on top.
    const ask = () => {
      if (!peer.socket.destroyed) peer.socket.write(pings, () => setImmediate(ask));
    };
    ask();
    await session.until(({ status }) => status.phase !== "online");
    assert.ok(
      session.log.some((line) => line.includes("does not read")),
      "the log says why",
    );
  });

  it("is not answered where it asks for more than a line", async () => {
    const { peer } = await joined(await startScripted());
    peer.send(`PING :${"x".repeat(1_000)}`);
    assert.deepEqual(await peer.settle(), []);
  });
});
