import { AppError } from '../access/errors.js';
import { ConfigError } from '../config.js';
import { KeyError } from '../keys/key-folder.js';

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

/** A command that failed for a reason that its message tells. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

const TOLD_BY_MESSAGE = [AppError, ConfigError, KeyError, CommandError];

/** One line for a failure that somebody can act on; the stack of anything else. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  if (TOLD_BY_MESSAGE.some((type) => error instanceof type)) {
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
