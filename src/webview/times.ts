// Times as people read them.
import type { PanelSettings } from "../bridge/view.js";

type TimeFormat = PanelSettings["timeFormat"];

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format is slow, and each row needs one. */
function formatFor(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(locale === "" ? undefined : locale, options);
  formats.set(key, made);
  return made;
}

function clock(format: TimeFormat): Intl.DateTimeFormatOptions {
  const minute = "2-digit";
  switch (format) {
    case "auto":
      return { hour: "numeric", minute };
    case "12h":
      return { hour: "numeric", minute, hourCycle: "h12" };
    case "24h":
      return { hour: "2-digit", minute, hourCycle: "h23" };
  }
}

/** Hours and minutes: `10:15`. `locale` is a BCP 47 tag, or "" for the browser's own. */
export function shortTime(time: number, format: TimeFormat, locale: string): string {
  return formatFor(locale, clock(format)).format(time);
}

/** Day, date and time to the second. */
export function fullTime(time: number, format: TimeFormat, locale: string): string {
  return formatFor(locale, {
    weekday: "long",
    year: "numeric",
    month: "long",
    day: "numeric",
    second: "2-digit",
    ...clock(format),
  }).format(time);
}

/** A number that is the same for all times of one local day, and one more for the next. */
export function dayNumber(time: number): number {
  const date = new Date(time);
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);
}

/** `Today`, `Yesterday`, otherwise the date; the year only where it is another. */
export function dayName(time: number, now: number, locale: string): string {
  const distance = dayNumber(time) - dayNumber(now);
  if (distance === 0 || distance === -1) {
    const relative = new Intl.RelativeTimeFormat(locale === "" ? undefined : locale, {
      numeric: "auto",
    });
    const word = relative.format(distance, "day");
    return word.charAt(0).toLocaleUpperCase() + word.slice(1);
  }
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  const year = sameYear ? {} : ({ year: "numeric" } as const);
  return formatFor(locale, { weekday: "long", month: "long", day: "numeric", ...year }).format(
    time,
  );
}
