// Whatever is typed, something is seen of it, also of what changes nothing: on our own server.
import { strict as assert } from "node:assert";
import { parseInput, runCommand, slashCommands } from "../../src/client/slash-commands.js";
import { startServer } from "../support/server.js";
import { addressOf, newSession, type TestSession } from "./scripted-peer.js";

/** What a person can see of a session. */
function seen({ state }: TestSession): string {
  const buffers = [...state.buffers.values()].map(({ name, joined, topic, entries }) =>
    JSON.stringify([name, joined, topic, entries.length]),
  );
  return buffers.join("\n");
}

/** Types it in `buffer`; resolves when something is seen there, or another conversation is to be shown. */
async function shows(session: TestSession, buffer: string, text: string): Promise<void> {
  const input = parseInput(text);
  assert.ok(input.kind === "command", `${text} is no command`);
  const before = seen(session);
  const rows = session.state.buffers.get(buffer)?.entries;
  const outcome = await runCommand({ session, buffer }, input.name, input.args);
  if (outcome !== undefined) {
    assert.ok((outcome.info ?? outcome.opens ?? "") !== "", text);
    return;
  }
  await session.until((s) => s.state.buffers.get(buffer)?.entries !== rows && seen(s) !== before);
}

/** Each command twice where it can be: the second time there is nothing to do. In `""`, typed in the conversation with bob. */
const TYPED = [
  "/me waves", "/msg bob hi", "/msg #room hi", "/query bob", "/notice bob hi", "/nick ann", "/nick anna",
  "/topic #room new", "/topic #room new", "/topic #room", "/away lunch", "/away lunch", "/back", "/back",
  "/join #room", "/join new", "/join #new", "/whois bob", "/names #room", "/list", "/invite carl #room",
  "/op #room bob", "/op #room bob", "/voice #room bob", "/voice #room bob", "/devoice #room bob",
  "/devoice #room bob", "/deop #room bob", "/deop #room bob", "/mode #room +m", "/mode #room +m", "/mode #room",
  "/mode #room +k key", "/mode #room -k", "/mode #room -k", "/mode #room b", "/mode anna +i", "/mode anna +i",
  "/raw SETNAME new", "/help", "/kick #room bob", "/kill carl", "/part #room", "/close", "/clear", "/release bob", "/quit",
] as const; // prettier-ignore

describe("a typed command", () => {
  for (const where of ["bob", "#room"] as const)
    it(`is followed by something that is seen, typed in ${where}`, async () => {
      const server = await startServer({ opers: ["root:secret"] });
      for (const nick of ["bob", "carl"]) {
        const other = newSession(addressOf(server.port), {
          nick,
          channels: nick === "bob" ? ["#room"] : [],
        });
        other.start();
        await other.online();
      }
      const session = newSession(addressOf(server.port), {
        channels: ["#room"],
        oper: { name: "root", password: "secret" },
      });
      session.start();
      await session.online();
      await session.until((s) => s.state.users.get("ann")?.isOperator === true);
      session.openDirect("bob");
      for (const text of TYPED) {
        if (/^\/(?:close|clear|release|quit)/.test(text)) continue;
        if (where === "#room" && text === "/part #room") continue;
        await shows(session, where, text);
      }
      await assert.rejects(shows(session, where, "/release bob"), /not registered/);
      session.closeBuffer(where);
      await session.close();
    });

  it("is in the list above, whichever it is", () => {
    for (const name of slashCommands.keys())
      assert.ok(
        TYPED.some((text) => text.split(" ")[0] === `/${name}`),
        name,
      );
  });
});
