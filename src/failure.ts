/** What a failure says to whoever runs Pullgate. */

import { AppError } from './access/errors.js';

const FILE_PROBLEMS = new Set([
  'EACCES',
  'EEXIST',
  'EISDIR',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EROFS',
]);
/** Codes of better-sqlite3, mysql2 and the network on the way to MySQL. */
const DATABASE_PROBLEM = /^(SQLITE_|ER_|PROTOCOL_|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND)/;

/** Its message says what is wrong and what to do, so nobody needs the stack. */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError';
}

/** A command that failed. */
export class CommandError extends OperatorError {
  override readonly name = 'CommandError';
}

/** One line for a failure that somebody can act on; the stack of anything else. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  if (error instanceof AppError || error instanceof OperatorError) {
    return error.message;
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (FILE_PROBLEMS.has(code)) {
    return `A file or folder cannot be used: ${error.message}`;
  }
  if (DATABASE_PROBLEM.test(code)) {
    return `The database cannot be used: ${error.message}`;
  }
  return error.stack ?? error.message;
}
