import type { Failures } from '../database-errors.js';

const AWAY = /^SQLITE_(BUSY|LOCKED|IOERR|FULL|CANTOPEN|READONLY|PROTOCOL)/;

export const SQLITE_FAILURES: Failures = {
  // A writer waits for the one before it.
  isConflict: () => false,
  isAway: (error) =>
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    AWAY.test(error.code),
};
