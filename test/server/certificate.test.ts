import { strict as assert } from "node:assert";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect, type PeerCertificate } from "node:tls";
import { loadCertificate, type Certificate } from "../../src/server/certificate.js";
import { parseServerConfig } from "../../src/server/config.js";
import { startServer, temporaryFolder, type TestServer } from "../support/server.js";

const YEAR = 365.25 * 24 * 60 * 60 * 1000;

function make(): Promise<Certificate> {
  const config = { certFile: undefined, keyFile: undefined, name: "chat.example" };
  return loadCertificate(config, undefined);
}

/** Writes both files, and returns them as the server's options. */
function pemFiles({ cert, key }: Pick<Certificate, "cert" | "key">, folder = temporaryFolder()) {
  const files = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key);
  return files;
}

/** The fingerprint of the certificate that is shown to who comes now. */
function shownBy({ port }: TestServer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      const { fingerprint256 }: PeerCertificate = socket.getPeerCertificate();
      socket.destroy();
      resolve(fingerprint256.replaceAll(":", "").toLowerCase());
    });
    socket.once("error", reject);
  });
}

describe("a certificate that is given", () => {
  it("is refused at once with the key of another, also of another kind", async () => {
    const { cert } = await make();
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const rsa = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    for (const key of [(await make()).key, rsa])
      await assert.rejects(
        startServer(pemFiles({ cert, key })),
        /^ConfigError: cert: .*are not a matching pair of PEM files: the key belongs to another/,
      );
  });

  it("is taken anew by REHASH, so that a renewed one needs no restart", async () => {
    const [first, second] = [await make(), await make()];
    const folder = temporaryFolder();
    const options = { ...pemFiles(first, folder), opers: ["boss:pw"] };
    const server = await startServer({ ...options, reload: () => parseServerConfig(options) });
    assert.equal(await shownBy(server), first.fingerprint);
    const boss = await server.client("boss");
    boss.send("OPER boss pw");
    await boss.until(/ 381 /);
    pemFiles({ cert: second.cert, key: "half of it" }, folder);
    boss.send("REHASH");
    await boss.until(/ 400 boss REHASH :cert: .* are not a matching pair of PEM files/);
    assert.equal(await shownBy(server), first.fingerprint);
    pemFiles(second, folder);
    boss.send("REHASH");
    await boss.until(/ NOTICE boss :The configuration was reloaded/);
    assert.equal(await shownBy(server), second.fingerprint);
  });

  for (const [name, years, warning] of [
    ["has expired", 21, /^warn the certificate expired on /],
    ["expires soon", 20 - 1 / 52, /^warn the certificate expires on /],
    ["is from the future", -1, /^warn the certificate is not valid before /],
  ] as const)
    it(`is used when it ${name}, and that is said`, async () => {
      const now = Date.now() + years * YEAR;
      const server = await startServer({ ...pemFiles(await make()), now: () => now });
      assert.ok(server.log.some((line) => warning.test(line)));
    });
});

describe("the certificate and the keys of the data folder", () => {
  for (const name of ["certificate.pem", "certificate-key.pem", "cloak.key"])
    it(`are not silently made anew: ${name} is empty`, async () => {
      const data = temporaryFolder();
      await (await startServer({ data })).close();
      writeFileSync(join(data, name), "");
      await assert.rejects(startServer({ data }), (error: Error) => {
        assert.match(error.message, new RegExp(name.replace(".", "\\.")));
        assert.match(error.message, /from a backup, or delete/);
        return true;
      });
    });

  it("are not silently made anew: the certificate has lost its key", async () => {
    const data = temporaryFolder();
    await (await startServer({ data })).close();
    rmSync(join(data, "certificate-key.pem"));
    await assert.rejects(startServer({ data }), /certificate-key\.pem do not match/);
    assert.ok(!existsSync(join(data, "certificate-key.pem")));
  });

  it("are made anew where the machine stopped before there was a certificate", async () => {
    const data = temporaryFolder();
    writeFileSync(join(data, "certificate-key.pem"), "-----BEGIN");
    writeFileSync(join(data, "certificate.pem.new"), "-----BEG");
    await startServer({ data });
    assert.ok(!readdirSync(data).some((name) => name.endsWith(".new")));
  });
});
