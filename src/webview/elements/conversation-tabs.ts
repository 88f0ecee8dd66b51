import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { ConversationSummary } from "../../bridge/view.js";
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
      .tabs {
        display: flex;
        gap: 2px;
        padding: 0 8px;
        overflow: auto hidden;
        scrollbar-width: thin;
      }
      .item {
        position: relative;
        display: flex;
        align-items: center;
        flex: 0 0 auto;
        max-width: 200px;
      }
      .tab {
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
      .close {
        min-width: 18px;
        min-height: 18px;
        padding: 0;
        margin-inline-start: -4px;
      }
      .item:not(:hover, :focus-within) .tab:not([aria-selected="true"]) + .close {
        opacity: 0;
      }
    `,
  ];

  @property({ attribute: false }) conversations: readonly ConversationSummary[] = [];
  @property({ attribute: false }) current: string | undefined;

  protected override render(): TemplateResult {
    return html`<div
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
    </div>`;
  }

  private tab(conversation: ConversationSummary): TemplateResult {
    const { id, kind, unread } = conversation;
    const isCurrent = id === this.current;
    const name = cleanLine(conversation.name) || t("Server");
    return html`<div class="item" role="presentation">
      <button
        class="tab ${unread > 0 ? "unread" : ""}"
        role="tab"
        data-id=${id}
        aria-selected=${isCurrent}
        aria-label=${label(name, conversation)}
        title=${name}
        tabindex=${isCurrent || (this.current === undefined && this.conversations[0]?.id === id) ? 0 : -1}
        @click=${() => {
          this.open(id);
        }}
        @auxclick=${(event: MouseEvent) => {
          if (event.button === 1) this.close(conversation);
        }}
      >
        ${kind === "direct" ? icon("comment") : kind === "server" ? icon("server") : nothing}
        <span class="cut">${name}</span>
        ${badge(conversation)}
      </button>
      ${
        kind === "direct"
          ? html`<button
              class="flat close"
              tabindex="-1"
              title=${t("Close")}
              aria-label=${t("Close {0}", name)}
              @click=${() => {
                this.close(conversation);
              }}
            >
              ${icon("close")}
            </button>`
          : nothing
      }
    </div>`;
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

function badge({ unread, mentions, kind }: ConversationSummary): TemplateResult | typeof nothing {
  if (unread === 0) return nothing;
  const count = unread > MAX_COUNT ? `${MAX_COUNT}+` : String(unread);
  // A channel that names us says so by a sign, not by colour.
  const sign = mentions > 0 && kind === "channel" ? "@" : "";
  return html`<span class="badge" aria-hidden="true">${sign}${count}</span>`;
}

function label(name: string, { unread, mentions }: ConversationSummary): string {
  if (unread === 0) return name;
  if (mentions > 0) return t("{0}, {1} unread, {2} for you", name, unread, mentions);
  return t("{0}, {1} unread", name, unread);
}

declare global {
  interface HTMLElementTagNameMap {
    "conversation-tabs": ConversationTabs;
  }
}
