import { QueryFailedError } from 'typeorm';
import { AppError } from '../access/errors.js';

/** The database did not do what was asked, for a reason that lies with it and may pass. */
export class DatabaseAway extends Error {
  override readonly name = 'DatabaseAway';
}

const AGAIN = 'Try again in a moment.';
const AWAY = `The database does not answer just now. ${AGAIN}`;
const OUTCOME_UNKNOWN =
  'The database stopped answering while the change was being saved, so it may have been made. ' +
  'Look before you try again.';

/** What the errors of a driver mean. */
export interface Failures {
  /** The whole transaction was rolled back because of another one. */
  readonly isConflict: (error: unknown) => boolean;
  /** The reason lies with the database and may pass, such as a full disk. */
  readonly isAway: (error: unknown) => boolean;
  /** Why nothing can be written, in a few words; null for what says nothing about that. */
  readonly whyNotWritten: (error: unknown) => string | null;
}

export function isConflict(error: unknown, failures: Failures): boolean {
  return failures.isConflict(driverError(error));
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

/** The same of whatever a write failed with. */
export function whyNotWritten(error: unknown, failures: Failures): string | null {
  const cause = error instanceof AppError ? error.cause : driverError(error);
  const isUnanswered = cause instanceof DatabaseAway;
  return knownReason(cause, failures) ?? (isUnanswered ? 'the database does not answer' : null);
}

function knownReason(cause: unknown, failures: Failures): string | null {
  return failures.whyNotWritten(cause instanceof DatabaseAway ? cause.cause : cause);
}

function isAway(error: unknown, failures: Failures): boolean {
  const cause = driverError(error);
  return cause instanceof DatabaseAway || failures.isConflict(cause) || failures.isAway(cause);
}

/** `unavailable` for a database that is away, or cannot do it; any other error as it is. */
export function asAppError(error: unknown, failures: Failures): unknown {
  if (!isAway(error, failures)) {
    return error;
  }
  const cause = driverError(error);
  const why = knownReason(cause, failures);
  const text = why === null ? AWAY : `The database cannot do that just now: ${why}. ${AGAIN}`;
  return new AppError('unavailable', text, { cause });
}

/** For a commit that failed, after which it cannot be known what became of the transaction. */
export function asUnknownOutcome(error: unknown, failures: Failures): unknown {
  return isAway(error, failures) && !isConflict(error, failures)
    ? new AppError('unavailable', OUTCOME_UNKNOWN, { cause: driverError(error) })
    : error;
}

/** The same functions; what they throw is translated. */
export function withAppErrors<T extends object>(functions: T, failures: Failures): T {
  return new Proxy(functions, {
    get(target, name): unknown {
      const member: unknown = Reflect.get(target, name);
      return typeof member !== 'function'
        ? member
        : async (...args: unknown[]): Promise<unknown> => {
            try {
              return await Reflect.apply(member, target, args);
            } catch (error) {
              throw asAppError(error, failures);
            }
          };
    },
  });
}
