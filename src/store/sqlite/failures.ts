import { QueryFailedError } from 'typeorm';
import type { Failures } from '../database-errors.js';

const AWAY = /^SQLITE_(BUSY|LOCKED|IOERR|FULL|CANTOPEN|READONLY|PROTOCOL)/;
const BUSY = /^SQLITE_BUSY/;

/** The beginning of a code, and what it means for whoever runs the service. */
const NOT_WRITTEN: readonly (readonly [code: string, why: string])[] = [
  ['SQLITE_FULL', 'the disk of the database is full'],
  ['SQLITE_READONLY', 'the database file is read-only'],
  ['SQLITE_IOERR', 'the disk of the database fails or is full'],
  ['SQLITE_CANTOPEN', 'the database file cannot be opened'],
  ['SQLITE_BUSY', 'another process holds the lock on the database'],
];

export const SQLITE_FAILURES: Failures = {
  // A writer waits for the one before it.
  isConflict: () => false,
  isAway: (error) => AWAY.test(codeOf(error)),
  whyNotWritten(error) {
    const code = codeOf(error);
    return NOT_WRITTEN.find(([beginning]) => code.startsWith(beginning))?.[1] ?? null;
  },
};

/** Whether another process has the lock that was wanted. */
export function isBusy(error: unknown): boolean {
  return BUSY.test(codeOf(error instanceof QueryFailedError ? error.driverError : error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
