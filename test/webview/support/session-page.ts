// A page with a session of the client and nothing else. Its address says where to connect, and as whom.
import { Session } from "../../../src/client/session.js";
import { browserNet } from "./browser-net.js";

const { searchParams } = new URL(location.href);
const nothing = () => undefined;

const session = new Session({
  net: browserNet,
  address: {
    hosts: ["127.0.0.1"],
    port: Number(searchParams.get("port")),
    transport: "ws",
    path: "/",
    channels: ["#general"],
    fingerprint: undefined,
    token: undefined,
  },
  nick: searchParams.get("nick") ?? "",
  channels: [],
  metadata: new Map(),
  logger: { debug: nothing, info: nothing, warn: nothing, error: console.error },
  persistent: false,
  timing: { backoffBaseMs: 5, backoffMaxMs: 100 },
});

/** What everyone has said in #general, and has arrived: `<nick> text`. */
function said(): string[] {
  const entries = session.state.buffers.get("#general")?.entries ?? [];
  return entries
    .filter((entry) => entry.kind === "message")
    .filter(({ status }) => status === "sent")
    .map(({ nick, text }) => `<${nick}> ${text}`);
}

/** Resolves when `isSo`, looking after each change. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo())
    await new Promise<void>((resolve) => {
      const subscription = session.onDidChange(() => {
        subscription.dispose();
        resolve();
      });
    });
}

/** What the test does with the page. */
export interface SessionPage {
  /** The channel's members, when the connection stands. */
  online(): Promise<string[]>;
  say(text: string): void;
  /** All that was said, when `row` is the last of it. */
  heard(row: string): Promise<string[]>;
  /** Why the session is over. */
  leave(): Promise<string>;
}

const chat: SessionPage = {
  online: async () => {
    await until(() => session.status.phase === "online");
    return [...(session.state.buffers.get("#general")?.members.keys() ?? [])];
  },
  say: (text) => {
    session.say("#general", text);
  },
  heard: async (row) => {
    await until(() => said().at(-1) === row);
    return said();
  },
  leave: async () => {
    await session.close();
    const { status } = session;
    return status.phase === "closed" ? status.cause.type : status.phase;
  },
};

Object.assign(window, { chat });
session.start();
