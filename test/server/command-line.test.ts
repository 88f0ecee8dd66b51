import { strict as assert } from "node:assert";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { parseCommandLine } from "../../src/server/command-line.js";
import { parseServerConfig } from "../../src/server/config.js";
import { onCleanup } from "../support/cleanup.js";
import { connectTo, run } from "../support/server-program.js";
import { temporaryFolder } from "../support/server.js";

describe("parley-server", () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    it(`says where it listens, tells what happens, and ends cleanly on ${signal}`, async () => {
      const program = await run(["--listen", "127.0.0.1:0"]);
      const alice = await connectTo(await program.port());
      await alice.register("alice");
      program.child.kill(signal);
      // No notice that it stopped for good: clients come back.
      assert.deepEqual(await alice.rest(), [
        "ERROR :Closing link: The server was stopped or restarts",
      ]);
      assert.equal(await program.exited, 0);
      assert.match(program.stderr, /info {2}waiting for connections\n/);
      assert.match(
        program.stderr,
        /info {2}alice connected from 127\.0\.0\.1 port [0-9]+ \(plaintext\)\n/,
      );
      assert.match(program.stderr, /info {2}stopped\n$/);
      assert.ok(!program.stderr.includes("Warning"), program.stderr);
    });

  it("listens on several addresses", async () => {
    const program = await run(["--listen", "127.0.0.1:0", "--listen", "127.0.0.2:0"]);
    await program.port();
    assert.match(
      program.stdout,
      /^listening on 127\.0\.0\.1:[0-9]+\nlistening on 127\.0\.0\.2:[0-9]+\n$/,
    );
  });

  for (const [args, wanted] of [
    [["--nonsense"], /--nonsense/],
    [["stray"], /stray/],
    [
      ["--listen", "127.0.0.1:http"],
      /listen: the port "http" is not a number; it must be between 1 and 65535/,
    ],
    [
      ["--listen", "127.0.0.1:65536"],
      /listen: the port 65536 is out of range; it must be between 1 and 65535/,
    ],
    [["--listen", "[::1:9898"], /listen: .* is not HOST:PORT/],
    [["--plaintext", "maybe"], /plaintext: "maybe" is not one of loopback, never, always/],
    [["--max-clients", "0"], /max-clients: must be a whole number, 1 or more/],
    [["--replay", "501"], /replay: must be a whole number, 0 to 500/],
    [["--max-clients", "many"], /max-clients: "many" is not a whole number/],
    [["--max-clients", "-1"], /command line: .*'--max-clients=-XYZ'/],
    [["--oper", "host"], /oper: must be NAME:PASSWORD/],
    [["--account", "#ann:pw"], /account: "#ann" cannot be a nick: bad-character/],
    [["--cert", "x.pem"], /key: give both the certificate and the key/],
    [["--cert", "/none.pem", "--key", "/none.pem"], /cert: could not read \/none\.pem/],
    [["--name", "nodots"], /name: "nodots" is not a server name/],
    [["--motd", "/none"], /motd: could not read \/none/],
    [["--password", ""], /password: must not be empty/],
  ] as const)
    it(`refuses ${args.join(" ")} in one line, with exit code 2`, async () => {
      const program = await run(args);
      assert.equal(await program.exited, 2);
      assert.match(program.stderr, wanted);
      assert.equal(program.stderr.split("\n").length, 2, program.stderr);
      assert.equal(program.stdout, "");
    });

  it("says that a port is in use, with exit code 1", async () => {
    const blocker = createServer();
    const port = await new Promise<number>((resolve) => {
      blocker.listen(0, "127.0.0.1", () => {
        resolve((blocker.address() as AddressInfo).port);
      });
    });
    onCleanup(() => {
      blocker.close();
    });
    const program = await run(["--listen", `127.0.0.1:${port}`]);
    assert.equal(await program.exited, 1);
    assert.match(program.stderr, /another program uses this port.* \(port-in-use\)\n$/);
  });

  it("takes its password from the environment", async () => {
    const program = await run(["--listen", "127.0.0.1:0"], { PARLEY_PASSWORD: "sesame" });
    const alice = await connectTo(await program.port());
    alice.send("NICK alice", "USER a 0 * :A");
    assert.match((await alice.rest()).join("\n"), / 464 \* /);
    assert.ok(!program.stderr.includes("sesame"));
  });

  it("says what may surprise who starts it for the first time", async () => {
    const open = await run(["--listen", "0.0.0.0:0", "--data", temporaryFolder()]);
    const closed = await run(["--listen", "127.0.0.1:0", "--listen", "localhost:0"]);
    await open.port();
    await closed.port();
    assert.match(closed.stderr, / only this computer can connect; use --listen 0\.0\.0\.0:PORT /);
    assert.match(closed.stderr, / nothing is kept when the server stops; use --data DIR to keep /);
    assert.doesNotMatch(open.stderr, /only this computer|nothing is kept/);
  });

  it("goes on when nobody reads what it says any more", async () => {
    const program = await run(["--listen", "127.0.0.1:0"]);
    const port = await program.port();
    program.child.stdout?.destroy();
    program.child.stderr?.destroy();
    for (const nick of ["ann", "bob", "eve"]) await (await connectTo(port)).register(nick);
    program.child.kill("SIGTERM");
    assert.equal(await program.exited, 0);
  });

  it("reads its configuration again on SIGHUP, and keeps it where the new one is wrong", async () => {
    const file = join(temporaryFolder(), "parley.json");
    writeFileSync(file, JSON.stringify({ opers: ["old:pw"] }));
    const program = await run(["--listen", "127.0.0.1:0", "--config", file]);
    const ann = await connectTo(await program.port());
    await ann.register("ann");
    writeFileSync(file, JSON.stringify({ opers: ["new:pw"] }));
    program.child.kill("SIGHUP");
    await program.logged(/the configuration was reloaded/);
    writeFileSync(file, "{");
    program.child.kill("SIGHUP");
    await program.logged(
      /error could not reload the configuration, nothing was changed: config: .* is not JSON/,
    );
    ann.send("OPER old pw", "OPER new pw");
    await ann.expect(/ 464 ann /);
    await ann.expect(/ 381 ann /);
  });

  it("explains its options", async () => {
    const program = await run(["--help"]);
    assert.equal(await program.exited, 0);
    for (const option of ["--listen", "--plaintext", "--data", "--retention", "--log-json"])
      assert.ok(program.stdout.includes(option), option);
  });

  it("logs as JSON where that is asked for", async () => {
    const program = await run(["--listen", "127.0.0.1:0", "--log-json"]);
    await program.port();
    program.child.kill("SIGTERM");
    await program.exited;
    const messages = program.stderr
      .trim()
      .split("\n")
      .map((line) => {
        const entry = JSON.parse(line) as { time: string; level: string; message: string };
        assert.match(entry.time, /Z$/);
        return `${entry.level} ${entry.message}`;
      });
    assert.equal(messages[0], "info waiting for connections");
  });

  it("keeps certificate, keys and history in its folder, for its owner only", async () => {
    const data = join(temporaryFolder(), "data");
    const fingerprint = async () => {
      const program = await run(["--listen", "127.0.0.1:0", "--data", data]);
      await program.port();
      program.child.kill("SIGTERM");
      assert.equal(await program.exited, 0);
      return /fingerprint \(SHA-256\): ([0-9a-f]{64})/.exec(program.stderr)?.[1];
    };
    const first = await fingerprint();
    assert.ok(first !== undefined);
    assert.equal(await fingerprint(), first);
    for (const name of ["certificate-key.pem", "cloak.key", "parley.sqlite", "parley.lock"])
      assert.equal(statSync(join(data, name)).mode & 0o077, 0, name);
    assert.ok(readdirSync(data).includes("certificate.pem"));
    assert.match(readFileSync(join(data, "certificate.pem"), "utf8"), /^-----BEGIN CERTIFICATE/);
  });

  it("understands every option it documents", () => {
    const options = parseCommandLine(
      [
        ["--listen", "[::1]:1"],
        ["--plaintext", "always"],
        ["--password", "p"],
        ["--data", "d"],
        ["--accept-data-loss"],
        ["--name", "a.b"],
        ["--network", "N"],
        ["--description", "D"],
        ["--oper", "o:p:q"],
        ["--account", "a:b"],
        ["--register-before-connect"],
        ["--register-requires-email"],
        ["--always-on"],
        ["--audit"],
        ["--approve"],
        ["--cert", "c.pem", "--key", "k.pem"],
        ["--sts-days", "30"],
        ["--max-clients", "5"],
        ["--no-flood-control"],
        ["--history-limit", "6"],
        ["--retention", "7"],
        ["--replay", "20"],
        ["--show-addresses", "everyone"],
        ["--log-level", "warn"],
        ["--log-json"],
      ].flat(),
      {},
    );
    assert.ok(options !== "help");
    const { limits, ...config } = parseServerConfig(options);
    assert.ok(limits.maxSendQueueBytes > 0);
    assert.deepEqual(config, {
      listen: [{ host: "::1", port: 1 }],
      plaintext: "always",
      password: "p",
      data: "d",
      acceptDataLoss: true,
      name: "a.b",
      network: "N",
      description: "D",
      motdFile: undefined,
      opers: [{ name: "o", password: "p:q" }],
      accounts: [{ name: "a", password: "b" }],
      registerBeforeConnect: true,
      registerRequiresEmail: true,
      alwaysOn: true,
      audit: true,
      approve: true,
      maxClients: 5,
      floodControl: false,
      historyLimit: 6,
      retentionDays: 7,
      replayLines: 20,
      showAddresses: "everyone",
      certFile: "c.pem",
      keyFile: "k.pem",
      stsDays: 30,
      logLevel: "warn",
      logJson: true,
    });
  });
});
