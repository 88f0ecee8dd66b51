// When the host begins to log everything, people whose panel is hidden are told as well.
import { strict as assert } from "node:assert";
import * as vscode from "vscode";
import { AuditNotice } from "../../src/extension/audit-notice.js";
import { onCleanup } from "../support/cleanup.js";
import { Surfaces } from "./support/surfaces.js";

class FakeChat {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  readonly network = { key: "k", label: "192.0.2.1:9898" };
  session: object | undefined;
  state: { readonly isAudited: boolean } | undefined;

  is(session: object | undefined, isAudited: boolean): void {
    this.session = session;
    this.state = session && { isAudited };
    this.changed.fire();
  }
}

function told(
  steps: readonly [object | undefined, boolean][],
  isHost = false,
  isVisible = false,
): number {
  const surfaces = new Surfaces();
  const chat = new FakeChat();
  const notice = new AuditNotice(chat as never, { isActive: isHost }, { isVisible });
  onCleanup(() => {
    notice.dispose();
  });
  for (const [session, isAudited] of steps) chat.is(session, isAudited);
  const texts = surfaces.texts("notification");
  for (const text of texts)
    assert.match(text, /^The host of 192\.0\.2\.1:9898 now logs everything/);
  const buttons = texts.map(() => (isVisible ? [] : ["Open Panel"])).flat();
  assert.deepEqual(surfaces.texts("button"), buttons);
  return texts.length;
}

describe("a host who begins to log everything", () => {
  const [first, second] = [{}, {}];

  it("is told once, each time it begins", () => {
    assert.equal(
      told([
        [first, false],
        [first, true],
        [first, true],
      ]),
      1,
    );
    assert.equal(
      told([
        [first, false],
        [first, true],
        [first, false],
        [first, true],
      ]),
      2,
    );
  });

  it("is not told of a chat that is joined, whose banner is there from its start", () => {
    assert.equal(
      told([
        [undefined, false],
        [first, true],
        [second, true],
      ]),
      0,
    );
  });

  it("is told without a way to the panel where that is in front", () => {
    const steps = [[first, false] as const, [first, true] as const];
    assert.equal(told(steps as never, false, true), 1);
  });

  it("is not told to the host", () => {
    assert.equal(
      told(
        [
          [first, false],
          [first, true],
        ],
        true,
      ),
      0,
    );
  });
});
