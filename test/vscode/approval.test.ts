// Letting people in: the hosted server's queue, the notification and the commands, and the setting.
import { strict as assert } from "node:assert";
import { connect as connectTcp } from "node:net";
import path from "node:path";
import { connect as connectTls } from "node:tls";
import * as vscode from "vscode";
import { parseAddress } from "../../src/client/address.js";
import {
  approve,
  approveAlways,
  deny,
  denyAndBan,
  requireApproval,
  showDecisions,
  stopRequiringApproval,
} from "../../src/extension/commands/approval.js";
import { EmbeddedServer, type HostingState } from "../../src/extension/embedded-server.js";
import { WaitingNotice } from "../../src/extension/waiting-notice.js";
import { waitingNodes, type WaitingNode } from "../../src/extension/views/waiting.js";
import type { Decision, Verdict, WaitingClient } from "../../src/server/control.js";
import { failureText } from "../../src/extension/words.js";
import { DENIED_WITHOUT_REASON } from "../../src/irc/standard-replies.js";
import { onCleanup } from "../support/cleanup.js";
import { Peer, SocketLink } from "../support/peer.js";
import { parley, setSetting } from "./support/extension.js";
import { Surfaces } from "./support/surfaces.js";

const NO_AUDIT = { isOn: false, file: undefined };

type Running = HostingState & { phase: "running" };

async function hosted(): Promise<EmbeddedServer> {
  const log = vscode.window.createOutputChannel("Parley test", { log: true });
  const server = new EmbeddedServer(path.join(parley().extensionPath, "dist", "server.js"), log);
  onCleanup(async () => {
    await server.stop("the test is over");
    server.dispose();
    log.dispose();
  });
  await server.start({ listen: ["127.0.0.1:0"], approve: true });
  return server;
}

function running(server: EmbeddedServer): Running {
  const { state } = server;
  assert.ok(state.phase === "running");
  return state;
}

function until(server: EmbeddedServer, isSo: (state: Running) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (state: HostingState) => {
      if (state.phase !== "running" || !isSo(state)) return;
      subscription.dispose();
      resolve();
    };
    const subscription = server.onDidChange(look);
    look(server.state);
  });
}

async function comes(server: EmbeddedServer, nick: string): Promise<Peer> {
  const port = running(server).listeners[0]?.port ?? 0;
  const peer = await new Promise<Peer>((resolve) => {
    const socket = connectTcp(port, "127.0.0.1", () => {
      resolve(new Peer(new SocketLink(socket)));
    });
    onCleanup(() => void socket.destroy());
  });
  await peer.register(nick);
  await until(server, ({ waiting }) => waiting.some((client) => client.nick === nick));
  return peer;
}

describe("the hosted server's queue", () => {
  it("has who waits, with what they say, until they are let in", async () => {
    const server = await hosted();
    const bob = await comes(server, "bob");
    bob.send("KNOCK :it is me");
    await until(server, ({ waiting }) => waiting[0]?.line === "it is me");
    const [waiting] = running(server).waiting;
    assert.deepEqual(running(server).clients, []);
    server.approve(waiting?.id ?? "", false);
    await bob.until(/ :The host has let you in$/);
    await until(server, (state) => state.waiting.length === 0 && state.clients.length === 1);
  });

  it("sends people away, with the host's words, and for good; which can be taken back", async () => {
    const server = await hosted();
    const bob = await comes(server, "bob");
    server.deny(running(server).waiting[0]?.id ?? "", "not today", false);
    assert.equal((await bob.rest()).at(-1), "ERROR :Closing link: not today");
    const again = await comes(server, "bob");
    server.deny(running(server).waiting[0]?.id ?? "", "", true);
    await again.rest();
    await until(server, ({ decisions }) => decisions.length === 1);
    server.forgetDecisions(running(server).decisions.flatMap(({ keys }) => keys));
    await until(server, ({ decisions }) => decisions.length === 0);
    await comes(server, "bob");
  });

  it("is let in as a whole when approval is turned off", async () => {
    const server = await hosted();
    const people = [await comes(server, "bob"), await comes(server, "eve")];
    server.setApproval(false);
    for (const peer of people) await peer.until(/ :The host has let you in$/);
  });
});

