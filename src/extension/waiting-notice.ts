// Tells the host who wants to join, wherever they are in the editor.
import type { WaitingClient } from "../server/control.js";
import { Disposable } from "./disposable.js";
import { waitingIn, type EmbeddedServer } from "./embedded-server.js";
import { l10n } from "./ui/l10n.js";
import { LiveNotification, type NotificationLink } from "./ui/live-notification.js";
import { canBeRemembered, factsOf } from "./views/waiting.js";

/** Those who come within this time are told of together; each time it is twice as long … */
const GATHER_MS = 500;
/** … up to this, and as at first once no one has come for so long. */
const MAX_GATHER_MS = 60_000;
/** Someone who was denied and asks again and again is told of once in this time. */
const DENIED_PAUSE_MS = 5 * 60_000;
const MAX_REMEMBERED = 1000;
const MAX_NAMES = 3;

/** One notification for all who wait and were told of: it says what is so now, and goes when they have gone. */
export class WaitingNotice extends Disposable {
  /** Their connections. */
  private readonly told = new Set<string>();
  /** When people who were denied before were last told of, the oldest first. */
  private readonly toldAgainAt = new Map<string, number>();
  private notification: LiveNotification | undefined;
  private gatherMs = GATHER_MS;
  private lastTold = 0;
  private timer: NodeJS.Timeout | undefined;
  private timerAt = Infinity;

  constructor(
    private readonly server: Pick<EmbeddedServer, "state" | "onDidChange">,
    private readonly gather = GATHER_MS,
    private readonly deniedPause = DENIED_PAUSE_MS,
  ) {
    super();
    this.gatherMs = gather;
    this.register(
      server.onDidChange(() => {
        this.look();
      }),
    );
  }

  override dispose(): void {
    clearTimeout(this.timer);
    this.notification?.dispose();
    super.dispose();
  }

  private look(): void {
    const ids = new Set(waitingIn(this.server.state).map(({ id }) => id));
    for (const id of this.told) if (!ids.has(id)) this.told.delete(id);
    this.show();
    this.schedule();
  }

  private newcomers(): WaitingClient[] {
    return waitingIn(this.server.state).filter(({ id }) => !this.told.has(id));
  }

  /** When someone who has come may be told of. */
  private dueAt(client: WaitingClient): number {
    const again = client.wasDenied ? this.toldAgainAt.get(personOf(client)) : undefined;
    return again === undefined ? -Infinity : again + this.deniedPause;
  }

  private schedule(): void {
    const newcomers = this.newcomers();
    if (newcomers.length === 0) return;
    const due = newcomers.reduce((first, it) => Math.min(first, this.dueAt(it)), Infinity);
    const at = Math.max(due, Date.now() + this.gatherMs);
    if (at >= this.timerAt) return;
    clearTimeout(this.timer);
    this.timerAt = at;
    this.timer = setTimeout(() => {
      this.timerAt = Infinity;
      this.tell();
    }, at - Date.now());
  }

  private tell(): void {
    const now = Date.now();
    const due = this.newcomers().filter((client) => this.dueAt(client) <= now);
    if (due.length > 0) {
      for (const client of due) this.remember(client, now);
      this.slowDown(now);
      // One that was hidden does not come up again by itself.
      this.notification?.dispose();
      this.notification = undefined;
      this.show();
    }
    this.schedule();
  }

  private remember(client: WaitingClient, now: number): void {
    this.told.add(client.id);
    if (!client.wasDenied) return;
    const person = personOf(client);
    this.toldAgainAt.delete(person);
    this.toldAgainAt.set(person, now);
    const [oldest] = this.toldAgainAt.keys();
    if (this.toldAgainAt.size > MAX_REMEMBERED && oldest !== undefined)
      this.toldAgainAt.delete(oldest);
  }

  /** Someone who comes again and again must not fill the screen. */
  private slowDown(now: number): void {
    const isQuiet = now - this.lastTold > MAX_GATHER_MS;
    this.gatherMs = isQuiet ? this.gather : Math.min(this.gatherMs * 2, MAX_GATHER_MS);
    this.lastTold = now;
  }

  private show(): void {
    const people = waitingIn(this.server.state).filter(({ id }) => this.told.has(id));
    const [first] = people;
    if (first === undefined) {
      this.notification?.dispose();
      this.notification = undefined;
      return;
    }
    this.notification ??= new LiveNotification(l10n.t("Later"));
    if (people.length === 1) this.notification.show(textOf(first), linksOf(first));
    else this.notification.show(textOfSeveral(people), [showLink()]);
  }
}

/** What someone is known by who comes again. */
function personOf({ account, certificateFingerprint, nick, address }: WaitingClient): string {
  return account ?? certificateFingerprint ?? `${nick}@${address}`;
}

function textOf(client: WaitingClient): string {
  const { nick, address, line } = client;
  const text =
    line === undefined
      ? l10n.t("{0} ({1}) wants to join.", nick, address)
      : l10n.t("{0} ({1}) wants to join: “{2}”", nick, address, line);
  return `${text} (${factsOf(client).join("; ")})`;
}

function linksOf(client: WaitingClient): NotificationLink[] {
  const { id } = client;
  const link = (label: string, command: string): NotificationLink => ({
    label,
    command: `parley.${command}`,
    args: [{ id }],
  });
  return [
    link(l10n.t("Approve"), "approve"),
    ...(canBeRemembered(client) ? [link(l10n.t("Approve and Remember"), "approveAlways")] : []),
    link(l10n.t("Deny…"), "deny"),
    link(l10n.t("Deny and Ban…"), "denyAndBan"),
  ];
}

function textOfSeveral(people: readonly WaitingClient[]): string {
  const nicks = people.slice(0, MAX_NAMES).map(({ nick }) => nick);
  const more = people.length > MAX_NAMES ? "…" : "";
  return l10n.t("{0} people want to join: {1}", people.length, nicks.join(", ") + more);
}

function showLink(): NotificationLink {
  return { label: l10n.t("Show"), command: "parley.server.focus", args: [] };
}
