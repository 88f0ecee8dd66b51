// Times as clients write them.

/** Milliseconds since the epoch of `timestamp=2019-01-04T14:33:26.123Z`; undefined for anything else. */
export function parseTimestamp(text: string): number | undefined {
  return text.startsWith("timestamp=") ? parseTime(text.slice("timestamp=".length)) : undefined;
}

/** Milliseconds since the epoch of `2019-01-04T14:33:26.123Z`; undefined for anything else. */
export function parseTime(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
