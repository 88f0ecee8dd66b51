// The log of everything that is said, as its host reads it: the end of the file, live.
import { watch, type FSWatcher } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import * as vscode from "./vscode.js";
import { parseColor, readable, toHex, type Rgb } from "../bridge/contrast.js";
import { colorFromKey } from "../bridge/person.js";
import { fold } from "../irc/casemapping.js";
import type { ChatService } from "./chat-service.js";
import { Disposable } from "./disposable.js";
import type { EmbeddedServer } from "./embedded-server.js";
import { l10n } from "./ui/l10n.js";
import { LogEditor, type LogLine, type LogPart } from "./ui/log-editor.js";
import { personView } from "./view-model.js";

/** So much of the end of the file is read, and so many lines of it are shown. */
const TAIL_BYTES = 256 * 1024;
const MAX_LINES = 2_000;
const REFRESH_MS = 100;

const MESSAGE = /^(\S+Z) (\S+) -> (\S+)((?: \([a-z]+\))?: .*)$/;
const EVENT = /^(\S+Z) \* (\S+)( .*)$/;
/** Events that begin with something else than a nick. */
const OWN_WORDS: ReadonlySet<string> = new Set(["logging", "the", "continued", "events"]);

const LIGHT: Rgb = { r: 255, g: 255, b: 255 };
const DARK: Rgb = { r: 31, g: 31, b: 31 };
/** WCAG 2.2 AAA, so that high contrast themes need no colors of their own. */
const MINIMUM_RATIO = 7;

/** The end of a file. */
export interface Tail {
  /** Whole lines, oldest first. */
  readonly lines: readonly string[];
  /** Whether the file begins with them. */
  readonly isWhole: boolean;
}

/** Shows the server's log while someone wants to see it. */
export class ServerLog extends Disposable {
  private readonly editor = this.register(
    new LogEditor(l10n.t("Server Log"), () => {
      this.stopWatching();
    }),
  );
  private watcher: FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly clock = new Intl.DateTimeFormat(vscode.env.language, {
    dateStyle: "short",
    timeStyle: "medium",
  });

  constructor(
    private readonly chat: Pick<ChatService, "state">,
    private readonly server: Pick<EmbeddedServer, "state">,
  ) {
    super();
  }

  /** The file of the server that runs here; undefined where none does. */
  get file(): string | undefined {
    const { state } = this.server;
    return state.phase === "running" ? state.audit.file : undefined;
  }

  /** Opens it, or returns false where there is nothing to show. */
  async show(): Promise<boolean> {
    const { file } = this;
    const tail = file === undefined ? undefined : await tailOf(file);
    if (file === undefined || tail === undefined) return false;
    await this.editor.show(this.lines(tail));
    this.stopWatching();
    // The folder, not the file: a large log goes on in a new one.
    this.watcher = watch(path.dirname(file), (_, name) => {
      if (name === path.basename(file)) this.refreshSoon(file);
    });
    this.watcher.on("error", () => {
      this.stopWatching();
    });
    // What was written between reading and watching.
    this.refreshSoon(file);
    return true;
  }

  override dispose(): void {
    this.stopWatching();
    super.dispose();
  }

  private refreshSoon(file: string): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.refresh(file);
    }, REFRESH_MS);
  }

  private async refresh(file: string): Promise<void> {
    const tail = await tailOf(file);
    if (tail !== undefined && this.watcher !== undefined) this.editor.update(this.lines(tail));
  }

  private stopWatching(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.watcher?.close();
    this.watcher = undefined;
  }

  private lines({ lines, isWhole }: Tail): LogLine[] {
    const shown = lines.map((line) => this.line(line));
    if (isWhole) return shown;
    const text = l10n.t("Older lines are not shown. Chat: Open Server Log File opens all of them.");
    return [[{ text }], ...shown];
  }

  /** A line of the file, with its time as people here write it and its people in their colors. */
  private line(line: string): LogLine {
    const [, time, from = "", to = "", text = ""] = MESSAGE.exec(line) ?? [];
    if (time !== undefined)
      return [this.time(time), this.name(from), { text: " -> " }, this.name(to), { text }];
    const [, when, who = "", what = ""] = EVENT.exec(line) ?? [];
    if (when === undefined) return [{ text: line }];
    return [this.time(when), OWN_WORDS.has(who) ? { text: who } : this.name(who), { text: what }];
  }

  private time(iso: string): LogPart {
    const time = Date.parse(iso);
    return { text: `${Number.isNaN(time) ? iso : this.clock.format(time)}  ` };
  }

  /** Channels and roles have no color. */
  private name(name: string): LogPart {
    if (!/^[A-Za-z[\]\\`_^{|}]/.test(name)) return { text: name };
    const key = fold(name, "ascii");
    const user = this.chat.state?.users.get(name);
    const chosen = (user && personView(user, key).color) ?? colorFromKey(key);
    const color = parseColor(chosen);
    if (color === undefined) return { text: name };
    const on = (background: Rgb) => toHex(readable(color, [background], MINIMUM_RATIO));
    return { text: name, color: { light: on(LIGHT), dark: on(DARK) } };
  }
}

/** The end of a file; undefined where there is none. */
export async function tailOf(file: string): Promise<Tail | undefined> {
  let handle;
  try {
    handle = await open(file, "r");
  } catch {
    return undefined;
  }
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    const lines = buffer.subarray(0, bytesRead).toString("utf8").split("\n");
    // What comes after the last line break is still being written; the first line may have begun before.
    lines.pop();
    if (start > 0) lines.shift();
    return { lines: lines.slice(-MAX_LINES), isWhole: start === 0 && lines.length <= MAX_LINES };
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}
