// What a hostile or broken server may send, line after line.

const LONG = "x".repeat(60_000);
const WIDE = `${"x".repeat(60_000)}🙂`;
const ME = ":ann!u@h";

export interface Attack {
  readonly name: string;
  /** Sent before. */
  readonly first?: readonly string[];
  readonly lines: (i: number) => string;
  /** How much of it is sent; left out: all. Small lines cost more by the byte. */
  readonly share?: number;
  /** What is held of it is what a session is there for. */
  readonly isShown?: boolean;
  /** The session asks for the list of channels before. */
  readonly isListed?: boolean;
}

const names = (count: number, of: (i: number) => string) => Array.from({ length: count }, (_, i) => of(i)); // prettier-ignore

const lines = (count: number, of: (i: number) => string) => names(count, of).join("\r\n");
/** A history of so many lines, in a batch of its own. */
const history = (i: number, type: string, count: number, line: (n: number) => string) =>
  `BATCH +h${i} ${type} #room\r\n${lines(count, (n) => `@batch=h${i};time=2020-01-01T00:00:00.000Z${line(n)}`)}\r\nBATCH -h${i}`;
/** As many channels, people, memberships and rows as a session keeps. */
const EVERYTHING = names(
  490,
  (c) =>
    `${ME} JOIN #c${c}\r\n:irc.test 353 ann = #c${c} :${names(400, (n) => `u${(c * 400 + n) % 49_000}!u@h`).join(" ")}\r\n` +
    lines(20, (n) => `:u${c * 20 + n}!u@h PRIVMSG #c${c} :${n} ${LONG.slice(0, 3_000)}`),
);

