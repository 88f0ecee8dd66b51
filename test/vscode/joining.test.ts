// Chat: Join, from the first question to the chat, with a person who answers and servers that are not always what they seem.
import { strict as assert } from "node:assert";
import * as vscode from "vscode";
import { formatInvite, parseAddress, type ServerAddress } from "../../src/client/address.js";
import type { ListedChannel } from "../../src/client/queries.js";
import { SessionError } from "../../src/client/session-error.js";
import { ChatService } from "../../src/extension/chat-service.js";
import type { CommandContext } from "../../src/extension/commands/context.js";
import { joinChannel } from "../../src/extension/commands/join-channel.js";
import { join, reconnectNow, stopReconnecting } from "../../src/extension/commands/join.js";
import { connectionView } from "../../src/extension/connection-view.js";
import { resumeChat } from "../../src/extension/commands/resume.js";
import { Connector, type Target } from "../../src/extension/connector.js";
import { Joins } from "../../src/extension/joins.js";
import { KnownServers } from "../../src/extension/known-servers.js";
import { Milestones } from "../../src/extension/milestones.js";
import { NetworkMemory } from "../../src/extension/network-memory.js";
import { Resume } from "../../src/extension/resume.js";
import { Secrets } from "../../src/extension/secrets.js";
import {
  addressOf,
  newCertificate,
  startScripted,
  type ScriptedServer,
  type ServerPeer,
} from "../client/scripted-peer.js";
import { onCleanup } from "../support/cleanup.js";
import { freePort } from "../support/ports.js";
import { setSetting } from "./support/extension.js";
import { FakeMemento } from "./support/fake-memento.js";
import { Surfaces } from "./support/surfaces.js";

const channel = "#general";

class Person {
  readonly surfaces = new Surfaces();
  readonly memento = new FakeMemento();
  readonly known: KnownServers;
  readonly cx: CommandContext;
  readonly chat: ChatService;

  private constructor() {
    const storage = new Map<string, string>();
    const ring = {
      get: (key: string) => Promise.resolve(storage.get(key)),
      store: (key: string, value: string) => Promise.resolve(void storage.set(key, value)),
      delete: (key: string) => Promise.resolve(void storage.delete(key)),
    } as unknown as vscode.SecretStorage;
    const secrets = new Secrets(ring, () => undefined);
    this.known = new KnownServers(this.memento, secrets);
    this.chat = new ChatService(new NetworkMemory(this.memento, secrets));
    const none = () => undefined;
    const log = { debug: none, info: none, warn: none, error: none, show: none, dispose: none };
    const guest = { get: () => Promise.resolve(undefined) };
    this.cx = {
      chat: this.chat,
      server: { isActive: false },
      connector: new Connector(this.chat, this.known, guest, log),
      joins: new Joins(),
      known: this.known,
      panel: { show: none },
      resume: new Resume(this.memento),
      milestones: new Milestones(this.memento),
      log,
    } as unknown as CommandContext;
    onCleanup(async () => {
      this.cx.joins.end();
      await this.chat.leave();
      this.chat.dispose();
    });
  }

  static async create(): Promise<Person> {
    await setSetting("nick", "ann");
    onCleanup(() => setSetting("nick", undefined));
    await vscode.env.clipboard.writeText("");
    return new Person();
  }
}

/** Resolves when `isSo`, looked at after each change of the chat. */
function until(chat: ChatService, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isSo()) return;
      subscription.dispose();
      resolve();
    };
    const subscription = chat.onDidChange(look);
    look();
  });
}

/** Lets a session in, at the server's end. Returns what it said before it joined. */
async function welcome(server: ScriptedServer): Promise<ServerPeer> {
  const peer = await server.accept();
  const nick = await peer.welcome();
  await peer.letIn(nick, channel);
  return peer;
}

function clear({ port }: ScriptedServer): string {
  return `irc://127.0.0.1:${port}`;
}

/** An invite of others, as they like it. */
function invite(port: number, parts: Partial<ServerAddress>): string {
  return formatInvite(addressOf(port, { transport: "tls", ...parts }));
}

