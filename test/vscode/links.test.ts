// Where a link of a message leads.
import { strict as assert } from "node:assert";
import * as vscode from "vscode";
import { openLink } from "../../src/extension/panel-actions.js";

describe("a link of a message", () => {
  const { openExternal } = vscode.env;

  afterEach(() => {
    vscode.env.openExternal = openExternal;
  });

  for (const url of [
    "https://example.org/search?q=C%23+lists",
    "https://example.org/a%2Fb?x=%E2%82%AC&y=1%2B1#%20",
    "https://example.org/ü?q=[a]{b}|c",
    "https://EXAMPLE.org",
    "mailto:ann@example.org?subject=C%23",
  ]) {
    it(`opens byte for byte: ${url}`, async () => {
      const opened: unknown[] = [];
      vscode.env.openExternal = (target) => {
        opened.push(target);
        return Promise.resolve(true);
      };
      await openLink(url);
      // Not a Uri: that would be encoded anew.
      assert.deepEqual(opened, [url]);
    });
  }
});
