import assert from "node:assert/strict";
import * as vscode from "vscode";
import { parseAddress, type ServerAddress } from "../../src/client/address.js";
import type { ConnectionDetails } from "../../src/client/status.js";
import type { RememberedConversation } from "../../src/client/remembered.js";
import { KnownServers } from "../../src/extension/known-servers.js";
import { NetworkMemory, type NetworkNow } from "../../src/extension/network-memory.js";
import { QueuedMemento } from "../../src/extension/queued-memento.js";
import { Secrets } from "../../src/extension/secrets.js";
import { EchoingMemento, FakeMemento, noSecrets } from "./support/fake-memento.js";

const brokenKeyRing: vscode.SecretStorage = {
  keys: () => Promise.reject(new Error("no key ring")),
  get: () => Promise.reject(new Error("no key ring")),
  store: () => Promise.reject(new Error("no key ring")),
  delete: () => Promise.reject(new Error("no key ring")),
  onDidChange: new vscode.EventEmitter<vscode.SecretStorageChangeEvent>().event,
};

function address(text: string): ServerAddress {
  const parsed = parseAddress(text);
  if ("problem" in parsed) throw new Error(parsed.problem.code);
  return parsed.address;
}

function conversation(
  name: string,
  { time = 1, ...given }: Partial<RememberedConversation> & { time?: number } = {},
): RememberedConversation {
  const known = { msgid: undefined, time };
  const usual = { kind: "channel", joined: true, key: undefined, unread: 0, mentions: 0 } as const;
  return { name, ...usual, known, readAt: undefined, ...given };
}

function now(
  conversations: Readonly<Record<string, RememberedConversation>>,
  drafts: Readonly<Record<string, string>> = {},
): NetworkNow {
  return {
    conversations: new Map(Object.entries(conversations)),
    drafts: new Map(Object.entries(drafts)),
    caughtUpTo: undefined,
    isAudited: false,
    shown: "#a",
  };
}

function unread(remembered: readonly RememberedConversation[]): Record<string, number> {
  return Object.fromEntries(remembered.map(({ name, unread }) => [name, unread]));
}

