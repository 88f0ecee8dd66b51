// Every place where VS Code shows text, with others' words in it: all of ui/, and the whole extension against a server that
// means ill. What VS Code would show is recorded instead; what it would make of it is decided by its own rules.
import { strict as assert } from "node:assert";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import type { EventData } from "../../src/client/model.js";
import type { ConnectFailure } from "../../src/client/status.js";
import {
  approve,
  approveAlways,
  deny,
  denyAndBan,
  showDecisions,
} from "../../src/extension/commands/approval.js";
import type { EmbeddedServer, HostingState } from "../../src/extension/embedded-server.js";
import { activate, deactivate } from "../../src/extension/extension.js";
import { ServerProblems } from "../../src/extension/server-problems.js";
import { createEditorTab, setTabTitle, type EditorTab } from "../../src/extension/ui/editor-tab.js";
import { inert, inertLines } from "../../src/extension/ui/inert.js";
import { askText } from "../../src/extension/ui/input-box.js";
import { l10n } from "../../src/extension/ui/l10n.js";
import { createLog } from "../../src/extension/ui/log.js";
import { LogEditor } from "../../src/extension/ui/log-editor.js";
import {
  showErrorMessage,
  showInformationMessage,
  showWarningMessage,
} from "../../src/extension/ui/messages.js";
import { withCancellableProgress, withStatusProgress } from "../../src/extension/ui/progress.js";
import { showQuickPick } from "../../src/extension/ui/quick-pick.js";
import { flashStatus, StatusItem } from "../../src/extension/ui/status-item.js";
import { NodeTree } from "../../src/extension/ui/tree-view.js";
import { waitingNodes } from "../../src/extension/views/waiting.js";
import { WaitingNotice } from "../../src/extension/waiting-notice.js";
import type { WaitingClient } from "../../src/server/control.js";
import type { ConversationNode } from "../../src/extension/views/conversations.js";
import {
  addressProblemText,
  closeText,
  eventText,
  failureText,
  hostingFailureText,
  stepText,
} from "../../src/extension/words.js";
import { startScripted, type ServerPeer } from "../client/scripted-peer.js";
import { onCleanup, runCleanups } from "../support/cleanup.js";
import { parley, setSetting } from "./support/extension.js";
import { FakeMemento } from "./support/fake-memento.js";
import { assertInert, Surfaces, type Surface } from "./support/surfaces.js";

const NO_AUDIT = { isOn: false, file: undefined };
const LINK = "[fix](command:workbench.action.openSettings?%5B%22x%22%5D)";
const HIDDEN = "\u202eexe.\u200b\u2066\u061c\u00ad\ufeff\x9b\x9d\u2028\x85";
/** What a hostile name is known by: wherever `mark` is shown, `{0}` comes after it. */
const MARK = "mark{0}";
/** May stand in a nick, a channel's name, a host: it has no spaces. */
const NAME = `${MARK}$(heart)$(sync~spin)${LINK}${HIDDEN}`;
/** Short enough to be shown whole. */
const HOST = `${MARK}$(heart)\u202e`;
const TEXT = `${MARK} ${LINK} $(heart) ${LINK.toUpperCase()} [a](https://evil.example "t") [b](file:///etc) ${HIDDEN} {1}\r\nForged: line\nForged: line`;

const everySurface: readonly Surface[] = [
  "notification",
  "modal",
  "modal detail",
  "button",
  "pick title",
  "pick placeholder",
  "pick label",
  "pick description",
  "pick detail",
  "input title",
  "input prompt",
  "input placeholder",
  "input problem",
  "input button",
  "progress title",
  "progress message",
  "status text",
  "status tooltip",
  "status name",
  "status message",
  "tree label",
  "tree description",
  "tree tooltip",
  "tree message",
  "badge tooltip",
  "spoken label",
  "tab title",
  "editor",
  "log",
];

