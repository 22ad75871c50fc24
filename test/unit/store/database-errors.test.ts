import { expect } from 'chai';
import { asAppError, DatabaseAway, type Failures } from '../../../src/store/database-errors.js';
import { MYSQL_FAILURES } from '../../../src/store/mysql/failures.js';
import { SQLITE_FAILURES } from '../../../src/store/sqlite/failures.js';

function mysql(errno: number): Error {
  return Object.assign(new Error(`error ${errno}`), { errno });
}

function sqlite(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const FULL = 'the disk of the database is full';
const MYSQL_READS = 'the database server is read-only';

describe('what a database that fails is told of', () => {
  for (const [what, error, failures, why] of [
    ['a full disk of MySQL', mysql(1021), MYSQL_FAILURES, FULL],
    ['a full table space', mysql(1114), MYSQL_FAILURES, FULL],
    ['a read-only server', away(mysql(1290)), MYSQL_FAILURES, MYSQL_READS],
    ['a lost primary', away(mysql(1836)), MYSQL_FAILURES, MYSQL_READS],
    ['a full disk of SQLite', sqlite('SQLITE_FULL'), SQLITE_FAILURES, FULL],
    [
      'a read-only file',
      sqlite('SQLITE_READONLY'),
      SQLITE_FAILURES,
      'the database file is read-only',
    ],
    [
      'a lock that is held',
      sqlite('SQLITE_BUSY'),
      SQLITE_FAILURES,
      'another process holds the lock on the database',
    ],
  ] as const satisfies readonly (readonly [string, Error, Failures, string])[]) {
    it(`names the reason: ${what}`, () => {
      expect(asAppError(error, failures))
        .to.include({ code: 'unavailable' })
        .with.property(
          'message',
          `The database cannot do that just now: ${why}. Try again in a moment.`,
        );
    });
  }

  it('does not guess: one that is not reached does not answer', () => {
    expect(asAppError(away(new Error('connect ECONNREFUSED 10.0.0.7:3306')), MYSQL_FAILURES))
      .to.be.instanceOf(Error)
      .with.property('message', 'The database does not answer just now. Try again in a moment.');
  });

  it('leaves what is a fault of ours as it is', () => {
    const syntax = mysql(1064);

    expect(asAppError(syntax, MYSQL_FAILURES)).to.equal(syntax);
  });
});

function away(cause: Error): DatabaseAway {
  return new DatabaseAway(cause.message, { cause });
}
