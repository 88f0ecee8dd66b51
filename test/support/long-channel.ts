// A channel of the real server with as many stored messages as one likes.
import { connect } from "node:net";
import { startHeadlessServer, type HeadlessServer } from "./headless-server.js";
import { Peer, SocketLink } from "./peer.js";

const BATCH = 500;

export class LongChannel {
  readonly name = "#long";

  private constructor(
    private readonly server: HeadlessServer,
    /** Somebody in the channel who says whatever is wanted. */
    readonly speaker: Peer,
  ) {}

  /** Starts a server; the caller stops it. Messages are `textOf(0)`, `textOf(1)` … */
  static async start(count: number, textOf: (n: number) => string): Promise<LongChannel> {
    const server = await startHeadlessServer([
      "--listen",
      "127.0.0.1:0",
      "--no-flood-control",
      "--name",
      "long.test",
    ]);
    const speaker = new Peer(new SocketLink(connect({ host: "127.0.0.1", port: server.port })));
    // Whoever scrolls for minutes meanwhile still has somebody to talk to.
    speaker.link.onText((text) => {
      for (const [, token = ""] of text.matchAll(/^(?::\S+ )?PING (.+?)\r$/gm))
        speaker.send(`PONG ${token}`);
    });
    const channel = new LongChannel(server, speaker);
    await speaker.register("carla");
    speaker.send(`JOIN ${channel.name}`);
    for (let n = 0; n < count; n += BATCH) {
      const size = Math.min(BATCH, count - n);
      channel.say(...Array.from({ length: size }, (_, at) => textOf(n + at)));
      await speaker.roundtrip();
    }
    return channel;
  }

  /** What one enters into Chat: Join to be in it. */
  get address(): string {
    return `irc://127.0.0.1:${this.server.port}/${this.name}`;
  }

  say(...texts: readonly string[]): void {
    this.speaker.send(...texts.map((text) => `PRIVMSG ${this.name} :${text}`));
  }

  async stop(): Promise<void> {
    this.speaker.link.end();
    await this.server.stop();
  }
}
