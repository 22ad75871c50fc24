import { QueryFailedError } from 'typeorm';
import { AppError } from '../access/errors.js';

/** The database did not do what was asked, for a reason that lies with it and may pass. */
export class DatabaseAway extends Error {
  override readonly name = 'DatabaseAway';
}

const AWAY = 'The database does not answer just now. Try again in a moment.';
const OUTCOME_UNKNOWN =
  'The database stopped answering while the change was being saved, so it may have been made. ' +
  'Look before you try again.';

/**
 * The whole transaction was rolled back because of another one. MySQL and Galera: 1213 deadlock and
 * failed certification, 1205 a lock that was waited for too long, 1020 a row changed since it was read;
 * MySQL Group Replication: 3101 failed certification.
 */
const CONFLICTS = new Set([1020, 1205, 1213, 3101]);

/** Disk full, table full, storage engine failed. */
const BROKEN = new Set([1021, 1030, 1114]);
const SQLITE_AWAY = /^SQLITE_(BUSY|LOCKED|IOERR|FULL|CANTOPEN|READONLY|PROTOCOL)/;

export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(numberOf(error));
}

/** Whether nothing could be asked of the database at all, as against one transaction that failed. */
export function isOutage(error: unknown): boolean {
  const cause = error instanceof AppError ? error.cause : driverError(error);
  return cause instanceof DatabaseAway;
}

/** What went wrong at the driver, without TypeORM's wrapping. */
function driverError(error: unknown): unknown {
  return error instanceof QueryFailedError ? error.driverError : error;
}

function isAway(error: unknown): boolean {
  const cause = driverError(error);
  const code =
    cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return (
    cause instanceof DatabaseAway ||
    isConflict(cause) ||
    BROKEN.has(numberOf(cause)) ||
    SQLITE_AWAY.test(code)
  );
}

function numberOf(error: unknown): number {
  const cause = driverError(error);
  return cause instanceof Error && 'errno' in cause && typeof cause.errno === 'number'
    ? cause.errno
    : 0;
}

/** `unavailable` for a database that is away; any other error as it is. */
export function asAppError(error: unknown): unknown {
  return isAway(error) ? new AppError('unavailable', AWAY, { cause: driverError(error) }) : error;
}

/** For a commit that failed, after which it cannot be known what became of the transaction. */
export function asUnknownOutcome(error: unknown): unknown {
  return isAway(error) && !isConflict(error)
    ? new AppError('unavailable', OUTCOME_UNKNOWN, { cause: driverError(error) })
    : error;
}

/** The same functions; what they throw is translated. */
export function withAppErrors<T extends object>(functions: T): T {
  return new Proxy(functions, {
    get(target, name): unknown {
      const member: unknown = Reflect.get(target, name);
      return typeof member !== 'function'
        ? member
        : async (...args: unknown[]): Promise<unknown> => {
            try {
              return await Reflect.apply(member, target, args);
            } catch (error) {
              throw asAppError(error);
            }
          };
    },
  });
}
