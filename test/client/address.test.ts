import { strict as assert } from "node:assert";
import fc from "fast-check";
import {
  formatAddress,
  formatInvite,
  parseAddress,
  parseClickedInvite,
  type AddressProblem,
  type ServerAddress,
} from "../../src/client/address.js";

const PRINT = "ab".repeat(32);

function parsed(text: string): ServerAddress {
  const result = parseAddress(text);
  assert.ok("address" in result, `${text}: ${"problem" in result ? result.problem.code : ""}`);
  return result.address;
}

const plain = { path: "/", channels: [], fingerprint: undefined, token: undefined };

describe("an address", () => {
  const forms: readonly [string, Partial<ServerAddress>][] = [
    ["example.org", { hosts: ["example.org"], port: 9898, transport: "tls" }],
    ["  Example.ORG  ", { hosts: ["example.org"], port: 9898, transport: "tls" }],
    ["localhost:7000", { hosts: ["localhost"], port: 7000, transport: "tls" }],
    ["192.168.1.7", { hosts: ["192.168.1.7"], port: 9898, transport: "tls" }],
    ["[::1]", { hosts: ["::1"], port: 9898, transport: "tls" }],
    ["[fe80::1%eth0]:7000", { hosts: ["fe80::1%eth0"], port: 7000, transport: "tls" }],
    ["2001:db8::7", { hosts: ["2001:db8::7"], port: 9898, transport: "tls" }],
    ["bücher.example", { hosts: ["bücher.example"], port: 9898, transport: "tls" }],
    ["irc://irc.example", { hosts: ["irc.example"], port: 6667, transport: "plaintext" }],
    ["irc://irc.example/#a", { port: 6667, transport: "plaintext", channels: ["#a"] }],
    ["irc://irc.example/%23a,%23b", { channels: ["#a", "#b"] }],
    ["irc://irc.example/room,needkey", { channels: ["#room"] }],
    ["irc://irc.example/#100%", { channels: ["#100%"] }],
    ["irc://irc.example/c++", { channels: ["#c++"] }],
    ["irc://localhost/&bitlbee", { channels: ["&bitlbee"] }],
    ["irc://irc.example/+open,!12345late", { channels: ["+open", "!12345late"] }],
    ["irc://irc.example:+6697/#a", { port: 6697, transport: "tls", channels: ["#a"] }],
    ["ircs://irc.example:+7000", { port: 7000, transport: "tls" }],
    ["irc://[::1]:+7000", { hosts: ["::1"], port: 7000, transport: "tls" }],
    ["irc://irc.example/#a?secret", { channels: ["#a"], keys: { "#a": "secret" } }],
    ["irc://irc.example/a?key=secret", { channels: ["#a"], keys: { "#a": "secret" } }],
    ["irc://irc.example/%23a,needkey?s%2Be", { channels: ["#a"], keys: { "#a": "s+e" } }],
    ["irc://irc.example/#a,#b?one,two", { keys: { "#a": "one", "#b": "two" } }],
    ["irc://irc.example/#a,#b?,two", { keys: { "#b": "two" } }],
    ["irc://irc.example/#a?msg=hello%20you&key=k=v", { keys: { "#a": "k=v" } }],
    ["wss://web.example/irc#a?secret", { path: "/irc", keys: { "#a": "secret" } }],
    ["irc:6667", { hosts: ["irc"], port: 6667 }],
    ["irc://irc.example/bob,isnick", { channels: [], nick: "bob" }],
    ["irc://irc.example/bob!b@h,isuser", { channels: [], nick: "bob" }],
    ["ircs://irc.example/NickServ,isnick,needpass", { channels: [], nick: "NickServ" }],
    ["irc://irc.example/%5Bw%5D,isnick", { channels: [], nick: "[w]" }],
    ["irc://irc.example/bob,isnick,#room", { channels: ["#room"], nick: "bob" }],
    ["irc://irc.example/isnick", { channels: ["#isnick"] }],
    ["irc://[fe80::1%25eth0]:7000", { hosts: ["fe80::1%eth0"], port: 7000 }],
    ["irc://[fe80::1%eth0]/#a", { hosts: ["fe80::1%eth0"], channels: ["#a"] }],
    ["ws://[fe80::1%25Eth0.2]/irc", { hosts: ["fe80::1%Eth0.2"], path: "/irc" }],
    ["[FE80:0::1%25eth0]", { hosts: ["fe80::1%eth0"], transport: "tls" }],
    ["[fe80::1%25]", { hosts: ["fe80::1%25"] }],
    ["irc://b%C3%BCcher.example", { hosts: ["bücher.example"] }],
    ["irc://user:pass@word@irc.example", { hosts: ["irc.example"] }],
    ["xn--bcher-kva.example", { hosts: ["bücher.example"] }],
    ["ｅxample.org", { hosts: ["example.org"] }],
    ["example.org.", { hosts: ["example.org."] }],
    // With a letter that shows nothing.
    ["ex\u3164ample.org", { hosts: ["example.org"] }],
    ["0x7f.1", { hosts: ["127.0.0.1"] }],
    // With a Cyrillic a; all in Cyrillic; with a Turkish i.
    ["exаmple.org", { hosts: ["xn--exmple-4nf.org"] }],
    ["аррӏе.com", { hosts: ["xn--80ak6aa92e.com"] }],
    ["ıcloud.com", { hosts: ["xn--cloud-m4a.com"] }],
    ["яндекс.рф", { hosts: ["яндекс.рф"] }],
    ["日本語.jp", { hosts: ["日本語.jp"] }],
    ["wss://web.example/#c%2B%2B", { path: "/", channels: ["#c++"] }],
    ["IRCS://irc.example:7000/room", { port: 7000, transport: "tls", channels: ["#room"] }],
    ["ircs://irc.example", { port: 6697, transport: "tls" }],
    ["ircs://[::1]:7000/#a", { hosts: ["::1"], port: 7000, channels: ["#a"] }],
    ["ws://web.example", { port: 80, transport: "ws", path: "/" }],
    ["wss://web.example/irc?x=1", { port: 443, transport: "wss", path: "/irc?x=1" }],
    ["wss://web.example:8097/#room", { port: 8097, path: "/", channels: ["#room"] }],
  ];
  for (const [text, wanted] of forms)
    it(`is read from ${text.trim()}`, () => {
      assert.deepEqual({ ...parsed(text), ...wanted }, parsed(text));
    });

  it("is read from an invite, of whichever edition of VS Code", () => {
    const query = `host=10.0.0.2&host=[fe80::1]&port=9000&fp=${PRINT}&token=s%20e%2Bc&channel=%23room&channel=ops`;
    for (const scheme of ["vscode", "vscode-insiders", "vscodium", "code-oss"])
      assert.deepEqual(parsed(`${scheme}://parley-chat.parley/join?${query}`), {
        hosts: ["10.0.0.2", "fe80::1"],
        port: 9000,
        transport: "tls",
        path: "/",
        channels: ["#room", "#ops"],
        fingerprint: PRINT,
        token: "s e+c",
      });
  });

  it("takes a fingerprint as people copy it: in upper case, with colons", () => {
    const shown = PRINT.toUpperCase().replace(/(..)(?!$)/g, "$1:");
    const link = `vscode://parley-chat.parley/join?host=a&fp=${encodeURIComponent(shown)}`;
    assert.equal(parsed(link).fingerprint, PRINT);
  });

  it("never shows the token to people", () => {
    const address = { ...parsed("example.org:7000"), token: "secret" };
    assert.equal(formatAddress(address), "example.org:7000");
    assert.equal(formatAddress(parsed("[::1]")), "[::1]");
    assert.equal(formatAddress(parsed("wss://web.example/irc")), "wss://web.example/irc");
    assert.equal(formatAddress(parsed("irc://irc.example:7000/#a")), "irc://irc.example:7000");
  });

  it("of a zone comes back from how people read it", () => {
    for (const text of ["[fe80::1%eth0]:7000", "irc://[fe80::1%25eth0]:7000", "ws://[fe80::1%25a]"])
      assert.equal(formatAddress(parsed(text)), text);
  });

  it("comes back from its invite as it was", () => {
    const text = fc.string({ unit: "binary", minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 65_535 }), (token, port) => {
        // eslint-disable-next-line no-control-regex -- what no password can have
        fc.pre(!/[\x00-\x1f\x7f]/.test(token) && token.isWellFormed());
        const address: ServerAddress = {
          ...plain,
          hosts: ["10.0.0.2", "fe80::1%eth0", "host.example"],
          port,
          transport: "tls",
          channels: ["#room", "#über"],
          fingerprint: PRINT,
          token,
        };
        assert.deepEqual(parsed(formatInvite(address)), address);
        assert.deepEqual(parsed(formatInvite(address, "vscodium")), address);
      }),
    );
  });
});

