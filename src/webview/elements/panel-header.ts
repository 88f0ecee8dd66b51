import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import type { ConnectionView, ConversationView, PersonView, SelfView } from "../../bridge/view.js";
import { avatar } from "../avatar.js";
import { connectionIcon, connectionWord } from "../connection.js";
import { icon } from "../icons.js";
import { t } from "../l10n.js";
import { markdownView } from "../markdown-view.js";
import { parseMarkdown } from "../markdown.js";
import { avatarStyles, baseStyles } from "../styles.js";
import { cleanLine } from "../../bridge/text.js";
import type { Palette } from "../theme.js";
import "./connection-details.js";

/** What is on screen, who we are, and how the connection stands. */
@customElement("panel-header")
export class PanelHeader extends LitElement {
  static override styles = [
    baseStyles,
    avatarStyles,
    css`
      :host {
        border-bottom: 1px solid
          var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
      }
      header {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 35px;
        padding: 2px 8px 2px 16px;
      }
      .title {
        display: flex;
        flex: 1;
        align-items: baseline;
        gap: 10px;
        min-width: 0;
      }
      h1 {
        flex: 0 0 auto;
        max-width: 100%;
        margin: 0;
        font-size: inherit;
        font-weight: 600;
      }
      .topic {
        flex: 1 1 0;
        font-size: 12px;
      }
      .topic a {
        color: var(--vscode-textLink-foreground);
      }
      .topic code {
        font-family: var(--vscode-editor-font-family, monospace);
      }
      .self {
        flex: 0 1 auto;
        min-width: 0;
        max-width: 45%;
        anchor-name: --self;
      }
      .self .state {
        display: inline-flex;
        flex: none;
        align-items: center;
        gap: 4px;
      }
      /* Worth a word only while it is not as it should be. */
      .online .word {
        position: absolute;
        width: 1px;
        height: 1px;
        overflow: hidden;
        clip-path: inset(50%);
      }
      .online .icon {
        color: var(--vscode-testing-iconPassed, currentColor);
      }
      .closed .icon {
        color: var(--vscode-errorForeground);
      }
      .state .icon::before {
        font-size: 14px;
        line-height: 16px;
      }
      /* Not text, which the name would have to begin with: the name says it already. */
      .count::before {
        content: attr(data-count);
      }
      connection-details {
        position-anchor: --self;
        inset: auto;
        top: calc(anchor(bottom) + 4px);
        right: max(8px, anchor(right));
      }
      @media (max-width: 480px) {
        header {
          gap: 2px;
        }
        .topic {
          display: none;
        }
        .state .word {
          position: absolute;
          width: 1px;
          height: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }
      }
    `,
  ];

  @property({ attribute: false }) conversation: ConversationView | undefined;
  @property({ attribute: false }) connection!: ConnectionView;
  @property({ attribute: false }) ownSelf: SelfView | undefined;
  @property({ attribute: false }) selfPerson: PersonView | undefined;
  @property({ attribute: false }) palette!: Palette;
  /** undefined: there is no list to open. */
  @property({ attribute: false }) usersOpen: boolean | undefined;
  media = "";

  @query("connection-details") private readonly details!: HTMLElement;

  protected override render(): TemplateResult {
    const { conversation } = this;
    const topic = cleanLine(conversation?.topic ?? "");
    return html`<header>
        <div class="title">
          <h1 class="cut" dir="auto" title=${cleanLine(conversation?.name ?? "")}>
            ${cleanLine(conversation?.name ?? t("Chat"))}
          </h1>
          ${
            topic === ""
              ? nothing
              : html`<span class="topic cut muted" dir="auto" title=${topic}
                  >${this.topicView(topic)}</span
                >`
          }
        </div>
        ${this.selfView()} ${this.usersView()}
      </header>
      <connection-details
        popover
        .connection=${this.connection}
        .ownSelf=${this.ownSelf}
      ></connection-details>`;
  }

  /** In one line, as in a message: links lead somewhere. What would be a block is shown as typed. */
  private topicView(topic: string): readonly Node[] | string {
    const [block, ...others] = parseMarkdown(topic);
    if (block === undefined || typeof block === "string" || block.tag !== "p" || others.length > 0)
      return topic;
    return markdownView(block.children, this.palette);
  }

  private selfView(): TemplateResult {
    const { connection, ownSelf, selfPerson } = this;
    return html`<button
      class="flat self ${connection.phase}"
      title=${t("Connection details")}
      aria-haspopup="dialog"
      @click=${this.toggleDetails}
    >
      ${selfPerson === undefined ? nothing : avatar(selfPerson, this.palette, this.media, "small")}
      ${ownSelf === undefined ? nothing : html`<bdi class="cut">${cleanLine(ownSelf.nick)}</bdi>`}
      ${ownSelf?.away === true ? html`<span class="role">${t("away")}</span>` : nothing}
      <span class="state muted"
        >${icon(connectionIcon(connection))}<span class="word"
          >${connectionWord(connection)}</span
        ></span
      >
    </button>`;
  }

  private usersView(): TemplateResult | typeof nothing {
    const { usersOpen, conversation } = this;
    if (usersOpen === undefined || conversation === undefined) return nothing;
    const words = usersOpen ? t("Hide Users") : t("Show Users");
    // No one, not even ourselves, means that nothing is known: offline, or not in the channel.
    const count = conversation.members.length;
    return html`<button
      class="flat"
      title=${words}
      aria-label=${count === 0 ? words : t("{0} ({1})", words, count)}
      aria-expanded=${usersOpen}
      @click=${() => this.dispatchEvent(new CustomEvent("toggle-users"))}
    >
      ${icon("organization")}${
        count === 0 ? nothing : html`<span class="count" data-count=${count}></span>`
      }
    </button>`;
  }

  private readonly toggleDetails = (): void => {
    this.details.togglePopover();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "panel-header": PanelHeader;
  }
}