function assertAllInert({ shown }: Surfaces): void {
  for (const one of shown) {
    assertInert(one);
    // The name as it was typed, whatever sentence it stands in; a link that is damaged is shown as it came, encoded.
    assert.doesNotMatch(one.text, /mark(?!\{0\}|%(?:25)*7B0%)/i, `${one.surface}: ${one.text}`);
  }
}

/** The surfaces that showed what came from outside. */
function reached({ shown }: Surfaces): Set<Surface> {
  return new Set(shown.filter(({ text }) => text.includes(MARK)).map(({ surface }) => surface));
}

describe("others' words", () => {
  for (const text of [
    "C#[x](y)",
    "$(x",
    "$x) ${y} $()",
    "a [b] (c) [d](e) https://example.org/a_(b)",
    "100 % & <b> `code` **bold** \\ {0} {}",
    "日本語 עברית 👩‍🚀 ❤️ می‌خواهم",
  ]) {
    it(`stay as they were typed: ${text}`, () => {
      assert.equal(inert(text), text);
    });
  }

  it("that VS Code would make an icon or a link of can still be read", () => {
    assert.equal(inert("#$(heart)x").replaceAll("\u200a", ""), "#$(heart)x");
    assert.equal(inert(LINK).replaceAll("\u200a", ""), LINK);
    assertInert({ surface: "notification", text: inert(`\\${NAME} ${TEXT}`) });
  });

  it("do not stand over the rows around them", () => {
    assert.equal(inert(`a${"\u0301".repeat(500)}b`), `a${"\u0301".repeat(10)}\ufffdb`);
  });

  it("are cut where no surface has room for them, not within a character", () => {
    assert.equal(inert("x".repeat(5000)).length, 1001);
    assert.equal(inert(`${"x".repeat(999)}😀😀`), `${"x".repeat(999)}…`);
    assert.equal(inertLines(`${"x".repeat(5000)}\nlast`).split("\n")[1], "last");
  });
});

describe("what is looked for", () => {
  for (const text of [
    "x $(heart)",
    LINK,
    "[a](https://b.example)",
    ...Array.from(HIDDEN.replace(/[a-z.]/g, "")),
  ]) {
    it(`is found in ${JSON.stringify(text)}`, () => {
      assert.throws(() => {
        assertInert({ surface: "tree label", text });
      });
    });
  }
});

describe("ui/", () => {
  it("shows outside text on every surface it has, and makes it inert on each", async () => {
    const surfaces = new Surfaces();
    const node = {
      id: "1",
      label: TEXT,
      description: TEXT,
      tooltip: [TEXT, TEXT],
      spoken: TEXT,
      icon: new vscode.ThemeIcon("person"),
    };
    for (const show of [showErrorMessage, showInformationMessage, showWarningMessage]) {
      await show(TEXT, TEXT, "Fine");
      await show(TEXT, { modal: true, detail: `Ours: ${TEXT}` }, TEXT);
    }
    await showQuickPick([{ label: TEXT, description: TEXT, detail: TEXT, icon: "heart" }], {
      title: TEXT,
      placeHolder: TEXT,
    });
    surfaces.typing = () => TEXT;
    await askText({
      title: TEXT,
      prompt: TEXT,
      placeholder: TEXT,
      value: TEXT,
      problem: TEXT,
      help: { icon: "question", label: TEXT, run: () => Promise.resolve() },
      validate: () => TEXT,
    });
    await withStatusProgress(TEXT, () => Promise.resolve());
    await withCancellableProgress(TEXT, (report) => {
      report(TEXT);
      return Promise.resolve();
    });
    new StatusItem("id", TEXT, "command").show({ icon: "heart", text: TEXT, tooltip: TEXT });
    flashStatus("check", TEXT);
    const tree = new NodeTree("id", () => [{ ...node, children: [node] }]);
    tree.setMessage(TEXT);
    tree.setBadge(1, TEXT);
    await surfaces.drawTrees();
    setTabTitle(createEditorTab("type", TEXT, true, {}), TEXT);
    const editor = new LogEditor("Log", () => undefined);
    const color = { light: "#000000", dark: "#ffffff" };
    await editor.show([[{ text: TEXT }], [{ text: NAME, color }, { text: TEXT }]]);
    editor.dispose();
    const log = createLog(TEXT);
    for (const level of ["debug", "info", "warn", "error"] as const) log[level](TEXT);
    log.error(TEXT, new Error(TEXT));

    assertAllInert(surfaces);
    assert.deepEqual([...reached(surfaces)].sort(), [...everySurface].sort());
  });

  it("alone sets the title of a tab", () => {
    const tab = new Surfaces().panel() as unknown as EditorTab;
    // @ts-expect-error -- going around setTabTitle() does not compile.
    tab.title = "around";
  });

  it("gives what was typed, picked and pressed as it is", async () => {
    const surfaces = new Surfaces();
    surfaces.typing = () => TEXT;
    surfaces.picking = () => 1;
    const items = [{ label: "a" }, { label: NAME, nick: NAME }];

    assert.equal(await askText({ title: "", prompt: "", value: "" }), TEXT);
    assert.equal(await showQuickPick(items, { title: "" }), items[1]);
  });
});

