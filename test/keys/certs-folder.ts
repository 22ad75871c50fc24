/** Folders of keys to try things on. */

import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SigningAlgorithm } from '../../src/keys/certificate.js';
import { prepareKeys, type KeyFolder } from '../../src/keys/key-folder.js';

export const START = new Date('2031-03-01T12:00:00Z');
export const SECOND = 1000;
export const HOUR = 60 * 60 * SECOND;
export const DAY = 24 * HOUR;

/** A key folder with its own clock, which stands still at START until it is set. */
export interface TestFolder extends KeyFolder {
  time: Date;
  algorithm: SigningAlgorithm;
}

const parents: string[] = [];

// A root hook: all the files of tests share the list.
after(async () => {
  for (const parent of parents) {
    await rm(parent, { recursive: true, force: true });
  }
});

/** With nothing in it; the folder itself is there. */
export async function emptyFolder(): Promise<TestFolder> {
  const parent = await mkdtemp(join(tmpdir(), 'pullgate-keys-'));
  parents.push(parent);
  const dir = join(parent, 'certs');
  await mkdir(dir);
  const folder: TestFolder = { dir, algorithm: 'ES256', time: START, now: () => folder.time };
  return folder;
}

/** With a CA and one ES256 leaf, made at START. */
export async function preparedFolder(): Promise<TestFolder> {
  const folder = await emptyFolder();
  await prepareKeys(folder);
  return folder;
}

export function later(instant: Date, milliseconds: number): Date {
  return new Date(instant.getTime() + milliseconds);
}

/** Every file by name, byte for byte. */
export async function contentOf(dir: string): Promise<Map<string, string>> {
  const files = (await readdir(dir)).sort();
  return new Map(
    await Promise.all(
      files.map(async (file) => [file, await readFile(join(dir, file), 'latin1')] as const),
    ),
  );
}

export async function leavesIn(dir: string): Promise<string[]> {
  return (await readdir(dir)).filter((file) => file.startsWith('leaf-')).sort();
}

/** Waits for a failure and gives it back, so that a test can look at it. */
export async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) {
      return error;
    }
  }
  throw new Error('it did not fail');
}
