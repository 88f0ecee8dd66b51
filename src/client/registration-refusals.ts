// What a server says that ends a registration, and which nick it may like better.
import type { Message } from "../irc/message.js";
import { nextNick, nickProblem } from "../irc/names.js";
import * as n from "../irc/numerics.js";
import { APPROVAL_DENIED, APPROVAL_TIMED_OUT } from "../irc/standard-replies.js";
import type { ConnectFailure } from "./status.js";

/** `FAIL * SERVER_FULL`, or what servers without standard replies say; there is no numeric for it. */
const SERVER_FULL = "SERVER_FULL";
/** What servers say in an ERROR has no code: these are the words of those in use. The first that fits is meant. */
const ERROR_TEXTS: readonly (readonly [
  words: RegExp,
  code: "throttled" | "server-full" | "banned",
])[] = [
  [/throttl|connect(?:ing|ed)? too fast|too many (?:times|connection attempts)/i, "throttled"],
  [
    /\b(?:server is full|too many (?:clients|connections|users)|no more connections)\b/i,
    "server-full",
  ],
  [/\b(?:[gkqz]l|[gkqz][:-]l|[dkx]-l)ined?\b|\ba(?:uto)?-?kill(?:ed)?\b|\bbanned\b/i, "banned"],
];
const ACCOUNT_REQUIRED = "ACCOUNT_REQUIRED";

/** What refuses a command as such. Nicks and channels, which may be called like one, are refused with others. */
const OF_COMMANDS: ReadonlySet<string> = new Set([
  ...n.ABOUT_COMMANDS,
  n.ERR_ALREADYREGISTERED,
  n.ERR_NOPRIVILEGES,
]);

/** The command that `line` refuses, where it names one. */
export function refusedCommand({ command, params: [first, second] }: Message): string | undefined {
  if (command === "FAIL") return first?.toUpperCase();
  // It names the subcommand.
  if (command === n.ERR_INVALIDCAPCMD) return "CAP";
  return OF_COMMANDS.has(command) ? /^\S*/.exec(second ?? "")?.[0].toUpperCase() : undefined;
}

/** What `line` refuses us for; undefined when it does not, or refuses only the nick or the account. */
export function refusalIn(line: Message, hasPassword: boolean): ConnectFailure | undefined {
  const { command, params } = line;
  const detail = params.at(-1) ?? "";
  const passwordRefused = {
    code: hasPassword ? "wrong-password" : "password-needed",
    detail,
  } as const;
  switch (command) {
    case n.ERR_PASSWDMISMATCH:
      return passwordRefused;
    case n.ERR_NOPERMFORHOST:
    case n.ERR_YOUREBANNEDCREEP:
    case n.ERR_YOUWILLBEBANNED:
      return { code: "banned", detail };
    case n.RPL_REDIR:
      return redirection(params);
    case "FAIL":
      if (params[1] === SERVER_FULL) return { code: "server-full", detail };
      if (params[1] === APPROVAL_DENIED) return { code: "denied", detail };
      if (params[1] === APPROVAL_TIMED_OUT) return { code: "approval-timed-out", detail };
      return params[1] === ACCOUNT_REQUIRED ? passwordRefused : undefined;
    case "ERROR": {
      const [, code] = ERROR_TEXTS.find(([words]) => words.test(detail)) ?? [];
      return { code: code ?? "closed-by-server", detail };
    }
    default:
      return undefined;
  }
}

/** We go nowhere on a server's word: whoever is there is not who the person asked for, and would be told the password. */
function redirection([, host = "", port = ""]: readonly string[]): ConnectFailure {
  return { code: "closed-by-server", detail: `use ${host}:${port} instead` };
}

/** A nick every server takes that looks like `nick`. */
export function plainNick(nick: string): string {
  const plain = nick
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9_-]/g, "")
    .replace(/^[^A-Za-z_]+/, "")
    .slice(0, 16);
  if (plain === nick || nickProblem(plain) !== undefined)
    return plain === nick ? nextNick(plain.slice(0, 8)) : "guest";
  return plain;
}