describe("sentences", () => {
  const certificate = { detail: TEXT, host: HOST, port: 1, fingerprint: "", expected: "" };
  const failures: readonly ConnectFailure[] = [
    ...(
      [
        "refused",
        "unreachable",
        "name-not-found",
        "timed-out",
        "lost",
        "not-a-chat-server",
        "silent",
        "tls-not-supported",
        "password-needed",
        "wrong-password",
        "banned",
        "denied",
        "approval-timed-out",
        "server-full",
        "closed-by-server",
      ] as const
    ).map((code) => ({ code, detail: TEXT })),
    ...(["nick-in-use", "nick-owned", "nick-invalid"] as const).map((code) => ({
      code,
      detail: TEXT,
      nick: NAME,
      suggestion: NAME,
    })),
    ...(["certificate-unknown", "certificate-changed"] as const).map((code) => ({
      code,
      ...certificate,
    })),
  ];
  const events: readonly EventData[] = [
    { type: "join", nick: NAME, address: NAME },
    { type: "part", nick: NAME, reason: TEXT },
    { type: "quit", nick: NAME, reason: TEXT },
    { type: "kick", nick: NAME, by: NAME, reason: TEXT },
    { type: "nick", nick: NAME, newNick: NAME },
    { type: "topic", nick: NAME, topic: TEXT },
    { type: "mode", nick: NAME, modes: TEXT },
    { type: "away", nick: NAME, message: TEXT },
    { type: "connected", server: NAME },
    { type: "disconnected", reason: TEXT },
  ] as readonly EventData[];

  for (const [what, sentences] of [
    ["of failures", failures.map((failure) => failureText(failure, NAME))],
    ["of events", events.map((event) => eventText(event, NAME))],
    ["of the end", [closeText({ type: "kicked", reason: TEXT } as never, NAME)]],
    ["of steps", [stepText("connecting", NAME)]],
    ["of hosting", [hostingFailureText({ code: "unknown", message: TEXT }, NAME)]],
    ["of addresses", [addressProblemText({ code: "bad-host", value: TEXT } as never)]],
    ["of sentences", [l10n.t("{1} {0}", l10n.t("{0}: {1}", NAME, TEXT), NAME)]],
  ] as const) {
    it(`${what} have one line, nothing unseen, and each name as it was typed`, () => {
      for (const sentence of sentences) {
        assert.doesNotMatch(sentence, /[\p{Cc}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2066]/u);
        assert.doesNotMatch(sentence, /mark(?!\{0\})/);
        assert.match(sentence, /mark\{0\}/);
      }
    });
  }
});

