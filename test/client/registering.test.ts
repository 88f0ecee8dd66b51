// How servers and bouncers let a client in, after what their documentation and logs show, and how they refuse one.
import { strict as assert } from "node:assert";
import type { SessionOptions } from "../../src/client/session-options.js";
import {
  addressOf,
  joined,
  newSession,
  startScripted,
  type ServerPeer,
  type TestSession,
} from "./scripted-peer.js";

/** What the server waits for, and what it says then. */
type Step = readonly [command: string, ...says: string[]];

interface Welcome {
  readonly server: string;
  readonly steps: readonly Step[];
  readonly options?: Partial<SessionOptions>;
  /** Left out: the one we asked for. */
  readonly nick?: string;
  readonly caps?: readonly string[];
  readonly channels?: readonly string[];
}

const MOTD = [":irc.test 375 ann :- Message of the day -", ":irc.test 372 ann :- hello", ":irc.test 376 ann :End"]; // prettier-ignore

const welcomes: readonly Welcome[] = [
  {
    server: "ngIRCd",
    steps: [
      ["CAP", ":irc.test CAP * LS :multi-prefix sasl"],
      ["CAP", ":irc.test CAP * ACK :multi-prefix "],
      ["CAP", ":irc.test 001 ann :Welcome to the Internet Relay Network ann!~ann@host"],
      ["", ":irc.test 005 ann NETWORK=test CASEMAPPING=ascii :are supported on this server", ...MOTD],
    ],
    caps: ["multi-prefix"],
  },
  {
    server: "InspIRCd",
    steps: [
      ["CAP", ":irc.test NOTICE * :*** Looking up your hostname...", ":irc.test CAP * LS * :account-notify away-notify batch cap-notify chghost", ":irc.test CAP * LS :echo-message inspircd.org/poison setname"],
      ["CAP", ":irc.test CAP ann ACK :account-notify away-notify batch cap-notify chghost echo-message setname", "PING :^CK~gMnL3"],
      ["PONG", ":irc.test 001 ann :Welcome to the test IRC Network", ":irc.test 005 ann CASEMAPPING=ascii :are supported", ...MOTD, ":ann!ann@host MODE ann :+ix"],
    ],
    caps: ["account-notify", "away-notify", "batch", "cap-notify", "chghost", "echo-message", "setname"],
  },
  {
    server: "UnrealIRCd, whose first PING comes before everything",
    steps: [
      ["CAP", ":irc.test NOTICE * :*** Looking up your hostname...", "PING :A5D71F9C"],
      ["PONG", ":irc.test CAP * LS * :unrealircd.org/link-security=2 batch", ":irc.test CAP * LS :server-time sts=duration=1"],
      ["CAP", ":irc.test CAP ann ACK :batch server-time"],
      ["CAP", ":irc.test 001 ann :Welcome", ":irc.test 005 ann UTF8ONLY :are supported", ":irc.test 396 ann Clk-1234.test :is now your displayed host", ":irc.test 422 ann :MOTD File is missing"],
    ],
    caps: ["batch", "server-time"],
  },
  {
    server: "Solanum",
    steps: [
      ["USER", ":irc.test NOTICE * :*** Checking Ident", ":irc.test NOTICE * :*** No Ident response", ":irc.test CAP * LS :account-tag extended-join "],
      ["CAP", ":irc.test CAP * ACK :account-tag extended-join "],
      ["CAP", ":irc.test 001 ann :Welcome", ":irc.test 005 ann CHANTYPES=# :are supported by this server", ...MOTD, ":ann MODE ann :+Zi"],
    ],
    caps: ["account-tag", "extended-join"],
  },
  {
    server: "Bahamut, which does not know CAP",
    steps: [
      ["USER", "NOTICE AUTH :*** Looking up your hostname...", ":irc.test 451 CAP :You have not registered", ":irc.test 001 ann :Welcome", ":irc.test 005 ann NOQUIT WATCH=128 :are available", ":irc.test 422 ann :MOTD File is missing"],
    ],
  },
  {
    server: "ircu, which asks for a cookie and helps who lost it",
    steps: [
      ["USER", "NOTICE AUTH :*** Found your hostname", ":irc.test 421 ann CAP :Unknown command", ":irc.test 513 ann :To connect, type /QUOTE PONG 4123456789"],
      ["PONG 4123456789", ":irc.test 001 ann :Welcome", ":irc.test 422 ann :No MOTD"],
    ],
  },
  {
    server: "Ergo, several lines of ISUPPORT before anything else",
    steps: [
      ["CAP", ":irc.test CAP * LS * :draft/chathistory message-tags", ":irc.test CAP * LS :batch server-time"],
      ["CAP", ":irc.test CAP * ACK :draft/chathistory message-tags batch server-time"],
      ["CAP", ":irc.test 005 ann CHANTYPES=#! NETWORK=early :are supported", ":irc.test 001 ann :Welcome", ":irc.test 005 ann CASEMAPPING=ascii :are supported", ":irc.test 221 ann +i", ":irc.test 422 ann :MOTD File is missing"],
    ],
  },
  {
    server: "soju, which has another nick, and channels",
    steps: [
      ["CAP", ":soju.test CAP * LS * :soju.im/bouncer-networks soju.im/bouncer-networks-notify soju.im/no-implicit-names soju.im/search", ":soju.test CAP * LS :soju.im/account-required batch message-tags soju.im/read"],
      ["CAP", ":soju.test CAP ann ACK :batch message-tags soju.im/read"],
      ["CAP", ":soju.test 001 ann_at_work :Welcome to soju, ann_at_work", ":soju.test 005 ann_at_work BOUNCER_NETID=1 CASEMAPPING=ascii CHANTYPES=# :are supported", ":soju.test 422 ann_at_work :No MOTD", ":soju.test BOUNCER NETWORK 1 name=test;state=connected", ":ann_at_work!u@h JOIN #work", ":soju.test READ #work *", ":soju.test 353 ann_at_work = #work :ann_at_work bob", ":soju.test 366 ann_at_work #work :End"],
    ],
    nick: "ann_at_work",
    channels: ["#work"],
  },
  {
    server: "ZNC, with a password",
    steps: [
      ["CAP", ":irc.znc.in CAP unknown-nick LS * :znc.in/self-message znc.in/playback", ":irc.znc.in CAP unknown-nick LS :znc.in/server-time-iso"],
      ["CAP", ":irc.znc.in CAP unknown-nick ACK :znc.in/self-message znc.in/server-time-iso"],
      ["CAP", ":irc.test 001 anna :Welcome", ":irc.test 422 anna :No MOTD", ":anna!u@h JOIN #work", ":irc.test 353 anna = #work :anna", ":irc.test 366 anna #work :End"],
    ],
    options: { password: "ann/test:sesame" },
    nick: "anna",
    caps: ["znc.in/self-message", "znc.in/server-time-iso"],
    channels: ["#work"],
  },
  {
    server: "a server that ends its welcome with nothing, and says nothing of itself",
    steps: [["USER", ":irc.test 001 ann :Welcome", ":irc.test 002 ann :Your host"]],
    options: { timing: { welcomeTimeoutMs: 5 } },
  },
  {
    server: "a server that puts us into a channel before it is done",
    steps: [["USER", ":irc.test 001 ann :Welcome", ":ann!u@h JOIN #lobby", ":irc.test 353 ann = #lobby :ann", ":irc.test 366 ann #lobby :End"]],
    channels: ["#lobby"],
  },
]; // prettier-ignore

