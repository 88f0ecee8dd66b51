// What is sent is told truly, whatever the server can and whatever becomes of it.
import { strict as assert } from "node:assert";
import { parseMessage, type Message } from "../../src/irc/message.js";
import { joined, startScripted, type ServerPeer, type TestSession } from "./scripted-peer.js";

const MULTILINE = "draft/multiline=max-bytes=4096,max-lines=24";
/** Only our own servers announce it; they store what is sent twice once. */
const PARLEY = ["parley/FLOOD"];
/** Each capability there or not; multiline needs batch. */
const COMBINATIONS = Array.from({ length: 16 }, (_, bits) =>
  ["echo-message", "labeled-response", "message-tags", "batch"].filter(
    (_cap, i) => bits & (1 << i),
  ),
).flatMap((caps) => (caps.includes("batch") ? [caps, [...caps, MULTILINE]] : [caps]));

/** Any refusal that names the target will do. */
const REFUSALS = "401 403 404 407 415 435 439 477 480 486 492 520 531 716 936".split(" ");

interface Kind {
  readonly name: string;
  readonly say: (session: TestSession) => void;
  /** The conversations it is shown in, with the row. */
  readonly rows: Readonly<Record<string, string>>;
  /** Services have no echo. */
  readonly isEchoed?: false;
  /** What is said to oneself comes back as well. */
  readonly isToSelf?: true;
}

const KINDS: readonly Kind[] = [
  {
    name: "a message",
    say: (session) => {
      session.say("#room", "hello");
    },
    rows: { "#room": "<ann> hello" },
  },
  {
    name: "a direct message",
    say: (session) => {
      session.say("bob", "hello");
    },
    rows: { bob: "<ann> hello" },
  },
  {
    name: "a command for services",
    say: (session) => {
      session.say("NickServ", "HELP");
    },
    rows: { NickServ: "<ann> HELP" },
    isEchoed: false,
  },
  {
    name: "a message to oneself",
    say: (session) => {
      session.say("ann", "note");
    },
    rows: { ann: "<ann> note" },
    isToSelf: true,
  },
  {
    name: "an action",
    say: (session) => {
      session.say("#room", "waves", "action");
    },
    rows: { "#room": "* ann waves" },
  },
  {
    name: "a notice",
    say: (session) => {
      session.say("#room", "beware", "notice");
    },
    rows: { "#room": "<ann> beware" },
  },
  {
    name: "a message to the operators of a channel",
    say: (session) => {
      session.say("@#room", "psst");
    },
    rows: { "#room": "<ann> psst" },
  },
  {
    name: "a message to several",
    say: (session) => {
      session.say("bob,#room,carl", "hi");
    },
    rows: { bob: "<ann> hi", "#room": "<ann> hi", carl: "<ann> hi" },
  },
  {
    name: "a message of several lines",
    say: (session) => {
      session.say("#room", "one\ntwo");
    },
    rows: { "#room": "<ann> one\ntwo" },
  },
];

/** What one connection has sent, answered as a server with these capabilities does. */
class Servant {
  private batch: { opening: Message; lines: Message[] } | undefined;
  readonly heard: Message[] = [];

  constructor(
    private readonly peer: ServerPeer,
    private readonly caps: readonly string[],
    private readonly kind: Kind,
  ) {}

  private has(cap: string): boolean {
    return this.caps.some((known) => known === cap || known.startsWith(`${cap}=`));
  }

  /** Reads up to `count` messages, and deals with each by `answer`; PINGs are answered in their place. */
  async serve(count: number, answer: (servant: this, message: Message) => void): Promise<void> {
    while (this.heard.length < count) this.take(await this.next(), answer);
  }

  /** Answers questions until all that was sent has an answer. */
  async settle(): Promise<void> {
    for (const line of await this.peer.settle()) this.take(parseMessage(line)!, () => undefined);
  }

  private async next(): Promise<Message> {
    const line = await this.peer.next();
    assert.ok(line !== undefined, "the connection ended");
    return parseMessage(line)!;
  }

  private take(line: Message, answer: (servant: this, message: Message) => void): void {
    if (line.command === "PING") this.peer.send(`:irc.test PONG irc.test ${line.params[0]!}`);
    if (line.command === "BATCH" && line.params[0]!.startsWith("+"))
      this.batch = { opening: line, lines: [] };
    else if (line.command === "BATCH") this.hear(this.batch!.opening, answer);
    else if (!/^(?:PRIVMSG|NOTICE)$/.test(line.command)) return;
    else if (line.tags.has("batch")) this.batch!.lines.push(line);
    else this.hear(line, answer);
  }