const someone = (nick: string, more: Partial<WaitingClient> = {}): WaitingClient => ({
  id: nick,
  nick,
  realname: nick,
  address: "192.168.1.7",
  port: 1,
  secure: true,
  since: 0,
  account: undefined,
  isNewAccount: false,
  certificateFingerprint: undefined,
  hasPassword: true,
  wasDenied: false,
  line: undefined,
  ...more,
});

const waitingNodeOf = (client: WaitingClient) =>
  waitingNodes([client])[0]?.children?.[0] as WaitingNode;

/** A server of which only the queue matters, and what it was told. */
class FakeServer {
  private readonly changed = new vscode.EventEmitter<HostingState>();
  readonly onDidChange = this.changed.event;
  readonly told: unknown[][] = [];
  state!: HostingState;

  constructor(...waiting: readonly WaitingClient[]) {
    this.show(...waiting);
  }

  show(...waiting: readonly WaitingClient[]): void {
    const common = {
      listeners: [],
      fingerprint: "",
      clients: [],
      decisions: [],
      needsApproval: true,
      audit: NO_AUDIT,
      since: 0,
    };
    this.state = { phase: "running", waiting, ...common };
    this.changed.fire(this.state);
  }

  decides(...decisions: readonly Decision[]): void {
    assert.ok(this.state.phase === "running");
    this.state = { ...this.state, decisions };
  }

  approve(...args: unknown[]): void {
    this.told.push(["approve", ...args]);
  }

  deny(...args: unknown[]): void {
    this.told.push(["deny", ...args]);
  }

  forgetDecisions(...args: unknown[]): void {
    this.told.push(["forget", ...args]);
  }
}

describe("the notification of who wants to join", () => {
  /** What is shown next, without the links. */
  function notice(surfaces: Surfaces, server: FakeServer, deniedPause?: number) {
    let shown: (text: string) => void = () => undefined;
    surfaces.reporting = (text) => {
      shown(text);
    };
    const waiting = new WaitingNotice(server, 0, deniedPause);
    onCleanup(() => {
      waiting.dispose();
    });
    return () =>
      new Promise<[text: string, links: string[]]>((resolve) => {
        shown = (text) => {
          const links = [...text.matchAll(/\[([^\]]+)\]\(command:([^? ]+)\?(\S+) /g)];
          resolve([
            text.replace(/ \[.*$/, ""),
            links.map(([, label, command, args]) =>
              [label, command, decodeURIComponent(args ?? "")].join(" "),
            ),
          ]);
        };
      });
  }

  const guest = "(guest without a certificate; came with the invite)";

  it("names one, with who they are and all that can be done, and then all who wait", async () => {
    const surfaces = new Surfaces();
    const server = new FakeServer();
    const next = notice(surfaces, server);
    const first = next();
    const bob = someone("bob", { certificateFingerprint: "e50b".repeat(16) });
    server.show(bob);
    const [text, links] = await first;
    assert.equal(
      text,
      "bob (192.168.1.7) wants to join. (new here, with the certificate e50be50be50be50b; came with the invite)",
    );
    assert.deepEqual(links, [
      'Approve parley.approve [{"id":"bob"}]',
      'Approve and Remember parley.approveAlways [{"id":"bob"}]',
      'Deny… parley.deny [{"id":"bob"}]',
      'Deny and Ban… parley.denyAndBan [{"id":"bob"}]',
    ]);
    const second = next();
    server.show(bob, ...["eve", "joe", "sue", "tom"].map((nick) => someone(nick)));
    assert.deepEqual(await second, [
      "5 people want to join: bob, eve, joe…",
      ["Show parley.server.focus []"],
    ]);
  });

  it("offers to remember only people who can be recognized", async () => {
    const surfaces = new Surfaces();
    const server = new FakeServer();
    const shown = notice(surfaces, server)();
    server.show(someone("bob"));
    const [, links] = await shown;
    assert.deepEqual(
      links.map((link) => link.split(" parley.")[0]),
      ["Approve", "Deny…", "Deny and Ban…"],
    );
  });

  it("says what is so now: their line, and who is left; and goes when the last one has gone", async () => {
    const surfaces = new Surfaces();
    const server = new FakeServer();
    const next = notice(surfaces, server);
    const first = next();
    server.show(someone("bob"));
    await first;
    const second = next();
    server.show(someone("bob", { line: "it is me" }));
    assert.equal((await second)[0], `bob (192.168.1.7) wants to join: “it is me” ${guest}`);
    const third = next();
    server.show(someone("bob"), someone("eve"));
    await third;
    const fourth = next();
    server.show(someone("eve"));
    assert.equal((await fourth)[0], `eve (192.168.1.7) wants to join. ${guest}`);
    server.show();
    await Promise.resolve();
    await Promise.resolve();
    assert.equal(surfaces.running, 0);
  });

  it("is put away until someone else comes", async () => {
    const surfaces = new Surfaces();
    const server = new FakeServer();
    const next = notice(surfaces, server);
    const first = next();
    surfaces.isImpatient = true;
    server.show(someone("bob"));
    await first;
    assert.deepEqual(surfaces.texts("button"), ["Later"]);
    await Promise.resolve();
    assert.equal(surfaces.running, 0);
    surfaces.isImpatient = false;
    server.show(someone("bob", { line: "it is me" }));
    assert.equal(surfaces.running, 0);
    const second = next();
    server.show(someone("bob"), someone("eve"));
    assert.equal((await second)[0], "2 people want to join: bob, eve");
  });

  it("comes again for people who were denied, once in a while", async () => {
    const surfaces = new Surfaces();
    const server = new FakeServer();
    const next = notice(surfaces, server, 60_000);
    const first = next();
    const denied = { wasDenied: true };
    server.show(someone("bob", denied));
    assert.match((await first)[0], /^bob .*; denied before\)$/);
    server.show();
    const second = next();
    server.show(someone("bob", { ...denied, id: "again" }), someone("eve"));
    assert.equal((await second)[0], `eve (192.168.1.7) wants to join. ${guest}`);
  });

  it("comes again for people who were denied when that while has passed", async () => {
    const surfaces = new Surfaces();
    const server = new FakeServer();
    const next = notice(surfaces, server, 1);
    for (const id of ["first", "second"]) {
      const shown = next();
      server.show(someone("bob", { wasDenied: true, id }));
      assert.match((await shown)[0], /^bob /);
      server.show();
    }
  });
});

