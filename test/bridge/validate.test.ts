import assert from "node:assert/strict";
import fc from "fast-check";
import type { ToHost } from "../../src/bridge/protocol.js";
import { fromPage, isLink, MAX_NAME_LENGTH, MAX_TEXT_LENGTH } from "../../src/bridge/validate.js";

const conversation = "#general";
const GOOD: { readonly [T in ToHost["type"]]: Extract<ToHost, { type: T }> } = {
  ready: { type: "ready" },
  drawn: { type: "drawn" },
  openConversation: { type: "openConversation", conversation },
  openDirectMessage: { type: "openDirectMessage", nick: "ann" },
  closeConversation: { type: "closeConversation", conversation: "" },
  placed: { type: "placed", conversation: "#a", row: "m1", isAtEnd: false },
  read: { type: "read", conversation, row: "r1" },
  draftChanged: { type: "draftChanged", conversation, text: "" },
  retry: { type: "retry", conversation, row: "r1" },
  discard: { type: "discard", conversation, row: "r1" },
  openLink: { type: "openLink", url: "https://example.org/a?b#c" },
  copyText: { type: "copyText", text: "line\nline" },
  runCommand: { type: "runCommand", command: "parley.join" },
};

describe("what the page may say", () => {
  for (const message of Object.values(GOOD)) {
    it(`includes ${message.type}`, () => {
      assert.ok(fromPage.isMessage(message));
    });

    for (const field of Object.keys(message).filter((key) => key !== "type")) {
      for (const [title, value] of [
        ["missing", undefined],
        ["of another type", { toString: "x" }],
        ["too long", "https://e.org/" + "x".repeat(MAX_TEXT_LENGTH)],
      ] as const) {
        it(`excludes ${message.type} with ${field} ${title}`, () => {
          assert.ok(!fromPage.isMessage({ ...message, [field]: value }));
        });
      }
    }
  }

  it("excludes fields that are inherited", () => {
    const inherited: unknown = Object.create({ conversation });
    assert.ok(
      !fromPage.isMessage(Object.assign(inherited as object, { type: "openConversation" })),
    );
  });

  it("excludes commands the page has no button for", () => {
    const message = { type: "runCommand", command: "workbench.action.terminal.new" };
    assert.ok(!fromPage.isMessage(message));
  });

  it("has room for the longest texts and names", () => {
    const text = "x".repeat(MAX_TEXT_LENGTH);
    const id = "x".repeat(MAX_NAME_LENGTH);
    assert.ok(fromPage.isParams("submit", { conversation: id, text }));
    assert.ok(fromPage.isParams("submit", { conversation: id, text, isConfirmed: true }));
    assert.ok(!fromPage.isParams("submit", { conversation: id, text, isConfirmed: "yes" }));
    assert.ok(!fromPage.isParams("submit", { conversation: id + "x", text }));
    assert.ok(!fromPage.isParams("submit", { conversation: id, text: text + "x" }));
  });

  it("takes any value at all without throwing", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => {
        assert.equal(fromPage.isMessage(value), false);
        fromPage.isParams("loadGap", value);
      }),
    );
  });
});

describe("links that may be opened", () => {
  const table: [string, boolean][] = [
    ["https://example.org", true],
    ["http://127.0.0.1:8080/x?y=1#z", true],
    ["HTTPS://EXAMPLE.ORG", true],
    ["mailto:ann@example.org", true],
    ["command:workbench.action.quit", false],
    ["file:///etc/passwd", false],
    ["vscode://parley-chat.parley/join", false],
    ["javascript:alert(1)", false],
    ["data:text/html,x", false],
    ["//example.org", false],
    ["https:///nowhere", false],
    ["https://example.org/a b", false],
    ["https://example.org/\n", false],
    ["https://example.org/\u0000", false],
    ["https://example.org/\u202egpj", false],
    ["https://example.org\u200b.evil.org", false],
    ["https://example.org\\@evil.org", false],
    ["https://example.org/?q=C%23+ü", true],
    [" https://example.org", false],
    ["", false],
  ];
  for (const [url, expected] of table) {
    it(`${expected ? "include" : "exclude"} ${JSON.stringify(url)}`, () => {
      assert.equal(isLink(url), expected);
    });
  }
});