describe("a join", () => {
  it("that was abandoned does not come back once its server is up", async () => {
    const { cx, chat, surfaces } = await Person.create();
    const port = await freePort();
    const abandoned = join(cx, `irc://127.0.0.1:${port}`);
    const other = await startScripted();
    const joined = join(cx, clear(other));
    await welcome(other);
    await Promise.all([joined, abandoned]);

    const late = await startScripted({ port });
    assert.equal(chat.network?.label, clear(other));
    assert.equal(chat.status.phase, "online");
    assert.deepEqual(await late.received(), []);
    assert.deepEqual([...surfaces.texts("modal"), ...surfaces.texts("notification")], []);
  });

  it("is ended by Escape in the next one", async () => {
    const { cx, chat } = await Person.create();
    const abandoned = join(cx, `irc://127.0.0.1:${await freePort()}`);
    await join(cx);
    await abandoned;
    assert.equal(chat.session, undefined);
  });

  it("drops no chat that began meanwhile, unless it is told to", async () => {
    const { cx, chat, surfaces } = await Person.create();
    const server = await startScripted();
    const joining = join(cx, clear(server));
    const peer = await server.accept();
    const other = await startScripted();
    const parsed = parseAddress(clear(other));
    assert.ok("address" in parsed);
    const { address } = parsed;
    const { session, network } = await cx.connector.create({
      address,
      nick: "ann",
      password: undefined,
    });
    await chat.adopt(session, network);
    session.start();
    await welcome(other);
    await peer.letIn(await peer.welcome(), channel);
    await joining;

    assert.equal(chat.session, session);
    assert.match(surfaces.texts("notification").join(), /You are connected to/);
  });

  for (const [what, change] of [
    ["another chat has begun", (cx, other) => join(cx, other)],
    ["the person left", (cx) => cx.resume.set(undefined)],
  ] satisfies [string, (cx: CommandContext, other: string) => Promise<void>][])
    it(`is not made again after a reload when ${what} meanwhile`, async () => {
      const { cx, chat } = await Person.create();
      const [before, other] = [await startScripted(), await startScripted()];
      await cx.resume.set({
        kind: "join",
        address: addressOf(before.port, { transport: "plaintext" }),
      });
      let goOn: () => void = () => undefined;
      const keyRing = new Promise<void>((resolve) => (goOn = resolve));
      const { connector } = cx;
      const slow = {
        create: (target: Target) => keyRing.then(() => connector.create(target)),
      } as unknown as Connector;
      const resumed = resumeChat({ ...cx, connector: slow });
      const changed = change(cx, clear(other));
      if (what.startsWith("another")) await welcome(other);
      await changed;
      const { session } = chat;
      goOn();
      await resumed;

      assert.equal(chat.session, session);
      assert.deepEqual(await before.received(), []);
    });

  it("shows from the first moment on that it is on the way, also after a reload", async () => {
    const { cx, chat } = await Person.create();
    const seen: string[] = [];
    const look = () => {
      const view = connectionView(chat);
      seen.push(view.phase === "starting" ? view.text : view.phase);
    };
    chat.onDidChange(look);
    const server = await startScripted();
    const address = addressOf(server.port, { transport: "plaintext" });
    await cx.resume.set({ kind: "join", address });
    const resumed = resumeChat(cx);
    look();
    await welcome(server);
    await resumed;
    await until(chat, () => chat.isOnline);
    assert.equal(seen[0], `Connecting to ${clear(server)}…`);
    assert.ok(!seen.includes("offline"), seen.join());

    await chat.leave();
    seen.splice(0);
    const joining = join(cx, clear(server));
    await welcome(server);
    await joining;
    assert.ok(seen.includes(`Connecting to ${clear(server)}…`), seen.join());
    assert.ok(!seen.slice(1).includes("offline"), seen.join());
  });

  it("that gets no answer shows in the panel to what it connects, and when it tries again", async () => {
    const { cx, chat, surfaces } = await Person.create();
    const port = await freePort();
    const address = `irc://127.0.0.1:${port}`;
    const joining = join(cx, address);
    const view = () => connectionView(chat);
    await until(chat, () => view().phase === "waiting");
    const waiting = view();
    assert.ok(waiting.phase === "waiting");
    assert.match(waiting.text, /127\.0\.0\.1/);
    assert.equal(waiting.wasOnline, false);
    assert.ok(waiting.retryAt > 0);
    assert.match(
      surfaces.texts("progress message").join("\n"),
      /Trying again in .* \[Find Out Why\]\(command:parley\.findOutWhy\?/,
    );

    // This one takes the connection, and says nothing.
    await startScripted({ port });
    await reconnectNow(cx);
    await until(chat, () => view().phase === "connecting");
    const again = view();
    assert.ok(again.phase === "connecting");
    assert.match(again.text, /127\.0\.0\.1/);
    assert.equal(again.isRetry, true);

    stopReconnecting(cx);
    await joining;
    assert.deepEqual(view(), { phase: "offline" });
    assert.equal(cx.joins.suggestion(undefined, ""), address);
  });

  it("says nothing of itself where another chat is on screen", async () => {
    const { cx, chat, surfaces } = await Person.create();
    const server = await startScripted();
    const joined = join(cx, clear(server));
    await welcome(server);
    await joined;
    surfaces.clicking = (text, buttons) => (text.includes("Leave it") ? buttons[0] : undefined);
    const phases = new Set<string>();
    chat.onDidChange(() => phases.add(connectionView(chat).phase));
    surfaces.isImpatientAt = /Trying again/;
    await join(cx, `irc://127.0.0.1:${await freePort()}`);
    assert.deepEqual([...phases], ["online"]);
  });

  it("of a host says after a reload that the server starts again, until there is a connection", async () => {
    const { cx, chat } = await Person.create();
    const server = await startScripted();
    const address = addressOf(server.port, { transport: "plaintext" });
    const request = { scope: "machine", port: server.port } as const;
    const oper = { name: "host", password: "secret" };
    let goOn: () => void = () => undefined;
    const started = new Promise<void>((resolve) => (goOn = resolve));
    const hosting = {
      start: () => started.then(() => ({ request, address, oper })),
      label: () => "here",
    };
    await cx.resume.set({ kind: "host", request });
    const seen: string[] = [];
    const look = () => {
      const view = connectionView(chat);
      seen.push(view.phase === "starting" ? view.text : view.phase);
    };
    chat.onDidChange(look);
    const resumed = resumeChat({ ...cx, hosting } as unknown as CommandContext);
    look();
    goOn();
    await welcome(server);
    await resumed;
    assert.equal(seen[0], "Starting the server again…");
    assert.ok(!seen.includes("offline"), seen.join());
  });

  it("keeps the password that was typed for its server to itself", async () => {
    const { cx, surfaces } = await Person.create();
    const strict = await startScripted();
    const prompts: string[] = [];
    surfaces.typing = ({ prompt, value }) => {
      prompts.push(prompt);
      return value === "" ? "hunter2" : undefined;
    };
    const refused = join(cx, clear(strict));
    for (const isAsked of [false, true]) {
      const peer = await strict.accept();
      if (isAsked) assert.deepEqual((await peer.command("PASS")).params, ["hunter2"]);
      else await peer.command("USER");
      peer.send(":irc.test 464 * :Password incorrect");
    }
    await refused;
    assert.equal(prompts.length, 2);
    for (const prompt of prompts) assert.match(prompt, /password.*127\.0\.0\.1/);

    const other = await startScripted();
    const joined = join(cx, clear(other));
    const peer = await other.accept();
    const lines = await peer.until(/^USER /);
    assert.ok(!lines.some((line) => line.startsWith("PASS")), lines.join("\n"));
    peer.sayWelcome("ann");
    await peer.letIn("ann", channel);
    await joined;
  });

  it("numbers its questions only where there are two", async () => {
    const { cx, surfaces } = await Person.create();
    const steps: unknown[] = [];
    surfaces.typing = ({ step, value }) => {
      steps.push(step);
      return steps.length === 2 ? undefined : value;
    };
    await join(cx);
    assert.deepEqual([...steps], [1, 2]);

    steps.splice(0);
    await setSetting("nick", "");
    surfaces.typing = ({ step }) => {
      steps.push(step);
      return undefined;
    };
    await join(cx, "irc://127.0.0.1:1");
    assert.deepEqual([...steps], [undefined]);
  });

  it("offers the invite that was just copied rather than an address that failed", async () => {
    const { cx, surfaces } = await Person.create();
    const values: string[] = [];
    surfaces.typing = ({ value }) => {
      values.push(value);
      return values.length === 1 ? "host.invalid" : undefined;
    };
    await join(cx);
    const link = invite(9898, { token: "abc" });
    await vscode.env.clipboard.writeText(link);
    values.length = 1;
    await join(cx);
    assert.equal(values[1], link);
  });

  it("to a person opens the conversation with them, and no channel", async () => {
    const { cx, chat } = await Person.create();
    const server = await startScripted();
    const joined = join(cx, `${clear(server)}/bob,isnick`);
    const peer = await server.accept();
    await peer.welcome();
    await joined;
    assert.equal(chat.current, "bob");
    assert.ok(!(await peer.settle()).some((line) => line.startsWith("JOIN")));
  });
});

describe("an invite", () => {
  it("makes only the host trusted that answered", async () => {
    const { cx, known } = await Person.create();
    const tls = await newCertificate();
    const server = await startScripted({ tls });
    const { fingerprint } = tls;
    const hosts = ["127.0.0.9", "127.0.0.1"];
    const joined = join(cx, invite(server.port, { hosts, fingerprint, channels: [channel] }));
    await welcome(server);
    await joined;
    assert.deepEqual([...known.pinned()], [[`127.0.0.1 ${server.port}`, fingerprint]]);
  });

  it("that contradicts what is known is told as a changed certificate, and nothing is sent", async () => {
    const { cx, chat, known, surfaces } = await Person.create();
    const tls = await newCertificate();
    const server = await startScripted({ tls });
    const { port } = server;
    await known.pin({ host: "127.0.0.2", port }, "ab".repeat(32));
    const { fingerprint } = tls;
    await join(cx, invite(port, { hosts: ["127.0.0.1", "127.0.0.2"], fingerprint, token: "t" }));

    assert.equal(chat.session, undefined);
    assert.deepEqual(surfaces.texts("modal"), ["The certificate has changed"]);
    const [detail = ""] = surfaces.texts("modal detail");
    assert.match(
      detail,
      /^Expected: AB:AB:.*\nFound: (?:[0-9A-F]{2}:){31}[0-9A-F]{2}\nServer: 127\.0\.0\.2/,
    );
    assert.deepEqual(await server.received(), []);
    assert.equal(known.fingerprint({ host: "127.0.0.2", port }), "ab".repeat(32));
  });

  it("without a token gets no remembered password for a certificate that it brought itself", async () => {
    const { cx, known } = await Person.create();
    const tls = await newCertificate();
    const server = await startScripted({ tls });
    const { port } = server;
    const { fingerprint } = tls;
    const details = {
      host: "127.0.0.1",
      port,
      localAddress: "",
      remoteAddress: "",
      transport: "tls",
      tlsVersion: "TLSv1.3",
      cipher: undefined,
      fingerprint: "ab".repeat(32),
    } as const;
    // An authority has vouched for the server when it got this.
    await known.remember(addressOf(port, { transport: "tls" }), details, "stored");
    const joined = join(cx, invite(port, { fingerprint, channels: [channel] }));
    const peer = await server.accept();
    const lines = await peer.until(/^USER /);
    assert.ok(!lines.some((line) => line.includes("stored")), lines.join("\n"));
    peer.sayWelcome("ann");
    await peer.letIn("ann", channel);
    await joined;
  });

  it("without one asks, once the certificate is trusted by hand, on a screen with its fingerprint", async () => {
    const { cx, known, surfaces } = await Person.create();
    const tls = await newCertificate();
    const server = await startScripted({ tls });
    const { port } = server;
    surfaces.clicking = (_text, [button]) => button;
    const joined = join(cx, invite(port, { channels: [channel] }));
    await welcomeAfterFailures(server);
    await joined;
    assert.deepEqual(surfaces.texts("modal"), ["Trust this server?"]);
    assert.match(
      surfaces.texts("modal detail")[0] ?? "",
      /^Certificate \(SHA-256\): [0-9A-F:]{95}\n/,
    );
    assert.equal(known.fingerprint({ host: "127.0.0.1", port }), tls.fingerprint);
  });
});

/** Of two connections the first is dropped by the other side before it says anything. */
async function welcomeAfterFailures(server: ScriptedServer): Promise<void> {
  for (;;) {
    const peer = await server.accept();
    const first = await peer.until(/^CAP /).catch(() => undefined);
    if (first === undefined) continue;
    await peer.command("USER");
    peer.send(":irc.test 421 * CAP :Unknown command");
    peer.sayWelcome("ann");
    await peer.letIn("ann", channel);
    return;
  }
}

describe("Join Channel", () => {
  type Listing = () => Promise<readonly ListedChannel[]>;
  const silent: Listing = () => new Promise(() => undefined);

  /** Runs the command where `kept` is remembered, and says which channels it joined. */
  async function joinedBy(list: Listing, kept: readonly string[] = []): Promise<string[]> {
    const joined: string[] = [];
    const buffers = kept.map((name) => [
      name,
      { name, kind: "channel", topic: "", joined: false, members: new Map() },
    ]);
    await joinChannel({
      chat: {
        idOf: (name: string) => name.toLowerCase(),
        state: { isupport: new Map([["CHANTYPES", "#&"]]), buffers: new Map(buffers as []) },
        session: {
          list,
          runIn: (_buffer: string, run: () => unknown) => run(),
          join: (name: string) => Promise.resolve(joined.push(name) > 0),
          state: { buffers: new Map() },
        },
        openWhenJoined: () => undefined,
      },
      panel: { show: () => undefined },
    } as unknown as CommandContext);
    return joined;
  }

  for (const [typed, wanted] of [
    ["design", "#design"],
    ["#design", "#design"],
    [" c++ ", "#c++"],
    ["&local", "&local"],
    ["OPS", "#ops"],
  ] as const)
    it(`takes ${JSON.stringify(typed)} for ${wanted}`, async () => {
      const surfaces = new Surfaces();
      surfaces.typing = () => typed;
      assert.deepEqual(await joinedBy(silent, ["#devops", "#ops"]), [wanted]);
    });

  it("asks for a key where the channel has one, and again where it is wrong", async () => {
    const { cx, chat, surfaces } = await Person.create();
    const server = await startScripted();
    const joining = join(cx, clear(server));
    const peer = await welcome(server);
    await joining;
    const asked: unknown[] = [];
    surfaces.typing = ({ prompt }) => {
      if (!prompt.startsWith("Key for")) return "#locked";
      asked.push(prompt);
      return asked.length === 1 ? "bad" : "good";
    };
    const entering = joinChannel(cx);
    await peer.command("LIST");
    peer.send(":irc.test 323 ann :End of LIST");
    for (const key of [[], ["bad"]]) {
      assert.deepEqual((await peer.command("JOIN")).params, ["#locked", ...key]);
      peer.send(":irc.test 475 ann #locked :Cannot join channel (+k)");
    }
    const { params } = await peer.command("JOIN");
    assert.deepEqual(params, ["#locked", "good"]);
    peer.send(":ann!u@h JOIN #locked", ":irc.test 366 ann #locked :End of names");
    await entering;
    assert.deepEqual(asked, ["Key for #locked", "Key for #locked"]);
    assert.deepEqual(surfaces.texts("input problem"), [
      "This key is wrong. Enter it again, or ask someone in #locked for it.",
    ]);
    await until(chat, () => chat.current === "#locked");
    const told = chat.state?.buffers.get(channel)?.entries ?? [];
    assert.ok(told.some((row) => row.kind === "event" && row.event.type === "error"));
  });

  it("joins nothing that is no name, and says why", async () => {
    const surfaces = new Surfaces();
    surfaces.typing = () => "a, b";
    assert.deepEqual(await joinedBy(silent), []);
    assert.ok(
      surfaces.texts("pick description").some((text) => text.includes("cannot contain spaces")),
    );
  });

  it("shows what the server lists, and how lively it is", async () => {
    const surfaces = new Surfaces();
    surfaces.picking = (labels) => labels.indexOf("#tea");
    const listed = [
      { name: "#kept", members: 0, topic: "" },
      { name: "#tea", members: 3, topic: "at four" },
    ];
    assert.deepEqual(await joinedBy(() => Promise.resolve(listed)), ["#tea"]);
    assert.deepEqual(surfaces.texts("pick label"), ["#tea", "#kept"]);
    assert.deepEqual(surfaces.texts("pick detail"), ["at four"]);
    assert.deepEqual(surfaces.texts("pick description"), ["3 members", "no one is there now"]);
  });

  it("offers remembered channels while offline", async () => {
    const surfaces = new Surfaces();
    surfaces.picking = () => 0;
    const offline = () => Promise.reject(new SessionError("not-connected", "Not connected."));
    assert.deepEqual(await joinedBy(offline, ["#ops"]), ["#ops"]);
    assert.ok(surfaces.texts("pick placeholder").some((text) => text.includes("Not connected")));
  });
});