describe("the commands that let people in", () => {
  it("take the one of the row, or ask who is meant", async () => {
    const surfaces = new Surfaces();
    const server = new FakeServer(someone("bob"), someone("eve", { account: "eve" }));
    await approve({ server }, { id: "bob" });
    surfaces.picking = (labels) => labels.indexOf("eve");
    await approveAlways({ server });
    assert.deepEqual(server.told, [
      ["approve", "bob", false],
      ["approve", "eve", true],
    ]);
  });

  it("say that a guest will wait again", async () => {
    const surfaces = new Surfaces();
    const server = new FakeServer(someone("bob"));
    await approveAlways({ server }, { id: "bob" });
    assert.match(surfaces.texts("notification")[0] ?? "", /^bob can join, but will wait again/);
  });

  it("ask for a reason, and before a ban whether it is meant; Escape does nothing", async () => {
    const surfaces = new Surfaces();
    const server = new FakeServer(someone("bob"));
    await deny({ server }, { id: "bob" });
    await denyAndBan({ server }, { id: "bob" });
    assert.deepEqual(server.told, []);
    surfaces.typing = () => "enough";
    await deny({ server }, { id: "bob" });
    await denyAndBan({ server }, { id: "bob" });
    surfaces.clicking = (_, buttons) => buttons.find((label) => label === "Deny and Ban");
    await denyAndBan({ server }, { id: "bob" });
    assert.deepEqual(server.told, [
      ["deny", "bob", "enough", false],
      ["deny", "bob", "enough", true],
    ]);
  });

  it("say so when the person is gone, also while the host was asked", async () => {
    const surfaces = new Surfaces();
    const server = new FakeServer(someone("bob"));
    await approve({ server }, { id: "eve" });
    await approve({ server }, waitingNodeOf(someone("joe")));
    surfaces.typing = () => {
      server.show();
      return "enough";
    };
    await deny({ server }, { id: "bob" });
    await approve({ server });
    assert.deepEqual(server.told, []);
    assert.deepEqual(surfaces.texts("notification"), [
      "This person is no longer waiting. If they ask to join again, you are told.",
      "joe is no longer waiting. If they ask to join again, you are told.",
      "bob is no longer waiting. If they ask to join again, you are told.",
      "No one is waiting to join.",
    ]);
  });
});

