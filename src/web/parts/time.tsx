import type { JSX } from 'preact';
import { isExpired } from '../../access/expiry.js';
import { isSoon, relativeTime, shortDay, utcSecond } from '../time.js';

/** How far away, with the instant for whoever points at it or reads it by a program. */
export function Ago(props: { readonly instant: Date; readonly now: Date }): JSX.Element {
  const { instant, now } = props;
  return (
    <time dateTime={instant.toISOString()} title={utcSecond(instant)}>
      {relativeTime(instant, now)}
    </time>
  );
}

/** Two lines of a cell: `in 5 days`, `3 Dec 2026`. */
export function expiryLines(
  expiresAt: Date | null,
  now: Date,
): { readonly first: JSX.Element; readonly second: string } {
  if (expiresAt === null) {
    return { first: <span class="muted">never</span>, second: '' };
  }
  const isWarned = !isExpired(expiresAt, now) && isSoon(expiresAt, now);
  return {
    first: (
      <span class={isWarned ? 't-warn' : undefined}>
        <Ago instant={expiresAt} now={now} />
      </span>
    ),
    second: shortDay(expiresAt),
  };
}
