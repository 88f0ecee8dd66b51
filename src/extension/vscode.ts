// VS Code's API for everything but text. What shows text is in ui/, where it is made inert; ESLint keeps "vscode" itself
// to these two places, so that nothing can be shown around them.
export {
  commands,
  ConfigurationTarget,
  Disposable,
  env,
  EventEmitter,
  FileSystemError,
  FileType,
  RelativePattern,
  ThemeColor,
  ThemeIcon,
  UIKind,
  Uri,
  workspace,
} from "vscode";
export type {
  CancellationToken,
  Event,
  ExtensionContext,
  Memento,
  SecretStorage,
  UriHandler,
  Webview,
} from "vscode";
