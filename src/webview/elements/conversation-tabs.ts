import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { ConversationSummary } from "../../bridge/view.js";
import { cssProperties } from "../css-properties.js";
import { icon } from "../icons.js";
import { t } from "../l10n.js";
import { baseStyles } from "../styles.js";
import { cleanLine } from "../../bridge/text.js";
import { wish } from "../wishes.js";

const MAX_COUNT = 99;

/** The conversations, with what is unread in each. */
@customElement("conversation-tabs")
export class ConversationTabs extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        border-bottom: 1px solid var(--vscode-panel-border, transparent);
      }
      nav {
        overflow: auto hidden;
        scrollbar-width: thin;
      }
      /* What is placed at a tab scrolls with it. */
      .strip {
        position: relative;
        width: max-content;
        min-width: 100%;
      }
      .tabs {
        display: flex;
        gap: 2px;
        padding: 0 8px;
      }
      .tab {
        anchor-name: var(--anchor);
        flex: 0 0 auto;
        max-width: 200px;
        display: flex;
        align-items: center;
        gap: 6px;
        min-width: 0;
        height: 30px;
        padding: 0 8px;
        border: 0;
        border-bottom: 2px solid transparent;
        background: none;
        color: var(--vscode-descriptionForeground);
        font: inherit;
        cursor: pointer;
      }
      .tab:hover,
      .tab[aria-selected="true"] {
        color: var(--vscode-foreground);
      }
      .tab[aria-selected="true"] {
        border-bottom-color: var(--vscode-panelTitle-activeBorder, var(--vscode-focusBorder));
      }
      .tab.unread {
        color: var(--vscode-foreground);
        font-weight: 600;
      }
      .tab.direct {
        padding-inline-end: 28px;
      }
      .dot {
        flex: none;
        width: 6px;
        height: 6px;
        border-radius: 50%;
        background: var(--vscode-textLink-foreground);
        outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
      }
      /* A list of tabs holds tabs only: the buttons stand beside it and are placed over their tabs. */
      .close {
        position: absolute;
        position-anchor: var(--anchor);
        top: anchor(center);
        right: calc(anchor(right) + 6px);
        min-width: 18px;
        min-height: 18px;
        padding: 0;
        transform: translateY(-50%);
        opacity: 0;
      }
      .close:is(.current, :hover, :focus-visible),
      .strip:has(.tab.direct:hover) .close.hovered {
        opacity: 1;
      }
    `,
  ];

  @property({ attribute: false }) conversations: readonly ConversationSummary[] = [];
  @property({ attribute: false }) current: string | undefined;
  @state() private hovered: string | undefined;

  protected override render(): TemplateResult {
    const directs = this.conversations.filter(({ kind }) => kind === "direct");
    return html`<nav aria-label=${t("Conversations")}>
      <div class="strip">
        <div
          class="tabs"
          role="tablist"
          aria-label=${t("Conversations")}
          @keydown=${this.onKeyDown}
        >
          ${repeat(
            this.conversations,
            ({ id }) => id,
            (conversation) => this.tab(conversation),
          )}
        </div>
        ${repeat(
          directs,
          ({ id }) => id,
          (conversation) => this.closeButton(conversation),
        )}
      </div>
    </nav>`;
  }

  private anchorOf({ id }: ConversationSummary): string {
    return `--tab-${this.conversations.findIndex((conversation) => conversation.id === id)}`;
  }

  private tab(conversation: ConversationSummary): TemplateResult {
    const { id, kind, unread } = conversation;
    const isCurrent = id === this.current;
    const name = cleanLine(conversation.name);
    return html`<button
      class="tab ${kind} ${unread > 0 ? "unread" : ""}"
      role="tab"
      ${cssProperties({ "--anchor": this.anchorOf(conversation) })}
      data-id=${id}
      aria-selected=${isCurrent}
      aria-label=${label(name, conversation)}
      title=${label(name, conversation)}
      tabindex=${isCurrent || (this.current === undefined && this.conversations[0]?.id === id) ? 0 : -1}
      @click=${() => {
        this.open(id);
      }}
      @mouseenter=${() => (this.hovered = id)}
      @auxclick=${(event: MouseEvent) => {
        if (event.button === 1) this.close(conversation);
      }}
    >
      ${kind === "direct" ? icon("comment") : kind === "server" ? icon("server") : nothing}
      <span class="cut">${name}</span>
      ${badge(conversation)}
    </button>`;
  }

  private closeButton(conversation: ConversationSummary): TemplateResult {
    const { id } = conversation;
    const states = [id === this.current ? "current" : "", id === this.hovered ? "hovered" : ""];
    return html`<button
      class="flat close ${states.join(" ")}"
      tabindex="-1"
      title=${t("Close")}
      aria-label=${t("Close {0}", cleanLine(conversation.name))}
      ${cssProperties({ "--anchor": this.anchorOf(conversation) })}
      @click=${() => {
        this.close(conversation);
      }}
    >
      ${icon("close")}
    </button>`;
  }

  private open(conversation: string): void {
    wish(this, { type: "openConversation", conversation });
  }

  /** Channels are left by a command, which asks: a slip of the mouse must not. */
  private close({ id, kind }: ConversationSummary): void {
    if (kind === "direct") wish(this, { type: "closeConversation", conversation: id });
  }

  private readonly onKeyDown = (event: KeyboardEvent): void => {
    const tabs = [...this.renderRoot.querySelectorAll<HTMLElement>(".tab")];
    const index = tabs.findIndex((tab) => tab === event.target);
    if (index === -1) return;
    const targets: Readonly<Record<string, number>> = {
      ArrowLeft: (index + tabs.length - 1) % tabs.length,
      ArrowRight: (index + 1) % tabs.length,
      Home: 0,
      End: tabs.length - 1,
    };
    if (event.key === "Delete") {
      const conversation = this.conversations[index];
      if (conversation !== undefined) this.close(conversation);
    }
    const target = tabs[targets[event.key] ?? -1];
    if (target === undefined) return;
    event.preventDefault();
    target.focus();
  };
}

/** What is for us is counted; other news is a dot beside the bold name. */
function badge({ unread, mentions }: ConversationSummary): TemplateResult | typeof nothing {
  if (unread === 0) return nothing;
  if (mentions === 0) return html`<span class="dot" aria-hidden="true"></span>`;
  const count = mentions > MAX_COUNT ? `${MAX_COUNT}+` : String(mentions);
  return html`<span class="badge" aria-hidden="true">${count}</span>`;
}

function label(name: string, { unread, mentions }: ConversationSummary): string {
  if (unread === 0) return name;
  if (mentions > 0) return t("{0}, {1} for you, {2} unread", name, mentions, unread);
  return t("{0}, {1} unread", name, unread);
}

declare global {
  interface HTMLElementTagNameMap {
    "conversation-tabs": ConversationTabs;
  }
}
