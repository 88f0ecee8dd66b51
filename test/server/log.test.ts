// What clients send, in a log that people read in a terminal.
import { strict as assert } from "node:assert";
import { Writable } from "node:stream";
import { createStreamLogger } from "../../src/server/logger.js";

/** CSI and OSC as single characters, a line separator, an override, a zero-width space, and an escape sequence. */
const HOSTILE = "\x9b31m\x9d0;title\x9c a\u2028b\u202etxt.exe c\u200bd \x1b[2J\x07 e\r\x85f";
// eslint-disable-next-line no-control-regex -- they are what must not be there
const STEERS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

function logged(logJson: boolean, message: string): string {
  let text = "";
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      text += chunk;
      done();
    },
  });
  createStreamLogger({ logLevel: "debug", logJson }, stream, () => 0).info(message);
  return text;
}

describe("the log", () => {
  it("does not steer the terminal it is read in", () => {
    assert.doesNotMatch(logged(false, HOSTILE), STEERS);
  });

  it("has one line for one event, whatever stands in it", () => {
    const time = "1970-01-01T00:00:00.000Z";
    assert.equal(logged(false, "a\u2028b\x85c\rd"), `${time} info  a b c d\n`);
    assert.equal(
      logged(false, "first\nsecond\r\nthird"),
      `${time} info  first\n  second\n  third\n`,
    );
  });

  it("as JSON does not either, and loses nothing", () => {
    const line = logged(true, `${HOSTILE} \u{e0041} 😀`);

    assert.doesNotMatch(line, STEERS);
    assert.doesNotMatch(line, /\u{e0041}/u);
    assert.deepEqual(JSON.parse(line), {
      time: "1970-01-01T00:00:00.000Z",
      level: "info",
      message: `${HOSTILE} \u{e0041} 😀`,
    });
  });

  it("shows letters and pictures of all scripts as they are", () => {
    assert.match(logged(false, "Grüße 日本語 👩‍🚀"), /Grüße 日本語 👩‍🚀\n$/);
  });
});
