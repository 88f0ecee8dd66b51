import { strict as assert } from "node:assert";
import { commandTable } from "../../src/server/commands/index.js";
import type { Peer } from "../support/peer.js";
import { startServer, type TestServer } from "../support/server.js";

// What each may do, in one table: y does it, n is refused, - is not asked. In this order, all but the first registered:
// one who has not registered, one who is in no channel, one who is in the channel without a role, with voice, half-operator,
// operator, admin, owner of the channel; an operator of the server outside of the channel, and one in it without a role.
const WHO = [
  "nobody",
  "outsider",
  "member",
  "voice",
  "halfop",
  "op",
  "admin",
  "owner",
  "server operator outside",
  "server operator inside",
] as const;
type Who = (typeof WHO)[number];

const ROLE_MODES: Partial<Record<Who, string>> = {
  voice: "v",
  halfop: "h",
  op: "o",
  admin: "a",
  owner: "q",
};

interface Row {
  /** Said by whoever tries, `ann`: in `#c` are `finn`, the host, and `vera`, who has no role; `will` is not there. */
  readonly lines: readonly string[];
  /** What one of them sees when it was done. */
  readonly effect: RegExp;
  readonly rights: string;
  /** Said by finn before. `MSGID` is what he says last. */
  readonly before?: readonly string[];
  /** Nothing is said where it is refused. */
  readonly isSilent?: boolean;
}