async function play(peer: ServerPeer, steps: readonly Step[]): Promise<void> {
  for (const [command, ...says] of steps) {
    if (command !== "") await peer.command(command);
    peer.send(...says);
  }
}

describe("coming in", () => {
  for (const { server, steps, options, nick = "ann", caps, channels = [] } of welcomes)
    it(`to ${server}`, async () => {
      const scripted = await startScripted();
      const session = newSession(addressOf(scripted.port), options);
      session.start();
      const peer = await scripted.accept();
      await play(peer, steps);
      await session.online();
      assert.ok(!(await peer.settle()).some((line) => line.startsWith("NICK")));
      assert.equal(session.state.nick, nick);
      if (caps !== undefined) assert.deepEqual([...session.state.caps], caps);
      const inChannels = [...session.state.buffers.values()].filter(({ joined }) => joined);
      assert.deepEqual(
        inChannels.map(({ name }) => name),
        channels,
      );
    });

  it("keeps what a server says of itself before it says welcome, each time", async () => {
    const scripted = await startScripted();
    const session = newSession(addressOf(scripted.port));
    session.start();
    for (const network of ["first", "second"]) {
      const peer = await scripted.accept();
      await peer.command("USER");
      peer.send(`:irc.test 005 ann NETWORK=${network} CHANTYPES=#! :are supported`);
      peer.sayWelcome("ann", ["NICKLEN=9"]);
      await session.online();
      assert.equal(session.state.networkName, network);
      assert.equal(session.state.isupport.get("CHANTYPES"), "#!");
      peer.drop();
      await session.until((s) => s.status.phase === "waiting");
    }
  });
});

