// What is heard, and by whose means.
import { strict as assert } from "node:assert";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import type { Sound } from "../../src/bridge/sounds.js";
import type { ChatService } from "../../src/extension/chat-service.js";
import { PlatformSounds, playersOf, type Player } from "../../src/extension/platform-sounds.js";
import { Sounds } from "../../src/extension/sounds.js";
import { problemShown } from "../../src/extension/ui/problems.js";
import { onCleanup } from "../support/cleanup.js";
import { parley, setSetting } from "./support/extension.js";

/** As much of the chat as is listened to. */
class FakeChat {
  readonly received = new vscode.EventEmitter<void>();
  readonly said = new vscode.EventEmitter<void>();
  readonly failed = new vscode.EventEmitter<void>();
  readonly changed = new vscode.EventEmitter<void>();
  readonly onDidReceiveMessage = this.received.event;
  readonly onDidSay = this.said.event;
  readonly onDidFailToSend = this.failed.event;
  readonly onDidChange = this.changed.event;
  isOnline = false;
  state = { users: new Map<string, object>() };

  become(isOnline: boolean, ...users: readonly string[]): void {
    this.isOnline = isOnline;
    this.state = { users: new Map(users.map((nick) => [nick, { online: true }])) };
    this.changed.fire();
  }

  /** They are gone, and still known. */
  loses(nick: string): void {
    this.state = { users: new Map([...this.state.users, [nick, { online: false }]]) };
    this.changed.fire();
  }
}

function listening(isPageOpen = true) {
  const open = { page: isPageOpen };
  const chat = new FakeChat();
  const played: [string, Sound, number][] = [];
  let time = 0;
  const play = (where: string) => (sound: Sound, volume: number) => {
    played.push([where, sound, volume]);
    return open.page;
  };
  const player = { isPlaying: false, play: play("platform") };
  const platform = player as unknown as PlatformSounds;
  const page = { playSound: play("page") };
  const sounds = new Sounds(chat as unknown as ChatService, page, platform, () => time);
  onCleanup(() => {
    sounds.dispose();
  });
  const heard = () => played.splice(0).map(([, sound]) => sound);
  const wait = (ms: number) => {
    time += ms;
  };
  return { chat, played, heard, wait, player, open };
}

async function set(key: string, value: unknown): Promise<void> {
  onCleanup(() => setSetting(key, undefined));
  await setSetting(key, value);
}

describe("sounds", () => {
  it("are off until one wants them", () => {
    const { chat, heard } = listening();
    chat.become(true, "me", "bob");
    chat.received.fire();
    problemShown();

    assert.deepEqual(heard(), []);
  });

  it("tell of messages in and out, of coming and going, and of what does not work", async () => {
    await set("sounds.enabled", true);
    const { chat, heard, wait } = listening();
    chat.become(true, "me");
    assert.deepEqual(heard(), ["connect"]);
    wait(2000);
    chat.become(true, "me", "bob");
    assert.deepEqual(heard(), ["connect"]);
    chat.become(true, "me");
    assert.deepEqual(heard(), ["disconnect"]);
    chat.received.fire();
    chat.said.fire();
    chat.failed.fire();
    assert.deepEqual(heard(), ["messageIn", "messageOut", "error"]);
    wait(2000);
    problemShown();
    chat.become(false);
    assert.deepEqual(heard(), ["error", "disconnect"]);
  });

  it("tell of people who come and go and stay known, as those one has a direct message with", async () => {
    await set("sounds.enabled", true);
    const { chat, heard, wait } = listening();
    chat.become(true, "me", "dan");
    wait(2000);
    heard();
    for (let times = 0; times < 2; times++) {
      chat.loses("dan");
      assert.deepEqual(heard(), ["disconnect"]);
      wait(2000);
      chat.become(true, "me", "dan");
      assert.deepEqual(heard(), ["connect"]);
      wait(2000);
    }
  });

  it("of many messages at once are one", async () => {
    await set("sounds.enabled", true);
    const { chat, heard, wait } = listening();
    for (let i = 0; i < 50; i++) chat.received.fire();
    assert.deepEqual(heard(), ["messageIn"]);
    wait(1000);
    chat.received.fire();
    assert.deepEqual(heard(), ["messageIn"]);
  });

  it("each can be left out, and all have a volume", async () => {
    await set("sounds.enabled", true);
    await set("sounds.volume", 20);
    await set("sounds.events", { messageIn: false });
    const { chat, played } = listening();
    chat.received.fire();
    chat.said.fire();

    assert.deepEqual(played, [["page", "messageOut", 0.2]]);
  });

  it("of no volume are not played", async () => {
    await set("sounds.enabled", true);
    await set("sounds.volume", 0);
    const { chat, heard } = listening();
    chat.failed.fire();

    assert.deepEqual(heard(), []);
  });

  it("are the platform's where no page is open", async () => {
    await set("sounds.enabled", true);
    await set("sounds.volume", 50);
    const { chat, played } = listening(false);
    chat.said.fire();

    assert.deepEqual(
      played.map(([where]) => where),
      ["page", "platform"],
    );
  });
});

