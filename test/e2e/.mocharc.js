// All of it, or the part that PARLEY_TEST_PART names, such as "1/2": the whole run has two beside each other.
const { globSync } = require("node:fs");

const [part, parts] = (process.env.PARLEY_TEST_PART ?? "1/1").split("/").map(Number);
const files = globSync("test/e2e/**/*.test.ts").sort();

module.exports = {
  spec: files.filter((_, index) => index % parts === part - 1),
  require: ["tsx"],
  file: ["test/support/hooks.ts"],
  reporter: "test/support/reporter.ts",
  timeout: 120_000,
  "forbid-only": true,
  bail: false,
};