  private hear(line: Message, answer: (servant: this, message: Message) => void): void {
    this.heard.push(line);
    answer(this, line);
  }

  /** The tags of an answer to `line`. */
  private tags(line: Message, ...others: string[]): string {
    const label = line.tags.get("label");
    const all = this.has("labeled-response") && label !== undefined ? [`label=${label}`] : [];
    all.push(...others);
    return all.length === 0 ? "" : `@${all.join(";")} `;
  }

  private target(line: Message): string {
    return line.params[line.command === "BATCH" ? 2 : 0]!;
  }

  /** Takes it, and passes it on as `change` makes it. */
  accept(line: Message, change = (text: string) => text): void {
    const id = line.tags.get("+parley/id");
    const ids = this.has("message-tags") ? [`msgid=m${this.heard.length}`] : [];
    if (this.has("message-tags") && id !== undefined) ids.push(`+parley/id=${id}`);
    const target = this.target(line);
    const isEchoed = this.has("echo-message") && this.kind.isEchoed !== false;
    if (isEchoed) this.pass(line, this.tags(line, ...ids), change);
    else if (this.has("labeled-response")) this.labelOtherwise(line);
    else if (this.kind.isEchoed === false) this.peer.send(`:${target}!s@s NOTICE ann :Here I am`);
    if (this.kind.isToSelf === true)
      this.pass(line, ids.length === 0 ? "" : `@${ids.join(";")} `, change);
  }

  private pass(line: Message, tags: string, change: (text: string) => string): void {
    const source = ":ann!u@h";
    const target = this.target(line);
    if (line.command !== "BATCH") {
      const [, text = ""] = line.params;
      const changed = text.startsWith("\x01ACTION ")
        ? `\x01ACTION ${change(text.slice(8, -1))}\x01`
        : change(text);
      this.peer.send(`${tags}${source} ${line.command} ${target} :${changed}`);
      return;
    }
    this.peer.send(
      `${tags}${source} BATCH +e ${line.params[1]!} ${target}`,
      ...this.batch!.lines.map(
        ({ params }) => `@batch=e ${source} PRIVMSG ${target} :${change(params[1]!)}`,
      ),
      "BATCH -e",
    );
  }

  /** Services answer in a batch that has the label; where nothing is to be said there is ACK. */
  private labelOtherwise(line: Message): void {
    if (this.kind.isEchoed !== false) {
      this.peer.send(`${this.tags(line)}:irc.test ACK`);
      return;
    }
    const notice = `:${this.target(line)}!s@s NOTICE ann :Here I am`;
    if (this.has("batch"))
      this.peer.send(
        `${this.tags(line)}:irc.test BATCH +l labeled-response`,
        `@batch=l ${notice}`,
        `@batch=l ${notice}`,
        ":irc.test BATCH -l",
      );
    else this.peer.send(`${this.tags(line)}${notice}`);
  }

  refuse(line: Message, numeric: string): void {
    this.peer.send(
      `${this.tags(line)}:irc.test ${numeric} ann ${this.target(line)} :No, thank you`,
    );
  }
}

/** Reads so many messages, answering nothing at all, and returns their ids. */
async function takeSilently(peer: ServerPeer, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let taken = 0; taken < count;) {
    const line = parseMessage((await peer.next())!)!;
    const isWhole =
      line.command === "BATCH" ? line.params[0]!.startsWith("-") : !line.tags.has("batch");
    if (isWhole && /^(?:PRIVMSG|NOTICE|BATCH)$/.test(line.command)) taken++;
    const id = line.tags.get("+parley/id");
    if (id !== undefined) ids.push(id);
  }
  return ids;
}

const countOf = (kind: Kind, caps: readonly string[]) =>
  kind.name === "a message of several lines" && !caps.includes(MULTILINE)
    ? 2
    : Object.keys(kind.rows).length;

/** The rows a kind makes: where there is no multiline, each line is one. */
function expected(kind: Kind, caps: readonly string[], mark: string): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(kind.rows).map(([buffer, row]) => [
      buffer,
      (caps.includes(MULTILINE)
        ? [row]
        : row.split("\n").map((line, i) => (i === 0 ? line : `<ann> ${line}`))
      ).map((line) => line + mark),
    ]),
  );
}