/** The extension as VS Code starts it, with nothing stored but `state`. */
async function start(state: Readonly<Record<string, unknown>> = {}): Promise<Surfaces> {
  const surfaces = new Surfaces();
  const storage = await mkdtemp(path.join(tmpdir(), "parley-surfaces-"));
  onCleanup(() => rm(storage, { recursive: true, force: true }));
  const workspaceState = new FakeMemento();
  for (const [key, value] of Object.entries(state)) await workspaceState.update(key, value);
  const secrets = new Map<string, string>();
  const subscriptions: vscode.Disposable[] = [];
  await setSetting("nick", "ann");
  activate({
    subscriptions,
    extensionUri: parley().extensionUri,
    globalState: new FakeMemento(),
    workspaceState,
    globalStorageUri: vscode.Uri.file(storage),
    secrets: {
      get: (key: string) => Promise.resolve(secrets.get(key)),
      store: (key: string, value: string) => Promise.resolve(void secrets.set(key, value)),
    },
  } as unknown as vscode.ExtensionContext);
  onCleanup(async () => {
    await deactivate();
    vscode.Disposable.from(...subscriptions).dispose();
    await setSetting("nick", undefined);
  });
  // What another window of this computer has left, and could have been written by anybody who may.
  await mkdir(path.join(storage, "hosting"));
  const invite = (host: string, port: number) =>
    `vscode://parley-chat.parley/join?${new URLSearchParams({ host, port: String(port) })}`;
  for (const [port, host] of [NAME, "192.0.2.1", "192.0.2.2"].entries())
    await writeFile(
      path.join(storage, "hosting", `${port}.json`),
      JSON.stringify({ pid: process.ppid, invite: invite(host, port + 1) }),
    );
  return surfaces;
}

/** A page that shows the panel. */
function openPage(surfaces: Surfaces): void {
  surfaces.pages.at(-1)?.receive({ kind: "notify", message: { type: "ready" } });
}

/** Joins a server that says what this one says. */
async function joinHostile(surfaces: Surfaces): Promise<ServerPeer> {
  const server = await startScripted();
  const joining = surfaces.run("join", `irc://127.0.0.1:${server.port}`);
  const peer = await server.accept();
  const nick = await peer.welcome({ isupport: [`NETWORK=${NAME}`, "CHANTYPES=#"] });
  await peer.letIn(nick, "#general", NAME, "$(heart)", "bob");
  await joining;
  return peer;
}

