/** Instants as people read them: in UTC, with how far away they are beside it. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNITS = [
  ['year', 365 * DAY],
  ['month', 30 * DAY],
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
] as const;

const WORDS = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const SHORT_DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const LONG_DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** What ends within this time needs somebody. */
export const SOON_DAYS = 14;
const SOON_MS = SOON_DAYS * DAY * 1000;

/** `in 3 days`, `5 minutes ago`; whole units, rounded towards now. */
export function relativeTime(instant: Date, now: Date): string {
  const seconds = (instant.getTime() - now.getTime()) / 1000;
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) {
      return WORDS.format(Math.trunc(seconds / size), unit);
    }
  }
  return seconds > 0 ? 'in a moment' : 'just now';
}

/** `2026-11-22 18:05:30 UTC` */
export function utcSecond(instant: Date): string {
  return `${instant.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `3 Dec 2026` */
export function shortDay(instant: Date): string {
  return SHORT_DAY.format(instant);
}

/** `3 December 2026` */
export function longDay(instant: Date): string {
  return LONG_DAY.format(instant);
}

export function isSoon(instant: Date, now: Date): boolean {
  return instant.getTime() - now.getTime() <= SOON_MS;
}
