// Style sheets are the bundler's: it writes them to dist/webview.css.
declare module "*.css";
