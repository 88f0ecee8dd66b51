// A real irssi, in a terminal that tmux plays: told what to do by its keyboard, read by its screen.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureDebianPackage } from "./debian.js";
import { run, startProgram, type Program } from "./processes.js";
import { watch } from "./watching.js";

const tmuxTimeoutMs = 30_000;
/** So wide that hardly a line is broken, and so high that a whole conversation stays in sight. */
const size = { columns: 300, rows: 200 };
/**
 * Keys that come as fast as here are no paste to be asked about; and nobody waits for irssi to be slow against flooding, to
 * gather changes of modes, or to come back.
 */
const config = `settings = {
  "fe-common/irc" = { group_multi_mode = "no"; };
  "fe-text" = { paste_detect_time = "0"; };
  "irc/core" = { cmds_max_at_once = "100"; };
  core = { server_reconnect_time = "1s"; };
};
`;

/** A running client. The caller stops it. */
export class Irssi {
  /** The numbers of windows by what is in them, or was. */
  private readonly numbers = new Map([["server", "1"]]);

  private constructor(
    private readonly directory: string,
    private readonly tmux: Program,
    private readonly tell: (...args: readonly string[]) => Promise<string>,
  ) {}

  /** Starts it; it is connected to nothing yet. */
  static async start(): Promise<Irssi> {
    const irssi = await ensureDebianPackage({ name: "irssi" });
    const tmux = await ensureDebianPackage({ name: "tmux" });
    const directory = await mkdtemp(path.join(tmpdir(), "parley-irssi-"));
    const home = path.join(directory, "home");
    await mkdir(home);
    await writeFile(path.join(home, "config"), config);
    const terminal = path.join(directory, "tmux.conf");
    const { columns, rows } = size;
    await writeFile(
      terminal,
      `new-session -d -x ${columns} -y ${rows} "exec '${irssi}' --home='${home}'"\n`,
    );
    const env = { ...process.env, LC_ALL: "C.UTF-8", TERM: "screen", TMUX: "" };
    const socket = ["-u", "-S", path.join(directory, "socket")];
    const program = startProgram(tmux, [...socket, "-f", terminal, "-D"], { env });
    const tell = (...args: readonly string[]) =>
      run(tmux, [...socket, ...args], { env, timeoutMs: tmuxTimeoutMs });
    const client = new Irssi(directory, program, tell);
    try {
      await client.shows(/^\[\(status\)\]/);
      return client;
    } catch (error) {
      await client.stop();
      throw error;
    }
  }

  /** Gives commands in the window of the server. */
  async command(...lines: readonly string[]): Promise<void> {
    await this.goTo("server");
    for (const line of lines) await this.enter(line);
  }

  /** Types a line into a window, such as `#general`: a text or a /command. */
  async type(window: string, line: string): Promise<void> {
    await this.goTo(window);
    await this.enter(line);
  }

  /** Resolves with the first line of a window that matches, `server` being the first window; rejects with all of them. */
  async sees(window: string, wanted: RegExp): Promise<string> {
    await this.goTo(window);
    return this.shows(wanted);
  }

  /** What a window shows, without times, from top to bottom. */
  async lines(window: string): Promise<string[]> {
    await this.goTo(window);
    return this.screen();
  }

  async stop(): Promise<void> {
    // irssi writes its configuration when its terminal goes: not after the folder has gone.
    const pid = await this.tell("display-message", "-p", "#{pane_pid}").catch(() => "");
    if (pid.trim() !== "") process.kill(Number(pid), "SIGKILL");
    await this.tmux.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  private async enter(line: string): Promise<void> {
    await this.tell("send-keys", "-l", "--", line);
    await this.tell("send-keys", "Enter");
  }

  /** Goes to a window, which need not be there yet: a message of somebody may yet open it. */
  private async goTo(window: string): Promise<void> {
    const number = this.numbers.get(window);
    const isThere = (lines: readonly string[]) =>
      number === undefined
        ? lines.at(-1)?.startsWith(`[${window}]`) === true
        : numberOf(lines) === number;
    let seen = await this.screen();
    if (!isThere(seen))
      seen = await watch(
        async () => {
          await this.enter(`/window goto ${number ?? window}`);
          return this.screen();
        },
        isThere,
        (lines) => [`irssi has no window ${window}:`, ...lines].join("\n"),
      );
    // It stays when who was spoken to there has another name, or the channel was left.
    this.numbers.set(window, numberOf(seen) ?? "");
  }

  private async shows(wanted: RegExp): Promise<string> {
    const lines = await watch(
      () => this.screen(),
      (seen) => seen.some((line) => wanted.test(line)),
      (seen) =>
        [`irssi did not show ${String(wanted)}:`, ...seen].join("\n") + `\n${this.tmux.output()}`,
    );
    return lines.find((line) => wanted.test(line)) ?? "";
  }

  private async screen(): Promise<string[]> {
    // Until tmux has started there is nothing to see.
    const text = await this.tell("capture-pane", "-p").catch(() => "");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.replace(/^\d\d:\d\d /, ""));
  }
}

/** The number of the window on the screen, as the status bar has it: ` [12:00] [nick] [2:parley/#general]`. */
function numberOf(lines: readonly string[]): string | undefined {
  const bar = /^ \[[\d:]+\] \[[^\]]*\] \[(\d+)/;
  return bar.exec(lines.findLast((line) => bar.test(line)) ?? "")?.[1];
}
