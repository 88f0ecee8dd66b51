import { css } from "lit";

export const composerStyles = css`
  :host {
    position: relative;
    padding: 0 16px 16px;
  }
  .box {
    position: relative;
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent));
    border-radius: var(--vscode-cornerRadius-large, 8px);
    background: var(--vscode-input-background);
    color: var(--vscode-input-foreground);
  }
  .box:focus-within {
    border-color: var(--vscode-focusBorder);
  }
  textarea {
    flex: 1 1 0;
    min-width: 0;
    max-height: min(40vh, 260px);
    padding: 7px 10px;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    line-height: 20px;
    resize: none;
    field-sizing: content;
    overflow-wrap: anywhere;
  }
  /* The box around it shows the focus. */
  textarea:focus-visible {
    outline: none;
  }
  textarea::placeholder {
    /* Themes have placeholders of half the contrast that is needed to read them. */
    color: color-mix(in srgb, var(--vscode-input-foreground) 75%, var(--vscode-input-background));
    opacity: 1;
  }
  .choice {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    padding: 0 0 8px;
  }
  .under {
    display: flex;
    align-items: center;
    gap: 8px;
    flex: 1 0 100%;
    min-width: 0;
    min-height: 24px;
    padding: 0 6px 4px 10px;
  }
  .under.unseen {
    min-height: 0;
    padding: 0;
  }
  .send {
    margin: 5px;
  }
  .audience {
    flex: 1;
    font-size: 11px;
  }
  .audience .icon {
    vertical-align: text-bottom;
    color: var(--vscode-editorWarning-foreground);
  }
  .audience .icon::before {
    font-size: 13px;
  }
  .error {
    display: flex;
    gap: 6px;
    padding: 4px 2px;
    color: var(--error-foreground);
    font-size: 12px;
    line-height: 16px;
    overflow-wrap: anywhere;
  }
  .options {
    position: absolute;
    bottom: 100%;
    left: 16px;
    right: 16px;
    z-index: 2;
    max-width: 480px;
    margin: 0 0 4px;
    padding: 4px;
    border: 1px solid
      var(--vscode-contrastBorder, var(--vscode-editorSuggestWidget-border, transparent));
    border-radius: 6px;
    background: var(--vscode-editorSuggestWidget-background, var(--vscode-editorWidget-background));
    color: var(--vscode-editorSuggestWidget-foreground, var(--vscode-foreground));
    box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
    list-style: none;
  }
  .options li {
    display: flex;
    align-items: baseline;
    gap: 12px;
    padding: 3px 8px;
    border-radius: 3px;
    cursor: pointer;
  }
  .options .label {
    flex: 0 1 auto;
  }
  .options .muted {
    flex: 0 9 auto;
    font-size: 12px;
  }
  .options li:hover {
    background: var(--vscode-list-hoverBackground);
  }
  .options li[aria-selected="true"] {
    outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
    background: var(
      --vscode-editorSuggestWidget-selectedBackground,
      var(--vscode-list-activeSelectionBackground)
    );
    color: var(
      --vscode-editorSuggestWidget-selectedForeground,
      var(--vscode-list-activeSelectionForeground)
    );
  }
  .options li[aria-selected="true"] .muted {
    color: inherit;
  }
  @media (forced-colors: active) {
    .box:focus-within {
      outline: 2px solid Highlight;
    }
    .options li[aria-selected="true"] {
      outline: 2px solid Highlight;
    }
  }
`;
