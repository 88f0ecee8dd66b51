// Times of the server-time tag. https://ircv3.net/specs/extensions/server-time

const SERVER_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:)(\d\d)((?:\.\d+)?Z)$/;
const SECOND_MS = 1_000;

/**
 * Milliseconds since the epoch of `2019-01-04T14:33:26.123Z`; undefined for anything else. A leap second, 23:59:60, counts as
 * the second after it, as on every clock that has none.
 */
export function parseServerTime(text: string | undefined): number | undefined {
  const [, minute, second, rest] = SERVER_TIME.exec(text ?? "") ?? [];
  if (minute === undefined || second === undefined || rest === undefined) return undefined;
  const isLeap = second === "60";
  const time = Date.parse(`${minute}${isLeap ? "59" : second}${rest}`);
  if (Number.isNaN(time)) return undefined;
  return isLeap ? time + SECOND_MS : time;
}
