/** Rows written past the service, which would take minutes for them. */

import Sqlite from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';

const BATCH = 1000;

/**
 * Fills the empty tables of a database that `startDatabases` made. Each table comes with how many rows it
 * has, and the row of a number from 1 on.
 */
export async function fillTables({ url }, tables) {
  const writer = url.startsWith('sqlite:') ? sqliteWriter(url) : await mysqlWriter(url);
  for (const [table, count, rowOf] of tables) {
    for (let start = 1; start <= count; start += BATCH) {
      const length = Math.min(BATCH, count - start + 1);
      const numbers = Array.from({ length }, (_, index) => start + index);
      await writer.write(table, numbers.map(rowOf));
    }
  }
  await writer.end();
}

function sqliteWriter(url) {
  const db = new Sqlite(url.replace('sqlite:', ''));
  return {
    async write(table, rows) {
      const columns = Object.keys(rows[0]);
      const marks = columns.map((column) => `@${column}`).join(', ');
      const insert = db.prepare(`${insertInto(table, columns)} (${marks})`);
      db.transaction(() => {
        rows.forEach((row) => insert.run(row));
      })();
    },
    async end() {
      db.close();
    },
  };
}

async function mysqlWriter(url) {
  const connection = await createConnection(url);
  return {
    async write(table, rows) {
      const values = rows.map((row) => Object.values(row));
      await connection.query(`${insertInto(table, Object.keys(rows[0]))} ?`, [values]);
    },
    async end() {
      await connection.end();
    },
  };
}

function insertInto(table, columns) {
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES`;
}
