// Styles more than one element uses.
import { css } from "lit";
import { iconStyles } from "./icons.js";

export const baseStyles = css`
  ${iconStyles}
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host {
    display: block;
    /* Light Modern's own has 3.3:1 on its background. */
    --error-foreground: color-mix(
      in srgb,
      var(--vscode-errorForeground) 60%,
      var(--vscode-foreground)
    );
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  :focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  .muted {
    color: var(--vscode-descriptionForeground);
  }
  /* Read out, not seen. */
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .cut {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    vscode-progress-ring::part(indeterminate-indicator-1) {
      animation: none;
    }
  }
  /* Our own flat buttons; the toolkit's are for calls to act. */
  .flat {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    min-width: 22px;
    min-height: 22px;
    padding: 3px;
    border: 1px solid transparent;
    border-radius: 5px;
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }
  .flat:hover {
    background: var(--vscode-toolbar-hoverBackground);
    outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  .flat:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
  }
  .badge {
    display: inline-block;
    flex: none;
    min-width: 16px;
    padding: 0 5px;
    border: 1px solid var(--vscode-contrastBorder, transparent);
    border-radius: 9px;
    background: var(--vscode-badge-background);
    color: var(--vscode-badge-foreground);
    font-size: 11px;
    line-height: 16px;
    text-align: center;
  }
  .role {
    flex: none;
    padding: 0 4px;
    border: 1px solid var(--vscode-contrastBorder, var(--vscode-widget-border, transparent));
    border-radius: 3px;
    color: var(--vscode-descriptionForeground);
    font-size: 10px;
    line-height: 14px;
  }
`;

export const avatarStyles = css`
  .avatar {
    --size: 28px;
    display: inline-grid;
    place-items: center;
    flex: none;
    width: var(--size);
    height: var(--size);
    border-radius: 50%;
    overflow: hidden;
    user-select: none;
  }
  .avatar.small {
    --size: 20px;
  }
  /* Their own: clipping by the parent alone is lost while a row is painted anew. */
  .avatar :is(img, .initials) {
    border-radius: inherit;
  }
  .avatar img {
    display: block;
    width: 100%;
    height: 100%;
  }
  .avatar .initials {
    display: grid;
    place-items: center;
    width: 100%;
    height: 100%;
    background: var(--disc);
    color: var(--ink);
    font-size: calc(var(--size) * 0.42);
    font-weight: 600;
    line-height: 1;
    white-space: nowrap;
  }
  @media (forced-colors: active) {
    .avatar {
      border: 1px solid CanvasText;
    }
  }
`;

/** A card in the middle of an empty place: what is the matter, and what can be done. */
export const cardStyles = css`
  .card {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 8px;
    text-align: center;
  }
  h2 {
    margin: 4px 0 0;
    font-size: 1.15em;
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  p {
    margin: 0;
    line-height: 1.45;
    overflow-wrap: anywhere;
  }
`;

/** For the rule of what floats above the panel: a dialog, a popover. */
export const floating = css`
  overflow: auto;
  border: 1px solid var(--vscode-contrastBorder, var(--vscode-editorWidget-border, transparent));
  border-radius: 6px;
  background: var(--vscode-editorWidget-background);
  color: var(--vscode-editorWidget-foreground, var(--vscode-foreground));
  box-shadow: 0 4px 16px var(--vscode-widget-shadow, transparent);
  font: inherit;
`;

/** A band across the panel. */
export const bannerStyles = css`
  .banner {
    display: flex;
    padding: 6px 12px 6px 16px;
    border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    background: var(--vscode-editorWidget-background);
  }
  .words {
    min-width: 0;
    overflow-wrap: anywhere;
  }
`;
