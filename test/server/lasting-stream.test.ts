import { strict as assert } from "node:assert";
import { EventEmitter } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lasting } from "../../src/server/lasting-stream.js";
import { onCleanup } from "../support/cleanup.js";
import { temporaryFolder } from "../support/server.js";

describe("a log on a disk that was full", () => {
  it("goes on when there is room again, though Node has closed its stream", () => {
    const file = join(temporaryFolder(), "log");
    const fd = openSync(file, "a");
    onCleanup(() => {
      closeSync(fd);
    });
    const before: string[] = [];
    const write = (text: string) => before.push(text);
    const stream = Object.assign(new EventEmitter(), { fd, write });
    const log = lasting(stream);
    log.write("one\n");
    stream.emit("error", new Error("ENOSPC"));
    log.write("two\n");
    log.write("three\n");
    assert.deepEqual(before, ["one\n"]);
    assert.equal(readFileSync(file, "utf8"), "two\nthree\n");
  });

  it("ends nothing where it stays full", () => {
    const fd = openSync("/dev/full", "w");
    onCleanup(() => {
      closeSync(fd);
    });
    const stream = Object.assign(new EventEmitter(), { fd, write: () => true });
    const log = lasting(stream);
    stream.emit("error", new Error("ENOSPC"));
    log.write("lost\n");
  });
});
