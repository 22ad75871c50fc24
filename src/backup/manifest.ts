import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CommandError } from '../failure.js';

/** Written last: a backup without it is not whole. */
export const MANIFEST = 'backup.json';

const Manifest = z.object({
  format: z.literal(1),
  made_at: z.iso.datetime(),
  /** `none` where the database is on a server, and is dumped by its own tools. */
  database: z.enum(['sqlite', 'none']),
  repositories: z.int(),
});
export type Manifest = z.infer<typeof Manifest>;

export async function writeManifest(dir: string, manifest: Manifest): Promise<void> {
  await writeFile(join(dir, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
}

export async function readManifest(dir: string): Promise<Manifest> {
  const text = await readFile(join(dir, MANIFEST), 'utf8').catch(() => '');
  try {
    return Manifest.parse(JSON.parse(text));
  } catch {
    throw new CommandError(`${dir} is not a whole backup: it has no ${MANIFEST} of this version.`);
  }
}
