/** What each app of a test starts with, made once in this process and copied. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  generateCaKey,
  makeCaCertificate,
  type CertificateAndKey,
} from '../../src/keys/certificate.js';
import { openRepositories } from '../../src/repositories/repositories.js';
import { openCurrentStore } from '../../src/store/open-store.js';
import { LONG_AGO } from './build.js';
import { temporaryFolder } from './run.js';

const sharedCa = once(async (): Promise<CertificateAndKey> => {
  const privateKeyPem = await generateCaKey();
  // Valid whatever a test's clock shows: for 20 years from a time before all of them.
  return { privateKeyPem, certificatePem: makeCaCertificate(privateKeyPem, LONG_AGO) };
});

export async function copyCa(certsDir: string): Promise<void> {
  const { certificatePem, privateKeyPem } = await sharedCa();
  await mkdir(certsDir);
  await writeFile(join(certsDir, 'ca.key'), privateKeyPem, { mode: 0o600 });
  await writeFile(join(certsDir, 'ca.crt'), certificatePem);
}

const migratedDatabase = once(async () => {
  return await inTemporaryFolder(async (folder) => {
    const file = join(folder, 'pullgate.db');
    const url = { type: 'sqlite', file } as const;
    const settings = { url, poolSize: 1, poolQueue: 1, timeoutMs: 10_000 };
    const { store } = await openCurrentStore(settings, { migrate: true });
    await store.close();
    return await readFile(file);
  });
});

/** Of SQLite, with the schema of this version. */
export async function copyDatabase(file: string): Promise<void> {
  await writeFile(file, await migratedDatabase());
}

const emptyRepository = once(async () => {
  return await inTemporaryFolder(async (root) => {
    const draft = await openRepositories(root, process.env['PATH'] ?? '').prepareEmpty('', 'main');
    await draft.place(1);
    return {
      head: await readFile(join(root, '1.git', 'HEAD')),
      config: await readFile(join(root, '1.git', 'config')),
    };
  });
});

/** What git needs to take a folder for a repository. Starting git for it takes a hundred times as long. */
export async function copyRepository(folder: string): Promise<void> {
  const { head, config } = await emptyRepository();
  mkdirSync(join(folder, 'objects'));
  mkdirSync(join(folder, 'refs'));
  writeFileSync(join(folder, 'HEAD'), head);
  writeFileSync(join(folder, 'config'), config);
}

async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await temporaryFolder('pullgate-template');
  try {
    return await work(folder.path);
  } finally {
    await folder.remove();
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return async () => await (made ??= make());
}
