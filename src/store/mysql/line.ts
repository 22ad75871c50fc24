import { DatabaseAway } from '../database-errors.js';
import { away, isHostAway, type Loan } from './pool.js';

/** Of one column; a bigint comes as a string. */
export type Cell = string | number | Buffer | null;
export type Cells = readonly Cell[];
export type Values = (string | Buffer)[];

/** A connection for one statement after the other. */
export interface Line {
  /** Throws DatabaseAway, and has left the host, when that is away or answers too late. */
  readonly ask: (sql: string, values: Values) => Promise<readonly Cells[]>;
  readonly release: () => void;
  readonly leaveHost: () => void;
  /** Nothing may be asked any more. */
  readonly isEnded: () => boolean;
}

/** What is used here of mysql2's connection below its promises, which are declared as if they were it. */
interface Core {
  readonly query: (
    options: { readonly sql: string; readonly values: Values; readonly rowsAsArray: true },
    answered: (error: Error | null, rows: unknown) => void,
  ) => unknown;
  readonly once: (event: 'end' | 'error', listener: () => void) => unknown;
  readonly removeListener: (event: 'end' | 'error', listener: () => void) => unknown;
}

export interface LineOptions {
  /** For an answer; and how long nothing may be asked before the connection is given back. */
  readonly patienceMs: number;
  /** Called at the end. */
  readonly forget: (line: Line) => void;
}

export function openLine(loan: Loan, { patienceMs, forget }: LineOptions): Line {
  const core = coreOf(loan);
  let fail: ((error: DatabaseAway) => void) | null = null;
  let isEnded = false;
  // One for all statements, each of which winds it up again.
  const timer = setTimeout(timeIsUp, patienceMs);

  function end(giveUp: () => void): void {
    if (!isEnded) {
      isEnded = true;
      fail = null;
      clearTimeout(timer);
      core.removeListener('end', died);
      core.removeListener('error', died);
      forget(line);
      giveUp();
    }
  }

  function breakOff(error: unknown): DatabaseAway {
    end(loan.leaveHost);
    return away(error);
  }

  /** While nothing is asked; a statement fails by itself. */
  function died(): void {
    if (fail === null) {
      end(loan.leaveHost);
    }
  }

  function timeIsUp(): void {
    const late = fail;
    if (late === null) {
      end(loan.release);
      return;
    }
    // This process may have been held up itself: what lies in its sockets is read first.
    setImmediate(() => {
      if (fail === late) {
        late(breakOff(new DatabaseAway(`no answer within ${Math.round(patienceMs)} ms`)));
      }
    });
  }

  async function ask(sql: string, values: Values): Promise<readonly Cells[]> {
    return await new Promise((resolve, reject) => {
      fail = reject;
      timer.refresh();
      core.query({ sql, values, rowsAsArray: true }, (error, rows) => {
        if (fail !== reject) {
          return;
        }
        fail = null;
        if (error === null && isCells(rows)) {
          resolve(rows);
        } else {
          reject(isHostAway(error) ? breakOff(error) : error);
        }
      });
    });
  }

  core.once('end', died);
  core.once('error', died);
  const line: Line = {
    ask,
    release() {
      end(loan.release);
    },
    leaveHost() {
      end(loan.leaveHost);
    },
    isEnded: () => isEnded,
  };
  return line;
}

/** What is in each is looked at where it is decoded. */
function coreOf({ connection }: Loan): Core {
  const core: unknown = connection.connection;
  if (!isCore(core)) {
    throw new Error('the connection is not one of mysql2');
  }
  return core;
}

function isCore(value: unknown): value is Core {
  return typeof value === 'object' && value !== null && 'query' in value && 'once' in value;
}

function isCells(rows: unknown): rows is readonly Cells[] {
  return Array.isArray(rows);
}
