// The other end of a connection: lines out, lines in.
import { strict as assert } from "node:assert";
import type { Socket } from "node:net";

/** What carries a peer's lines. */
export interface Link {
  write(text: string | Uint8Array): void;
  end(): void;
  onText(listener: (text: string) => void): void;
  onClose(listener: () => void): void;
}

export class SocketLink implements Link {
  constructor(readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.setEncoding("utf8");
    // A connection that breaks is seen by its end.
    socket.on("error", () => undefined);
  }

  write(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  end(): void {
    this.socket.end();
  }

  onText(listener: (text: string) => void): void {
    this.socket.on("data", (chunk: Buffer | string) => {
      listener(chunk.toString());
    });
  }

  onClose(listener: () => void): void {
    this.socket.on("close", listener);
  }
}

const CLOAK = /[0-9a-f]{16}\.guest/g;

let count = 0;

/** A client that sends and sees raw lines. In what it reads, hidden hosts are written `host`. */
export class Peer {
  private readonly lines: string[] = [];
  private partial = "";
  private waiting: (() => void) | undefined;
  private isClosed = false;

  constructor(readonly link: Link) {
    link.onText((text) => {
      const parts = (this.partial + text).split("\r\n");
      this.partial = parts.pop() ?? "";
      this.lines.push(...parts.map((line) => line.replace(CLOAK, "host")));
      this.waiting?.();
    });
    link.onClose(() => {
      this.isClosed = true;
      this.waiting?.();
    });
  }

  send(...lines: readonly string[]): void {
    this.link.write(lines.map((line) => `${line}\r\n`).join(""));
  }

  /** Bytes as they are. */
  sendRaw(bytes: string | Uint8Array): void {
    this.link.write(bytes);
  }

  /** The next line, or undefined when the connection has ended. */
  async next(): Promise<string | undefined> {
    while (this.lines.length === 0 && !this.isClosed)
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    return this.lines.shift();
  }

  /** The next line, which must be this or match this. */
  async expect(wanted: string | RegExp): Promise<string> {
    const line = await this.next();
    assert.ok(line !== undefined, `the connection ended; wanted ${String(wanted)}`);
    if (typeof wanted === "string") assert.equal(line, wanted);
    else assert.match(line, wanted);
    return line;
  }

  /** All lines up to the first that matches, which is the last of them. */
  async until(wanted: RegExp): Promise<string[]> {
    const seen: string[] = [];
    for (;;) {
      const line = await this.next();
      // Its words are made when they are needed: among thousands of lines it is they that take the time.
      if (line === undefined)
        assert.fail(`ended before ${String(wanted)}; seen: ${seen.join("\n")}`);
      seen.push(line);
      if (wanted.test(line)) return seen;
    }
  }

  /** Everything up to the end of the connection. */
  async rest(): Promise<string[]> {
    const seen: string[] = [];
    for (let line = await this.next(); line !== undefined; line = await this.next())
      seen.push(line);
    return seen;
  }

  /** Everything that was on its way: proof that something came, and that nothing else did. */
  async roundtrip(): Promise<string[]> {
    const token = `roundtrip-${++count}`;
    this.send(`PING ${token}`);
    const seen = await this.until(new RegExp(`PONG \\S+ ${token}$`));
    return seen.slice(0, -1);
  }

  /** Registers, asking for these capabilities, and reads the welcome. */
  async register(nick: string, ...caps: readonly string[]): Promise<void> {
    if (caps.length > 0) this.send("CAP LS 302", `CAP REQ :${caps.join(" ")}`);
    this.send(`NICK ${nick}`, `USER ${nick} 0 * :${nick} the user`);
    if (caps.length > 0) this.send("CAP END");
    await this.until(/ (?:376|422) /);
  }

  /** Gives an account's name and password, where the peer has asked for `sasl`. */
  sendPlain(account: string, password = "sesame"): void {
    const plain = Buffer.from(`\0${account}\0${password}`).toString("base64");
    this.send("AUTHENTICATE PLAIN", `AUTHENTICATE ${plain}`);
  }

  /** Registers as the owner of the account `nick`, whose password is "sesame", and reads the welcome. */
  async logIn(nick: string, ...caps: readonly string[]): Promise<void> {
    this.send("CAP LS 302", `CAP REQ :${["sasl", ...caps].join(" ")}`);
    this.sendPlain(nick);
    await this.until(/ 903 /);
    this.send(`NICK ${nick}`, `USER ${nick} 0 * :${nick} the user`, "CAP END");
    await this.until(/ (?:376|422) /);
  }
}