describe("an invite link", () => {
  const channels = ["#c++", "#a&b", "#100%", "#%41", "#%2541", "##c", "#a=b", "#über", "#日本"];
  const tokens = ["a+b", "a&b", "a&host=evil.example", "%41", "100%", "p#w", "a b", "ü", "a=b"];

  /** A link as programs on its way may pass it on. */
  function decodings(link: string): string[] {
    const once = decodeURIComponent(link);
    return [link, once, decodeURIComponent(once), encodeURI(link), link.replaceAll("#", "%23")];
  }

  for (const channel of channels)
    it(`leads to ${channel}, however often it is decoded on its way`, () => {
      const address: ServerAddress = { ...parsed("host.example"), channels: [channel] };
      for (const link of decodings(formatInvite(address))) assert.deepEqual(parsed(link), address);
    });

  for (const token of tokens)
    it(`brings the token ${token}, however often it is decoded on its way`, () => {
      const address: ServerAddress = { ...parsed("host.example"), channels: ["#room"], token };
      for (const link of decodings(formatInvite(address))) assert.deepEqual(parsed(link), address);
    });

  it("reads as what it is where nothing needs encoding", () => {
    const address: ServerAddress = {
      ...parsed("10.0.0.2"),
      channels: ["#general"],
      token: "a-B_9",
    };
    assert.equal(
      formatInvite(address),
      "vscode://parley-chat.parley/join?host=10.0.0.2&port=9898&token=a-B_9&channel=general",
    );
  });

  it("survives any decoding with any values", () => {
    const text = fc.string({ unit: "binary", minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(text, (token) => {
        // eslint-disable-next-line no-control-regex -- what no password can have
        fc.pre(!/[\x00-\x1f\x7f]/.test(token) && token.isWellFormed());
        const address: ServerAddress = { ...parsed("[fe80::1%eth0]"), token };
        for (const link of decodings(formatInvite(address)))
          assert.deepEqual(parsed(link), address);
        const query = decodeURIComponent(formatInvite(address).replace(/^[^?]*\?/, ""));
        assert.deepEqual(parseClickedInvite(query), { address });
      }),
    );
  });

  it("that others wrote is read as well where nobody has decoded it", () => {
    for (const channel of ["#c++", "#a&b", "#100%", "#%41"]) {
      const query = `host=a&channel=${encodeURIComponent(channel)}&token=%2541`;
      const result = parseClickedInvite(query);
      assert.ok("address" in result);
      assert.deepEqual([result.address.channels, result.address.token], [[channel], "%41"]);
    }
  });

  it("that others wrote is read as VS Code hands it over: decoded, and not to be decoded again", () => {
    for (const channel of ["#c++", "#a&b", "#100%", "#%41"]) {
      const result = parseClickedInvite(`host=a&channel=${channel}&token=%41+b`);
      assert.ok("address" in result);
      assert.deepEqual([result.address.channels, result.address.token], [[channel], "%41+b"]);
    }
  });
});

describe("an invite link that was cut off", () => {
  const address: ServerAddress = {
    ...plain,
    hosts: ["192.0.2.1", "host.example"],
    port: 9000,
    transport: "tls",
    channels: ["#general"],
    fingerprint: PRINT,
    token: "a-B_9",
  };
  const link = formatInvite(address);
  const wanted = { problem: { code: "incomplete-invite", value: "" } };

  it("is told as incomplete, wherever it ends and wherever it begins", () => {
    for (let end = "vscode:".length; end < link.length; end++)
      assert.deepEqual(parseAddress(link.slice(0, end)), wanted, link.slice(0, end));
    for (let start = 1; start < link.indexOf("&token"); start++) {
      const piece = parseAddress(link.slice(start));
      // An edition of VS Code may be called `scode`.
      const isWhole = start < "vscode".length;
      if (isWhole) assert.ok("address" in piece);
      else assert.ok("problem" in piece, link.slice(start));
    }
  });

  it("is told as incomplete when it is clicked", () => {
    const query = link.slice(link.indexOf("?") + 1);
    for (let end = 0; end < query.length; end++)
      assert.deepEqual(parseClickedInvite(query.slice(0, end)), wanted, query.slice(0, end));
    assert.deepEqual(parseClickedInvite(query), { address });
  });

  for (const query of [
    "",
    "?",
    "?host=",
    "?host",
    "?host=&port=",
    "?host=192.0.2.1",
    "?host=192.0.2.1&port=9898",
    "?host=192.0.2.1&port=98&f",
    `?host=192.0.2.1&port=9898&fp=${PRINT}&`,
    `?host=192.0.2.1&fp=${PRINT}&tok`,
    `?host=192.0.2.1&fp=${PRINT}&token=`,
    `?host=192.0.2.1&fp=${PRINT}&token=x&channel=`,
  ])
    it(`is told as incomplete though others wrote it: …/join${query.slice(0, 60)}`, () => {
      for (const scheme of ["vscode", "cursor"])
        assert.deepEqual(parseAddress(`${scheme}://parley-chat.parley/join${query}`), wanted);
    });

  it("says nothing of other links", () => {
    for (const text of ["https://example.org/join?host=a", "ftp://x", "vscode://other.extension/x"])
      assert.ok("problem" in parseAddress(text));
    assert.deepEqual(parseAddress("https://x"), {
      problem: { code: "bad-scheme", value: "https" },
    });
  });
});

describe("what is no address", () => {
  const problems: readonly [string, AddressProblem["code"], string][] = [
    ["   ", "empty", ""],
    ["host name", "bad-host", "host name"],
    ["-dash.example", "bad-host", "-dash.example"],
    ["user@host", "bad-host", "user@host"],
    ["999.1.1.1", "bad-host", "999.1.1.1"],
    ["1.2", "bad-host", "1.2"],
    ["[::1", "bad-host", "[::1"],
    ["[nonsense]:1", "bad-host", "[nonsense]:1"],
    [":9898", "bad-host", ":9898"],
    ["host:", "bad-port", ""],
    ["host:port", "bad-port", "port"],
    ["host:12.5", "bad-port", "12.5"],
    ["host:-1", "bad-port", "-1"],
    ["host:0", "port-out-of-range", "0"],
    ["host:65536", "port-out-of-range", "65536"],
    ["host:99999999999999999999", "port-out-of-range", "99999999999999999999"],
    ["https://example.org", "bad-scheme", "https"],
    ["vscode://parley-chat.parley/other?host=a", "bad-scheme", "vscode"],
    ["vscode://parley-chat.parley/join?port=1", "incomplete-invite", ""],
    ["vscode://parley-chat.parley/join?host=a b", "bad-host", "a b"],
    ["vscode://parley-chat.parley/join?host=a&port=x", "bad-port", "x"],
    ["vscode://parley-chat.parley/join?host=a&fp=abc", "bad-fingerprint", "abc"],
    // Of two that differ nobody knows which one is meant, and two programs may take different ones.
    [
      `vscode://parley-chat.parley/join?host=a&fp=${PRINT}&fp=${"0".repeat(64)}`,
      "bad-fingerprint",
      `${PRINT}, ${"0".repeat(64)}`,
    ],
    ["vscode://parley-chat.parley/join?host=a&port=1&port=2", "bad-port", "1, 2"],
    ["vscode://parley-chat.parley/join?host=a&token=x&token=y", "bad-token", ""],
    ["vscode://parley-chat.parley/join?host=a&channel=a%20b", "bad-channel", "#a b"],
    ["vscode://parley-chat.parley/join?host=a&token=a%0d%0aQUIT", "bad-token", ""],
    ["irc://irc.example/%ff", "bad-channel", "%ff"],
    ["irc://irc.example/#a?two%20words", "bad-key", ""],
    ["irc://irc.example/#a?k%0d%0aQUIT", "bad-key", ""],
    ["irc:irc.example", "no-slashes", "irc://irc.example"],
    ["irc:irc.example/#a", "no-slashes", "irc://irc.example/#a"],
    ["IRCS:/irc.example:7000", "no-slashes", "ircs://irc.example:7000"],
    ["wss:web.example", "no-slashes", "wss://web.example"],
    ["irc://", "bad-host", ""],
    ["irc:///#a", "bad-host", ""],
    ["irc://irc.example/,isnick", "bad-nick", ""],
    ["irc://irc.example/#room,isnick", "bad-nick", "#room"],
    ["irc://irc.example/b%20c,isnick", "bad-nick", "b c"],
    ["fe80::1%a%b", "bad-host", "fe80::1%a%b"],
    ["irc://[fe80::1%25]x]", "bad-host", "[fe80::1%25]x]"],
    [`host${"x".repeat(5000)}`, "too-long", `host${"x".repeat(36)}…`],
  ];
  for (const [text, code, value] of problems)
    it(`${JSON.stringify(text.slice(0, 60))} is refused as ${code}`, () => {
      assert.deepEqual(parseAddress(text), { problem: { code, value } });
    });

  it("has a problem and never throws, whatever is pasted", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.constantFrom("", "irc://", "wss://", "x://y/join?host="),
        (text, start) => {
          const result = parseAddress(start + text);
          if ("address" in result) assert.ok(result.address.hosts.length > 0);
        },
      ),
    );
  });
});
