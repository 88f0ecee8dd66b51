// A real WeeChat, without a terminal: told what to do through its FIFO, read by its log files.
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureDebianPackage } from "./debian.js";
import { run, startProgram, type Program } from "./processes.js";
import { watch } from "./watching.js";

const versionTimeoutMs = 30_000;

/** A running client that knows one server, "parley". The caller stops it. */
export class Weechat {
  private constructor(
    private readonly directory: string,
    private readonly program: Program,
    private readonly version: number,
  ) {}

  /** Starts it; it is connected to nothing yet. */
  static async start(): Promise<Weechat> {
    const command = await ensureDebianPackage({
      name: "weechat-headless",
      // The FIFO is a plugin.
      plugins: "weechat-plugins",
    });
    const version = await run(command, ["--version"], { timeoutMs: versionTimeoutMs });
    const directory = await mkdtemp(path.join(tmpdir(), "parley-weechat-"));
    const setup = [
      "/set logger.file.flush_delay 0",
      "/set irc.look.server_buffer independent",
      // Nobody waits for what WeeChat does against flooding, or longer than a moment to come back.
      "/set irc.server_default.anti_flood_prio_high 0",
      "/set irc.server_default.autoreconnect_delay 1",
    ];
    const commands = setup.flatMap((line) => ["--run-command", line]);
    // Without a locale WeeChat writes a question mark for each letter that is not ASCII.
    const env = { ...process.env, LC_ALL: "C.UTF-8" };
    const program = startProgram(command, ["--dir", directory, ...commands], { env });
    const client = new Weechat(directory, program, Number.parseInt(version));
    try {
      await client.fifo();
      return client;
    } catch (error) {
      await client.stop();
      throw error;
    }
  }

  /** Gives commands as they are written for WeeChat 4, which calls TLS what was SSL before. */
  async command(...lines: readonly string[]): Promise<void> {
    for (const line of lines)
      await this.write("core.weechat", this.version >= 4 ? line : line.replace(/\btls/, "ssl"));
  }

  /** Types a line into a buffer, such as `#general`: a text or a /command. */
  async type(buffer: string, line: string): Promise<void> {
    await this.write(nameOf(buffer), line);
  }

  /** Resolves with the first line of a buffer that matches, `server` being the server's own; rejects with all of them. */
  async sees(buffer: string, wanted: RegExp): Promise<string> {
    const lines = await watch(
      () => this.lines(buffer),
      (seen) => seen.some((line) => wanted.test(line)),
      (seen) =>
        [`WeeChat did not show ${String(wanted)} in ${buffer}:`, ...seen].join("\n") +
        `\n${this.program.output()}`,
    );
    return lines.find((line) => wanted.test(line)) ?? "";
  }

  /** What a buffer shows, without times: who said it, a tab, what. */
  async lines(buffer: string): Promise<string[]> {
    const file = path.join(this.directory, "logs", `${nameOf(buffer)}.weechatlog`);
    const log = await readFile(file, "utf8").catch(() => "");
    return log
      .split("\n")
      .slice(0, -1)
      .map((line) => line.replace(/^[^\t]*\t/, ""));
  }

  async stop(): Promise<void> {
    await this.program.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  private async write(buffer: string, line: string): Promise<void> {
    await writeFile(await this.fifo(), `${buffer} *${line}\n`);
  }

  private async fifo(): Promise<string> {
    const isFifo = (name: string) => name.startsWith("weechat_fifo");
    const names = await watch(
      () => readdir(this.directory),
      (found) => found.some(isFifo),
      () => `WeeChat has no FIFO:\n${this.program.output()}`,
    );
    return path.join(this.directory, names.find(isFifo) ?? "");
  }
}

function nameOf(buffer: string): string {
  return buffer === "server" ? "irc.server.parley" : `irc.parley.${buffer}`;
}
