import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { ConversationView, PersonView, ViewState } from "../../bridge/view.js";
import { t } from "../l10n.js";
import { startingDraft, type Saved } from "../store.js";
import { baseStyles } from "../styles.js";
import type { Palette } from "../theme.js";
import { emit, type PanelRequests } from "../wishes.js";
import type { ChatComposer } from "./chat-composer.js";
import "./approval-wait.js";
import "./audit-banner.js";
import "./chat-composer.js";
import "./connection-banner.js";
import "./conversation-tabs.js";
import "./empty-state.js";
import "./message-list.js";
import "./panel-header.js";
import type { PictureDialog } from "./picture-dialog.js";
import "./picture-dialog.js";
import "./user-list.js";

/** From this width on there is room for the users beside the messages. */
const WIDE = "(min-width: 640px)";

/** The whole panel: a function of the view and of what this page saved. */
@customElement("chat-panel")
export class ChatPanel extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
        min-width: 0;
        overflow: hidden;
        background: var(--vscode-editor-background);
        color: var(--vscode-foreground);
        font-family: var(--vscode-font-family);
        font-size: var(--vscode-font-size, 13px);
        scrollbar-color: var(--vscode-scrollbarSlider-background) transparent;
      }
      main {
        position: relative;
        display: flex;
        flex: 1;
        min-height: 0;
      }
      .talk {
        display: flex;
        flex: 1;
        flex-direction: column;
        min-width: 0;
        min-height: 0;
      }
      message-list,
      .fill {
        flex: 1;
      }
      user-list {
        flex: none;
        width: 200px;
        border-inline-start: 1px solid
          var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
      }
      user-list.over {
        position: absolute;
        inset: 0 0 0 auto;
        z-index: 3;
        width: min(260px, 100%);
        background: var(--vscode-editorWidget-background);
        box-shadow: 0 4px 16px var(--vscode-widget-shadow, transparent);
      }
      .waiting {
        flex: none;
      }
      .start {
        display: grid;
        flex: 1;
        place-items: center;
      }
    `,
  ];

  @property({ attribute: false }) view: ViewState | undefined;
  @property({ attribute: false }) saved!: Saved;
  @property({ attribute: false }) palette!: Palette;
  requests!: PanelRequests;
  media = "";
  locale = "";

  @state() private isWide = window.matchMedia(WIDE).matches;
  @query("chat-composer") private readonly composer!: ChatComposer | null;
  @query("picture-dialog") private readonly pictureDialog!: PictureDialog | null;
  private readonly width = window.matchMedia(WIDE);

  override connectedCallback(): void {
    super.connectedCallback();
    this.width.addEventListener("change", this.onWidth);
    this.addEventListener("panel-focus-composer", this.focusComposer);
    this.addEventListener("panel-restore-text", this.onRestoreText);
    this.addEventListener("panel-choose-picture", this.choosePicture);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.width.removeEventListener("change", this.onWidth);
  }

  readonly focusComposer = (): void => {
    this.composer?.focus();
  };

  readonly choosePicture = (): void => {
    this.pictureDialog?.open();
  };

  private readonly onRestoreText = (event: CustomEvent<string>): void => {
    this.composer?.restore(event.detail);
  };

  private readonly onWidth = (): void => {
    this.isWide = this.width.matches;
  };

  protected override render(): TemplateResult | typeof nothing {
    const { view } = this;
    // Until the snapshot comes, a moment later, there is nothing to say.
    if (view === undefined) return nothing;
    const { connection, conversations, current, self } = view;
    return html`<panel-header
        .conversation=${current}
        .connection=${connection}
        .ownSelf=${self}
        .selfPerson=${selfPerson(view)}
        .palette=${this.palette}
        .usersOpen=${hasUsers(current) ? this.areUsersOpen() : undefined}
        .media=${this.media}
        @toggle-users=${this.toggleUsers}
      ></panel-header>
      ${
        conversations.length > 1
          ? html`<conversation-tabs
              .conversations=${conversations}
              .current=${current?.id}
            ></conversation-tabs>`
          : nothing
      }
      ${view.isAudited ? html`<audit-banner></audit-banner>` : nothing}
      ${
        current === undefined && connection.phase === "offline"
          ? nothing
          : html`<connection-banner .connection=${connection}></connection-banner>`
      }
      ${current === undefined ? nothing : this.approvalWait(connection)}
      ${
        current === undefined
          ? html`<main class="start" aria-label=${t("Chat")}>
              ${
                connection.phase === "approval"
                  ? this.approvalWait(connection)
                  : html`<empty-state .connection=${connection}></empty-state>`
              }
            </main>`
          : this.conversationView(view, current)
      }
      <picture-dialog
        .requests=${this.requests}
        ?useless=${connection.phase === "online" && self?.takesPictures === false}
      ></picture-dialog>`;
  }

  private approvalWait(connection: ViewState["connection"]): TemplateResult | typeof nothing {
    if (connection.phase !== "approval") return nothing;
    return html`<approval-wait
      .connection=${connection}
      .draft=${this.saved.line ?? ""}
      .requests=${this.requests}
    ></approval-wait>`;
  }

  private conversationView(view: ViewState, current: ConversationView): TemplateResult {
    const isLonely = current.kind === "channel" && current.canSend && current.audience === 0;
    return html`<main aria-label=${t("Chat")} @keydown=${this.onKeyDown}>
      <div class="talk">
        <message-list
          .conversation=${current}
          .settings=${view.settings}
          .palette=${this.palette}
          .unread=${view.conversations.find(({ id }) => id === current.id)?.unread ?? 0}
          ?online=${view.connection.phase === "online"}
          .scrollMark=${this.saved.scroll[current.id]}
          .requests=${this.requests}
          .media=${this.media}
          .locale=${this.locale}
        ></message-list>
        ${
          isLonely
            ? html`<empty-state
                class="waiting"
                .connection=${view.connection}
                .lonelyIn=${current.name}
                ?hosting=${view.self?.isHosting === true}
              ></empty-state>`
            : nothing
        }
        <chat-composer
          .conversation=${current}
          .connection=${view.connection}
          .settings=${view.settings}
          .commands=${view.commands}
          .draft=${startingDraft(this.saved, current)}
          .requests=${this.requests}
        ></chat-composer>
      </div>
      ${
        hasUsers(current) && this.areUsersOpen()
          ? html`<user-list
              class=${this.isWide ? "" : "over"}
              .members=${current.members}
              .people=${current.people}
              .palette=${this.palette}
              .media=${this.media}
            ></user-list>`
          : nothing
      }
    </main>`;
  }

  /** Wide, the list stays as it was left; narrow, it lies over the messages and is opened anew each time. */
  private areUsersOpen(): boolean {
    return this.isWide ? (this.saved.usersOpen ?? true) : this.isOverOpen;
  }

  @state() private isOverOpen = false;

  private readonly toggleUsers = (): void => {
    const usersOpen = !this.areUsersOpen();
    if (this.isWide) emit(this, "panel-save", (saved) => ({ ...saved, usersOpen }));
    else this.isOverOpen = usersOpen;
  };

  private readonly onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && !this.isWide) this.isOverOpen = false;
  };
}

function hasUsers(current: ConversationView | undefined): boolean {
  return current?.kind === "channel";
}

function selfPerson({ self, current }: ViewState): PersonView | undefined {
  const key = current?.members.find(({ isSelf }) => isSelf)?.key;
  return current?.people.find((person) => person.key === key || person.nick === self?.nick);
}

declare global {
  interface HTMLElementTagNameMap {
    "chat-panel": ChatPanel;
  }
}