describe("what is remembered", () => {
  it("conversations, counts and drafts come back for their network only", async () => {
    const memory = new NetworkMemory(new FakeMemento(), noSecrets);
    await memory.save("one", now({ "#a": conversation("#a", { unread: 3 }) }, { "#a": "half" }));

    assert.deepEqual([...memory.drafts("one")], [["#a", "half"]]);
    assert.deepEqual(unread((await memory.beginning("one")).remembered), { "#a": 3 });
    assert.equal(memory.shown("one"), "#a");
    for (const other of ["two", "constructor", "__proto__"]) {
      assert.equal(memory.drafts(other).size, 0);
      assert.deepEqual((await memory.beginning(other)).remembered, []);
    }
  });

  it("the key of a channel comes back, and stands in the key ring only", async () => {
    const memento = new FakeMemento();
    const stored = new Map<string, string>();
    const secrets = {
      get: (key: string) => Promise.resolve(stored.get(key)),
      set: (key: string, value: string) => Promise.resolve(void stored.set(key, value)),
    };
    const memory = new NetworkMemory(memento, secrets);
    await memory.save("one", now({ "#a": conversation("#a", { key: "sesame" }) }));

    assert.equal((await memory.beginning("one")).remembered[0]?.key, "sesame");
    assert.ok(!JSON.stringify(memento.get("networks")).includes("sesame"));
  });

  it("what another window has changed is not changed back by one that shows the same", async () => {
    const memento = new FakeMemento();
    const [one, two] = [0, 0].map(() => new NetworkMemory(memento, noSecrets));
    const both = { "#a": conversation("#a", { unread: 3 }), "#b": conversation("#b") };
    await one?.save("net", now(both));
    await two?.save("net", now(both));
    await one?.save("net", now({ "#a": conversation("#a", { unread: 0 }) }));
    await two?.save("net", now({ ...both, "#c": conversation("#c") }));

    const remembered = await one?.beginning("net");
    assert.deepEqual(unread(remembered?.remembered ?? []), { "#a": 0, "#c": 0 });
  });

  it("the networks used longest ago are forgotten beyond twenty", async () => {
    let time = 0;
    const memory = new NetworkMemory(new FakeMemento(), noSecrets, () => ++time);
    for (let i = 0; i < 25; i++) await memory.save(`n${i}`, now({}, { "#a": "x" }));

    assert.equal(memory.drafts("n4").size, 0);
    assert.equal(memory.drafts("n5").size, 1);
  });

  it("of very many conversations the joined, the unread and the latest stay", async () => {
    const memory = new NetworkMemory(new FakeMemento(), noSecrets);
    const many: Record<string, RememberedConversation> = {
      "#first": conversation("#first", { joined: true, time: 0 }),
      first: conversation("first", { kind: "direct", unread: 1, joined: false, time: 0 }),
    };
    for (let i = 1; i <= 300; i++)
      many[`n${i}`] = conversation(`n${i}`, { kind: "direct", joined: false, time: i });
    await memory.save("one", now(many));

    const names = (await memory.beginning("one")).remembered.map(({ name }) => name);
    assert.equal(names.length, 200);
    for (const name of ["#first", "first", "n300", "n103"]) assert.ok(names.includes(name), name);
  });

  it("a refused key ring keeps secrets for the session, and says so once", async () => {
    const complaints: unknown[] = [];
    const secrets = new Secrets(brokenKeyRing, (error) => complaints.push(error));
    await secrets.set("key", "value");

    assert.equal(await secrets.get("key"), "value");
    assert.equal(await secrets.get("other"), undefined);
    assert.equal(complaints.length, 1);
  });

  it("a trusted certificate is found under any spelling of the host, until it is forgotten", async () => {
    const known = knownServers();
    await known.pin({ host: "Bücher.example", port: 7000 }, "aa".repeat(32));

    for (const host of ["bücher.EXAMPLE", "xn--bcher-kva.example.", "bu\u0308cher.example"])
      assert.equal(known.fingerprint({ host, port: 7000 }), "aa".repeat(32), host);
    assert.equal(known.fingerprint({ host: "bücher.example", port: 7001 }), undefined);
    await known.forget([...known.pinned().keys()][0] ?? "");
    assert.equal(known.fingerprint({ host: "bücher.example", port: 7000 }), undefined);
  });

  it("a server is remembered once, without its token", async () => {
    const memento = new FakeMemento();
    const known = knownServers(memento);
    const invited: ServerAddress = { ...address("example.org"), token: "secret-token" };
    await known.remember(invited, answered("example.org"), undefined);
    await known.remember(address("example.org"), answered("example.org"), undefined);

    assert.equal(known.recent().length, 1);
    assert.ok(!JSON.stringify(memento.get("recentServers")).includes("secret-token"));
  });

  it("of the hosts of an invite only the one that answered is trusted, and suggested next time", async () => {
    const known = knownServers();
    const fingerprint = "ab".repeat(32);
    const invite = address(
      `vscode://parley-chat.parley/join?host=chat.corp.example&host=evil.example&fp=${fingerprint}`,
    );
    await known.remember(invite, { ...answered("evil.example"), fingerprint }, undefined);

    assert.equal(known.fingerprint({ host: "evil.example", port: 9898 }), fingerprint);
    assert.equal(known.fingerprint({ host: "chat.corp.example", port: 9898 }), undefined);
    assert.equal(known.recent()[0]?.hosts[0], "evil.example");
  });

  it("a certificate that an authority vouched for is not pinned", async () => {
    const known = knownServers();
    const server = { ...answered("example.org"), fingerprint: "cd".repeat(32) };
    await known.remember(address("example.org"), server, undefined);

    assert.equal(known.pinned().size, 0);
  });

  it("a password belongs to the proof that was given for it", async () => {
    const known = knownServers();
    const fingerprint = "ab".repeat(32);
    const proved = { ...answered("example.org"), fingerprint };
    await known.remember({ ...address("example.org"), fingerprint }, proved, "of the certificate");
    const vouched = answered("example.com");
    await known.remember(address("example.com"), vouched, "of the name");
    const clear = { ...answered("example.org"), transport: "plaintext", port: 6667 } as const;
    await known.remember(address("irc://example.org"), clear, "in clear");

    assert.equal(await known.password(proved, fingerprint), "of the certificate");
    // The same server at another address.
    assert.equal(await known.password(answered("10.0.0.7"), fingerprint), "of the certificate");
    assert.equal(await known.password(proved, "cd".repeat(32)), undefined);
    assert.equal(await known.password(proved, undefined), undefined);
    assert.equal(await known.password(vouched, undefined), "of the name");
    assert.equal(await known.password(vouched, fingerprint), "of the certificate");
    assert.equal(await known.password(vouched, "cd".repeat(32)), undefined);
    assert.equal(await known.password(clear, undefined), "in clear");
    assert.equal(await known.password({ ...clear, transport: "tls" }, undefined), undefined);
  });

  it("the password goes with the last trust in its certificate", async () => {
    const known = knownServers();
    const fingerprint = "ab".repeat(32);
    for (const host of ["a.example", "b.example"])
      await known.remember(
        { ...address(host), fingerprint },
        { ...answered(host), fingerprint },
        "secret",
      );
    const [first = "", second = ""] = known.pinned().keys();
    await known.forget(first);
    assert.equal(await known.password(answered("b.example"), fingerprint), "secret");
    await known.forget(second);
    assert.equal(await known.password(answered("b.example"), fingerprint), undefined);
  });
});