describe("two sounds", () => {
  it("are never heard at once when the page is opened while the platform plays", async () => {
    await set("sounds.enabled", true);
    const { chat, player, open, heard, wait } = listening(false);
    chat.received.fire();
    player.isPlaying = true;
    open.page = true;
    heard();
    chat.said.fire();
    assert.deepEqual(heard(), []);
    player.isPlaying = false;
    wait(1000);
    chat.said.fire();
    assert.deepEqual(heard(), ["messageOut"]);
  });

  it("are never heard at once when the page is closed while it plays", async () => {
    await set("sounds.enabled", true);
    const { chat, open, played, wait } = listening();
    const byPlatform = () => played.splice(0).filter(([where]) => where === "platform").length;
    chat.received.fire();
    open.page = false;
    chat.said.fire();
    assert.equal(byPlatform(), 0);
    wait(1000);
    chat.said.fire();
    assert.equal(byPlatform(), 1);
  });
});

describe("the platform's sounds", () => {
  const sounds = () => path.join(parley().extensionPath, "media", "sounds");

  /** A player that notes what it is given. */
  async function recorder() {
    const folder = await mkdtemp(path.join(tmpdir(), "parley-test-"));
    onCleanup(() => rm(folder, { recursive: true }));
    const script = path.join(folder, "player");
    const notes = path.join(folder, "notes");
    await writeFile(
      script,
      `#!/bin/sh
echo "$1" >> "${notes}"
`,
    );
    await chmod(script, 0o755);
    const player: Player = { command: script, args: (file) => [file] };
    const lines = async () => (await readFile(notes, "utf8").catch(() => "")).trim().split("\n");
    const until = async (isThere: (lines: readonly string[]) => boolean) => {
      while (!isThere(await lines())) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    return { folder, player, lines, until };
  }

  const nowhere: Player = { command: "/nowhere/player", args: (file) => [file] };

  it("are played by the first player that there is, one at a time, in their volume", async () => {
    const { folder, player, lines, until } = await recorder();
    const folders = { sounds: sounds(), storage: path.join(folder, "storage") };
    const platform = new PlatformSounds(folders, [nowhere, player, nowhere], {
      info: () => undefined,
    });
    platform.play("connect", 0.5);
    assert.ok(platform.isPlaying);
    platform.play("error", 0.5);
    await until((seen) => seen[0] !== "");

    const [file = "", ...others] = await lines();
    assert.equal(path.basename(file), "connect-50.wav");
    assert.deepEqual(others, []);
    const [loud, quiet] = [
      await readFile(path.join(sounds(), "connect.wav")),
      await readFile(file),
    ];
    assert.equal(quiet.length, loud.length);
    const peak = (wav: Buffer) => {
      let most = 0;
      for (let at = 44; at < wav.length; at += 2) most = Math.max(most, wav.readInt16LE(at));
      return most;
    };
    assert.ok(Math.abs(peak(quiet) / peak(loud) - 0.5) < 0.01);
  });

  it("where no player works, are told in the log once and no more tried", async () => {
    const { folder } = await recorder();
    const told: string[] = [];
    let tell: () => void = () => undefined;
    const done = new Promise<void>((resolve) => (tell = resolve));
    const log = {
      info: (text: string) => {
        told.push(text);
        tell();
      },
    };
    const folders = { sounds: sounds(), storage: path.join(folder, "storage") };
    const platform = new PlatformSounds(folders, [nowhere], log);
    platform.play("connect", 0.5);
    await done;
    await new Promise((resolve) => setImmediate(resolve));
    platform.play("connect", 0.5);

    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", /^No sounds outside the chat panel: /);
  });

  it("have a player on every platform, which takes a file of any name", () => {
    for (const platform of ["darwin", "linux", "win32"] as const)
      for (const { command, args } of playersOf(platform)) {
        assert.notEqual(command, "");
        assert.ok(args("/it's here.wav").some((arg) => /it''?s here\.wav/.test(arg)));
      }
  });
});
