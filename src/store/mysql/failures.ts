import type { Failures } from '../database-errors.js';

/**
 * MySQL and Galera: 1213 deadlock and failed certification, 1205 a lock that was waited for too long, 1020
 * a row that changed since it was read; MySQL Group Replication: 3101 failed certification.
 */
const CONFLICTS = new Set([1020, 1205, 1213, 3101]);

const DISK_FULL = [3, 1021, 1026, 1114];
const STORAGE_ENGINE_FAILED = 1030;
const BROKEN = new Set([...DISK_FULL, STORAGE_ENGINE_FAILED]);

const FULL = 'the disk of the database is full';
const READ_ONLY = 'the database server is read-only';
const NOT_ALLOWED = 'the database user may not write';
const NOT_WRITTEN = new Map([
  ...DISK_FULL.map((number) => [number, FULL] as const),
  [STORAGE_ENGINE_FAILED, 'the storage engine of the database fails, or its disk is full'],
  [1290, READ_ONLY],
  [1792, READ_ONLY],
  [1836, READ_ONLY],
  [1142, NOT_ALLOWED],
  [1205, 'another transaction holds the lock on the database'],
]);

export const MYSQL_FAILURES: Failures = {
  isConflict: (error) => CONFLICTS.has(numberOf(error)),
  isAway: (error) => BROKEN.has(numberOf(error)),
  whyNotWritten: (error) => NOT_WRITTEN.get(numberOf(error)) ?? null,
};

export function numberOf(error: unknown): number {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number'
    ? error.errno
    : 0;
}
