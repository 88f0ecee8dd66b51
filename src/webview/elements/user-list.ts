import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { MemberView, PersonView } from "../../bridge/view.js";
import { avatar } from "../avatar.js";
import { icon } from "../icons.js";
import { t } from "../l10n.js";
import { personFromNick, roleName } from "../person.js";
import { avatarStyles, baseStyles } from "../styles.js";
import { cleanLine } from "../../bridge/text.js";
import type { Palette } from "../theme.js";
import { wish } from "../wishes.js";

/** Everyone in the conversation; choosing one opens a direct message, choosing oneself the profile. */
@customElement("user-list")
export class UserList extends LitElement {
  static override styles = [
    baseStyles,
    avatarStyles,
    css`
      :host {
        overflow: hidden auto;
        padding: 8px 0;
      }
      h2 {
        margin: 0;
        padding: 0 16px 4px;
        color: var(--vscode-descriptionForeground);
        font-size: 11px;
        font-weight: 600;
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        content-visibility: auto;
        contain-intrinsic-size: auto 28px;
      }
      .user {
        display: flex;
        align-items: center;
        gap: 8px;
        width: 100%;
        min-height: 28px;
        padding: 2px 16px;
        border: 0;
        background: none;
        color: inherit;
        font: inherit;
        text-align: start;
        cursor: pointer;
      }
      .user:hover {
        background: var(--vscode-list-hoverBackground);
        outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
        outline-offset: -1px;
      }
      .nick {
        flex: 0 1 auto;
        color: var(--vscode-foreground);
      }
      /* Gives way before the nick does. */
      .name {
        flex: 0 9999 auto;
      }
      .away .avatar {
        filter: grayscale(1);
      }
      .end {
        display: flex;
        flex: none;
        align-items: center;
        gap: 4px;
        margin-inline-start: auto;
        color: var(--vscode-descriptionForeground);
      }
      .end .icon::before {
        font-size: 12px;
      }
    `,
  ];

  @property({ attribute: false }) members: readonly MemberView[] = [];
  @property({ attribute: false }) people: readonly PersonView[] = [];
  @property({ attribute: false }) palette!: Palette;
  media = "";
  /** The key of the entry the keyboard is in; undefined: the first. */
  @state() private activeKey: string | undefined;

  protected override render(): TemplateResult {
    const people = new Map(this.people.map((person) => [person.key, person]));
    const active = this.members.some(({ key }) => key === this.activeKey)
      ? this.activeKey
      : this.members[0]?.key;
    return html`<h2 aria-hidden="true">
        ${t("Online Users")}${this.members.length === 0 ? "" : ` · ${this.members.length}`}
      </h2>
      <ul role="list" aria-label=${t("Online Users")} @keydown=${this.onKeyDown}>
        ${repeat(
          this.members,
          ({ key }) => key,
          (member) =>
            html`<li>
              ${this.entry(
                member,
                people.get(member.key) ?? personFromNick(member.key, member.key),
                member.key === active,
              )}
            </li>`,
        )}
      </ul>`;
  }

  private entry(member: MemberView, person: PersonView, isActive: boolean): TemplateResult {
    const role = roleName(member.role);
    return html`<button
      class="user ${member.away ? "away" : ""}"
      tabindex=${isActive ? 0 : -1}
      title=${tooltip(member, person)}
      @click=${() => {
        this.choose(member, person);
      }}
      @focus=${() => {
        this.activeKey = member.key;
      }}
    >
      ${avatar(person, this.palette, this.media, "small")}
      <bdi class="nick cut">${cleanLine(person.nick)}</bdi>
      ${
        person.displayName === undefined
          ? nothing
          : html`<bdi class="name cut muted">${cleanLine(person.displayName)}</bdi>`
      }
      <span class="end">
        ${member.isSelf ? html`<span class="unseen">${t("you")}</span>` : nothing}
        ${member.isBot ? html`<span class="role">${t("bot")}</span>` : nothing}
        ${
          role === undefined
            ? nothing
            : html`<span title=${role}
                  >${icon(member.role === "host" ? "star-full" : "shield")}</span
                ><span class="unseen">${role}</span>`
        }
        ${member.away ? html`${icon("coffee")}<span class="unseen">${t("away")}</span>` : nothing}
      </span>
    </button>`;
  }

  private choose(member: MemberView, person: PersonView): void {
    if (member.isSelf) wish(this, { type: "runCommand", command: "parley.setProfile" });
    else wish(this, { type: "openDirectMessage", nick: person.nick });
  }

  private readonly onKeyDown = (event: KeyboardEvent): void => {
    const buttons = [...this.renderRoot.querySelectorAll<HTMLElement>(".user")];
    const index = buttons.findIndex((button) => button === event.target);
    const targets: Readonly<Record<string, number>> = {
      ArrowUp: Math.max(index - 1, 0),
      ArrowDown: Math.min(index + 1, buttons.length - 1),
      Home: 0,
      End: buttons.length - 1,
    };
    const target = buttons[targets[event.key] ?? -1];
    if (target === undefined) return;
    event.preventDefault();
    target.focus();
  };
}

function tooltip(member: MemberView, person: PersonView): string {
  const lines = [
    person.displayName === undefined
      ? cleanLine(person.nick)
      : `${cleanLine(person.nick)} (${cleanLine(person.displayName)})`,
  ];
  if (member.account !== undefined) lines.push(t("Verified as {0}", cleanLine(member.account)));
  if (member.address !== undefined) lines.push(cleanLine(member.address));
  if (member.away) {
    const message = cleanLine(member.awayMessage);
    lines.push(message === "" ? t("Away") : t("Away: {0}", message));
  }
  lines.push(member.isSelf ? t("Set your profile") : t("Send a direct message"));
  return lines.join("\n");
}

declare global {
  interface HTMLElementTagNameMap {
    "user-list": UserList;
  }
}
