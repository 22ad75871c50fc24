import { expect } from 'chai';
import { copyFile, mkdir, readdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mock } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { rotateKeys, type KeyFolder } from '../../src/keys/key-folder.js';
import { openKeyRing, ROTATION_SECONDS, type KeyRing } from '../../src/keys/key-ring.js';
import type { SigningKey } from '../../src/keys/signing-key.js';
import { DAY, emptyFolder, later, leavesIn, preparedFolder, START } from './certs-folder.js';

/** Long enough, in turns of the event loop, for a ring to look at its folder. */
const TURNS = 50;

/** Lets time pass until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    mock.timers.tick(ROTATION_SECONDS * 1000);
    await nextTurn();
  }
}

async function someTime(): Promise<void> {
  for (let i = 0; i < TURNS; i += 1) {
    mock.timers.tick(ROTATION_SECONDS * 1000);
    await nextTurn();
  }
}

describe('a key ring', () => {
  let ring: KeyRing;
  let rotations: SigningKey[];
  let failures: unknown[];

  beforeEach(() => {
    // The ring looks at its folder every other second; here the seconds are wound by hand.
    mock.timers.enable({ apis: ['setInterval'] });
  });

  afterEach(() => {
    ring.close();
    mock.timers.reset();
  });

  async function open(folder: KeyFolder): Promise<void> {
    rotations = [];
    failures = [];
    ring = await openKeyRing(folder, {
      rotated(key) {
        rotations.push(key);
      },
      failed(error) {
        failures.push(error);
      },
    });
  }

  it('follows a Secret that Kubernetes mounts without ca.key: links, swapped all at once', async () => {
    const source = await preparedFolder();
    const mounted = await emptyFolder();
    await mountSecret(source.dir, mounted.dir, '..first');
    await open(mounted);
    const before = ring.current();

    const { keys } = await rotateKeys(source);
    await mountSecret(source.dir, mounted.dir, '..second');
    await until(() => rotations.length > 0);

    expect(before.libtrustKid).not.to.equal(keys[0].libtrustKid);
    expect(ring.current().libtrustKid).to.equal(keys[0].libtrustKid);
    expect(failures).to.deep.equal([]);
  });

  it('gives the very same key as long as nothing is rotated', async () => {
    await open(await preparedFolder());
    const before = ring.current();

    await someTime();

    expect(ring.current()).to.equal(before);
    expect(rotations).to.deep.equal([]);
    expect(failures).to.deep.equal([]);
  });

  it('takes up a new key by itself, and still publishes the old one', async () => {
    const folder = await preparedFolder();
    await open(folder);
    const before = ring.current();
    const { keys } = await rotateKeys(folder);

    await until(() => rotations.length === 1);

    expect(ring.current().libtrustKid).to.equal(keys[0].libtrustKid);
    expect(ring.current()).not.to.equal(before);
    expect(rotations).to.deep.equal([ring.current()]);
    expect((await ring.jwks()).keys).to.have.lengthOf(2);
  });

  it('removes what a process that was killed was writing, and nothing that is being written', async () => {
    const folder = await preparedFolder();
    const [old, young] = ['ca.key.0123456789ab.tmp', 'ca.key.ba9876543210.tmp'];
    for (const name of [old, young]) {
      await writeFile(join(folder.dir, name), 'half a key');
    }
    const longAgo = new Date('2020-01-01T00:00:00Z');
    await utimes(join(folder.dir, old), longAgo, longAgo);

    await open(folder);

    expect(await readdir(folder.dir))
      .to.include(young)
      .and.not.include(old);
  });

  it('goes on with its key when the folder is gone, and tells so once', async () => {
    const folder = await preparedFolder();
    await open(folder);
    const before = ring.current();
    await rm(folder.dir, { recursive: true });

    await until(() => failures.length === 1);
    await someTime();

    expect(ring.current()).to.equal(before);
    expect((await ring.jwks()).keys).to.have.lengthOf(1);
    expect(failures).to.have.lengthOf(1);
    expect(String(failures[0])).to.contain(folder.dir);
  });

  it('keeps up again when the folder is back, and tells of the next failure', async () => {
    const folder = await preparedFolder();
    const away = join(folder.dir, '..', 'away');
    await open(folder);
    await rename(folder.dir, away);
    await until(() => failures.length === 1);
    await rename(away, folder.dir);
    await rotateKeys(folder);
    await until(() => rotations.length === 1);
    await rename(folder.dir, away);

    await until(() => failures.length === 2);

    expect(String(failures[1])).to.equal(String(failures[0]));
  });

  it('goes on with its key when the new one is damaged, and tells which file it is', async () => {
    const folder = await preparedFolder();
    await open(folder);
    const before = ring.current();
    await rotateKeys(folder);
    const file = join(folder.dir, (await leavesIn(folder.dir)).at(-1) ?? '');
    await writeFile(file, 'no key');

    await until(() => failures.length === 1);

    expect(ring.current()).to.equal(before);
    expect(String(failures[0])).to.contain(file);
  });

  it('renews its key well before the end where the CA key is', async () => {
    const folder = await preparedFolder();
    await open(folder);
    const before = ring.current();
    folder.time = later(START, 320 * DAY);

    await until(() => rotations.length === 1);
    await someTime();

    expect(ring.current().libtrustKid).not.to.equal(before.libtrustKid);
    expect(ring.current().notAfter).to.deep.equal(later(folder.time, 365 * DAY));
    expect(rotations).to.have.lengthOf(1);
    expect(await leavesIn(folder.dir)).to.have.lengthOf(2);
  });

  it('renews its key once the CA key is put back', async () => {
    const folder = await preparedFolder();
    const caKey = join(folder.dir, 'ca.key');
    const elsewhere = join(folder.dir, '..', 'ca.key');
    await rename(caKey, elsewhere);
    await open(folder);
    folder.time = later(START, 320 * DAY);
    await someTime();
    await rename(elsewhere, caKey);

    await until(() => rotations.length === 1);

    expect(ring.current().notAfter).to.deep.equal(later(folder.time, 365 * DAY));
  });

  it('has a problem to tell once its key is expired, and none before', async () => {
    const folder = await preparedFolder();
    await rm(join(folder.dir, 'ca.key'));
    await open(folder);
    folder.time = later(START, 364 * DAY);
    const before = ring.problem();
    folder.time = later(START, 365 * DAY);

    const problem = ring.problem();

    expect(before).to.equal(null);
    expect(problem).to.contain('expired').and.to.contain('2032-02-29');
  });

  it('signs with the leaf of now again once a clock that jumped a year ahead is back', async () => {
    const folder = await preparedFolder();
    await open(folder);
    const before = ring.current();
    folder.time = later(START, 400 * DAY);
    await until(() => rotations.length === 1);
    folder.time = later(START, DAY);

    const after = ring.current();
    await until(() => rotations.length === 2);

    expect(after.libtrustKid).to.equal(before.libtrustKid);
    expect(ring.problem()).to.equal(null);
  });

  it('issues a leaf of now where the clock came back to none, and tells until then', async () => {
    const folder = await preparedFolder();
    folder.time = later(START, 400 * DAY);
    await rm(join(folder.dir, (await leavesIn(folder.dir))[0] ?? ''));
    await open(folder);
    folder.time = later(START, DAY);
    const problem = ring.problem();

    await until(() => rotations.length === 1);

    expect(problem).to.contain('no signing key is valid before 2032');
    expect(ring.problem()).to.equal(null);
    expect(ring.current().notAfter).to.deep.equal(later(folder.time, 365 * DAY));
  });

  it('tells of a CA that is of the future by this clock', async () => {
    const folder = await preparedFolder();
    await open(folder);
    folder.time = later(START, -DAY);

    expect(ring.problem()).to.contain('the CA is valid from 2031-03-01');
  });

  it('knows the end of the CA', async () => {
    await open(await preparedFolder());

    expect(ring.caNotAfter()).to.deep.equal(later(START, 20 * 365.25 * DAY));
  });

  it('looks no more once it is closed', async () => {
    const folder = await preparedFolder();
    await open(folder);
    ring.close();
    await rotateKeys(folder);

    await someTime();

    expect(rotations).to.deep.equal([]);
  });
});

/** As the kubelet does it: the files in a folder, `..data` leads to it, and each name leads through that. */
async function mountSecret(source: string, dir: string, version: string): Promise<void> {
  const files = ['ca.crt', ...(await leavesIn(source))];
  await mkdir(join(dir, version));
  for (const file of files) {
    await copyFile(join(source, file), join(dir, version, file));
  }
  await symlink(version, join(dir, '..data_tmp'));
  await rename(join(dir, '..data_tmp'), join(dir, '..data'));
  const there = await readdir(dir);
  for (const file of files.filter((name) => !there.includes(name))) {
    await symlink(join('..data', file), join(dir, file));
  }
}