const TABLE: Readonly<Record<string, Row>> = {
  "say something": {
    lines: ["PRIVMSG #c :hi"],
    effect: /PRIVMSG #c :hi/,
    rights: "nnyyyyyyyy",
  },
  "say something, without a word": {
    lines: ["@+typing=active TAGMSG #c"],
    effect: /TAGMSG #c/,
    rights: "nnyyyyyyyy",
  },
  "say something in several lines": {
    lines: ["BATCH +1 draft/multiline #c", "@batch=1 PRIVMSG #c :hi", "BATCH -1"],
    effect: /PRIVMSG #c :hi/,
    rights: "nnyyyyyyyy",
  },
  "say something to operators": {
    lines: ["PRIVMSG @#c :hi"],
    effect: /PRIVMSG @#c :hi/,
    rights: "nnyyyyyyyy",
  },
  "notice, from outside": {
    before: ["MODE #c -n"],
    lines: ["NOTICE #c :hi"],
    effect: /NOTICE #c :hi/,
    rights: "nyyyyyyyyy",
  },
  "say something where it is moderated": {
    before: ["MODE #c +m"],
    lines: ["PRIVMSG #c :hi"],
    effect: /PRIVMSG #c :hi/,
    rights: "nnnyyyyyyy",
  },
  "say something in several lines where it is moderated": {
    before: ["MODE #c +m"],
    lines: ["BATCH +1 draft/multiline #c", "@batch=1 PRIVMSG #c :hi", "BATCH -1"],
    effect: /PRIVMSG #c :hi/,
    rights: "nnnyyyyyyy",
  },
  "say something where one is banned": {
    before: ["MODE #c -n+b ann"],
    lines: ["PRIVMSG #c :hi"],
    effect: /PRIVMSG #c :hi/,
    rights: "nnnyyyyyyy",
  },
  "say something where one is muted": {
    before: ["MODE #c -n+b ~m:ann"],
    lines: ["PRIVMSG #c :hi"],
    effect: /PRIVMSG #c :hi/,
    rights: "nnnyyyyyyy",
  },
  "ask programs of all where that is not wanted": {
    before: ["MODE #c +C"],
    lines: ["PRIVMSG #c :\x01VERSION\x01"],
    effect: /PRIVMSG #c :.VERSION/,
    rights: "nnnyyyyyyy",
  },
  join: { lines: ["JOIN #c"], effect: /:ann!\S+ JOIN #c/, rights: "ny------y-" },
  "join where only the invited may": {
    before: ["MODE #c +i"],
    lines: ["JOIN #c"],
    effect: /:ann!\S+ JOIN #c/,
    rights: "nn------y-",
  },
  "join where one is banned": {
    before: ["MODE #c +b ann"],
    lines: ["JOIN #c"],
    effect: /:ann!\S+ JOIN #c/,
    rights: "nn------y-",
  },
  "join without the key": {
    before: ["MODE #c +k sesame"],
    lines: ["JOIN #c wrong"],
    effect: /:ann!\S+ JOIN #c/,
    rights: "nn------y-",
  },
  "join where it is full": {
    before: ["MODE #c +l 1"],
    lines: ["JOIN #c"],
    effect: /:ann!\S+ JOIN #c/,
    rights: "nn------y-",
  },
  leave: { lines: ["PART #c"], effect: /:ann!\S+ PART #c/, rights: "nnyyyyyyny" },
  "set the topic": { lines: ["TOPIC #c :new"], effect: /TOPIC #c :new/, rights: "nnnnyyyyny" },
  "set the topic where all may": {
    before: ["MODE #c -t"],
    lines: ["TOPIC #c :new"],
    effect: /TOPIC #c :new/,
    rights: "nnyyyyyyny",
  },
  "throw out a member": { lines: ["KICK #c vera"], effect: /KICK #c vera/, rights: "nnnnyyyyny" },
  "throw out an operator": {
    before: ["MODE #c +o vera"],
    lines: ["KICK #c vera"],
    effect: /KICK #c vera/,
    rights: "nnnnnyyyny",
  },
  "throw out an admin": {
    before: ["MODE #c +a vera"],
    lines: ["KICK #c vera"],
    effect: /KICK #c vera/,
    rights: "nnnnnnyyny",
  },
  "throw out the host": {
    lines: ["KICK #c finn"],
    effect: /KICK #c finn/,
    rights: "nnnnnnnyny",
  },
  invite: { lines: ["INVITE will #c"], effect: /INVITE will #c/, rights: "nnyyyyyyny" },
  "invite where only the invited may come": {
    before: ["MODE #c +i"],
    lines: ["INVITE will #c"],
    effect: /INVITE will #c/,
    rights: "nnnnyyyyny",
  },
  "rename the channel": {
    lines: ["RENAME #c #d"],
    effect: /RENAME #c #d/,
    rights: "nnnnnyyyny",
  },
  "set a flag": { lines: ["MODE #c +m"], effect: /MODE #c \+m/, rights: "nnnnyyyyyy" },
  "set a key": { lines: ["MODE #c +k x"], effect: /MODE #c \+k x/, rights: "nnnnyyyyyy" },
  "set a limit": { lines: ["MODE #c +l 9"], effect: /MODE #c \+l 9/, rights: "nnnnyyyyyy" },
  ban: { lines: ["MODE #c +b x"], effect: /MODE #c \+b x!/, rights: "nnnnyyyyyy" },
  "lift a ban": {
    before: ["MODE #c +b x"],
    lines: ["MODE #c -b x"],
    effect: /MODE #c -b x!/,
    rights: "nnnnyyyyyy",
  },
  "except from bans": { lines: ["MODE #c +e x"], effect: /MODE #c \+e x!/, rights: "nnnnyyyyyy" },
  "let in for good": { lines: ["MODE #c +I x"], effect: /MODE #c \+I x!/, rights: "nnnnyyyyyy" },
  "see who is excepted": { lines: ["MODE #c e"], effect: / 349 ann #c/, rights: "nnnnyyyyyy" },
  "give voice": { lines: ["MODE #c +v vera"], effect: /MODE #c \+v vera/, rights: "nnnnyyyyyy" },
  "make a half-operator": {
    lines: ["MODE #c +h vera"],
    effect: /MODE #c \+h vera/,
    rights: "nnnnnyyyyy",
  },
  "make an operator": {
    lines: ["MODE #c +o vera"],
    effect: /MODE #c \+o vera/,
    rights: "nnnnnyyyyy",
  },
  "unmake an operator": {
    before: ["MODE #c +o vera"],
    lines: ["MODE #c -o vera"],
    effect: /MODE #c -o vera/,
    rights: "nnnnnyyyyy",
  },
  "make an admin": { lines: ["MODE #c +a vera"], effect: /MODE #c \+a vera/, rights: "nnnnnnnyyy" },
  "make an owner": { lines: ["MODE #c +q vera"], effect: /MODE #c \+q vera/, rights: "nnnnnnnnyy" },
  "unmake the host's badge": {
    lines: ["MODE #c -q finn"],
    effect: /MODE #c -q finn/,
    rights: "nnnnnnnnyy",
  },
  "make oneself an operator": {
    lines: ["MODE #c +o ann"],
    effect: /MODE #c \+o ann/,
    rights: "nnnnn-yyny",
  },
  "describe the channel": {
    lines: ["METADATA #c SET color :red"],
    effect: / 761 ann #c color \* red/,
    rights: "nnnnnyyyyy",
  },
  "undo the channel's description": {
    before: ["METADATA #c SET color :red"],
    lines: ["METADATA #c CLEAR"],
    effect: / 766 ann #c color/,
    rights: "nnnnnyyyyy",
  },
  "read the description of a closed channel": {
    before: ["METADATA #c SET color :red", "MODE #c +i"],
    lines: ["METADATA #c GET color"],
    effect: / 761 ann #c color \* red/,
    rights: "nnyyyyyyyy",
  },
  "delete another's message": {
    lines: ["REDACT #c MSGID"],
    effect: /REDACT #c /,
    rights: "nnnnnyyyny",
  },
  "delete a message between others": {
    before: ["PRIVMSG vera :between us"],
    lines: ["REDACT vera MSGID", "REDACT finn MSGID"],
    effect: / REDACT vera /,
    rights: "nnnnnnnnnn",
  },
  "read what was said": {
    lines: ["CHATHISTORY LATEST #c * 10"],
    effect: /batch=\S+ :finn!\S+ PRIVMSG #c :something/,
    rights: "nnyyyyyyny",
  },
  "find what was said": {
    lines: ["SEARCH in=#c;text=something"],
    effect: /batch=\S+ :finn!\S+ PRIVMSG #c :something/,
    rights: "nnyyyyyyny",
  },
  "see a secret channel": {
    before: ["MODE #c +s"],
    lines: ["MODE #c"],
    effect: / 324 ann #c/,
    rights: "nnyyyyyyyy",
  },
  "see who is in a secret channel": {
    before: ["MODE #c +s"],
    lines: ["NAMES #c"],
    effect: / 353 ann . #c/,
    rights: "nnyyyyyyyy",
    isSilent: true,
  },
  "see the key": {
    before: ["MODE #c +k sesame"],
    lines: ["MODE #c"],
    effect: / 324 ann #c .*sesame/,
    rights: "nnyyyyyyyy",
    isSilent: true,
  },
  "see an address": {
    lines: ["WHOIS vera"],
    effect: / 338 ann vera /,
    rights: "nnnnnnnnyy",
    isSilent: true,
  },
  "see another's modes": {
    lines: ["WHOIS vera"],
    effect: / 379 ann vera /,
    rights: "nnnnnnnnyy",
    isSilent: true,
  },
  "say something to somebody": {
    lines: ["PRIVMSG vera :hi"],
    effect: /PRIVMSG vera :hi/,
    rights: "nyyyyyyyyy",
  },
  "change another's modes": {
    lines: ["MODE vera +i"],
    effect: /MODE vera \+i/,
    rights: "nnnnnnnnnn",
  },
  "make oneself an operator of the server": {
    lines: ["MODE ann +o"],
    effect: / MODE ann \+o/,
    rights: "nnnnnnnn--",
    isSilent: true,
  },
  "guess an operator's password": {
    lines: ["OPER host wrong", "OPER nobody secret"],
    effect: / 381 ann /,
    rights: "nnnnnnnnnn",
  },
  "describe another": {
    lines: ["METADATA vera SET color :red"],
    effect: / 761 \S+ vera color/,
    rights: "nnnnnnnnnn",
  },
  "describe oneself": {
    lines: ["METADATA * SET color :red"],
    effect: / 761 \S+ \S+ color \* red/,
    rights: "yyyyyyyyyy",
  },
  "take a nick that is in use": {
    lines: ["NICK vera"],
    isSilent: true,
    effect: / NICK vera/,
    rights: "nnnnnnnnnn",
  },
  "take a nick that is owned": {
    lines: ["NICK kept"],
    isSilent: true,
    effect: / NICK kept/,
    rights: "nnnnnnnnnn",
  },
  "take an account that is there": {
    lines: ["REGISTER kept * sesame2"],
    effect: / SUCCESS kept/,
    rights: "nnnnnnnnnn",
  },
  "disconnect somebody": { lines: ["KILL vera"], effect: /KILL vera/, rights: "nnnnnnnnyy" },
  "tell all operators": { lines: ["WALLOPS :hi"], effect: /WALLOPS :hi/, rights: "nnnnnnnnyy" },
  "read the configuration again": { lines: ["REHASH"], effect: / 382 ann /, rights: "nnnnnnnnyy" },
  "release a nick": {
    lines: ["RELEASE kept"],
    effect: /RELEASE NICKNAME_RELEASED kept/,
    rights: "nnnnnnnnyy",
  },
  "ban somebody": { lines: ["BAN vera"], effect: /KILL vera/, rights: "nnnnnnnnyy" },
  "let somebody in": {
    lines: ["APPROVE will"],
    effect: / 401 ann will :No one of this nick is waiting/,
    rights: "nnnnnnnnyy",
  },
  "send somebody away who waits": {
    lines: ["DENY will"],
    effect: / 401 ann will :No one of this nick is waiting/,
    rights: "nnnnnnnnyy",
  },
  "see who waits": { lines: ["WAITING"], effect: /No one is waiting/, rights: "nnnnnnnnyy" },
  "see who was let in or banned": {
    lines: ["DECISIONS"],
    effect: / NOTICE ann :(?:Nothing is remembered|FORGET)/,
    rights: "nnnnnnnnyy",
  },
  "take back what was decided": {
    lines: ["FORGET no_one"],
    effect: / FAIL FORGET NO_SUCH_DECISION no_one /,
    rights: "nnnnnnnnyy",
  },
  "see the servers": {
    lines: ["LINKS"],
    effect: / 364 ann /,
    rights: "nnnnnnnnyy",
    isSilent: true,
  },
};

/** Commands that ask, or change only what is one's own. */
const OF_ONESELF =
  "AUTHENTICATE AWAY CAP FILEHOST HELP HELPOP INFO ISON ISUPPORT KNOCK LIST LUSERS MARKREAD MONITOR MOTD PASS PING PONG QUIT " +
  "SETNAME TIME USER USERHOST VERIFY VERSION WHO WHOWAS";

const CAPS = [
  "batch",
  "message-tags",
  "standard-replies",
  "draft/multiline",
  "draft/chathistory",
  "draft/channel-rename",
  "draft/message-redaction",
  "draft/metadata-3",
  "soju.im/search",
];

/** For each who tries the names are others, on the same server. */
const named = (line: string, of: number) =>
  line.replace(/\b(ann|vera|will|finn)\b|#[cd]\b/g, (name) => `${name}${of}`);
const unnamed = (line: string) => line.replace(/\b(ann|vera|will|finn)[0-9]|(#[cd])[0-9]/g, "$1$2");

/** Whoever tries it, where all are whom it could concern. */
async function actorOf(server: TestServer, who: Who, of: number): Promise<Peer> {
  const ann = await server.connect();
  if (who === "nobody") ann.send(`CAP REQ :${CAPS.join(" ")}`);
  else await ann.register(named("ann", of), ...CAPS);
  if (who.startsWith("server operator")) ann.send("OPER helper secret2");
  if (!["nobody", "outsider", "server operator outside"].includes(who))
    ann.send(named("JOIN #c", of));
  await ann.roundtrip();
  return ann;
}

/** What whoever tries it hears, and what all see of it. */
async function attempt(
  server: TestServer,
  row: Row,
  of: number,
): Promise<{ heard: string[]; seen: string[] }> {
  const who = WHO[of] ?? "nobody";
  const sends = (peer: Peer, ...lines: readonly string[]) => {
    peer.send(...lines.map((line) => named(line, of)));
  };
  const finn = await server.client(named("finn", of), ...CAPS);
  sends(finn, "OPER host secret", "JOIN #c");
  await finn.roundtrip();
  const others = [
    await server.join(named("vera", of), named("#c", of), ...CAPS),
    await server.client(named("will", of), ...CAPS),
  ];
  const ann = await actorOf(server, who, of);
  const role = ROLE_MODES[who];
  if (role !== undefined) sends(finn, `MODE #c +${role} ann`);
  sends(finn, "CAP REQ echo-message", "PRIVMSG #c :something", ...(row.before ?? []));
  const said = await finn.roundtrip();
  const msgids = said.flatMap((line) => /msgid=(\w+)\S* :finn\S+ PRIVMSG/.exec(line)?.[1] ?? []);
  for (const peer of [ann, ...others]) await peer.roundtrip();
  sends(ann, ...row.lines.map((line) => line.replace("MSGID", msgids.at(-1) ?? "")));
  const heard = await ann.roundtrip();
  const seen = [...heard, ...(await finn.roundtrip())];
  for (const peer of others) {
    peer.send("PING last");
    seen.push(...(await peer.until(/PONG \S+ last$|^ERROR/)));
  }
  for (const peer of [ann, finn, ...others]) peer.send("QUIT");
  return { heard, seen: seen.map(unnamed) };
}

const REFUSAL = /^(?:\S+ )?:parley\.chat (?:[45][0-9]{2}|FAIL) /;

describe("the right to", () => {
  for (const [what, row] of Object.entries(TABLE))
    it(`${what} is ${row.rights}`, async () => {
      const accounts = row.lines.some((line) => line.includes("kept")) ? ["kept:sesame"] : [];
      const opers = ["host:secret", "helper:secret2"];
      let server = await startServer({ opers, accounts });
      let found = "";
      for (const [of, who] of WHO.entries()) {
        if (row.rights.charAt(of) === "-") {
          found += "-";
          continue;
        }
        const { heard, seen } = await attempt(server, row, of);
        const isDone = seen.some((line) => row.effect.test(line));
        found += isDone ? "y" : "n";
        // What was done to the account is done.
        if (isDone && accounts.length > 0) server = await startServer({ opers, accounts });
        if (!isDone && row.isSilent !== true)
          assert.ok(
            heard.some((line) => REFUSAL.test(line)),
            `${who} hears why: ${heard.join("\n")}`,
          );
      }
      assert.equal(found, row.rights, WHO.join(", "));
    });

  it("use each command is in this table, or the command concerns nobody else", () => {
    const tried = Object.values(TABLE).flatMap(({ lines }) => lines);
    const names = tried.map((line) => line.replace(/^@\S+ /, "").split(" ", 1)[0]);
    const known = [...new Set([...names, ...OF_ONESELF.split(" ")])].sort();
    assert.deepEqual(known, [...commandTable.keys()].sort());
  });
});
