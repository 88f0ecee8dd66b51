// The configuration file: a JSON object with the names of ServerOptions.
import { readFileSync } from "node:fs";
import type { ServerOptions } from "./config.js";
import { ConfigError, errorText } from "./errors.js";

type Kind = "text" | "number" | "flag" | "list";

/** What each option is. The compiler sees to it that none is missing. */
const KINDS: Readonly<Record<keyof ServerOptions, Kind>> = {
  listen: "list",
  plaintext: "text",
  cert: "text",
  key: "text",
  password: "text",
  data: "text",
  acceptDataLoss: "flag",
  name: "text",
  network: "text",
  description: "text",
  motd: "text",
  opers: "list",
  accounts: "list",
  registerBeforeConnect: "flag",
  registerRequiresEmail: "flag",
  alwaysOn: "flag",
  audit: "flag",
  approve: "flag",
  stsDays: "number",
  maxClients: "number",
  floodControl: "flag",
  historyLimit: "number",
  retention: "number",
  replay: "number",
  showAddresses: "text",
  logLevel: "text",
  logJson: "flag",
};

const WANTED: Readonly<Record<Kind, string>> = {
  text: "a string in quotes",
  number: "a number",
  flag: "true or false",
  list: 'a list of strings, such as ["one", "two"]',
};

/** The options in `file`. @throws ConfigError naming the key that is wrong. */
export function readConfigFile(file: string): ServerOptions {
  const data = parse(file);
  if (typeof data !== "object" || data === null || Array.isArray(data))
    throw new ConfigError("config", `${file} must hold a JSON object: { "name": "value", … }`);
  for (const [key, value] of Object.entries(data)) {
    if (!Object.hasOwn(KINDS, key))
      throw new ConfigError(
        "config",
        `${file}: "${key}" is not an option; valid ones are ${Object.keys(KINDS).join(", ")}`,
      );
    const kind = KINDS[key as keyof ServerOptions];
    if (!isOfKind(value, kind))
      throw new ConfigError("config", `${file}: "${key}" must be ${WANTED[kind]}`);
  }
  return data;
}

function parse(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError("config", `could not read ${file}: ${errorText(error)}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError("config", `${file} is not JSON: ${jsonProblem(text, error)}`);
  }
}

/** What JSON.parse says, without the part of the text it shows: passwords stand in there, and this goes to a log. */
function jsonProblem(text: string, error: unknown): string {
  const message = errorText(error);
  if (!message.endsWith("is not valid JSON")) return message;
  const [, problem, token = "", before, excerpt = ""] =
    /^(Unexpected token '(.+?)'), (\.\.\.)?"(.*)"(?:\.\.\.)? is not valid JSON$/s.exec(message) ??
    [];
  if (problem === undefined) return "a JSON value cannot begin with its first character";
  const within = before === undefined ? excerpt.indexOf(token) : SHOWN_BEFORE;
  const line = text.slice(0, text.indexOf(excerpt) + within).split("\n").length;
  return `${problem} on line ${line}`;
}

/** How much is shown before what is wrong, if there is more than that. */
const SHOWN_BEFORE = 10;

function isOfKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "flag":
      return typeof value === "boolean";
    case "list":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
  }
}
