// The command line: arguments, environment, signals.
import { parseArgs, type ParseArgsConfig } from "node:util";
import { hostPort } from "../irc/host-port.js";
import { printable } from "../irc/printable.js";
import { isLoopback } from "./cloak.js";
import { readConfigFile } from "./config-file.js";
import { parseServerConfig, type ServerConfig, type ServerOptions } from "./config.js";
import { ConfigError, StartError, errorText } from "./errors.js";
import { lasting } from "./lasting-stream.js";
import { createStreamLogger, type Logger } from "./logger.js";
import { Server } from "./server.js";

const USAGE = `Usage: parley-server [options]

  --config FILE                  read options from a JSON file; the command line takes precedence
  --listen HOST:PORT             address to listen on; repeatable; port 0 picks a free port (default 127.0.0.1:9898)
  --plaintext WHEN               who may connect without encryption: never, loopback or always (default loopback)
  --cert FILE --key FILE         certificate and key, PEM (default: self-signed, kept in --data)
  --password PASSWORD            password to connect; safer in the environment variable PARLEY_PASSWORD
  --data DIR                     folder for history, accounts and certificate (default: in memory only)
  --accept-data-loss             start although --data lacks data it has had, such as with an older backup
  --name NAME                    the server's name, with a dot (default parley.chat)
  --network NAME                 the network's name (default Parley)
  --description TEXT             the server's description, shown by WHOIS
  --motd FILE                    file with the message of the day
  --oper NAME:PASSWORD           an operator; repeatable
  --account NAME:PASSWORD        an account to create at start; repeatable
  --register-before-connect      allow REGISTER before the connection is registered
  --register-requires-email      require an email address for accounts; it is stored, but not verified
  --always-on                    people with an account stay in their channels while they are not connected
  --audit                        log everything that is said, direct messages included, in --data; everyone is told
  --approve                      people who come wait until an operator lets them in (WAITING, APPROVE, DENY)
  --sts-days N                   tell clients to connect only with TLS for N days; needs --cert (default 0: off)
  --max-clients N                maximum number of connections (default 10000)
  --no-flood-control             do not limit how fast clients send
  --history-limit N              messages to keep for each conversation (default 0: all)
  --retention DAYS               days to keep messages (default 0: forever)
  --replay N                     missed lines sent to clients that cannot ask for history (default 50; 0: none)
  --show-addresses WHO           who sees IP addresses: host or everyone (default host)
  --log-level LEVEL              error, warn, info or debug (default info)
  --log-json                     write the log as JSON
  --help                         show this help
`;

const OPTIONS = {
  config: { type: "string" },
  listen: { type: "string", multiple: true },
  plaintext: { type: "string" },
  cert: { type: "string" },
  key: { type: "string" },
  password: { type: "string" },
  data: { type: "string" },
  "accept-data-loss": { type: "boolean" },
  name: { type: "string" },
  network: { type: "string" },
  description: { type: "string" },
  motd: { type: "string" },
  oper: { type: "string", multiple: true },
  account: { type: "string", multiple: true },
  "register-before-connect": { type: "boolean" },
  "register-requires-email": { type: "boolean" },
  "always-on": { type: "boolean" },
  audit: { type: "boolean" },
  approve: { type: "boolean" },
  "sts-days": { type: "string" },
  "max-clients": { type: "string" },
  "no-flood-control": { type: "boolean" },
  "history-limit": { type: "string" },
  retention: { type: "string" },
  replay: { type: "string" },
  "show-addresses": { type: "string" },
  "log-level": { type: "string" },
  "log-json": { type: "boolean" },
  help: { type: "boolean" },
} as const satisfies ParseArgsConfig["options"];

/** What the program needs of its process. */
export type ProcessLike = Pick<
  NodeJS.Process,
  "argv" | "env" | "stdin" | "stdout" | "stderr" | "on" | "once" | "exit" | "exitCode"
>;

const EXIT_FAILED = 1;
const EXIT_BAD_OPTION = 2;

/** Runs a server until SIGINT or SIGTERM; on failure says why in one line and sets the exit code. */
export async function runCommandLine(self: ProcessLike): Promise<void> {
  const streams = { stdout: lasting(self.stdout), stderr: lasting(self.stderr) };
  try {
    const options = parseCommandLine(self.argv.slice(2), self.env);
    if (options === "help") streams.stdout.write(USAGE);
    else await serve(self, streams, options);
  } catch (error) {
    const code = error instanceof StartError ? error.code : "unknown";
    streams.stderr.write(`parley-server: ${printable(errorText(error), "?")} (${code})\n`);
    self.exitCode = error instanceof ConfigError ? EXIT_BAD_OPTION : EXIT_FAILED;
  }
}

