// The server as the extension runs it: its bundle in a worker thread.
import { strict as assert } from "node:assert";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { Worker } from "node:worker_threads";
import type {
  CertificateEvent,
  CertificateOptions,
  ControlCommand,
  ControlEvent,
} from "../../src/server/control.js";
import type { ServerOptions } from "../../src/server/config.js";
import { onCleanup } from "../support/cleanup.js";
import { Peer, SocketLink } from "../support/peer.js";
import { temporaryFolder } from "../support/server.js";
import { serverBundle } from "../support/server-bundle.js";

class Hosted {
  private readonly events: ControlEvent[] = [];
  private waiting: (() => void) | undefined;
  readonly exited: Promise<number>;

  constructor(private readonly worker: Worker) {
    worker.on("message", (event: ControlEvent) => {
      this.events.push(event);
      this.waiting?.();
    });
    this.exited = new Promise((resolve) => worker.once("exit", resolve));
  }

  /** The next event of this type; others before it are dropped. */
  async event<T extends ControlEvent["type"]>(
    type: T,
    fits: (event: Extract<ControlEvent, { type: T }>) => boolean = () => true,
  ): Promise<Extract<ControlEvent, { type: T }>> {
    for (;;) {
      for (let event = this.events.shift(); event !== undefined; event = this.events.shift()) {
        const wanted = event as Extract<ControlEvent, { type: T }>;
        if (event.type === type && fits(wanted)) return wanted;
      }
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    }
  }

  send(command: ControlCommand): void {
    this.worker.postMessage(command);
  }
}

async function host(options: ServerOptions): Promise<Hosted> {
  const workerData = { kind: "parley-server", options };
  const worker = new Worker(await serverBundle(), { workerData, env: {}, stderr: true });
  onCleanup(async () => {
    await worker.terminate();
  });
  return new Hosted(worker);
}

function connectTo(port: number): Promise<Peer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      resolve(new Peer(new SocketLink(socket)));
    });
    socket.once("error", reject);
    onCleanup(() => {
      socket.destroy();
    });
  });
}

describe("a server in a worker thread", () => {
  it("tells where it listens, who is there, and ends when asked", async () => {
    const hosted = await host({ listen: ["127.0.0.1:0"], opers: ["host:pw"] });
    const { listeners, fingerprint } = await hosted.event("started");
    assert.match(fingerprint, /^[0-9a-f]{64}$/);
    const port = listeners[0]?.port ?? 0;
    const alice = await connectTo(port);
    await alice.register("alice", "standard-replies");
    const { clients } = await hosted.event("clients", (e) => e.clients[0]?.nick === "alice");
    assert.equal(clients[0]?.address, "127.0.0.1");
    hosted.send({ type: "stop", reason: "The host has left", isFinal: true });
    assert.deepEqual(await alice.rest(), [
      ":parley.chat NOTE * SERVER_STOPPING :The host has left",
      "ERROR :Closing link: The host has left",
    ]);
    await hosted.event("stopped");
    assert.equal(await hosted.exited, 0);
  });

  it("leaves members to come back by themselves when it is not stopped for good", async () => {
    const hosted = await host({ listen: ["127.0.0.1:0"] });
    const { listeners } = await hosted.event("started");
    const alice = await connectTo(listeners[0]?.port ?? 0);
    await alice.register("alice", "standard-replies");
    hosted.send({ type: "stop", reason: "The window reloads", isFinal: false });
    assert.deepEqual(await alice.rest(), ["ERROR :Closing link: The window reloads"]);
    assert.equal(await hosted.exited, 0);
  });

  it("throws somebody out when asked", async () => {
    const hosted = await host({ listen: ["127.0.0.1:0"] });
    const { listeners } = await hosted.event("started");
    const alice = await connectTo(listeners[0]?.port ?? 0);
    await alice.register("alice");
    const { clients } = await hosted.event("clients", (e) => e.clients[0]?.nick === "alice");
    hosted.send({ type: "disconnectClient", clientId: clients[0]?.id ?? "", reason: "enough" });
    assert.deepEqual(await alice.rest(), [
      ":parley.chat KILL alice :enough",
      "ERROR :Closing link: Killed (parley.chat (enough))",
    ]);
    await hosted.event("clients", (e) => e.clients.length === 0);
    hosted.send({ type: "stop", reason: "done", isFinal: true });
    await hosted.exited;
  });

  it("logs everything from when it is asked to, and says where, or why it cannot", async () => {
    const data = temporaryFolder();
    const hosted = await host({ listen: ["127.0.0.1:0"], data });
    const file = join(data, "audit.log");
    assert.deepEqual(await hosted.event("audit"), { type: "audit", isOn: false, file });
    const { listeners } = await hosted.event("started");
    const alice = await connectTo(listeners[0]?.port ?? 0);
    await alice.register("alice");
    hosted.send({ type: "setAudit", isOn: true });
    assert.deepEqual(await hosted.event("audit"), { type: "audit", isOn: true, file });
    await alice.expect(/ NOTICE alice :From now on everything said on this server is logged by /);
    hosted.send({ type: "setAudit", isOn: false });
    assert.equal((await hosted.event("audit")).isOn, false);
    rmSync(file);
    mkdirSync(file);
    hosted.send({ type: "setAudit", isOn: true });
    const { isOn, problem } = await hosted.event("audit");
    assert.equal(isOn, false);
    assert.match(problem ?? "", /audit\.log cannot be written: /);
    hosted.send({ type: "stop", reason: "done", isFinal: true });
    await hosted.exited;
  });

  it("logs over the channel, at the level asked for", async () => {
    const hosted = await host({ listen: ["127.0.0.1:0"], logLevel: "info" });
    const log = await hosted.event("log", (e) => e.message.startsWith("listening on"));
    assert.match(log.message, /^listening on 127\.0\.0\.1:[0-9]+$/);
    assert.equal(log.level, "info");
    hosted.send({ type: "stop", reason: "done", isFinal: true });
    await hosted.exited;
  });

  it("makes a certificate for a client, if that is what is asked for, and ends", async () => {
    const workerData: CertificateOptions = { kind: "parley-certificate" };
    const worker = new Worker(await serverBundle(), { workerData, env: {}, stderr: true });
    const exited = once(worker, "exit");
    const [event] = (await once(worker, "message")) as [CertificateEvent];
    const { subject, subjectAltName, validTo } = new X509Certificate(event.cert);
    assert.deepEqual([subject, subjectAltName], ["CN=parley", undefined]);
    assert.ok(Date.parse(validTo) > Date.now() + 10 * 365 * 24 * 60 * 60 * 1000);
    createSecureContext(event);
    assert.deepEqual(await exited, [0]);
  });

  const busy = () =>
    new Promise<number>((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => {
        resolve((server.address() as AddressInfo).port);
      });
      onCleanup(() => {
        server.close();
      });
    });

  for (const [what, code, options] of [
    ["a port in use", "port-in-use", async () => ({ listen: [`127.0.0.1:${await busy()}`] })],
    ["a foreign address", "address-not-local", () => ({ listen: ["192.0.2.1:0"] })],
    ["a port out of range", "bad-option", () => ({ listen: ["127.0.0.1:70000"] })],
    ["a folder that is a file", "data-unusable", () => ({ data: "/dev/null/x" })],
  ] as const)
    it(`says of ${what} why it did not start, and ends`, async () => {
      const hosted = await host({ listen: ["127.0.0.1:0"], ...(await options()) });
      const { error } = await hosted.event("failed");
      assert.equal(error.code, code);
      assert.ok(error.message.length > 20, error.message);
      await hosted.exited;
    });
});
