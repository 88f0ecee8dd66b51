import { strict as assert } from "node:assert";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import {
  EmbeddedServer,
  HostingError,
  StoppedWhileStarting,
} from "../../src/extension/embedded-server.js";
import { Hosting } from "../../src/extension/hosting.js";
import { LocalHosts } from "../../src/extension/local-hosts.js";
import { Secrets } from "../../src/extension/secrets.js";
import type { ServerFailure } from "../../src/server/control.js";
import { onCleanup } from "../support/cleanup.js";
import { freePort, isFree } from "../support/ports.js";
import { parley } from "./support/extension.js";
import { FakeMemento } from "./support/fake-memento.js";

function embeddedServer(): EmbeddedServer {
  const log = vscode.window.createOutputChannel("Parley test", { log: true });
  const bundle = path.join(parley().extensionPath, "dist", "server.js");
  const server = new EmbeddedServer(bundle, log);
  onCleanup(async () => {
    await server.stop("the test is over");
    server.dispose();
    log.dispose();
  });
  return server;
}

async function failureOf(server: EmbeddedServer, listen: string): Promise<ServerFailure["code"]> {
  try {
    await server.start({ listen: [listen] });
  } catch (error) {
    if (error instanceof HostingError) return error.failure.code;
    throw error;
  }
  throw new Error(`it listens on ${listen}`);
}

describe("embedded server", () => {
  it("a port in use is told as such, and hosting can be tried again", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    onCleanup(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const server = embeddedServer();

    assert.equal(await failureOf(server, `127.0.0.1:${port}`), "port-in-use");
    assert.equal(server.state.phase, "stopped");
    await server.start({ listen: ["127.0.0.1:0"] });
    assert.equal(server.state.phase, "running");
  });

  it("an address of another computer is told as such", async () => {
    // https://www.rfc-editor.org/rfc/rfc5737: nobody has an address of TEST-NET-1.
    assert.equal(await failureOf(embeddedServer(), "192.0.2.1:0"), "address-not-local");
  });

  it("what is no address is told as such", async () => {
    assert.equal(await failureOf(embeddedServer(), "127.0.0.1:99999"), "bad-option");
  });

  it("a data folder that cannot be one is told as such", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "parley-test-"));
    onCleanup(() => rm(folder, { recursive: true }));
    const data = path.join(folder, "file");
    await writeFile(data, "not a folder");

    await assert.rejects(
      embeddedServer().start({ listen: ["127.0.0.1:0"], data }),
      (error) => error instanceof HostingError && error.failure.code === "data-unusable",
    );
  });

  it("stopping before it has started leaves nothing behind", async () => {
    const server = embeddedServer();
    const port = await freePort();
    const phases: string[] = [];
    server.onDidChange(({ phase }) => phases.push(phase));
    server.onDidCrash((reason) => phases.push(`crash: ${reason}`));
    const started = server.start({ listen: [`127.0.0.1:${port}`] });
    const refused = assert.rejects(started, StoppedWhileStarting);
    await server.stop("changed my mind");
    await refused;

    assert.deepEqual(phases, ["starting", "stopping", "stopped"]);
    assert.ok(await isFree(port));
    await server.start({ listen: [`127.0.0.1:${port}`] });
    assert.equal(server.state.phase, "running");
  });

  it("hosts on where other windows of this computer cannot be told", async () => {
    const { hosting, server, warnings } = await hostingIn(async (folder) => {
      await writeFile(path.join(folder, "hosting"), "not a folder");
    });
    const target = await hosting.start({ scope: "machine", port: 0 });

    assert.equal(server.state.phase, "running");
    assert.ok(target.address.port > 0);
    assert.match(warnings.join("\n"), /Could not announce the server to other windows/);
  });

  it("hosts again at the port that was picked, by the same invite", async () => {
    const { hosting, server } = await hostingIn();
    const { request } = await hosting.start({ scope: "machine", port: 0 });
    const invite = hosting.invite();
    await server.stop("reload");
    const again = await hosting.start(request);

    assert.deepEqual(again.request, request);
    assert.equal(hosting.invite(), invite);
  });

  it("a thread that ends by itself is told once, with a reason", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "parley-test-"));
    onCleanup(() => rm(folder, { recursive: true }));
    const bundle = path.join(folder, "server.cjs");
    // Starts as a server does, and breaks when it is asked for anything.
    await writeFile(
      bundle,
      `const { parentPort } = require("node:worker_threads");
       parentPort.postMessage({ type: "started", listeners: [], fingerprint: "" });
       parentPort.on("message", () => { throw new Error("broken"); });`,
    );
    const log = vscode.window.createOutputChannel("Parley test", { log: true });
    const server = new EmbeddedServer(bundle, log);
    onCleanup(() => {
      server.dispose();
      log.dispose();
    });
    await server.start({});
    const reasons: string[] = [];
    const crashed = new Promise<void>((resolve) => {
      server.onDidCrash((reason) => {
        reasons.push(reason);
        resolve();
      });
    });
    const ended = new Promise<void>((resolve) => {
      server.onDidChange(({ phase }) => {
        if (phase === "stopped") resolve();
      });
    });
    server.disconnectClient("1", "");
    await Promise.all([crashed, ended]);

    assert.deepEqual(reasons, ["broken"]);
  });
});

/** What hosts in a folder of its own, which `prepare` is given. */
async function hostingIn(
  prepare: (folder: string) => Promise<void> = () => Promise.resolve(),
  memento = new FakeMemento(),
) {
  const folder = await mkdtemp(path.join(tmpdir(), "parley-test-"));
  onCleanup(() => rm(folder, { recursive: true }));
  await prepare(folder);
  const storage = vscode.Uri.file(folder);
  const localHosts = new LocalHosts(vscode.Uri.joinPath(storage, "hosting"));
  const server = embeddedServer();
  const warnings: string[] = [];
  const log = { warn: (text: string) => void warnings.push(text) };
  const secrets = new Secrets({} as vscode.SecretStorage, () => undefined);
  const hosting = new Hosting(server, secrets, localHosts, storage, memento, log);
  onCleanup(() => {
    hosting.dispose();
    localHosts.dispose();
  });
  return { hosting, server, warnings };
}

describe("hosting, where everything is logged,", () => {
  it("goes on logging on the same port, also in another window, until the host stops it", async () => {
    const memento = new FakeMemento();
    const { hosting, server } = await hostingIn(undefined, memento);
    const { request } = await hosting.start({
      scope: "machine",
      port: await freePort(),
    });
    const isOn = () => server.state.phase === "running" && server.state.audit.isOn;
    assert.equal(isOn(), false);
    assert.equal(await hosting.setAudit(true), undefined);
    assert.equal(isOn(), true);
    await server.stop("a restart");
    await hosting.start(request);
    assert.equal(isOn(), true);
    assert.equal(await hosting.setAudit(false), undefined);
    await server.stop("a restart");
    await hosting.start(request);
    assert.equal(isOn(), false);
  });
});