describe("being refused while coming in", () => {
  const refusals: [what: string, lines: string[], code: string][] = [
    ["a host that may not connect", [":irc.test 463 * :Your host isn't among the privileged"], "banned"],
    ["a ban", [":irc.test 465 ann :You are banned from this server", "ERROR :Closing link"], "banned"],
    ["a ban to come", [":irc.test 466 ann :You will be banned"], "banned"],
    ["a K-line without a numeric", ["ERROR :Closing Link: 127.0.0.1 (K-Lined)"], "banned"],
    ["a G-line without a numeric", ["ERROR :Closing Link: [127.0.0.1] (User has been G:lined)"], "banned"],
    ["a Z-line without a numeric", ["ERROR :Closing Link: ann[127.0.0.1] (Z-lined: spam)"], "banned"],
    ["too many reconnects, as Bahamut says it", ["ERROR :Your host is trying to (re)connect too fast -- throttled"], "throttled"],
    ["too many reconnects, as Solanum says it", ["ERROR :Trying to reconnect too fast."], "throttled"],
    ["too many reconnects, as UnrealIRCd says it", ["ERROR :Closing Link: [127.0.0.1] (Throttled: Reconnecting too fast)"], "throttled"],
    ["too many reconnects, as Ergo says it", ["ERROR :You have attempted to connect too many times within a short duration. Wait a while, and you will be able to connect."], "throttled"],
    ["a K-line after the welcome", [":irc.test 001 ann :Welcome", "ERROR :Closing Link: 127.0.0.1 (K-Lined)"], "banned"],
    ["a full server", ["ERROR :Closing Link: ann (No more connections allowed in your connection class)"], "server-full"],
    ["a server that sends us elsewhere", [":irc.test 010 ann other.test 6667 :Please use this Server/Port instead"], "closed-by-server"],
    ["a bouncer that wants a password", [":irc.znc.in NOTICE AUTH :*** You need to send your password. Configure your client to send a server password.", ":irc.znc.in 464 ann :Password required"], "password-needed"],
    ["a server for accounts only", [":irc.test FAIL * ACCOUNT_REQUIRED :Log in first"], "password-needed"],
  ]; // prettier-ignore
  for (const [what, lines, code] of refusals)
    it(`by ${what}`, async () => {
      const server = await startScripted();
      const session = newSession(addressOf(server.port));
      session.start();
      const peer = await server.accept();
      await peer.command("USER");
      peer.send(...lines);
      assert.equal((await session.failed()).code, code);
    });

  it("is not what a connection that breaks halfway is: it is tried again", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port), { persistent: true });
    session.start();
    const peer = await server.accept();
    await peer.command("USER");
    peer.send(":irc.test NOTICE * :*** Looking up your hostname");
    peer.drop();
    await (await server.accept()).welcome();
    await session.online();
  });

  it("by a throttle is waited out, longer than other failures", async () => {
    const server = await startScripted();
    const timing = { backoffBaseMs: 10, backoffMaxMs: 1_000 };
    const session = newSession(addressOf(server.port), { persistent: true, timing, now: () => 0 });
    session.start();
    const peer = await server.accept();
    await peer.command("USER");
    peer.send("ERROR :Trying to reconnect too fast.");
    await session.until((s) => s.status.phase === "waiting");
    assert.ok(session.status.phase === "waiting");
    assert.equal(session.status.retryAt, 20);
    await (await server.accept()).welcome();
    await session.online();
  });

  it("by a ban after we were in is final, and told", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server);
    peer.drop();
    const again = await server.accept();
    await again.command("USER");
    again.send(":irc.test 465 ann :You are banned");
    assert.equal((await session.failed()).code, "banned");
  });

  it("by being sent elsewhere goes nowhere, and is tried again where we were in before", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server);
    peer.drop();
    const again = await server.accept();
    await again.command("USER");
    again.send(":irc.test 010 ann other.test 6667 :Full");
    await session.until(
      (s) =>
        s.status.phase === "waiting" && s.status.failure.detail === "use other.test:6667 instead",
    );
    await (await server.accept()).welcome();
  });
});

const SASL = { account: "ann", password: "sesame" };

/** Lets the session in with its account. */
async function logIn(peer: ServerPeer): Promise<void> {
  peer.send(":irc.test CAP * LS :sasl=PLAIN");
  await peer.until(/CAP REQ/);
  peer.send(":irc.test CAP * ACK sasl");
  await peer.command("AUTHENTICATE");
  peer.send("AUTHENTICATE +");
  await peer.command("AUTHENTICATE");
  peer.send(":irc.test 900 * ann!u@h ann :Logged in", ":irc.test 903 * :Success");
  await peer.command("CAP");
  peer.sayWelcome("ann");
}

