import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { StartError } from "../../src/server/errors.js";
import { Listener } from "../../src/server/listener.js";

const PORT = 81;
const NOBODY = 65534;

/** The first port everybody may listen on; 0 where the system protects none. */
function firstFreeForAll(): number {
  if (process.platform !== "linux") return 0;
  return Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
}

/** Runs `action` with the rights of an ordinary account. */
async function asNobody(action: () => Promise<void>): Promise<void> {
  const self = process.geteuid?.();
  if (self !== 0) {
    await action();
    return;
  }
  process.seteuid?.(NOBODY);
  try {
    await action();
  } finally {
    process.seteuid?.(self);
  }
}

describe("a port the system keeps for administrators", () => {
  it("is refused as such, with what to do", async function () {
    if (firstFreeForAll() <= PORT) {
      console.log(`    skipped: this system lets everybody listen on port ${PORT}`);
      this.skip();
    }
    await asNobody(async () => {
      const listener = new Listener({ host: "127.0.0.1", port: PORT }, () => undefined);
      await assert.rejects(listener.start(), (error) => {
        assert.ok(error instanceof StartError);
        assert.equal(error.code, "permission-denied");
        assert.match(error.message, /127\.0\.0\.1:81: .*choose a port above 1023/);
        return true;
      });
    });
  });
});
