import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { DataSource } from 'typeorm';
import type { Fault } from './fault.js';
import { startMariadb } from '../support/database.js';
import { eventually } from '../support/run.js';
import type { WebClient } from '../support/web-client.js';
import { newLedger, prepareVictim, type Ledger, type Victim } from './victim.js';

const KILLS = 3;
const WRITERS = 3;
const MIN_MS = 100;
const MORE_MS = 500;

/** Power cuts of the process, at any moment of a write. */
export const killUnderWrites: Fault = {
  name: 'kill -9 under writes, SQLite',
  async happen() {
    const victim = await prepareVictim();
    const ledger = newLedger();
    try {
      for (let kill = 0; kill < KILLS; kill += 1) {
        await victim.start();
        await writeUntilKilled(victim, ledger);
        await expectIntact(join(victim.dataDir, 'pullgate.db'));
      }
      await victim.start();
      const lost = await ledger.countLost(victim.origin);
      return { did: `${KILLS} kills, ${ledger.writes()} acknowledged writes`, lost };
    } finally {
      await victim.end();
    }
  },
};

/** The same to the database, while the service goes on. */
export const databaseKilled: Fault = {
  name: 'kill -9 under writes, MariaDB',
  async happen() {
    const database = await startMariadb();
    const victim = await prepareVictim(await database.createDatabase());
    const ledger = newLedger();
    try {
      await victim.start();
      for (let kill = 0; kill < KILLS; kill += 1) {
        const clients = await Promise.all(Array.from({ length: WRITERS }, victim.signIn));
        await whileWriting(clients, ledger, database.kill);
        await database.startAgain();
        await eventually('a database that answers', async () => await isReady(victim), Boolean);
      }
      const signedIn = await victim.signIn();
      expect(await ledger.writeOne(signedIn), 'a write after it all').to.equal(true);
      const lost = await ledger.countLost(victim.origin);
      return { did: `${KILLS} kills, ${ledger.writes()} acknowledged writes`, lost };
    } finally {
      await victim.end();
      await database.stop();
    }
  },
};

async function isReady({ origin }: Victim): Promise<boolean> {
  const answer = await fetch(`${origin}/-/readiness`);
  await answer.text();
  return answer.status === 200;
}

async function whileWriting(
  clients: readonly WebClient[],
  ledger: Ledger,
  harm: () => Promise<void>,
): Promise<void> {
  let isOver = false;
  const writing = clients.map(async (client) => {
    await ledger.write(client, () => isOver);
  });
  await pause(MIN_MS + Math.random() * MORE_MS);
  isOver = true;
  await harm();
  await Promise.all(writing);
}

async function writeUntilKilled(victim: Victim, ledger: Ledger): Promise<void> {
  const clients = await Promise.all(Array.from({ length: WRITERS }, victim.signIn));
  await whileWriting(clients, ledger, victim.kill);
}

async function expectIntact(database: string): Promise<void> {
  const db = new DataSource({ type: 'better-sqlite3', database });
  await db.initialize();
  try {
    expect(await db.query('PRAGMA integrity_check')).to.deep.equal([{ integrity_check: 'ok' }]);
    expect(await db.query('PRAGMA foreign_key_check')).to.deep.equal([]);
  } finally {
    await db.destroy();
  }
}
