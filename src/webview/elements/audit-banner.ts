import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { icon } from "../icons.js";
import { t } from "../l10n.js";
import { bannerStyles, baseStyles } from "../styles.js";

/** Says, as long as it is true, that the host logs everything. No one can close it. */
@customElement("audit-banner")
export class AuditBanner extends LitElement {
  static override styles = [
    baseStyles,
    bannerStyles,
    css`
      .banner {
        align-items: flex-start;
        gap: 10px;
      }
      .words {
        flex: 1;
      }
      .icon {
        flex: none;
        color: var(--vscode-editorWarning-foreground);
      }
    `,
  ];

  protected override render(): TemplateResult {
    return html`<div class="banner" role="status">
      ${icon("eye")}<span class="words"
        >${t("Everything said on this server is logged by the host, including direct messages.")}</span
      >
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "audit-banner": AuditBanner;
  }
}
