// The page's strings in the editor's language. English is the key, so one bundle serves host and page.

let table: Readonly<Record<string, unknown>> = {};

/** Takes the table the host wrote into the page: English → translation. Anything else leaves English. */
export function setStrings(json: string | undefined): void {
  table = {};
  if (json === undefined || json === "") return;
  try {
    const parsed: unknown = JSON.parse(json);
    if (typeof parsed === "object" && parsed !== null) table = parsed as Record<string, unknown>;
  } catch {
    // A broken table must not take the chat away: English will do.
  }
}

/** `message` translated, with `{0}`, `{1}` … replaced. */
export function t(message: string, ...args: readonly (string | number)[]): string {
  const found = Object.hasOwn(table, message) ? table[message] : undefined;
  const pattern = typeof found === "string" ? found : message;
  return pattern.replace(/\{(\d)\}/g, (whole, index: string) => {
    const arg = args[Number(index)];
    return arg === undefined ? whole : String(arg);
  });
}
