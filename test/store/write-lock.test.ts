import { expect } from 'chai';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { openCurrentStore, type Store } from '../../src/store/open-store.js';
import { sqliteSettings } from '../support/database.js';
import { temporaryFolder, type TemporaryFolder } from '../support/run.js';

const HELD_MS = 1500;
/** Far from what the lock is held for, whatever else the machine does. */
const STALL_MS = 1000;

describe("SQLite's write lock, held by another process", function () {
  this.timeout(20_000);

  let folder: TemporaryFolder;
  let store: Store;
  let other: DataSource;

  beforeEach(async () => {
    folder = await temporaryFolder('pullgate-lock-');
    const file = join(folder.path, 'pullgate.db');
    ({ store } = await openCurrentStore(sqliteSettings(file), { migrate: true }));
    other = await new DataSource({ type: 'better-sqlite3', database: file }).initialize();
    await other.query('BEGIN IMMEDIATE');
  });

  afterEach(async () => {
    await other.destroy();
    await store.close();
    await folder.remove();
  });

  async function write(): Promise<void> {
    await store.write(async ({ registryInventory }) => await registryInventory.remove([]));
  }

  it('is waited for by timers: the event loop goes on', async () => {
    const delay = monitorEventLoopDelay();
    delay.enable();

    const written = write();
    await pause(HELD_MS);
    await other.query('ROLLBACK');
    await written;

    expect(delay.max / 1e6).to.be.below(STALL_MS);
  });

  it('is waited for so long, and then the write is refused', async () => {
    const refusal = await write().catch((error: unknown) => error);

    expect(refusal).to.include({ code: 'unavailable' });
  });

  it('is in no way of whoever reads', async () => {
    const written = write();

    expect(await store.users.findById(1)).to.equal(null);
    await other.query('ROLLBACK');
    await written;
  });
});
