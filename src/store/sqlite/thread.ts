/** The worker thread that has the connection of the stores: see query-thread.ts. */

import { parentPort } from 'node:worker_threads';
import Sqlite, { type Statement } from 'better-sqlite3';
import type { Answer, Failure, Question } from './query-thread.js';

/** Statements differ by their lists of values, too. */
const MAX_STATEMENTS = 200;

const [, , file = '', timeoutMs, cacheKb] = process.argv;
const statements = new Map<string, Statement>();
let connection: Sqlite | null = null;

parentPort?.on('message', (question: Question) => {
  parentPort?.postMessage(answerTo(question));
});

function answerTo({ id, sql, values }: Question): Answer {
  try {
    const statement = prepared(sql);
    return statement.reader
      ? { id, rows: statement.all(...values) }
      : { id, ...statement.run(...values) };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

function failureOf(error: unknown): Failure {
  return error instanceof Error
    ? { message: error.message, code: 'code' in error ? String(error.code) : '' }
    : { message: String(error), code: '' };
}

/** The first question opens the database, so that it is told when that fails. */
function prepared(sql: string): Statement {
  connection ??= open();
  const known = statements.get(sql);
  if (known !== undefined) {
    return known;
  }
  const statement = connection.prepare(sql);
  if (statements.size >= MAX_STATEMENTS) {
    statements.clear();
  }
  statements.set(sql, statement);
  return statement;
}

function open(): Sqlite {
  const opened = new Sqlite(file, { timeout: Number(timeoutMs) });
  opened.pragma('foreign_keys = ON');
  opened.pragma('journal_mode = WAL');
  opened.pragma(`cache_size = -${cacheKb}`);
  return opened;
}
