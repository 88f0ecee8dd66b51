import { strict as assert } from "node:assert";
import { hostPort } from "../../src/irc/host-port.js";

describe("an address with its port", () => {
  for (const [host, wanted] of [
    ["::", "[::]:9898"],
    ["fe80::1", "[fe80::1]:9898"],
    ["127.0.0.1", "127.0.0.1:9898"],
    ["irc.example.org", "irc.example.org:9898"],
  ] as const)
    it(`of ${host} is ${wanted}`, () => {
      assert.equal(hostPort(host, 9898), wanted);
    });
});
