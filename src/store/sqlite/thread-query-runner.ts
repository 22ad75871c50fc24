import { QueryFailedError } from 'typeorm';
import { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { BetterSqlite3QueryRunner } from 'typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner.js';
import { QueryResult } from 'typeorm/query-runner/QueryResult.js';
import type { DataSource } from 'typeorm';
import type { QueryThread } from './query-thread.js';

/** From now on what TypeORM asks of this database is asked of the thread. */
export function askThread({ driver }: DataSource, thread: QueryThread): void {
  if (!(driver instanceof BetterSqlite3Driver)) {
    throw new Error('the database is not one of better-sqlite3');
  }
  driver.queryRunner = new ThreadQueryRunner(driver, thread);
}

class ThreadQueryRunner extends BetterSqlite3QueryRunner {
  readonly #thread: QueryThread;

  constructor(driver: BetterSqlite3Driver, thread: QueryThread) {
    super(driver);
    this.#thread = thread;
  }

  override async query(
    query: string,
    parameters: unknown[] = [],
    useStructuredResult = false,
  ): ReturnType<BetterSqlite3QueryRunner['query']> {
    this.driver.dataSource.logger.logQuery(query, parameters, this);
    const result = await this.#ask(query, parameters);
    return useStructuredResult ? result : result.raw;
  }

  async #ask(query: string, parameters: unknown[]): Promise<QueryResult> {
    const result = new QueryResult();
    try {
      const answer = await this.#thread.ask(query, parameters.map(asValue));
      if ('rows' in answer) {
        result.records = answer.rows.map(withBuffers);
        result.raw = result.records;
      } else {
        result.affected = answer.changes;
        result.raw = answer.lastInsertRowid;
      }
      return result;
    } catch (error) {
      throw error instanceof Error ? new QueryFailedError(query, parameters, error) : error;
    }
  }
}

/** SQLite knows no booleans. */
function asValue(value: unknown): unknown {
  return typeof value === 'boolean' ? Number(value) : value;
}

/** What comes from another thread has lost its class. */
function withBuffers(row: unknown): unknown {
  return Object.fromEntries(
    Object.entries(row ?? {}).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? Buffer.from(value) : value,
    ]),
  );
}
