import { css } from "lit";

export const messageListStyles = css`
  :host {
    position: relative;
    display: flex;
    min-height: 0;
    min-width: 0;
  }
  .scroller {
    position: relative;
    display: flex;
    flex-direction: column;
    flex: 1;
    min-width: 0;
    overflow: hidden auto;
    overscroll-behavior: contain;
    /* The list keeps its place itself (scroll-keeper). */
    overflow-anchor: none;
  }
  /* A short conversation stands above the composer. */
  .content {
    flex: none;
    margin-top: auto;
    padding: 8px 0 12px;
  }
  .beginning {
    padding: 16px 16px 4px;
    font-size: 12px;
    text-align: center;
    overflow-wrap: anywhere;
  }
  /* Of one height in each of its states: nothing moves when it changes. */
  history-gap {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    height: 32px;
    padding: 0 16px;
    overflow: hidden;
    font-size: 12px;
    white-space: nowrap;
  }
  .link {
    color: var(--vscode-textLink-foreground);
    text-decoration: underline;
  }
  .floating {
    position: absolute;
    top: 8px;
    left: 0;
    right: 0;
    display: flex;
    justify-content: center;
    pointer-events: none;
  }
  .floating span {
    padding: 2px 10px;
    border: 1px solid var(--vscode-contrastBorder, var(--vscode-panel-border, transparent));
    border-radius: 11px;
    background: var(--vscode-editorWidget-background);
    color: var(--vscode-editorWidget-foreground, var(--vscode-foreground));
    box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
    font-size: 11px;
    font-weight: 600;
    line-height: 16px;
  }
  .ring {
    width: 16px;
    height: 16px;
  }
  .day,
  .unread {
    display: flex;
    align-items: center;
    gap: 10px;
    margin: 12px 16px 4px;
    color: var(--vscode-descriptionForeground);
    font-size: 11px;
    line-height: 16px;
  }
  .day::before,
  .day::after,
  .unread::before {
    content: "";
    flex: 1;
    border-top: 1px solid var(--vscode-panel-border, currentColor);
  }
  .unread {
    margin: 6px 16px 2px;
    color: var(--error-foreground);
    font-weight: 600;
  }
  .unread::before {
    border-top-color: currentColor;
  }
  .pill {
    position: absolute;
    bottom: 10px;
    left: 50%;
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-height: 26px;
    padding: 4px 6px;
    transform: translateX(-50%);
    border: 1px solid var(--vscode-contrastBorder, var(--vscode-widget-border, transparent));
    border-radius: 14px;
    background: var(--vscode-editorWidget-background);
    color: var(--vscode-editorWidget-foreground, var(--vscode-foreground));
    box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
    font: inherit;
    font-size: 12px;
    white-space: nowrap;
    cursor: pointer;
  }
  .pill.news {
    padding-inline: 10px 14px;
    border-color: var(--vscode-contrastBorder, transparent);
    background: var(--vscode-button-background, var(--vscode-editorWidget-background));
    color: var(--vscode-button-foreground);
  }
  .pill:hover {
    outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
  }
  .pill:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: 2px;
  }
`;
