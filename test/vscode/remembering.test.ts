import assert from "node:assert/strict";
import * as vscode from "vscode";
import { parseAddress, type ServerAddress } from "../../src/client/address.js";
import { KnownServers } from "../../src/extension/known-servers.js";
import { NetworkMemory } from "../../src/extension/network-memory.js";
import { Secrets } from "../../src/extension/secrets.js";
import { FakeMemento } from "./support/fake-memento.js";

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

describe("what is remembered", () => {
  it("drafts and read marks come back for their network only", async () => {
    const memory = new NetworkMemory(new FakeMemento());
    await memory.setDrafts("one", new Map([["#a", "half"]]));
    await memory.setSeen("one", new Map([["#a", 7]]));

    assert.deepEqual([...memory.drafts("one")], [["#a", "half"]]);
    assert.deepEqual([...memory.seen("one")], [["#a", 7]]);
    assert.equal(memory.drafts("two").size, 0);
    assert.equal(memory.drafts("constructor").size, 0);
  });

  it("the networks used longest ago are forgotten beyond twenty", async () => {
    let now = 0;
    const memory = new NetworkMemory(new FakeMemento(), () => ++now);
    for (let i = 0; i < 25; i++) await memory.setDrafts(`n${i}`, new Map([["#a", "x"]]));

    assert.equal(memory.drafts("n4").size, 0);
    assert.equal(memory.drafts("n5").size, 1);
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
    const known = new KnownServers(new FakeMemento(), new Secrets(brokenKeyRing, () => undefined));
    await known.pin(address("Example.org:7000"), "aa".repeat(32));

    assert.equal(known.fingerprint(address("example.ORG:7000")), "aa".repeat(32));
    assert.equal(known.fingerprint(address("example.org:7001")), undefined);
    await known.forget([...known.pinned().keys()][0] ?? "");
    assert.equal(known.fingerprint(address("example.org:7000")), undefined);
  });

  it("a server is remembered once, without its token", async () => {
    const memento = new FakeMemento();
    const known = new KnownServers(memento, new Secrets(brokenKeyRing, () => undefined));
    const invited: ServerAddress = { ...address("example.org"), token: "secret-token" };
    await known.remember(invited, undefined);
    await known.remember(address("example.org"), undefined);

    assert.equal(known.recent().length, 1);
    assert.ok(!JSON.stringify(memento.get("recentServers")).includes("secret-token"));
  });
});
