// A real WeeChat, without a terminal: told what to do through its FIFO, read by its log files.
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureDebianPackage } from "./debian.js";
import { run, startProgram, type Program } from "./processes.js";

const answerTimeoutMs = 30_000;
const intervalMs = 50;

export interface WeechatServer {
  readonly port: number;
  /** SHA-256 of the certificate it must show. */
  readonly fingerprint: string;
  readonly password: string;
  readonly nick: string;
  readonly channel: string;
}

/** A running client. The caller stops it. */
export class Weechat {
  private constructor(
    private readonly directory: string,
    private readonly program: Program,
  ) {}

  /** Connects to a server of this machine by TLS and joins a channel. */
  static async start(server: WeechatServer): Promise<Weechat> {
    const command = await ensureDebianPackage({
      name: "weechat-headless",
      command: "weechat-headless",
    });
    // WeeChat 4 calls TLS what it called SSL before.
    const version = await run(command, ["--version"], { timeoutMs: answerTimeoutMs });
    const tls = Number.parseInt(version) >= 4 ? "tls" : "ssl";
    const directory = await mkdtemp(path.join(tmpdir(), "parley-weechat-"));
    const setup = [
      "/set logger.file.flush_delay 0",
      "/set irc.look.server_buffer independent",
      `/server add parley 127.0.0.1/${server.port}`,
      `/set irc.server.parley.${tls} on`,
      `/set irc.server.parley.${tls}_verify on`,
      `/set irc.server.parley.${tls}_fingerprint ${server.fingerprint}`,
      `/set irc.server.parley.password ${server.password}`,
      `/set irc.server.parley.nicks ${server.nick}`,
      `/set irc.server.parley.autojoin ${server.channel}`,
      "/connect parley",
    ];
    const commands = setup.flatMap((line) => ["--run-command", line]);
    const program = startProgram(command, ["--dir", directory, ...commands]);
    return new Weechat(directory, program);
  }

  /** Types a line into a buffer, such as `#general`: a text or a /command. */
  async type(buffer: string, line: string): Promise<void> {
    const fifo = (
      await this.when(
        () => readdir(this.directory),
        "its FIFO",
        (names) => names.some((name) => name.startsWith("weechat_fifo")),
      )
    ).find((name) => name.startsWith("weechat_fifo"));
    await writeFile(path.join(this.directory, fifo ?? ""), `irc.parley.${buffer} *${line}\n`);
  }

  /** Resolves with the first line of a buffer's log that matches; rejects with the whole log when none comes. */
  async sees(buffer: string, wanted: RegExp): Promise<string> {
    const file = path.join(this.directory, "logs", `irc.parley.${buffer}.weechatlog`);
    const log = await this.when(
      () => readFile(file, "utf8").catch(() => ""),
      String(wanted),
      (text) => text.split("\n").some((line) => wanted.test(line)),
    );
    return log.split("\n").find((line) => wanted.test(line)) ?? "";
  }

  async stop(): Promise<void> {
    await this.program.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Looks until what it sees holds: files tell nobody when they change in a way that works everywhere. */
  private async when<T>(
    look: () => Promise<T>,
    what: string,
    holds: (seen: T) => boolean,
  ): Promise<T> {
    const deadline = Date.now() + answerTimeoutMs;
    for (;;) {
      const seen = await look();
      if (holds(seen)) return seen;
      if (Date.now() > deadline)
        throw new Error(
          `WeeChat did not show ${what}:\n${JSON.stringify(seen)}\n${this.program.output()}`,
        );
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    }
  }
}
