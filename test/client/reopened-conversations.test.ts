// A direct message that is closed and opened again shows all of its history, whatever was being asked for when it was closed.
import { strict as assert } from "node:assert";
import { parseMessage } from "../../src/irc/message.js";
import { Archive } from "./archive.js";
import { addressOf, newSession, startScripted, type ServerPeer } from "./scripted-peer.js";

const at = (second: number) => new Date(Date.UTC(2024, 0, 1, 12) + second * 1_000).toISOString();
const PAGE = 5;

/** Bob has said so much; `closes` is told before each question whether it is answered first. */
async function begin(hasIds: boolean, count: number) {
  const archive = new Archive({ hasIds, pageLength: PAGE });
  const server = await startScripted();
  const session = newSession(addressOf(server.port), { channels: ["#room"] });
  session.start();
  const peer = await server.accept();
  await peer.welcome({ ...archive.welcome, time: at(0) });
  await peer.letIn("ann", "#room", "bob");
  await archive.serve(peer);
  for (let n = 1; n <= count; n++)
    archive.say("bob", { time: at(n), nick: "bob", text: `line ${n}` });
  return { archive, session, peer };
}

/** Reads what is asked, and answers nothing. */
async function question(peer: ServerPeer) {
  return await peer.command("CHATHISTORY");
}

for (const hasIds of [true, false])
  describe(`a direct message that is closed and opened again (${hasIds ? "with ids" : "without ids"})`, () => {
    for (const count of [3, 12])
      for (const moment of ["before", "after"])
        it(`is whole when what was asked is answered ${moment} it is opened again: ${count} lines`, async () => {
          const { archive, session, peer } = await begin(hasIds, count);
          session.openDirect("bob");
          const asked = await question(peer);
          session.closeBuffer("bob");
          if (moment === "before") {
            peer.send(...archive.answerTo(asked));
            await peer.settle();
            assert.ok(!session.state.buffers.has("bob"));
          }
          session.openDirect("bob");
          if (moment === "after") peer.send(...archive.answerTo(asked));
          await archive.serve(peer);
          await scrollUp();
          assert.deepEqual(
            session.rows("bob"),
            archive.texts("bob").map((text) => `<bob> ${text}`),
          );
          assert.equal(session.buffer("bob").unread, 0);
          assert.ok(session.buffer("bob").startsAtBeginning);

          async function scrollUp(): Promise<void> {
            for (let pages = 0; pages < 20; pages++) {
              const gap = session.buffer("bob").entries.find(({ kind }) => kind === "gap");
              if (gap === undefined) return;
              const load = session.loadGap("bob", gap.id, "after");
              await archive.serve(peer);
              await load;
            }
          }
        });

    it("is whole when it is closed while someone scrolls, and by what is said next", async () => {
      const { archive, session, peer } = await begin(hasIds, 12);
      session.openDirect("bob");
      await archive.serve(peer);
      const gap = session.buffer("bob").entries.find(({ kind }) => kind === "gap")!;
      const load = session.loadGap("bob", gap.id, "after").catch(() => undefined);
      const asked = await question(peer);
      session.closeBuffer("bob");
      peer.send(archive.say("bob", { time: at(60), nick: "bob", text: "once more" }));
      peer.send(...archive.answerTo(asked));
      await archive.serve(peer);
      await load;
      for (let pages = 0; pages < 20; pages++) {
        const next = session.buffer("bob").entries.find(({ kind }) => kind === "gap");
        if (next === undefined) break;
        const more = session.loadGap("bob", next.id, "after");
        await archive.serve(peer);
        await more;
      }
      assert.deepEqual(
        session.rows("bob"),
        archive.texts("bob").map((text) => `<bob> ${text}`),
      );
    });

    it("loads again what was asked when the server refuses", async () => {
      const { archive, session, peer } = await begin(hasIds, 3);
      session.openDirect("bob");
      await question(peer);
      session.closeBuffer("bob");
      session.openDirect("bob");
      peer.send(":irc.test FAIL CHATHISTORY MESSAGE_ERROR LATEST bob :Try again");
      await archive.serve(peer);
      assert.deepEqual(session.said("bob").length, 3);
    });
  });

it("nothing is asked about a conversation that is closed", async () => {
  const { archive, session, peer } = await begin(true, 3);
  session.openDirect("bob");
  session.openDirect("carl");
  session.closeBuffer("carl");
  const asked = await question(peer);
  peer.send(...archive.answerTo(asked));
  const lines = await archive.serve(peer);
  assert.ok(!archive.asked.some((text) => text.includes("carl")), archive.asked.join());
  assert.ok(!lines.some((line) => parseMessage(line)?.command === "CHATHISTORY"));
});
