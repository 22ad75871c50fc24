/** Instants as people read them: in UTC, with how far away they are beside it. */

const UNITS = [
  ['year', 365 * 24 * 60 * 60],
  ['month', 30 * 24 * 60 * 60],
  ['day', 24 * 60 * 60],
  ['hour', 60 * 60],
  ['minute', 60],
] as const;

const WORDS = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const SOON_MS = 7 * 24 * 60 * 60 * 1000;

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

/** `2026-11-22 18:05 UTC` */
export function utcMinute(instant: Date): string {
  return `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function isSoon(instant: Date, now: Date): boolean {
  return instant.getTime() - now.getTime() <= SOON_MS;
}