/** What a server says that cannot log anybody in. */
const without: readonly (readonly [what: string, refuse: (peer: ServerPeer) => Promise<void>])[] = [
  ["lists no sasl", async (peer) => {
    peer.send(":irc.test CAP * LS :batch");
    await peer.until(/CAP REQ/);
    peer.send(":irc.test CAP * ACK :batch");
  }],
  ["lists nothing", async (peer) => {
    await peer.command("USER");
    peer.send(":irc.test CAP * LS :");
  }],
  ["lists other mechanisms", async (peer) => {
    await peer.command("USER");
    peer.send(":irc.test CAP * LS :sasl=EXTERNAL");
    await peer.until(/CAP REQ/);
    peer.send(":irc.test CAP * ACK :sasl");
  }],
  ["refuses sasl", async (peer) => {
    await peer.command("USER");
    peer.send(":irc.test CAP * LS :sasl");
    await peer.until(/CAP REQ/);
    peer.send(":irc.test CAP * NAK :sasl");
  }],
  ["names other mechanisms (908)", async (peer) => {
    await authenticating(peer);
    peer.send(":irc.test 908 ann EXTERNAL :are available SASL mechanisms", ":irc.test 904 ann :failed");
  }],
  ["gives up (906)", async (peer) => {
    await authenticating(peer);
    peer.send(":irc.test 906 ann :SASL authentication aborted");
  }],
  ...([
    "CAP * DEL :sasl",
    "FAIL AUTHENTICATE SERVICE_UNAVAILABLE :Services are away",
    "421 ann AUTHENTICATE :Unknown command",
    "400 * AUTHENTICATE :Could not process",
    "461 * AUTHENTICATE :Not enough parameters",
    "263 * AUTHENTICATE :Please wait",
  ].map((answer) => [
    `answers AUTHENTICATE with ${answer}`,
    async (peer: ServerPeer) => {
      await authenticating(peer);
      peer.send(`:irc.test ${answer}`);
    },
  ] as const)),
  ["refuses capabilities (410)", async (peer) => {
    await peer.command("USER");
    peer.send(":irc.test 410 * LS :Invalid CAP subcommand");
  }],
  ["does not know capabilities", async (peer) => {
    await peer.command("USER");
    peer.send(":irc.test 421 ann CAP :Unknown command");
    peer.sayWelcome("ann");
  }],
]; // prettier-ignore

async function authenticating(peer: ServerPeer): Promise<void> {
  await peer.command("USER");
  peer.send(":irc.test CAP * LS :sasl");
  await peer.until(/CAP REQ/);
  peer.send(":irc.test CAP * ACK :sasl");
  await peer.command("AUTHENTICATE");
}

/** A session that was logged in and has lost its connection. */
async function loggedInBefore() {
  const server = await startScripted();
  const session = newSession(addressOf(server.port), { sasl: SASL });
  session.start();
  const peer = await server.accept();
  await logIn(peer);
  await session.online();
  peer.drop();
  return { server, session };
}

async function waitsAndLogsIn(session: TestSession, accept: () => Promise<ServerPeer>) {
  await session.until((s) => s.status.phase === "waiting" && s.status.failure.code !== "lost");
  assert.ok(session.status.phase === "waiting");
  assert.equal(session.status.failure.code, "login-unavailable");
  await logIn(await accept());
  await session.online();
  assert.equal(session.state.account, "ann");
}

describe("an account whose server is cut off from the services", () => {
  for (const [what, refuse] of without)
    it(`is logged in to later, when the server ${what}`, async () => {
      const { server, session } = await loggedInBefore();
      await refuse(await server.accept());
      await waitsAndLogsIn(session, () => server.accept());
    });

  it("is logged in to later, when the server refuses what it took before (904)", async () => {
    const { server, session } = await loggedInBefore();
    const again = await server.accept();
    await authenticating(again);
    again.send(":irc.test 904 ann :SASL authentication failed");
    await waitsAndLogsIn(session, () => server.accept());
  });

  it("is told apart from a wrong password that is refused by name", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port), { sasl: SASL });
    session.start();
    const peer = await server.accept();
    await authenticating(peer);
    peer.send("FAIL AUTHENTICATE INVALID_CREDENTIALS :No");
    assert.equal((await session.failed()).code, "wrong-password");
  });

  for (const [what, refuse] of without)
    it(`is told apart from a wrong password the first time, when the server ${what}`, async () => {
      const server = await startScripted();
      const session = newSession(addressOf(server.port), { sasl: SASL });
      session.start();
      await refuse(await server.accept());
      assert.equal((await session.failed()).code, "login-unavailable");
    });

  for (const [what, refuse] of without)
    it(`is waited for in a window that was reloaded, when the server ${what}`, async () => {
      const server = await startScripted();
      const session = newSession(addressOf(server.port), { sasl: SASL, persistent: true });
      session.start();
      await refuse(await server.accept());
      await waitsAndLogsIn(session, () => server.accept());
    });
});
