import { expect } from 'chai';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { QueryFailedError } from 'typeorm';
import type { Database } from '../../src/store/database.js';
import { openDatabase } from '../../src/store/databases.js';
import { TABLES } from '../../src/store/tables.js';
import { sqliteSettings } from '../support/database.js';
import { temporaryFolder, type TemporaryFolder } from '../support/run.js';

/** Of an event loop that is held up there would be one or two. */
const TURNS = 100;
const LONG = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT COUNT(*) AS count FROM n`;

describe('a SQLite file, asked on a thread of its own', function () {
  this.timeout(20_000);

  let folder: TemporaryFolder;
  let database: Database;

  before(async () => {
    folder = await temporaryFolder('pullgate-thread-');
    database = await openDatabase(sqliteSettings(join(folder.path, 'pullgate.db')), TABLES);
    await database.migrate();
  });

  after(async () => {
    await database.close();
    await folder.remove();
  });

  async function query(sql: string, values: unknown[] = []): Promise<unknown> {
    return await database.db.query(sql, values);
  }

  it('holds the event loop up with no question, however long it takes', async () => {
    expect(await turnsDuring(query(LONG))).to.be.greaterThan(TURNS);
  });

  it('answers the lookups of the doors meanwhile', async () => {
    const order: string[] = [];
    const long = query(LONG).then(() => order.push('long'));
    await database.lookUp({ secretDigest: null, prefixes: ['tanuki/app'] });
    order.push('lookup');
    await long;

    expect(order).to.deep.equal(['lookup', 'long']);
  });

  it('answers in the order of the questions, and takes what a column can hold', async () => {
    const values = [1.5, 'text', Buffer.from([0, 255]), null, true];

    const answers = await Promise.all([
      query('SELECT ? AS number, ? AS text, ? AS bytes, ? AS none, ? AS flag', values),
      query('CREATE TABLE answers (id integer primary key)'),
      query('INSERT INTO answers (id) VALUES (7)'),
    ]);

    expect(answers[0]).to.deep.equal([
      { number: 1.5, text: 'text', bytes: Buffer.from([0, 255]), none: null, flag: 1 },
    ]);
    expect(answers[2]).to.equal(7);
  });

  it('says what SQLite says, with its code', async () => {
    await query('CREATE TABLE once (id integer primary key)');
    await query('INSERT INTO once (id) VALUES (1)');

    const error = await query('INSERT INTO once (id) VALUES (1)').catch((each: unknown) => each);

    expect(error).to.be.instanceOf(QueryFailedError);
    expect(error).to.have.nested.property('driverError.code', 'SQLITE_CONSTRAINT_PRIMARYKEY');
  });
});

/** How often the event loop turns meanwhile. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  const over = new AbortController();
  const ended = work.finally(() => {
    over.abort();
  });
  let turns = 0;
  while (!over.signal.aborted) {
    await nextTurn();
    turns += 1;
  }
  await ended;
  return turns;
}
