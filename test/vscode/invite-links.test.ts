// vscode:// links that were clicked. What a good one asks is answered by a person: see test/e2e.
import { strict as assert } from "node:assert";
import * as vscode from "vscode";
import { formatInvite, parseAddress } from "../../src/client/address.js";
import { InviteUriHandler } from "../../src/extension/uri-handler.js";

const extension = "vscode://parley-chat.parley";

const invite = {
  transport: "tls",
  hosts: ["192.168.1.20", "fe80::1"],
  port: 9898,
  path: "/",
  channels: ["#general"],
  fingerprint: "ab".repeat(32),
  token: "a-b_c",
} as const;

describe("invite links", () => {
  for (const [what, link] of [
    ["another path", `${extension}/run?host=localhost`],
    ["no host", `${extension}/join?port=9898`],
    ["a port out of range", `${extension}/join?host=localhost&port=99999`],
    ["a damaged fingerprint", `${extension}/join?host=localhost&fp=12`],
    ["a host that is none", `${extension}/join?host=a%20b`],
  ] as const) {
    it(`a link with ${what} joins nothing`, async () => {
      const joined: string[] = [];
      const handler = new InviteUriHandler((link) => {
        joined.push(link);
        return Promise.resolve();
      });
      await handler.handleUri(vscode.Uri.parse(link));

      assert.deepEqual(joined, []);
    });
  }

  it("a link survives the way through VS Code's Uri", () => {
    const uri = vscode.Uri.parse(formatInvite(invite, "vscode"));
    const parsed = parseAddress(uri.toString(true));

    assert.ok("address" in parsed);
    assert.deepEqual(parsed.address, invite);
  });
});
