// The key and certificate of an installation: where they are kept, and who is shown them.
import { strict as assert } from "node:assert";
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { parseAddress } from "../../src/client/address.js";
import type { ClientCertificate } from "../../src/client/session-options.js";
import { makeCertificate } from "../../src/extension/certificate-maker.js";
import { ChatService } from "../../src/extension/chat-service.js";
import { Connector } from "../../src/extension/connector.js";
import { Identity } from "../../src/extension/identity.js";
import { KnownServers } from "../../src/extension/known-servers.js";
import { NetworkMemory } from "../../src/extension/network-memory.js";
import { Secrets } from "../../src/extension/secrets.js";
import { onCleanup } from "../support/cleanup.js";
import { parley, setSetting } from "./support/extension.js";
import { FakeMemento, noSecrets } from "./support/fake-memento.js";

const bundle = path.join(parley().extensionPath, "dist", "server.js");

/** A storage of secrets that may be shared by windows, as the system's key ring is, or refuse. */
class FakeRing {
  readonly values = new Map<string, string>();
  isBroken = false;

  readonly storage = {
    get: (key: string) =>
      this.isBroken ? Promise.reject(new Error("no")) : Promise.resolve(this.values.get(key)),
    store: (key: string, value: string) => {
      if (this.isBroken) return Promise.reject(new Error("no"));
      this.values.set(key, value);
      return Promise.resolve();
    },
  } as unknown as vscode.SecretStorage;
}

/** One installation, whose windows come and go. */
class Installation {
  made = 0;
  readonly warnings: string[] = [];
  private windows = 0;

  private constructor(
    readonly folder: string,
    readonly ring = new FakeRing(),
  ) {}

  static async create(): Promise<Installation> {
    const parent = await mkdtemp(path.join(tmpdir(), "parley-identity-"));
    onCleanup(() => rm(parent, { recursive: true, force: true }));
    return new Installation(path.join(parent, "not", "there", "yet"));
  }

  /** What a window that is opened now, or loaded again, knows. */
  open(): Identity {
    const none = () => undefined;
    return new Identity({
      secrets: new Secrets(this.ring.storage, none),
      folder: this.folder,
      windowSession: `window ${++this.windows}`,
      make: () => {
        this.made++;
        return makeCertificate(bundle);
      },
      logger: { debug: none, info: none, warn: (text) => this.warnings.push(text), error: none },
    });
  }

  async files(): Promise<string[]> {
    return readdir(this.folder).catch(() => []);
  }
}

describe("the identity of an installation", () => {
  it("is made once, and the same after a reload and in every window", async () => {
    const installation = await Installation.create();
    const first = installation.open();
    const identity = await first.get();
    assert.ok(identity !== undefined);

    assert.deepEqual(await first.get(), identity);
    assert.equal((await installation.open().get())?.cert, identity.cert);
    assert.equal((await installation.open().get())?.key, identity.key);
    assert.equal(installation.made, 1);
  });

  it("is one, when two windows ask for it for the first time at the same moment", async () => {
    const installation = await Installation.create();
    const [a, b] = await Promise.all([installation.open().get(), installation.open().get()]);

    assert.ok(a !== undefined);
    assert.equal(a.cert, b?.cert);
    assert.equal((await installation.open().get())?.cert, a.cert);
  });

  it("lies in a file beside the key ring only until a later window has found it there", async () => {
    const installation = await Installation.create();
    const identity = await installation.open().get();
    assert.deepEqual(await installation.files(), ["identity.json"]);
    const { mode } = await stat(path.join(installation.folder, "identity.json"));
    assert.equal(mode & 0o077, 0);

    assert.equal((await installation.open().get())?.cert, identity?.cert);
    assert.deepEqual(await installation.files(), []);
    assert.equal((await installation.open().get())?.cert, identity?.cert);
  });

  it("outlives key rings that forget everything with the window, and those that refuse", async () => {
    const installation = await Installation.create();
    const identity = await installation.open().get();
    for (const isBroken of [false, true, false]) {
      installation.ring.values.clear();
      installation.ring.isBroken = isBroken;
      const again = installation.open();
      assert.equal((await again.get())?.cert, identity?.cert);
    }
    assert.equal(installation.made, 1);
  });

  it("is made anew where what was kept is damaged", async () => {
    const installation = await Installation.create();
    await installation.open().get();
    installation.ring.values.set("identity", '{"cert":"none","key":"none"}');
    await writeFile(path.join(installation.folder, "identity.json"), "{");
    const identity = await installation.open().get();

    assert.ok(identity !== undefined);
    const kept = await readFile(path.join(installation.folder, "identity.json"), "utf8");
    assert.equal((JSON.parse(kept) as ClientCertificate).cert, identity.cert);
  });

  it("is none where it cannot be kept, and is tried again", async () => {
    const installation = await Installation.create();
    const parent = path.resolve(installation.folder, "../..");
    await writeFile(parent, "a file where the folder should be");
    const identity = installation.open();

    assert.equal(await identity.get(), undefined);
    assert.equal(installation.warnings.length, 1);
    await rm(parent);
    assert.ok((await identity.get()) !== undefined);
  });
});

describe("who is shown the identity", () => {
  const invite = `vscode://parley-chat.parley/join?host=127.0.0.1&fp=${"a".repeat(64)}`;

  /** Whether a session for `address` has the certificate. */
  async function isShown(address: string, known?: (servers: KnownServers) => Promise<void>) {
    let asked = 0;
    const memento = new FakeMemento();
    const servers = new KnownServers(memento, new Secrets(new FakeRing().storage, () => undefined));
    await known?.(servers);
    const identity = {
      get: () => {
        asked++;
        return Promise.resolve(undefined);
      },
    };
    const chat = new ChatService(new NetworkMemory(memento, noSecrets));
    const log = vscode.window.createOutputChannel("Parley test", { log: true });
    onCleanup(() => {
      log.dispose();
      chat.dispose();
    });
    const parsed = parseAddress(address);
    assert.ok("address" in parsed);
    await new Connector(chat, servers, identity, log).create({
      address: parsed.address,
      nick: "ann",
      password: undefined,
    });
    return asked > 0;
  }

  it("are servers of an invite link", async () => {
    assert.equal(await isShown(invite), true);
  });

  it("are servers whose certificate the person trusted", async () => {
    assert.equal(
      await isShown("example.org", (servers) =>
        servers.pin({ host: "example.org", port: 9898 }, "a".repeat(64)),
      ),
      true,
    );
  });

  it("are no others, unless the person names them", async () => {
    for (const address of ["ircs://irc.example.org", "wss://example.org/irc", "[2001:db8::1]:99"])
      assert.equal(await isShown(address), false, address);
    await setSetting("identity.servers", ["irc.example.org:6697", "Example.org", "[2001:db8::1]"]);
    onCleanup(() => setSetting("identity.servers", undefined));
    for (const address of ["ircs://irc.example.org", "wss://example.org/irc", "[2001:db8::1]:99"])
      assert.equal(await isShown(address), true, address);
    for (const address of ["ircs://irc.example.org:7000", "irc://example.org", "example.com"])
      assert.equal(await isShown(address), false, address);
  });
});
