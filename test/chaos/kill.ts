import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { DataSource } from 'typeorm';
import type { Fault } from './fault.js';
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

async function writeUntilKilled(victim: Victim, ledger: Ledger): Promise<void> {
  const clients = await Promise.all(Array.from({ length: WRITERS }, victim.signIn));
  let isKilled = false;
  const writing = clients.map(async (client) => {
    await ledger.write(client, () => isKilled);
  });
  await pause(MIN_MS + Math.random() * MORE_MS);
  isKilled = true;
  await victim.kill();
  await Promise.all(writing);
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