export const ATTACKS: readonly Attack[] = [
  {
    name: "rows of 64 KB",
    share: 0.5,
    isShown: true,
    lines: () => `:bob!u@h PRIVMSG #room :${WIDE}`,
  },
  {
    name: "mentions of 64 KB",
    share: 0.5,
    isShown: true,
    lines: () => `:bob!u@h PRIVMSG #room :ann: ${WIDE}`,
  },
  {
    name: "conversations of 64 KB",
    share: 0.5,
    isShown: true,
    lines: (i) => `:b${i}!u@h PRIVMSG ann :${WIDE}`,
  },
  {
    name: "formatted rows",
    share: 0.2,
    isShown: true,
    lines: () => `:bob!u@h PRIVMSG #room :\x02${"a\x02b".repeat(15_000)}`,
  },
  {
    name: "ids of 64 KB",
    isShown: true,
    lines: (i) => `@msgid=${i}${LONG} :bob!u@h PRIVMSG #room :hi`,
  },
  { name: "long ids", share: 0.3, isShown: true, lines: (i) => `@msgid=${i}${LONG.slice(0, 500)} :bob!u@h PRIVMSG #room :hi` }, // prettier-ignore
  {
    name: "tags of 64 KB",
    isShown: true,
    lines: (i) => `@a${i}=${LONG} :bob!u@h PRIVMSG #room :hi`,
  },
  { name: "thousands of tags", share: 0.3, isShown: true, lines: (i) => `@${names(8_000, (n) => `${i}x${n}`).join(";")} :bob!u@h PRIVMSG #room :hi` }, // prettier-ignore
  { name: "a line without an end", lines: () => `${LONG}${LONG}\x00`, share: 1 },
  { name: "blank lines", lines: () => "\r\n".repeat(10_000) },
  { name: "lines that are not UTF-8", isShown: true, lines: () => `:bob!u@h PRIVMSG #room :${"\udc00 ".repeat(10_000)}` }, // prettier-ignore
  { name: "nicks of 64 KB", lines: (i) => `:${i}${LONG}!u@h JOIN #room` },
  { name: "nicks cut from long lines", isShown: true, lines: (i) => `:irc.test 353 ann = #room :somebody-new-${i} ${LONG}` }, // prettier-ignore
  { name: "members", share: 0.25, isShown: true, lines: (i) => `:irc.test 353 ann = #room :${names(3_000, (n) => `somebody-${i}-${n}`).join(" ")}` }, // prettier-ignore
  { name: "members with prefixes of 64 KB", lines: (i) => `:irc.test 353 ann = #room :${"@".repeat(60_000)}b${i}` }, // prettier-ignore
  { name: "people with long profiles", isShown: true, lines: (i) => `:p${i}!u@h JOIN #room account${LONG.slice(0, 400)} :${LONG}` }, // prettier-ignore
  { name: "people who come and go", isShown: true, lines: (i) => `:person-of-many-${i}!u@h JOIN #room\r\n:person-of-many-${i}!u@h QUIT :${LONG.slice(0, 300)}`, share: 0.2 }, // prettier-ignore
  {
    name: "away messages",
    isShown: true,
    lines: (i) => `:bob!u@h AWAY :${i}${LONG}\r\n:bob!u@h AWAY`,
  },
  { name: "changes of nick", first: [":bob!u@h PRIVMSG ann :hi"], lines: (i) => `:nick${i}!u@h NICK nick${i + 1}\r\n:bob!u@h NICK nick0`, share: 0.1 }, // prettier-ignore
  { name: "channels", isShown: true, lines: (i) => `${ME} JOIN #channel-number-${i}\r\n:irc.test 353 ann = #channel-number-${i} :ann\r\n:irc.test 366 ann #channel-number-${i} :End`, share: 0.2 }, // prettier-ignore
  { name: "channels of 64 KB", lines: (i) => `${ME} JOIN #${i}${LONG}` },
  { name: "the end of NAMES again and again", lines: () => `:irc.test 366 ann #room :End`, share: 0.2 }, // prettier-ignore
  { name: "being put in and out of a channel", isShown: true, first: [":irc.test CAP ann NEW :batch draft/chathistory", ":irc.test CAP ann ACK :batch draft/chathistory"], lines: () => `${ME} PART #room\r\n${ME} JOIN #room\r\n:irc.test 366 ann #room :End`, share: 0.05 }, // prettier-ignore
  { name: "topics", isShown: true, first: names(400, (i) => `${ME} JOIN #c${i}`), lines: (i) => `:bob!u@h TOPIC #c${i % 400} :${i}${LONG}` }, // prettier-ignore
  {
    name: "modes",
    share: 0.4,
    isShown: true,
    lines: () => `:bob!u@h MODE #room +${"o".repeat(400)}${" bob".repeat(1_000)}`,
  },
  {
    name: "modes in one word",
    share: 0.5,
    isShown: true,
    lines: () => `:bob!u@h MODE #room :+${"o".repeat(60_000)}`,
  },
  { name: "rows of the server", isShown: true, lines: (i) => `:irc.test 372 ann :${i}${LONG}` },
  { name: "errors", isShown: true, lines: (i) => `FAIL JOIN CODE${i} #room :${LONG}` },
  { name: "ISUPPORT tokens", lines: (i) => `:irc.test 005 ann ${names(13, (n) => `T${i}X${n}=${LONG.slice(0, 400)}`).join(" ")} :are supported`, share: 0.5 }, // prettier-ignore
  { name: "changes of the case mapping", isShown: true, first: names(10, (i) => `:irc.test 353 ann = #room :${names(2_000, (n) => `[N]${i}-${n}`).join(" ")}`), lines: (i) => `:irc.test 005 ann CASEMAPPING=${i % 2 === 0 ? "rfc1459" : "ascii"} :are supported`, share: 0.02 }, // prettier-ignore
  { name: "capabilities", share: 0.4, lines: (i) => `:irc.test CAP ann NEW :${names(3_000, (n) => `cap${i}-${n}=v`).join(" ")}` }, // prettier-ignore
  { name: "capabilities to be acknowledged", share: 0.4, lines: (i) => `:irc.test CAP ann ACK :${names(3_000, (n) => `~cap${i}-${n}`).join(" ")}` }, // prettier-ignore
  { name: "read marks", lines: (i) => `MARKREAD somebody-i-never-met-${i}${LONG.slice(0, 400)} timestamp=2026-01-01T00:00:00.000Z` }, // prettier-ignore
  { name: "metadata", first: [":bob!u@h PRIVMSG #room :hi"], lines: (i) => `:irc.test METADATA bob avatar * :${i}${LONG}` }, // prettier-ignore
  { name: "metadata to be synced later", share: 0.6, lines: (i) => `:irc.test 774 ann #channel-${i}${LONG.slice(0, 400)} 50` }, // prettier-ignore
  {
    name: "deleted messages",
    isShown: true,
    lines: (i) => `:bob!u@h REDACT #room ${i}${LONG.slice(0, 500)} :gone`,
  },
  { name: "batches that stay open", isShown: true, lines: (i) => `BATCH +${i} chathistory #room\r\n@batch=${i};x=${LONG} :bob!u@h PRIVMSG #room :${LONG}` }, // prettier-ignore
  { name: "one batch that stays open", isShown: true, first: ["BATCH +1 chathistory #room"], lines: () => `@batch=1;msgid=${LONG.slice(0, 500)} :bob!u@h PRIVMSG #room :${LONG.slice(0, 400)}` }, // prettier-ignore
  { name: "batches in batches", isShown: true, first: ["BATCH +0 chathistory #room"], lines: (i) => `@batch=${i} BATCH +${i + 1} chathistory #room\r\n@batch=${i + 1} :bob!u@h PRIVMSG #room :${WIDE}` }, // prettier-ignore
  { name: "messages of many lines that stay open", isShown: true, lines: (i) => `BATCH +${i} draft/multiline #room${`\r\n@batch=${i};msgid=${LONG.slice(0, 400)} :bob!${LONG.slice(0, 400)}@h PRIVMSG #room :x`.repeat(50)}` }, // prettier-ignore
  { name: "batches of long names", lines: (i) => `BATCH :+${i}${LONG}` },
  { name: "a list of channels that does not end", isShown: true, isListed: true, lines: (i) => `:irc.test 322 ann #${i} 5 :${LONG}` }, // prettier-ignore
  { name: "old lines, as if a bouncer played them", isShown: true, lines: (i) => `@time=2001-01-01T00:00:00.000Z :bob!u@h PRIVMSG #p${i % 600} :${WIDE}` }, // prettier-ignore
  { name: "old lines of many people", isShown: true, lines: (i) => `@time=2001-01-01T00:00:00.000Z :b${i % 490}!u@h PRIVMSG ann :${i}`, share: 0.03 }, // prettier-ignore
  { name: "deleted messages in many channels", isShown: true, first: names(400, (i) => `${ME} JOIN #c${i}`), lines: (i) => `:bob!u@h REDACT #c${i % 400} ${i}${LONG.slice(0, 500)} :gone` }, // prettier-ignore
  { name: "someone who leaves and speaks again", isShown: true, first: [":irc.test CAP ann NEW :draft/chathistory", ":irc.test CAP ann ACK :batch draft/chathistory"], lines: (i) => `:bob!u@h QUIT\r\n:bob!u@h PRIVMSG ann :${i}`, share: 0.1 }, // prettier-ignore
  { name: "people who are watched", lines: (i) => `:irc.test 730 ann :${names(3_000, (n) => `watched-${i}-${n}!u@h`).join(",")}`, share: 0.3 }, // prettier-ignore
  { name: "answers nobody asked for", isShown: true, lines: (i) => `:irc.test 354 ann 152 #room u h p${i} H acc :${LONG.slice(0, 300)}\r\n:irc.test 352 ann #room u h s q${i} H :0 ${LONG.slice(0, 300)}\r\n:irc.test 761 ann r${i} avatar * :${LONG.slice(0, 300)}\r\n@label=${i} ACK`, share: 0.4 }, // prettier-ignore
  { name: "pings", lines: () => `PING :${LONG}` },
  { name: "histories of thousands of lines", isShown: true, share: 0.3, lines: (i) => history(i, "chathistory", 20_000, () => " :bob!u@h PRIVMSG #room :x") }, // prettier-ignore
  { name: "histories of many ids", isShown: true, share: 0.3, lines: (i) => history(i, "chathistory", 990, (n) => `;msgid=${i}-${n} :bob!u@h PRIVMSG #room :x`) }, // prettier-ignore
  { name: "histories of deletions", isShown: true, share: 0.3, first: [lines(2_000, (n) => `@msgid=m${n} :bob!u@h PRIVMSG #room :x`)], lines: (i) => history(i, "chathistory", 990, (n) => ` :bob!u@h REDACT #room ${i}-${n}`) }, // prettier-ignore
  { name: "lines of old times, out of order", isShown: true, share: 0.1, lines: (i) => `@time=${new Date(1.6e12 - i * 1000).toISOString()} :bob!u@h PRIVMSG #room :${i}` }, // prettier-ignore
  { name: "lines of one old time and the same words", isShown: true, share: 0.1, lines: () => "@time=2020-01-01T00:00:00.000Z :bob!u@h PRIVMSG #room :same" }, // prettier-ignore
  { name: "playbacks of thousands of lines", isShown: true, share: 0.1, lines: (i) => history(i, "znc.in/playback", 20_000, (n) => ` :bob!u@h PRIVMSG #room :${i}-${n}`) }, // prettier-ignore
  { name: "lists of conversations", isShown: true, share: 0.3, lines: (i) => history(i, "draft/chathistory-targets", 990, (n) => ` CHATHISTORY TARGETS t${i}-${n} 2020-01-01T00:00:00.000Z`) }, // prettier-ignore
  { name: "words that are nicks", isShown: true, share: 0.5, lines: () => `:bob!u@h PRIVMSG #room :${"xannx ann_ ".repeat(5_000)}` }, // prettier-ignore
  { name: "tags that are escaped", share: 0.3, isShown: true, lines: () => `@a=${"\\:".repeat(30_000)} :bob!u@h PRIVMSG #room :hi` }, // prettier-ignore
  { name: "something of everything where everything is full", isShown: true, first: EVERYTHING, share: 0.05, lines: (i) => (i % 200 === 0 ? pick(COSTLY, i / 200) : pick(MIXED, i)) }, // prettier-ignore
];

function pick(kinds: readonly ((i: number) => string)[], i: number): string {
  return kinds[i % kinds.length]?.(i) ?? "";
}

/** Lines that concern all channels, or all members of one. */
const COSTLY: readonly ((i: number) => string)[] = [
  (i) => `:bob!u@h KICK #c${i % 490} ann :x\r\n${ME} JOIN #c${i % 490}`,
  (i) => `:ann!u@h NICK ann${i}\r\n:ann${i}!u@h NICK ann`,
  (i) => `:irc.test 005 ann CASEMAPPING=${i % 8 === 2 ? "rfc1459" : "ascii"} :are supported`,
  (i) => `:irc.test 353 ann = #c${i % 490} :${names(400, (n) => `u${(i * 400 + n) % 49_000}`).join(" ")}`, // prettier-ignore
];

/** Lines of all kinds. */
const MIXED: readonly ((i: number) => string)[] = [
  (i) => `:u${i}!u@h PRIVMSG #c${i % 490} :${i} ${LONG.slice(0, 1_000)}`,
  (i) => `:u${i}!u@h PRIVMSG ann :${i}`,
  (i) => `:u${i}!u@h QUIT :irc.a irc.b`,
  (i) => `:u${i + 25_000}!u@h JOIN #c${i % 490}`,
  (i) => `:u${i}!u@h TOPIC #c${i % 490} :${i} ${LONG.slice(0, 4_000)}`,
  (i) => `:bob!u@h KICK #c${i % 490} u${i} :out`,
  (i) => `:bob!u@h MODE #c${i % 490} +oovv u${i} u${i + 1} u${i + 2} u${i + 3}`,
  (i) => `:u${i}!u@h NICK v${i}`,
  (i) => `:u${i}!u@h AWAY :${i}`,
  (i) => `:u${i}!u@h SETNAME :${i} ${LONG.slice(0, 400)}`,
  (i) => `:u${i}!u@h ACCOUNT a${i % 100}`,
  (i) => `:u${i}!u@h CHGHOST x y${i}`,
  (i) => `:irc.test METADATA u${i} display-name * :${i}`,
  (i) => `:irc.test RENAME #c${i % 490} #d${i} :x`,
  (i) => `:irc.test 730 ann :${names(50, (n) => `u${i + n}!u@h`).join(",")}`,
  (i) => `:irc.test 731 ann :${names(50, (n) => `u${i + n}`).join(",")}`,
  (i) => `:irc.test 404 ann #c${i % 490} :${LONG.slice(0, 400)}`,
  (i) => `MARKREAD #c${i % 490} timestamp=20${10 + (i % 80)}-01-01T00:00:00.000Z`,
  (i) => `BATCH +n${i} netsplit irc.a irc.b\r\n${lines(20, (n) => `@batch=n${i} :u${i * 20 + n}!u@h QUIT :irc.a irc.b`)}\r\nBATCH -n${i}`, // prettier-ignore
  (i) =>
    `${ME} PART #c${i % 490}\r\n${ME} JOIN #c${i % 490}\r\n:irc.test 366 ann #c${i % 490} :End`,
];
