import { QueryFailedError } from 'typeorm';
import type { Failures } from '../database-errors.js';

const AWAY = /^SQLITE_(BUSY|LOCKED|IOERR|FULL|CANTOPEN|READONLY|PROTOCOL)/;
const BUSY = /^SQLITE_BUSY/;

export const SQLITE_FAILURES: Failures = {
  // A writer waits for the one before it.
  isConflict: () => false,
  isAway: (error) => AWAY.test(codeOf(error)),
};

/** Whether another process has the lock that was wanted. */
export function isBusy(error: unknown): boolean {
  return BUSY.test(codeOf(error instanceof QueryFailedError ? error.driverError : error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
