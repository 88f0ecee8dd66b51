// The README's lists are those of the program.
import assert from "node:assert/strict";
import { slashCommands } from "../../src/client/slash-commands.js";
import { offeredCaps } from "../../src/server/commands/cap.js";
import { commandTable } from "../../src/server/commands/index.js";
import { parseServerConfig } from "../../src/server/config.js";
import { readme, readmeSection } from "../support/readme.js";

function codes(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
}

describe("README", () => {
  it("lists every slash command as /help shows it", () => {
    const expected = [...slashCommands.values()].map(
      ({ usage, description }) =>
        `\`${usage.replaceAll("|", "\\|")}\` ${description.replaceAll("|", "\\|")}`,
    );
    const rows = readmeSection("slash-commands")
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .map((line) =>
        line
          .slice(2, -2)
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim())
          .join(" "),
      );

    assert.deepEqual(rows, expected);
  });

  it("lists the commands the server knows", () => {
    assert.deepEqual(codes(readmeSection("server-commands")), [...commandTable.keys()].sort());
  });

  it("lists the capabilities the server offers", () => {
    const offered = offeredCaps(parseServerConfig({}));

    assert.deepEqual(codes(readmeSection("capabilities")), [...offered.keys()].sort());
  });

  it("gives the commands that start and test it all", () => {
    assert.ok(readme.includes("npm ci && npm start"));
    assert.ok(readme.includes("npm ci && npm test"));
  });
});
