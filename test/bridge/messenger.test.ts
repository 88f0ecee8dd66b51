import assert from "node:assert/strict";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import {
  Messenger,
  RequestError,
  type Endpoint,
  type HostToPage,
  type MessageHandlers,
  type MessengerOptions,
  type PageToHost,
} from "../../src/bridge/messenger.js";
import type { SubmitResult, ToHost, ToWebview } from "../../src/bridge/protocol.js";
import { fromHost, fromPage } from "../../src/bridge/validate.js";

const accepted: SubmitResult = { accepted: true };

describe("messenger", () => {
  const ends: { dispose(): void }[] = [];
  afterEach(() => {
    for (const end of ends.splice(0)) end.dispose();
  });

  /** Host and page over a real MessageChannel; `wire` is the page's bare port, for what a page should not send. */
  function connect(answer: () => SubmitResult | Promise<SubmitResult> = () => accepted) {
    const { port1, port2 } = new MessageChannel();
    const got: (ToHost | ToWebview)[] = [];
    const invalid: string[] = [];
    const errors: unknown[] = [];
    const log = (message: ToHost | ToWebview): void => void got.push(message);
    const options = {
      onInvalid: (r: string) => invalid.push(r),
      onError: (e: unknown) => errors.push(e),
    };
    const host = new Messenger<HostToPage, PageToHost>(endpoint(port1), {
      ...options,
      messages: {
        ...hostHandlers(log),
        closeConversation: () => {
          throw new Error("handler broke");
        },
      },
      requests: {
        submit: answer,
        knock: () => ({ error: undefined }),
        picture: () => ({ data: undefined }),
        setPicture: () => ({ error: undefined }),
        loadGap: () => ({}),
      },
      check: fromPage,
    });
    const page = new Messenger<PageToHost, HostToPage>(endpoint(port2), {
      ...options,
      messages: {
        snapshot: log,
        updates: log,
        playSound: log,
        choosePicture: log,
        focusComposer: log,
      },
      requests: {},
      check: fromHost,
    });
    ends.push(host, page, {
      dispose: () => {
        port1.close();
      },
    });
    return { host, page, wire: port2, hostWire: port1, got, invalid, errors };
  }

  it("brings notifications to their handlers in order", async () => {
    const { host, page, got } = connect();
    page.notify({ type: "ready" });
    page.notify({ type: "openDirectMessage", nick: "bob" });
    await page.request("loadGap", { conversation: "#general", row: "g", side: "after" });
    host.notify({ type: "focusComposer" });
    await page.request("loadGap", { conversation: "#general", row: "g", side: "after" });
    assert.deepEqual(got, [
      { type: "ready" },
      { type: "openDirectMessage", nick: "bob" },
      { type: "focusComposer" },
    ]);
  });

  it("answers a request with the handler's result", async () => {
    const { page } = connect(() => ({ accepted: false, error: "Not connected" }));
    const result = await page.request("submit", { conversation: "#general", text: "hello" });
    assert.deepEqual(result, { accepted: false, error: "Not connected" });
  });

  it("keeps replies and requests together when they settle out of order", async () => {
    const waiting: ((result: SubmitResult) => void)[] = [];
    const { page } = connect(() => new Promise((resolve) => waiting.push(resolve)));
    const first = page.request("submit", { conversation: "#a", text: "1" });
    const second = page.request("submit", { conversation: "#a", text: "2" });
    await page.request("loadGap", { conversation: "#a", row: "g", side: "after" });
    waiting[1]?.({ accepted: false, error: "second" });
    waiting[0]?.({ accepted: false, error: "first" });
    assert.deepEqual(await Promise.all([first, second]), [
      { accepted: false, error: "first" },
      { accepted: false, error: "second" },
    ]);
  });

  it("answers with the error of a failing handler, and reports it", async () => {
    const { page, errors } = connect(() => Promise.reject(new Error("disk full")));
    await assert.rejects(
      page.request("submit", { conversation: "#a", text: "x" }),
      (error) =>
        error instanceof RequestError && error.code === "failed" && error.message === "disk full",
    );
    assert.equal(errors.length, 1);
  });

  it("survives a handler of a notification that throws", async () => {
    const { page, errors, got } = connect();
    page.notify({ type: "closeConversation", conversation: "#a" });
    page.notify({ type: "ready" });
    await page.request("loadGap", { conversation: "#a", row: "g", side: "after" });
    assert.equal(String(errors[0]), "Error: handler broke");
    assert.deepEqual(got, [{ type: "ready" }]);
  });

  it("rejects open and later requests when it is disposed", async () => {
    const { page } = connect(() => new Promise(() => undefined));
    const open = page.request("submit", { conversation: "#a", text: "x" });
    page.dispose();
    page.dispose();
    await assert.rejects(open, { code: "disposed" });
    await assert.rejects(page.request("loadGap", { conversation: "#a", row: "g", side: "after" }), {
      code: "disposed",
    });
  });

  it("neither sends nor hears anything after dispose", async () => {
    const { host, page, hostWire, got } = connect();
    host.dispose();
    host.notify({ type: "focusComposer" });
    page.notify({ type: "ready" });
    // A stranger on the host's port answers instead: the wire keeps its order, so all before has arrived by then.
    hostWire.on("message", ({ kind, id }: { kind: string; id: number }) => {
      if (kind === "request") hostWire.postMessage({ kind: "result", id, result: "stranger" });
    });
    assert.equal(
      await page.request("loadGap", { conversation: "#a", row: "g", side: "after" }),
      "stranger",
    );
    assert.deepEqual(got, []);
  });

  const garbage: [string, unknown][] = [
    ["nothing", undefined],
    ["null", null],
    ["a string", "ready"],
    ["a list", [{ kind: "notify" }]],
    ["an unknown kind", { kind: "shout", id: 1 }],
    ["a bare message without an envelope", { type: "ready" }],
    ["a message of no type", { kind: "notify", message: {} }],
    ["an unknown message", { kind: "notify", message: { type: "formatDisk" } }],
    ["a name every object has", { kind: "notify", message: { type: "constructor" } }],
    ["a missing field", { kind: "notify", message: { type: "openConversation" } }],
    [
      "a field of the wrong type",
      { kind: "notify", message: { type: "openConversation", conversation: 7 } },
    ],
    ["a request without an id", { kind: "request", name: "submit", params: {} }],
    ["a request with a fractional id", { kind: "request", id: 1.5, name: "submit", params: {} }],
    ["an unknown request", { kind: "request", id: 77, name: "eval", params: {} }],
    ["a request every object has", { kind: "request", id: 77, name: "toString", params: {} }],
    [
      "a request with bad parameters",
      { kind: "request", id: 77, name: "submit", params: { text: 1 } },
    ],
    ["a reply nobody waits for", { kind: "result", id: 99, result: {} }],
    ["an error of an unknown code", { kind: "error", id: 1, code: "panic", text: "" }],
  ];
  for (const [title, data] of garbage) {
    it(`drops and reports ${title}, and goes on`, async () => {
      const { page, wire, got, invalid, errors } = connect();
      wire.postMessage(data);
      await page.request("loadGap", { conversation: "#a", row: "g", side: "after" });
      // A refused request is answered; our own page asked nothing under that id and reports the reply too.
      assert.ok(invalid.length >= 1);
      assert.deepEqual([got, errors], [[], []]);
    });
  }

  it("tells the asker that a request was refused", async () => {
    const { page } = connect();
    const tooLong = "x".repeat(100_001);
    await assert.rejects(page.request("submit", { conversation: "#a", text: tooLong }), {
      code: "refused",
    });
  });
});

describe("messenger types", () => {
  it("do not compile with a handler missing", () => {
    const log = (): void => undefined;
    // @ts-expect-error -- focusComposer has no handler
    const handlers: MessageHandlers<HostToPage> = { snapshot: log, updates: log };
    // @ts-expect-error -- loadGap has no handler
    const requests: MessengerOptions<PageToHost>["requests"] = { submit: () => accepted };
    assert.deepEqual(
      [Object.keys(handlers), Object.keys(requests)],
      [["snapshot", "updates"], ["submit"]],
    );
  });
});

function hostHandlers(log: (message: ToHost) => void): MessageHandlers<PageToHost> {
  return {
    ready: log,
    drawn: log,
    openConversation: log,
    openDirectMessage: log,
    closeConversation: log,
    placed: log,
    read: log,
    draftChanged: log,
    retry: log,
    discard: log,
    openLink: log,
    copyText: log,
    runCommand: log,
  };
}

function endpoint(port: MessagePort): Endpoint {
  return {
    post: (message) => {
      port.postMessage(message);
    },
    listen(listener) {
      port.on("message", listener);
      return () => port.off("message", listener);
    },
  };
}
