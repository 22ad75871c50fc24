/** What each app of a test starts with, made once in this process and copied. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
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

interface Tree {
  /** Each after the one it lies in. */
  readonly folders: readonly string[];
  readonly files: ReadonlyMap<string, Buffer>;
}

const emptyRepository = once(async () => {
  return await inTemporaryFolder(async (root) => {
    const draft = await openRepositories(root, process.env['PATH'] ?? '').prepareEmpty();
    await draft.place(1);
    return await readTree(join(root, '1.git'));
  });
});

/** Starting git takes a hundred times as long. */
export async function copyRepository(folder: string): Promise<void> {
  const { folders, files } = await emptyRepository();
  folders.forEach((name) => mkdirSync(join(folder, name)));
  files.forEach((content, name) => writeFileSync(join(folder, name), content));
}

async function readTree(root: string): Promise<Tree> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const folders: string[] = [];
  const files = new Map<string, Buffer>();
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(root.length + 1);
    if (entry.isDirectory()) {
      folders.push(name);
    } else {
      files.set(name, await readFile(path));
    }
  }
  return { folders: folders.sort(), files };
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
