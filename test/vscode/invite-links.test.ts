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
    ["a path that was cut off", `${extension}/jo`],
    ["no more than an address", `${extension}/join?host=localhost&port=9898`],
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

  for (const channel of ["#c++", "#a&b", "#100%", "#%41", "#über"]) {
    it(`a link to ${channel} that was clicked leads there, and asks first`, async () => {
      const address = { ...invite, channels: [channel], token: "a+b&c=%41" };
      const link = formatInvite(address, vscode.env.uriScheme);
      const once = vscode.Uri.parse(link);
      for (const uri of [
        once,
        vscode.Uri.parse(once.toString()),
        vscode.Uri.parse(once.toString(true)),
      ]) {
        const { asked, joined } = await click(uri);
        assert.equal(asked.length, 1);
        assert.deepEqual(joined.map(parseAddress), [{ address }]);
      }
    });
  }

  it("a link to many long names shows the fingerprint first, and every name within a line", async () => {
    const hosts = Array.from(
      { length: 16 },
      (_, i) => `${`${"x".repeat(60)}.`.repeat(3)}h${i}.example`,
    );
    const { asked } = await click(vscode.Uri.parse(formatInvite({ ...invite, hosts })));
    const [{ message, detail } = { message: "", detail: "" }] = asked;
    assert.match(detail, /^Certificate \(SHA-256\): AB:AB:/);
    assert.ok(message.length < 120, message);
    for (const [i] of hosts.entries()) assert.ok(detail.includes(`h${i}.example`), detail);
    assert.ok(detail.length < 1500, detail);
  });

  it("a name that mixes scripts is shown in ASCII as well", async () => {
    // With a Cyrillic a.
    const uri = vscode.Uri.parse(
      `${extension}/join?host=ch%D0%B0t.corp.example&fp=${invite.fingerprint}`,
    );
    const { asked } = await click(uri);
    assert.match(asked[0]?.message ?? "", /chаt\.corp\.example \(xn--cht-7cd\.corp\.example\)/);
    assert.match(asked[0]?.detail ?? "", /xn--cht-7cd\.corp\.example/);
  });

  it("a link survives the way through VS Code's Uri", () => {
    const uri = vscode.Uri.parse(formatInvite(invite, "vscode"));
    const parsed = parseAddress(uri.toString(true));

    assert.ok("address" in parsed);
    assert.deepEqual(parsed.address, invite);
  });
});

/** Clicks a link and answers its question with Join. */
async function click(uri: vscode.Uri) {
  const joined: string[] = [];
  const asked: { message: string; detail: string }[] = [];
  const { showInformationMessage } = vscode.window;
  const answer = (message: string, { detail = "" }: vscode.MessageOptions, join: string) => {
    asked.push({ message, detail });
    return Promise.resolve(join);
  };
  Object.assign(vscode.window, { showInformationMessage: answer });
  try {
    const handler = new InviteUriHandler((link) => {
      joined.push(link);
      return Promise.resolve();
    });
    await handler.handleUri(uri);
  } finally {
    Object.assign(vscode.window, { showInformationMessage });
  }
  return { joined, asked };
}
