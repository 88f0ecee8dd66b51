import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseCommandLine } from "../../src/server/command-line.js";
import { parseServerConfig } from "../../src/server/config.js";
import { createLogger } from "../../src/server/logger.js";
import { Server } from "../../src/server/server.js";
import { loadCertificate } from "../../src/server/certificate.js";
import { startServer, temporaryFolder } from "../support/server.js";

function configFile(content: unknown): string {
  const file = join(temporaryFolder(), "parley.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

describe("the configuration file", () => {
  it("gives options by their names, and the command line wins", () => {
    const file = configFile({
      listen: ["127.0.0.1:1"],
      network: "File",
      maxClients: 7,
      alwaysOn: true,
    });
    const options = parseCommandLine(["--config", file, "--network", "Line"], {});
    assert.deepEqual(options, {
      listen: ["127.0.0.1:1"],
      network: "Line",
      maxClients: 7,
      alwaysOn: true,
    });
  });

  for (const [name, content, message] of [
    ["no JSON", "{ network: ", /config: .*parley.json is not JSON: /],
    ["no object", [1], /must hold a JSON object/],
    [
      "an unknown key",
      { lissten: [] },
      /"lissten" is not an option; valid ones are listen, plaintext/,
    ],
    ["a text for a number", { maxClients: "7" }, /"maxClients" must be a number/],
    ["a text for a list", { listen: "x" }, /"listen" must be a list of strings/],
    ["a number in a list", { opers: [1] }, /"opers" must be a list of strings/],
    ["a text for a flag", { alwaysOn: "yes" }, /"alwaysOn" must be true or false/],
    ["a number for a text", { name: 1 }, /"name" must be a string in quotes/],
  ] as const)
    it(`with ${name} is refused, naming what is wrong`, () => {
      assert.throws(() => parseCommandLine(["--config", configFile(content)], {}), message);
    });

  it("tells nothing of a password in a file that is no JSON, and in which line that is", () => {
    for (const [content, message] of [
      ['{\n  "network": "x",\n  "password": sesame-1234\n}', "Unexpected token 's' on line 3"],
      ["{\n sesame-1234}", "Expected property name or '}' in JSON at position 3 (line 2 column 2)"],
      ["sesame-1234", "Unexpected token 's' on line 1"],
      ["undefined", "a JSON value cannot begin with its first character"],
    ] as const) {
      const file = configFile(content);
      assert.throws(() => parseCommandLine(["--config", file], {}), {
        message: `config: ${file} is not JSON: ${message}`,
      });
    }
  });

  it("that is not there is refused", () => {
    assert.throws(
      () => parseCommandLine(["--config", "/nowhere/parley.json"], {}),
      /^ConfigError: config: could not read \/nowhere\/parley.json/,
    );
  });
});

describe("what a server says of where it listens", () => {
  it("has no word of stopping when it could not start", async () => {
    const first = await startServer();
    const log: string[] = [];
    const config = parseServerConfig({ listen: [`127.0.0.1:${first.port}`] });
    const second = new Server(config, {
      logger: createLogger("debug", (_, message) => log.push(message)),
    });
    await assert.rejects(second.start(), /another program uses this port/);
    assert.deepEqual(log, []);
  });
});

describe("REHASH", () => {
  it("is for operators", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    alice.send("REHASH");
    await alice.expect(/ 481 alice /);
  });

  it("takes what the configuration says now, and tells those with cap-notify", async () => {
    const file = configFile({ opers: ["boss:pw"], listen: ["127.0.0.1:0"] });
    const read = () => {
      const options = parseCommandLine(["--config", file], {});
      assert.ok(options !== "help");
      return parseServerConfig(options);
    };
    const server = await startServer({ opers: ["boss:pw"], reload: read });
    const boss = await server.client("boss");
    const knows = await server.client("knows", "cap-notify");
    const lacks = await server.connect();
    lacks.send("CAP LS", "NICK lacks", "USER lacks 0 * :x", "CAP END");
    await lacks.until(/ 422 /);
    const motd = configFile("hello there");
    writeFileSync(
      file,
      JSON.stringify({
        opers: ["boss:pw"],
        motd,
        accounts: ["ann:sesame"],
        registerRequiresEmail: true,
      }),
    );
    boss.send("OPER boss pw", "REHASH", "MOTD");
    await boss.until(/ 382 boss parley.chat Rehashing$/);
    await boss.expect(/ NOTICE boss :The configuration was reloaded/);
    await boss.until(/ 372 boss :- hello there$/);
    await knows.expect(":parley.chat CAP knows NEW draft/account-registration=email-required");
    assert.deepEqual(await lacks.roundtrip(), []);
    knows.send("NICK ann");
    await knows.expect(/ 433 knows ann :Nickname is registered/);
  });

  it("leaves everything as it is when the configuration is wrong", async () => {
    const file = configFile({ opers: ["boss:pw"] });
    const read = () => {
      const options = parseCommandLine(["--config", file], {});
      assert.ok(options !== "help");
      return parseServerConfig(options);
    };
    const server = await startServer({ opers: ["boss:pw"], reload: read });
    const boss = await server.client("boss");
    writeFileSync(file, JSON.stringify({ maxClients: 0 }));
    boss.send("OPER boss pw", "REHASH");
    await boss.until(/ 400 boss REHASH :max-clients: must be a whole number, 1 or more$/);
    boss.send("MODE boss");
    await boss.expect(/ 221 boss \+o$/);
  });
});

describe("sts", () => {
  /** A certificate of the host's own, as files. */
  async function certificateFiles(): Promise<{ readonly cert: string; readonly key: string }> {
    const folder = temporaryFolder();
    const made = await loadCertificate(
      { certFile: undefined, keyFile: undefined, name: "chat.example" },
      undefined,
    );
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    writeFileSync(cert, made.cert);
    writeFileSync(key, made.key);
    return { cert, key };
  }

  it("tells those who come in the clear where to come, and the others for how long", async () => {
    const server = await startServer({ ...(await certificateFiles()), stsDays: 30 });
    const plain = await server.connect();
    plain.send("CAP LS 302");
    const told = await plain.until(/ LS (?!\*)/);
    assert.match(told.join(" "), new RegExp(` sts=port=${server.port}( |$)`));
    plain.send("CAP REQ sts");
    await plain.expect(/ NAK sts$/);
    const secure = await server.connectTls({ servername: "chat.example" });
    secure.send("CAP LS 302");
    assert.match((await secure.until(/ LS (?!\*)/)).join(" "), / sts=duration=2592000( |$)/);
  });

  it("is for those who came by the host's name, as it is about that name", async () => {
    const server = await startServer({ ...(await certificateFiles()), stsDays: 30 });
    const nameless = await server.connectTls();
    nameless.send("CAP LS 302");
    assert.doesNotMatch((await nameless.until(/ LS (?!\*)/)).join(" "), /[ :]sts/);
  });

  it("is not told, nor its changes, to those who read no values", async () => {
    const options = { ...(await certificateFiles()), opers: ["boss:pw"] };
    const server = await startServer({
      ...options,
      stsDays: 30,
      reload: () => parseServerConfig({ ...options, stsDays: 7 }),
    });
    const older = await server.connect();
    older.send("CAP LS", "CAP REQ cap-notify", "NICK older", "USER o 0 * :O", "CAP END");
    const offered = (await older.until(/ 422 /)).filter((line) => line.includes(" CAP "));
    assert.ok(offered.length > 1 && !/[ :]sts/.test(offered.join("\n")));
    older.send("OPER boss pw", "REHASH", "CAP LIST");
    const seen = await older.until(/ CAP older LIST /);
    assert.ok(!seen.some((line) => line.includes("sts")), seen.join("\n"));
  });

  it("is told as it changes, and ends by a duration of nothing", async () => {
    const options = { ...(await certificateFiles()), opers: ["boss:pw"] };
    let stsDays = 0;
    const reload = () => parseServerConfig({ ...options, stsDays });
    const server = await startServer({ ...options, reload });
    const plain = await server.client("plain", "cap-notify");
    const secure = await server.connectTls({ servername: "chat.example" });
    await secure.register("secure", "cap-notify");
    const boss = await server.client("boss");
    boss.send("OPER boss pw");
    for (const [days, toPlain, toSecure] of [
      [7, `sts=port=${server.port}`, "sts=duration=604800"],
      [14, `sts=port=${server.port}`, "sts=duration=1209600"],
      [0, undefined, "sts=duration=0"],
    ] as const) {
      stsDays = days;
      boss.send("REHASH");
      await boss.until(/ NOTICE boss /);
      const news = (nick: string, cap: string | undefined) =>
        cap === undefined ? [] : [`:parley.chat CAP ${nick} NEW ${cap}`];
      assert.deepEqual(await plain.roundtrip(), news("plain", toPlain));
      assert.deepEqual(await secure.roundtrip(), news("secure", toSecure));
    }
  });

  it("is not told unless the host asks for it with a certificate", async () => {
    const server = await startServer();
    const plain = await server.connect();
    plain.send("CAP LS 302");
    assert.doesNotMatch((await plain.until(/ LS (?!\*)/)).join(" "), / sts/);
    assert.throws(() => parseServerConfig({ stsDays: 1 }), /sts-days: needs --cert/);
  });
});
