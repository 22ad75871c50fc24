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

/** One line for a failure that somebody can act on; the stack of anything else. */
export function describeFailure(error: unknown): string {
  if (error instanceof AppError || error instanceof ConfigError || error instanceof KeyError) {
    return error.message;
  }
  if (!(error instanceof Error)) {
    return String(error);
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'EADDRINUSE') {
    return `The address is in use by another program (${error.message}). Set http.listen to a free one.`;
  }
  if (FILE_PROBLEMS.has(code)) {
    return `A file or folder cannot be used: ${error.message}`;
  }
  if (DATABASE_PROBLEM.test(code)) {
    return `The database cannot be used: ${error.message}`;
  }
  return error.stack ?? error.message;
}
