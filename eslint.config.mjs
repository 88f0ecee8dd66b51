import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import lit from "eslint-plugin-lit";
import tseslint from "typescript-eslint";

// The packages each layer may import. A new entry is a design decision: ARCHITECTURE.md, "Layers".
const packages = {
  irc: ["unhomoglyph/data\\.json"],
  bridge: [],
  server: ["node:.+", "ws", "@peculiar/x509", "reflect-metadata"],
  client: ["punycode\\.js"],
  "client/net": ["node:.+", "ws"],
  extension: ["node:(?!module$).+"],
  webview: ["lit(/.+)?", "@vscode/webview-ui-toolkit", "@vscode/codicons/.+", "@lezer/.+"],
};

// Everything VS Code shows goes through src/extension/ui, which makes others' text inert: there alone is "vscode" itself.
// The rest of the extension has vscode.ts, which is the same without what shows text.
const parts = {
  ...packages,
  "extension/{vscode,ui/*}": [...packages.extension, "vscode"],
};

const layerRules = Object.entries(parts).map(([part, allowed]) => ({
  files: [part in packages ? `src/${part}/**/*.ts` : `src/${part}.ts`],
  rules: {
    "@typescript-eslint/no-restricted-imports": [
      "error",
      {
        patterns: [
          {
            regex: `^(?!\\.|(${allowed.join("|") || "$."})$)`,
            message: `src/${part} may import: ${allowed.join(", ") || "no packages"}`,
          },
        ],
      },
    ],
  },
}));

export default defineConfig(
  { ignores: ["dist/", "out/", ".cache/", "**/node_modules/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "no-console": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  { files: ["src/webview/**/*.ts"], extends: [lit.configs["flat/recommended"]] },
  {
    files: ["test/**/*.ts", "bench/**/*.ts"],
    rules: {
      "no-console": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unused-expressions": "off",
    },
  },
  {
    files: ["**/*.js", "**/*.mjs"],
    languageOptions: {
      globals: {
        require: "readonly",
        process: "readonly",
        console: "readonly",
        module: "writable",
        __dirname: "readonly",
        setTimeout: "readonly",
        clearTimeout: "readonly",
        URL: "readonly",
        fetch: "readonly",
        Buffer: "readonly",
      },
    },
  },
  ...layerRules,
  {
    files: ["src/extension/**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "ImportExpression",
          message: "Import statically: what may be imported is checked.",
        },
      ],
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              regex: "^\\.\\.(/.*)?/server/(?!control\\.js$)",
              message: "Of the server, only the types in control.ts.",
            },
          ],
        },
      ],
    },
  },
);