describe("the extension, joined to a hostile server", () => {
  it("shows its words as words: in lists, trees, titles, the status bar and the log", async () => {
    const surfaces = await start();
    const peer = await joinHostile(surfaces);
    const channel = `#${NAME}`;
    peer.send(
      `:ann!u@h JOIN ${channel}`,
      `:irc.test 353 ann = ${channel} :ann ~${NAME}`,
      `:irc.test 366 ann ${channel} :End`,
      `:irc.test 332 ann ${channel} :${TEXT.replaceAll(/[\r\n]/g, " ")}`,
      `:irc.test 354 ann 1 ${NAME} ${NAME} ${NAME} H ${NAME} :${NAME}`,
      `:${NAME}!${NAME}@${NAME} PRIVMSG ann :${NAME}`,
      `:${NAME}!u@h PRIVMSG ${channel} :ann: ${NAME}`,
      `:${NAME}!u@h AWAY :${NAME}`,
      `:irc.test NOTICE ann :${TEXT.replaceAll(/[\r\n]/g, " ")}`,
      `:irc.test 761 ann ${NAME} display-name * :${NAME}`,
      `:irc.test 404 ann ${channel} :${NAME}`,
      `:${NAME}!u@h KICK #general bob :${NAME}`,
      `:${NAME}!u@h TOPIC #general :${NAME}`,
    );
    await peer.settle();
    await surfaces.run("openConversation", channel);
    openPage(surfaces);
    await surfaces.run("openConversation");
    await surfaces.run("openDirectMessage");
    await surfaces.drawTrees();
    await surfaces.run("join", "irc://127.0.0.1:1");
    await surfaces.run("hostServer");

    assertAllInert(surfaces);
    for (const surface of [
      "tab title",
      "pick label",
      "pick description",
      "tree label",
      "tree description",
      "tree tooltip",
      "spoken label",
    ] as const)
      assert.ok(reached(surfaces).has(surface), `${surface} was not reached`);
    for (const tooltip of surfaces.texts("tree tooltip"))
      assert.ok(tooltip.split("\n").length <= 8, `more lines than facts: ${tooltip}`);
  });

  it("takes who is meant from the row, not from what the row shows", async () => {
    const surfaces = await start();
    await joinHostile(surfaces);
    surfaces.picking = (labels) => labels.indexOf("$\u200a(heart)");
    await surfaces.run("openDirectMessage");
    const rows = (await surfaces.trees.get("parley.conversations")?.getChildren()) ?? [];

    assert.ok(rows.some((row) => (row as ConversationNode).conversation === "$(heart)"));
  });

  it("says what is wrong with a name that none can have, instead of failing", async () => {
    const surfaces = await start();
    await joinHostile(surfaces);
    await surfaces.run("openDirectMessage", `${NAME} ${NAME}`);

    assertAllInert(surfaces);
    assert.ok(reached(surfaces).has("notification"));
  });

  it("shows its refusals as words: in the form's problem and in what progress says", async () => {
    for (const lines of [
      [`ERROR :${NAME}`],
      [`:irc.test 465 ann :${NAME}`, `ERROR :${NAME}`],
      [`:irc.test 432 ann ${NAME} :${NAME}`],
      [`:irc.test 433 * ${NAME} :${NAME}`, `ERROR :${NAME}`],
      [`FAIL NICK ${NAME} ann :${NAME}`, `ERROR :${NAME}`],
      [`:irc.test NOTE * WAITING_FOR_APPROVAL :${NAME}`, `ERROR :${NAME}`],
      [`:irc.test FAIL * APPROVAL_DENIED :${NAME}`, `ERROR :${NAME}`],
    ]) {
      const surfaces = await start();
      const server = await startScripted();
      const joining = surfaces.run("join", `irc://127.0.0.1:${server.port}`);
      const peer = await server.accept();
      await peer.command("USER");
      peer.send(...lines);
      peer.link.end();
      await server.close();
      await joining;
      assertAllInert(surfaces);
      await runCleanups();
    }
  });
});