describe("the list of people who were approved or banned", () => {
  const decided = (verdict: Verdict): Decision => ({
    verdict,
    nick: "bob",
    reason: "",
    time: 0,
    keys: [
      { kind: "account", value: "bob" },
      { kind: "certificate", value: "e50b".repeat(16) },
    ],
  });

  for (const [verdict, words, button, done] of [
    ["approved", "always approved", "Take Back Approval", "bob is no longer approved"],
    ["banned", "banned", "Lift Ban", "bob is no longer banned"],
  ] as const)
    it(`has one row for each person, takes all of it back once that is meant, and says so: ${verdict}`, async () => {
      const surfaces = new Surfaces();
      const server = new FakeServer();
      const decision = decided(verdict);
      server.decides(decision);
      surfaces.picking = () => 0;
      await showDecisions({ server });
      assert.deepEqual(surfaces.texts("pick label"), ["bob"]);
      const keys = "account bob, certificate e50be50be50be50b";
      assert.deepEqual(surfaces.texts("pick description"), [`${words} · ${keys}`]);
      assert.deepEqual(server.told, []);
      surfaces.clicking = (_, buttons) => buttons.find((label) => label === button);
      await showDecisions({ server });
      assert.deepEqual(server.told, [["forget", decision.keys]]);
      assert.deepEqual(surfaces.texts("notification"), [`${done} (${keys}).`]);
    });
});

describe("people who were not let in", () => {
  it("read why, or nothing twice where there is no why", () => {
    const text = (detail: string) => failureText({ code: "denied", detail }, "192.0.2.1");
    assert.equal(text("not today"), "The host of 192.0.2.1 did not let you in: not today");
    assert.equal(text(DENIED_WITHOUT_REASON), "The host of 192.0.2.1 did not let you in.");
  });
});

describe("whether people wait to be let in", () => {
  it("is asked before those who wait are let in by its end", async () => {
    onCleanup(() => setSetting("approveToJoin", undefined));
    await setSetting("approveToJoin", true);
    const isOn = () => vscode.workspace.getConfiguration("parley").get("approveToJoin");
    const surfaces = new Surfaces();
    const server = new FakeServer(someone("bob"));
    await stopRequiringApproval({ server });
    assert.equal(isOn(), true);
    surfaces.clicking = (_, buttons) => buttons[0];
    await stopRequiringApproval({ server });
    assert.equal(isOn(), false);
    await requireApproval();
    assert.equal(isOn(), true);
    assert.deepEqual(surfaces.texts("notification"), [
      "People who have the invite link can join without approval.",
      "From now on people who join wait until you approve them. Those who are here stay.",
    ]);
  });
});

describe("the setting that people wait to be let in", () => {
  it("takes effect on the running server at once, both ways", async () => {
    await setSetting("nick", "ann");
    await vscode.commands.executeCommand("parley.hostServer", { scope: "machine", port: 0 });
    onCleanup(async () => {
      await vscode.commands.executeCommand("parley.stopServer", { force: true });
      await setSetting("approveToJoin", undefined);
      await setSetting("nick", undefined);
    });
    await vscode.commands.executeCommand("parley.copyInviteLink");
    const parsed = parseAddress(await vscode.env.clipboard.readText());
    assert.ok("address" in parsed);
    const { port, token = "" } = parsed.address;
    await setSetting("approveToJoin", true);
    const peer = await new Promise<Peer>((resolve) => {
      const socket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
        resolve(new Peer(new SocketLink(socket)));
      });
      onCleanup(() => void socket.destroy());
    });
    peer.send(`PASS ${token}`);
    await peer.register("bob");
    await peer.until(/ :The host has to let you in: please wait/);
    await setSetting("approveToJoin", undefined);
    await peer.until(/ :The host has let you in$/);
  });
});
