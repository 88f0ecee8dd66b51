// A server that tells of milliseconds live, and keeps whole seconds in its history, without ids.
import { strict as assert } from "node:assert";
import type { Message } from "../../src/irc/message.js";
import { Archive } from "./archive.js";
import { addressOf, newSession, startScripted } from "./scripted-peer.js";

const START = Date.UTC(2024, 0, 1, 12);
/** Several lines in some seconds, none in others. */
const STEP_MS = 430;

class CoarseArchive extends Archive {
  constructor(
    hasIds: boolean,
    private readonly fraction: string,
  ) {
    super({ hasIds, pageLength: 100 });
  }

  override answerTo(question: Message): string[] {
    return super
      .answerTo(question)
      .map((line) => line.replace(/msgid=[^; ]*;/, "").replace(/\.\d{3}Z/, `${this.fraction}Z`));
  }
}

describe("a history of whole seconds", () => {
  for (const hasIds of [false, true])
    for (const fraction of ["", ".000"])
      for (const repeats of [false, true])
        it(`doubles nothing at a return: ${hasIds ? "ids" : "no ids"} live, "${fraction}", ${repeats ? "the same words" : "other words"}`, async () => {
          const archive = new CoarseArchive(hasIds && !repeats, fraction);
          const server = await startScripted();
          let said = 0;
          const now = () => START + said * STEP_MS;
          const session = newSession(addressOf(server.port), { channels: ["#room"], now });
          session.start();
          const say = (nick: string, name: string) => {
            said++;
            const text = repeats ? "yes" : `${name} ${said}`;
            return archive.say("#room", { time: new Date(now()).toISOString(), nick, text });
          };
          const arrive = async () => {
            const peer = await server.accept();
            const time = new Date(now()).toISOString();
            const { caps } = archive.welcome;
            const isupport = ["CHATHISTORY=100", "MSGREFTYPES=timestamp"];
            await peer.welcome({ caps, isupport, time });
            await peer.letIn("ann", "#room", "bob");
            await archive.serve(peer);
            return peer;
          };
          let peer = await arrive();
          for (let round = 0; round < 3; round++) {
            for (let i = 0; i < 4; i++) peer.send(say("bob", "heard"));
            peer.send(say("ann", "from my other window"));
            await peer.settle();
            peer.drop();
            for (let i = 0; i < 3; i++) say("bob", "missed");
            peer = await arrive();
          }
          const shown = session
            .buffer("#room")
            .entries.flatMap((entry) => (entry.kind === "message" ? [entry.text] : []));
          assert.deepEqual(shown, archive.texts("#room"));
        });
});
