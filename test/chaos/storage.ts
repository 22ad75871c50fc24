/** Places to write to that are full, shut or taken. */

import { mkdir, rename, writeFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { pullgate } from '../support/pullgate-process.js';
import { eventually, run, runOrThrow } from '../support/run.js';
import { askByGet, send } from '../support/token-client.js';
import { limit, type Fault } from './fault.js';
import { newLedger, prepareVictim, type Ledger, type Victim } from './victim.js';

const WRITES = 10;
const FAULTY_WRITES = 8;
const MEGABYTE = 1024 * 1024;
const DISK_MEGABYTES = 8;

const Readiness = z.looseObject({ writes: z.string() });

/** Reads go on, writes fail one by one and are told so, and all is well once there is room again. */
async function writeThrough(
  victim: Victim,
  ledger: Ledger,
  fault: { readonly begin: () => Promise<void>; readonly end: () => Promise<void> },
): Promise<number> {
  const client = await victim.signIn();
  await writeSome(ledger, client, WRITES);
  const login = ledger.newest();

  await fault.begin();
  await writesAre(victim, /^the (disk of the database|database file)/);
  let refused = 0;
  for (let write = 0; write < FAULTY_WRITES; write += 1) {
    refused += (await ledger.writeOne(client)) ? 0 : 1;
    expect((await askByGet(victim.origin, { login })).status, 'a read meanwhile').to.equal(200);
  }
  await fault.end();

  await writesAre(victim, /^ok$/);
  await writeSome(ledger, client, WRITES);
  // What is only in the memory of the process is no kept promise.
  await victim.kill();
  await victim.start();
  return refused;
}

/** By the service's own word, whether or not anybody writes. */
async function writesAre({ origin }: Victim, words: RegExp): Promise<void> {
  await eventually(
    `readiness telling ${words} of writes`,
    async () => {
      const answer = await send(origin, { method: 'GET', target: '/-/readiness' });
      expect(answer.status).to.equal(200);
      return Readiness.parse(answer.body).writes;
    },
    (writes) => words.test(writes),
  );
}

async function writeSome(
  ledger: Ledger,
  client: Parameters<Ledger['writeOne']>[0],
  writes: number,
): Promise<void> {
  for (let write = 0; write < writes; write += 1) {
    expect(await ledger.writeOne(client), 'a write').to.equal(true);
  }
}

/** A disk of its own where it can be mounted; else no file may grow, which looks the same to SQLite. */
export const diskFull: Fault = {
  name: 'disk full',
  async happen() {
    const victim = await prepareVictim();
    const ledger = newLedger();
    await mkdir(victim.dataDir);
    const disk = await mountDisk(victim.dataDir);
    try {
      await victim.start();
      const filler = join(victim.dataDir, 'filler');
      const refused = await writeThrough(victim, ledger, {
        async begin() {
          await (disk === null ? limit(victim.pid(), '--fsize=0:') : fill(filler));
        },
        async end() {
          await (disk === null ? limit(victim.pid(), '--fsize=unlimited:') : rm(filler));
        },
      });
      expect(refused, 'writes refused').to.be.greaterThan(0);
      const lost = await ledger.countLost(victim.origin);
      const where = disk === null ? 'by a limit on file sizes: no tmpfs could be mounted' : disk;
      return { did: `${where}; ${refused} writes refused, ${ledger.writes()} acknowledged`, lost };
    } finally {
      await victim.stop();
      if (disk !== null) {
        await run('umount', ['--lazy', victim.dataDir]);
      }
      await victim.end();
    }
  },
};

async function mountDisk(folder: string): Promise<string | null> {
  const args = ['-t', 'tmpfs', '-o', `size=${DISK_MEGABYTES}m`, 'pullgate-chaos', folder];
  const { code } = await run('mount', args);
  return code === 0 ? `a tmpfs of ${DISK_MEGABYTES} MB` : null;
}

/** Until not a byte fits. */
async function fill(file: string): Promise<void> {
  await writeFile(file, Buffer.alloc(DISK_MEGABYTES * MEGABYTE)).catch((error: unknown) => {
    expect(String(error)).to.contain('ENOSPC');
  });
}

/** First a service that runs may write to no file any more, then one starts on a read-only folder. */
export const readOnlyDatabase: Fault = {
  name: 'read-only database',
  async happen() {
    const victim = await prepareVictim();
    const ledger = newLedger();
    try {
      await victim.start();
      const refused = await writeThrough(victim, ledger, {
        begin: async () => await limit(victim.pid(), '--fsize=0:'),
        end: async () => await limit(victim.pid(), '--fsize=unlimited:'),
      });
      expect(refused, 'writes refused').to.equal(FAULTY_WRITES);
      await victim.stop();
      const how = await expectRefusalToStart(victim);
      await victim.start();
      const lost = await ledger.countLost(victim.origin);
      const did = `${refused} writes refused, ${ledger.writes()} acknowledged, ${how}`;
      return { did, lost };
    } finally {
      await victim.end();
    }
  },
};

/** In one line, and not half-way. */
async function expectRefusalToStart({ folder, dataDir }: Victim): Promise<string> {
  const mounted = await mountReadOnly(dataDir);
  if (!mounted) {
    await chmodAll(dataDir, '-w');
  }
  try {
    const { code, stderr } = await pullgate(['serve'], {
      cwd: folder,
      env: { PULLGATE_HTTP_LISTEN: '127.0.0.1:0' },
    });
    expect(code, stderr).to.equal(1);
    expect(stderr.trimEnd().split('\n'), stderr).to.have.lengthOf(1);
  } finally {
    await (mounted ? runOrThrow('umount', [dataDir]) : chmodAll(dataDir, '+w'));
  }
  return `refused to start on a folder ${mounted ? 'mounted read-only' : 'without the right to write'}`;
}

async function mountReadOnly(folder: string): Promise<boolean> {
  if ((await run('mount', ['--bind', folder, folder])).code !== 0) {
    return false;
  }
  await runOrThrow('mount', ['-o', 'remount,bind,ro', folder]);
  return true;
}

async function chmodAll(folder: string, mode: string): Promise<void> {
  await runOrThrow('chmod', ['-R', mode, folder]);
}

/** Another process holds the lock on the database for longer than anybody waits. */
export const lockedDatabase: Fault = {
  name: 'locked database',
  async happen() {
    const victim = await prepareVictim();
    const ledger = newLedger();
    const other = new DataSource({
      type: 'better-sqlite3',
      database: join(victim.dataDir, 'pullgate.db'),
    });
    try {
      await victim.start();
      const client = await victim.signIn();
      await writeSome(ledger, client, WRITES);
      await other.initialize();
      await other.query('BEGIN IMMEDIATE');
      const wasWritten = await ledger.writeOne(client);
      expect((await askByGet(victim.origin, { login: ledger.newest() })).status).to.equal(200);
      await other.query('ROLLBACK');
      await writeSome(ledger, client, WRITES);
      expect(wasWritten, 'a write past the lock').to.equal(false);
      const lost = await ledger.countLost(victim.origin);
      return { did: `1 write refused, ${ledger.writes()} acknowledged`, lost };
    } finally {
      await other.destroy();
      await victim.end();
    }
  },
};

/** Keys are read at start and kept; a service that runs needs the files for new ones alone. */
export const certsRemoved: Fault = {
  name: 'certs removed while running',
  async happen() {
    const victim = await prepareVictim();
    const ledger = newLedger();
    const certs = join(victim.folder, 'certs');
    try {
      await victim.start();
      await writeSome(ledger, await victim.signIn(), WRITES);
      await rename(certs, `${certs}-elsewhere`);
      for (let request = 0; request < WRITES; request += 1) {
        const { status } = await askByGet(victim.origin, { login: ledger.newest() });
        expect(status).to.equal(200);
      }
      await rename(`${certs}-elsewhere`, certs);
      await runOrThrow('test', ['-f', join(certs, 'ca.crt')]);
      const lost = await ledger.countLost(victim.origin);
      return { did: `${WRITES} JWTs without a key folder`, lost };
    } finally {
      await victim.end();
    }
  },
};
