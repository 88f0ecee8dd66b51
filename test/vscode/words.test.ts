import assert from "node:assert/strict";
import { failureText } from "../../src/extension/words.js";

describe("the words for a failed connection", () => {
  for (const [detail, text] of [
    [
      "You are banned from this server",
      "You are banned from chat.example. Ask the host or an operator to let you in.",
    ],
    [
      "You are banned from this server: go away",
      "You are banned from chat.example (go away). Ask the host or an operator to let you in.",
    ],
    ["", "You are banned from chat.example. Ask the host or an operator to let you in."],
    [
      "K-lined: spam",
      "You are banned from chat.example (K-lined: spam). Ask the host or an operator to let you in.",
    ],
  ] as const)
    // prettier-ignore
    it(`say what to do about a ban, and its reason where one is given: “${detail}”`, () => {
      assert.equal(failureText({ code: "banned", detail }, "chat.example"), text);
    });
});