/** @throws ConfigError for what is not an option, or not a value for one. */
export function parseCommandLine(
  args: readonly string[],
  env: { readonly PARLEY_PASSWORD?: string | undefined },
): ServerOptions | "help" {
  const values = parse(args);
  if (values.help === true) return "help";
  const file = values.config === undefined ? {} : readConfigFile(values.config);
  const given: Record<string, unknown> = {
    listen: values.listen,
    plaintext: values.plaintext,
    cert: values.cert,
    key: values.key,
    password: values.password ?? env.PARLEY_PASSWORD,
    data: values.data,
    acceptDataLoss: values["accept-data-loss"],
    name: values.name,
    network: values.network,
    description: values.description,
    motd: values.motd,
    opers: values.oper,
    accounts: values.account,
    registerBeforeConnect: values["register-before-connect"],
    registerRequiresEmail: values["register-requires-email"],
    alwaysOn: values["always-on"],
    audit: values.audit,
    approve: values.approve,
    stsDays: wholeNumber("sts-days", values["sts-days"]),
    maxClients: wholeNumber("max-clients", values["max-clients"]),
    floodControl: values["no-flood-control"] === true ? false : undefined,
    historyLimit: wholeNumber("history-limit", values["history-limit"]),
    retention: wholeNumber("retention", values.retention),
    replay: wholeNumber("replay", values.replay),
    showAddresses: values["show-addresses"],
    logLevel: values["log-level"],
    logJson: values["log-json"],
  };
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...file, ...Object.fromEntries(named) };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    throw new ConfigError("command line", `${errorText(error)}; --help lists the options`);
  }
}

function wholeNumber(key: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[0-9]{1,15}$/.test(text)) throw new ConfigError(key, `"${text}" is not a whole number`);
  return Number(text);
}

interface Streams {
  readonly stdout: { write(text: string): void };
  readonly stderr: { write(text: string): void };
}

async function serve(
  self: ProcessLike,
  { stdout, stderr }: Streams,
  options: ServerOptions,
): Promise<void> {
  const config = parseServerConfig(options);
  const logger = createStreamLogger(config, stderr);
  const server = new Server(config, { logger, reload: () => reload(self) });
  const { listeners, fingerprint } = await server.start();
  // Who sends the signal does not say whether the server comes back: a service manager restarts it so.
  const stop = () => {
    void server.close("The server was stopped or restarts", "for now");
  };
  self.once("SIGINT", stop);
  self.once("SIGTERM", stop);
  // A terminal says by it that it is gone; a service manager, that there is something to read again.
  if (self.stdin.isTTY || self.stdout.isTTY || self.stderr.isTTY) self.once("SIGHUP", stop);
  else self.on("SIGHUP", () => void readAgain(server, logger));
  logger.info(`certificate fingerprint (SHA-256): ${fingerprint}`);
  for (const advice of adviceFor(config)) logger.info(advice);
  // Whoever reads these lines may signal at once.
  stdout.write(
    listeners.map(({ host, port }) => `listening on ${hostPort(host, port)}\n`).join(""),
  );
}

/** What may not be as whoever starts a server for the first time expects. */
function adviceFor({ listen, data }: ServerConfig): readonly string[] {
  const advice: string[] = [];
  if (listen.every(({ host }) => host === "localhost" || isLoopback(host)))
    advice.push("only this computer can connect; use --listen 0.0.0.0:PORT to let others connect");
  if (data === undefined)
    advice.push(
      "nothing is kept when the server stops; use --data DIR to keep history, accounts and certificate",
    );
  return advice;
}

async function readAgain(server: Server, logger: Logger): Promise<void> {
  try {
    await server.rehash();
  } catch (error) {
    logger.error(`could not reload the configuration, nothing was changed: ${errorText(error)}`);
  }
}

/** The configuration as the command line and its file give it now. */
function reload(self: ProcessLike): ServerConfig {
  const options = parseCommandLine(self.argv.slice(2), self.env);
  return parseServerConfig(options === "help" ? {} : options);
}
