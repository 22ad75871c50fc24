import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDERS = ['.', 'certs', 'docs', 'docs/decisions'];

/** Every document for people, by its path. */
export async function readDocuments(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const folder of FOLDERS) {
    for (const name of (await readdir(folder)).filter((file) => file.endsWith('.md'))) {
      const file = join(folder, name);
      found.set(file, await readFile(file, 'utf8'));
    }
  }
  return found;
}