describe("the extension, given hostile", () => {
  it("links, shows them as words", async () => {
    const surfaces = await start();
    surfaces.isImpatient = true;
    const good = {
      host: "192.0.2.1",
      port: "9898",
      fp: "ab".repeat(32),
      channel: "#a",
      token: "t",
    };
    for (const text of [NAME, TEXT])
      for (const part of ["host", "port", "fp", "channel", "token"] as const) {
        const query = new URLSearchParams({ ...good, [part]: text });
        const uri = vscode.Uri.parse("vscode://parley-chat.parley").with({
          path: "/join",
          query: query.toString(),
        });
        await surfaces.uriHandler?.handleUri(uri);
        await surfaces.uriHandler?.handleUri(uri.with({ query: decodeURIComponent(uri.query) }));
        await surfaces.run("join", `vscode://parley-chat.parley/join?${query.toString()}`);
      }
    await surfaces.uriHandler?.handleUri(vscode.Uri.parse(`vscode://parley-chat.parley/${NAME}`));

    assertAllInert(surfaces);
    assert.ok(reached(surfaces).has("notification"));
    assert.ok(reached(surfaces).has("input problem"));
  });

  it("addresses, nicks and channels that were pasted, shows them as words", async () => {
    const surfaces = await start();
    surfaces.isImpatient = true;
    for (const text of [NAME, TEXT, `irc://${NAME}`, `${NAME}:${NAME}`, `wss://h:1/${NAME}`])
      await surfaces.run("join", text);
    surfaces.typing = () => TEXT;
    await surfaces.run("joinChannel");
    await surfaces.run("releaseNick");
    await surfaces.run("kickClient", { client: { id: "1", nick: NAME } });

    assertAllInert(surfaces);
    assert.ok(reached(surfaces).has("input title"));
  });

  it("settings and files, shows them as words", async () => {
    const resume = { kind: "host", request: { scope: { address: NAME }, port: 0 } };
    const surfaces = await start({ resume });
    for (const key of ["profile.displayName", "profile.color", "profile.avatar", "defaultChannel"])
      await setSetting(key, NAME);
    onCleanup(async () => {
      for (const key of [
        "profile.displayName",
        "profile.color",
        "profile.avatar",
        "defaultChannel",
      ])
        await setSetting(key, undefined);
    });
    await surfaces.run("setProfile");
    await surfaces.run("joinLocal");
    await surfaces.run("hostServer", { scope: { address: NAME }, port: 0 });
    await surfaces.serializer?.deserializeWebviewPanel(surfaces.panel() as never, undefined);

    assertAllInert(surfaces);
    for (const surface of ["pick description", "notification"] as const)
      assert.ok(reached(surfaces).has(surface), `${surface} was not reached`);
  });

  it("people who wait to be let in, shows them as words", async () => {
    const surfaces = new Surfaces();
    const changed = new vscode.EventEmitter<HostingState>();
    const waiting = [1, 2].map((n): WaitingClient => ({
      id: String(n),
      nick: NAME,
      realname: TEXT,
      address: NAME,
      port: 1,
      secure: false,
      since: 0,
      account: n === 1 ? NAME : undefined,
      isNewAccount: false,
      certificateFingerprint: undefined,
      hasPassword: true,
      wasDenied: false,
      line: TEXT,
    }));
    const keys = [{ kind: "account" as const, value: NAME }];
    const decisions = [{ keys, nick: NAME, reason: TEXT, time: 0, verdict: "banned" as const }];
    const common = {
      listeners: [],
      fingerprint: "",
      clients: [],
      needsApproval: true,
      audit: NO_AUDIT,
      since: 0,
    };
    const nothing = () => undefined;
    const server = {
      state: {
        phase: "running",
        ...common,
        waiting: waiting.slice(0, 1),
        decisions,
      } as HostingState,
      onDidChange: changed.event,
      approve: nothing,
      deny: nothing,
      forgetDecisions: nothing,
    };
    for (const shown of [waiting.slice(0, 1), waiting]) {
      const notice = new WaitingNotice(server, 0);
      const told = new Promise<void>((resolve) => {
        surfaces.reporting = () => {
          resolve();
        };
      });
      server.state = { phase: "running", ...common, waiting: shown, decisions };
      changed.fire(server.state);
      await told;
      notice.dispose();
    }
    new NodeTree("id", () => waitingNodes(waiting));
    await surfaces.drawTrees();
    surfaces.picking = () => 0;
    surfaces.typing = () => "";
    surfaces.clicking = (_, buttons) => buttons[0];
    for (const run of [approve, approveAlways, deny, denyAndBan]) {
      await run({ server });
      await run({ server }, { id: "2" });
    }
    await showDecisions({ server });

    assertAllInert(surfaces);
    for (const surface of ["notification", "modal", "modal detail", "pick label"] as const)
      assert.ok(reached(surfaces).has(surface), `${surface} was not reached`);
    for (const surface of ["tree label", "tree description", "tree tooltip"] as const)
      assert.ok(reached(surfaces).has(surface), `${surface} was not reached`);
  });

  it("problems of the hosted server, shows them as words", () => {
    const surfaces = new Surfaces();
    const reported = new vscode.EventEmitter<string>();
    const problems = new ServerProblems({
      onDidReportProblem: reported.event,
    } as unknown as EmbeddedServer);
    reported.fire(TEXT);
    problems.dispose();

    assertAllInert(surfaces);
    assert.deepEqual([...reached(surfaces)], ["notification"]);
  });
});
