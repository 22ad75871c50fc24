import type { DayUses } from '../../src/web/parts/usage.js';

export const NOW = new Date('2026-11-28T07:34:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;
const MINUTE_MS = 60_000;

export function minutesAgo(minutes: number): Date {
  return new Date(NOW.getTime() - minutes * MINUTE_MS);
}

export function inDays(days: number): Date {
  return new Date(NOW.getTime() + days * DAY_MS);
}

/** The last 30 days, busy in the middle of the week; refused ones on the last `refusedDays`. */
export function lastDays(busy: number, refusedDays = 0): DayUses[] {
  return Array.from({ length: 30 }, (_, index) => ({
    day: inDays(index - 29),
    uses: Math.round(busy * (1 + Math.sin(index * 0.9)) * (index % 7 === 5 ? 0.3 : 1)),
    refused: index >= 30 - refusedDays ? 4 + (index % 5) : 0,
  }));
}