/** Lets what is under way come further by `turns` turns. */
async function pass(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe("an update of the storage", () => {
  for (let turns = 0; turns < 6; turns++)
    it(`is not undone by one that came back ${turns} turns after the one before`, async () => {
      const memento = new EchoingMemento();
      const state = new QueuedMemento(memento);
      const first = state.update("pins", ["a"]);
      await pass(turns);
      const second = state.update("networks", { "#general": 1 });
      assert.deepEqual(state.get("networks"), { "#general": 1 });
      await pass(1);
      assert.deepEqual(state.get("networks"), { "#general": 1 });
      await Promise.all([first, second, state.update("pins", ["a", "b"])]);

      const expected = { pins: ["a", "b"], networks: { "#general": 1 } };
      assert.deepEqual(JSON.parse(memento.stored), expected);
      assert.deepEqual(state.get("pins"), ["a", "b"]);
    });

  it("is repeated when another window's change has undone it", async () => {
    const memento = new EchoingMemento();
    const state = new QueuedMemento(memento);
    const kept = state.update("networks", { "#general": 1 });
    memento.accept(JSON.stringify({ theirs: 1 }));
    await kept;

    assert.deepEqual(JSON.parse(memento.stored), { theirs: 1, networks: { "#general": 1 } });
  });

  it("ends where another window writes the same all the time", async () => {
    const memento = new EchoingMemento();
    const state = new QueuedMemento(memento);
    const update = memento.update.bind(memento);
    memento.update = async (key, value) => {
      await update(key, value);
      memento.accept(JSON.stringify({ mine: "theirs" }));
    };
    await state.update("mine", "mine");

    assert.equal(state.get("mine"), "theirs");
  });

  it("with undefined takes the key away", async () => {
    const memento = new EchoingMemento();
    const state = new QueuedMemento(memento);
    await state.update("resume", { kind: "host" });
    const taken = state.update("resume", undefined);
    assert.deepEqual(state.keys(), []);
    await taken;

    assert.equal(memento.stored, "{}");
    assert.equal(state.get("resume", "nothing"), "nothing");
  });

  it("that fails is told, and the next one is written", async () => {
    const memento = new EchoingMemento();
    const state = new QueuedMemento(memento);
    const update = memento.update.bind(memento);
    memento.update = () => Promise.reject(new Error("no room"));
    await assert.rejects(state.update("a", 1), /no room/);
    memento.update = update;
    await state.update("b", 2);

    assert.deepEqual(JSON.parse(memento.stored), { a: 1, b: 2 });
  });
});

function knownServers(memento = new FakeMemento()): KnownServers {
  return new KnownServers(memento, new Secrets(brokenKeyRing, () => undefined));
}

/** The details of a connection to this host that an authority vouched for. */
function answered(host: string): ConnectionDetails {
  return {
    host,
    port: 9898,
    localAddress: "192.0.2.1:50000",
    remoteAddress: "192.0.2.2:9898",
    transport: "tls",
    tlsVersion: "TLSv1.3",
    cipher: "TLS_AES_128_GCM_SHA256",
    fingerprint: "ee".repeat(32),
  };
}
