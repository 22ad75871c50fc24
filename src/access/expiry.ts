/** Expiry of deploy tokens and personal access tokens: a date, and dead from 00:00:00 UTC of it on. */

const DAY_MS = 24 * 60 * 60 * 1000;
const CALENDAR_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** The first instant of a `YYYY-MM-DD` date in UTC; null for anything else, 2026-02-30 included. */
export function parseExpiryDate(text: string): Date | null {
  if (!CALENDAR_DATE.test(text)) {
    return null;
  }
  const midnight = new Date(`${text}T00:00:00.000Z`);
  // Date rolls 2026-02-30 over to March 2nd instead of refusing it.
  const exists = !Number.isNaN(midnight.getTime()) && formatExpiryDate(midnight) === text;
  return exists ? midnight : null;
}

/** The first instant of the day in so many days, in UTC. */
export function dayIn(days: number, now: Date): Date {
  const at = new Date(now.getTime() + days * DAY_MS);
  return new Date(at.getTime() - (at.getTime() % DAY_MS));
}

/** The date of that instant in UTC. */
export function formatExpiryDate(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}

/** The date; with the time, in UTC, where it is another than midnight, as the API can set it. */
export function formatExpiry(expiresAt: Date): string {
  const text = expiresAt.toISOString();
  return text.endsWith('T00:00:00.000Z') ? formatExpiryDate(expiresAt) : text;
}

/** For people: when it ends. */
export function expiryText(expiresAt: Date | null): string {
  return expiresAt === null ? 'without expiry' : `until ${formatExpiry(expiresAt)}`;
}

/** The one comparator: authentication, lists, API and pages ask this and nothing else. */
export function isExpired(expiresAt: Date | null, now: Date): boolean {
  return expiresAt !== null && now >= expiresAt;
}
