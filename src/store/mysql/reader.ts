/**
 * Reads by the statement that every request asks, on connections that are kept from one to the next. A
 * promise, a timer and a turn at the pool for each statement would cost more than the statement itself.
 */

import { performance } from 'node:perf_hooks';
import { DatabaseAway } from '../database-errors.js';
import { openLine, type Cells, type Line, type Values } from './line.js';
import type { MysqlPool } from './pool.js';
import { within } from './within.js';

export type Read = (sql: string, values: Values) => Promise<readonly Cells[]>;

export interface ReaderOptions {
  readonly pool: MysqlPool;
  readonly timeoutMs: number;
  readonly hosts: number;
}

/** Each statement must be one that can be sent again: to the next host, when one fails. */
export function createReader({ pool, timeoutMs, hosts }: ReaderOptions): Read {
  const unused: Line[] = [];
  const shareMs = timeoutMs / hosts;

  pool.addKeeper({
    giveBack() {
      for (const line of unused.splice(0)) {
        line.release();
      }
    },
    unused: () => unused.length,
  });

  function forget(line: Line): void {
    const index = unused.indexOf(line);
    if (index !== -1) {
      unused.splice(index, 1);
    }
  }

  function keep(line: Line): void {
    if (pool.isWanted()) {
      line.release();
    } else {
      unused.push(line);
    }
  }

  /** On a connection that it may have to wait for, which leaves the less time for the answer. */
  async function askNewLine(
    deadline: number,
    [sql, values]: Parameters<Read>,
  ): Promise<readonly Cells[]> {
    const loan = await pool.borrow(deadline);
    const line = openLine(loan, { patienceMs: shareMs, forget });
    const milliseconds = Math.min(shareMs, deadline - performance.now());
    try {
      return await within(askLine(line, sql, values), { milliseconds });
    } catch (error) {
      if (error instanceof DatabaseAway) {
        line.leaveHost();
      }
      throw error;
    }
  }

  async function askLine(
    line: Line,
    ...[sql, values]: Parameters<Read>
  ): Promise<readonly Cells[]> {
    try {
      return await line.ask(sql, values);
    } finally {
      if (!line.isEnded()) {
        keep(line);
      }
    }
  }

  return async (sql, values) => {
    const deadline = performance.now() + timeoutMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const line = unused.pop();
        return await (line === undefined
          ? askNewLine(deadline, [sql, values])
          : askLine(line, sql, values));
      } catch (error) {
        const isOver = attempt > hosts || performance.now() >= deadline;
        if (isOver || !(error instanceof DatabaseAway)) {
          throw error;
        }
      }
    }
  };
}
