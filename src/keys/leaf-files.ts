/** The files of signing keys: their names, which order them, and what they hold. */

import type { X509Certificate } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SigningAlgorithm } from './certificate.js';
import { KeyError, readRequired, type Draft } from './key-files.js';
import { parseSigningKey, type SigningKey } from './signing-key.js';

const LEAF = /^leaf-(\d{8}T\d{9}Z)-(es256|rs256)\.pem$/;

export interface Leaf {
  readonly file: string;
  readonly key: SigningKey;
}

export interface Leaves {
  /** Newest first; those of another CA are left out. */
  readonly leaves: readonly Leaf[];
  readonly damaged: readonly string[];
}

/** Newest first: their names begin with the time. */
export function leafFiles(files: readonly string[]): string[] {
  return files
    .filter((file) => LEAF.test(file))
    .sort()
    .toReversed();
}

export async function readLeaves(
  dir: string,
  files: readonly string[],
  ca: X509Certificate,
): Promise<Leaves> {
  const leaves: Leaf[] = [];
  const damaged: string[] = [];
  for (const file of leafFiles(files)) {
    try {
      const key = await readLeaf(join(dir, file), ca);
      if (key !== null) {
        leaves.push({ file, key });
      }
    } catch (error) {
      damaged.push(error instanceof KeyError ? error.message : String(error));
    }
  }
  return { leaves, damaged };
}

async function readLeaf(file: string, ca: X509Certificate): Promise<SigningKey | null> {
  const pem = await readRequired(file);
  try {
    return parseSigningKey(pem, ca);
  } catch (error) {
    throw new KeyError(`${file} is damaged: ${error instanceof Error ? error.message : ''}`);
  }
}

/** Puts a leaf where it sorts last: after two in one millisecond, and where the clock went back. */
export async function publishLeaf(
  dir: string,
  draft: Draft,
  { algorithm, at }: { readonly algorithm: SigningAlgorithm; readonly at: Date },
): Promise<void> {
  const newest = leafFiles(await readdir(dir))[0];
  let time = Math.max(at.getTime(), newest === undefined ? 0 : leafTime(newest) + 1);
  while (!(await draft.publishAs(join(dir, leafName(time, algorithm))))) {
    time += 1;
  }
}

function leafName(time: number, algorithm: SigningAlgorithm): string {
  const compact = new Date(time).toISOString().replaceAll(/[-:.]/g, '');
  return `leaf-${compact}-${algorithm.toLowerCase()}.pem`;
}

export function leafTime(file: string): number {
  const compact = LEAF.exec(file)?.[1] ?? '';
  return Date.parse(
    compact.replace(
      /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(\d{3})Z$/,
      '$1-$2-$3T$4:$5:$6.$7Z',
    ),
  );
}