/** Our rows in each conversation, without what services say. */
function ownRows(session: TestSession): Record<string, string[]> {
  const names = [...session.state.buffers.values()].map(({ name }) => name);
  return Object.fromEntries(
    names
      .filter((name) => name !== "")
      .map(
        (name) =>
          [name, session.said(name).filter((row) => /^(?:<ann>|\* ann)/.test(row))] as const,
      )
      .filter(([, rows]) => rows.length > 0),
  );
}

const isOver = (session: TestSession) =>
  Object.values(ownRows(session)).every((rows) => rows.every((row) => !row.endsWith("(pending)")));

for (const caps of COMBINATIONS)
  describe(`with ${caps.map((cap) => cap.replace(/=.*/, "")).join(", ") || "no capabilities"}`, () => {
    async function start(kind: Kind, isupport: readonly string[] = []) {
      const server = await startScripted();
      const timing = { answerTimeoutMs: 5 };
      const { session, peer } = await joined(server, { caps, isupport }, { timing });
      kind.say(session);
      const count = countOf(kind, caps);
      return { server, session, peer, count, servant: new Servant(peer, caps, kind) };
    }

    for (const kind of KINDS)
      describe(kind.name, () => {
        it("that is taken is sent, once", async () => {
          const { session, servant, count } = await start(kind);
          await servant.serve(count, (s, line) => {
            s.accept(line);
          });
          while (!isOver(session)) await servant.settle();
          assert.deepEqual(ownRows(session), expected(kind, caps, ""));
        });

        it("that is changed is sent, once, as the server has it", async () => {
          const { session, servant, count } = await start(kind);
          await servant.serve(count, (s, line) => {
            s.accept(line, () => "<censored>");
          });
          while (!isOver(session)) await servant.settle();
          const isEchoed = caps.includes("echo-message") && kind.isEchoed !== false;
          const rows = Object.values(ownRows(session)).flat();
          assert.equal(rows.length, Object.values(expected(kind, caps, "")).flat().length);
          if (isEchoed)
            assert.ok(
              rows.every((row) => row.includes("<censored>")),
              rows.join("\n"),
            );
        });

        const numeric =
          REFUSALS[(COMBINATIONS.indexOf(caps) + KINDS.indexOf(kind)) % REFUSALS.length]!;
        it(`that is refused with ${numeric} has failed`, async () => {
          const { session, servant, count } = await start(kind);
          await servant.serve(count, (s, line) => {
            s.refuse(line, numeric);
          });
          while (!isOver(session)) await servant.settle();
          assert.deepEqual(ownRows(session), expected(kind, caps, " (failed)"));
        });

        it("to which nothing is said is sent, unless an answer is owed", async () => {
          const { session, servant, count } = await start(kind);
          await servant.serve(count, () => undefined);
          while (!isOver(session)) await servant.settle();
          const isOwed = caps.includes("echo-message") && caps.includes("labeled-response");
          assert.deepEqual(ownRows(session), expected(kind, caps, isOwed ? " (failed)" : ""));
        });

        it("that was on its way when the link dropped fails: no one could tell it from a second one", async () => {
          const { server, session, peer, count } = await start(kind);
          await takeSilently(peer, count);
          peer.drop();
          const again = await server.accept();
          await again.welcome({ caps });
          await again.letIn("ann", "#room", "@bob");
          await session.online();
          const next = new Servant(again, caps, kind);
          await next.settle();
          assert.deepEqual(next.heard, []);
          assert.deepEqual(ownRows(session), expected(kind, caps, " (failed)"));
        });

        if (!caps.includes("message-tags")) return;
        it("that was on its way when the link to a server of our own dropped is said once", async () => {
          const { server, session, peer, count } = await start(kind, PARLEY);
          const heard = await takeSilently(peer, count);
          peer.drop();
          const again = await server.accept();
          await again.welcome({ caps, isupport: PARLEY });
          await again.letIn("ann", "#room", "@bob");
          await session.online();
          const next = new Servant(again, caps, kind);
          await next.serve(count, (s, line) => {
            s.accept(line);
          });
          while (!isOver(session)) await next.settle();
          assert.deepEqual(
            next.heard.map(({ tags }) => tags.get("+parley/id")).sort(),
            heard.sort(),
          );
          assert.deepEqual(ownRows(session), expected(kind, caps, ""));
        });
      });
  });
