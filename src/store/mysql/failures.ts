import type { Failures } from '../database-errors.js';

/**
 * MySQL and Galera: 1213 deadlock and failed certification, 1205 a lock that was waited for too long, 1020
 * a row that changed since it was read; MySQL Group Replication: 3101 failed certification.
 */
const CONFLICTS = new Set([1020, 1205, 1213, 3101]);

/** Disk full, table full, storage engine failed. */
const BROKEN = new Set([1021, 1030, 1114]);

export const MYSQL_FAILURES: Failures = {
  isConflict: (error) => CONFLICTS.has(numberOf(error)),
  isAway: (error) => BROKEN.has(numberOf(error)),
};

function numberOf(error: unknown): number {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number'
    ? error.errno
    : 0;
}
