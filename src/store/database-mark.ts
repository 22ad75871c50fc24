/**
 * How far the database had come, written beside it again and again. A database that is behind its mark was
 * put back to an earlier time, and the revocations since then are undone.
 */

import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { giveTreeToOwnerOf } from '../file-owner.js';

const FILE = 'database-mark.json';

const MarkSchema = z.object({
  database: z.string(),
  writes: z.int(),
  at: z.coerce.date(),
  revoked: z.array(
    z.object({
      kind: z.enum(['deploy_token', 'access_token']),
      id: z.int(),
      name: z.string(),
      revokedAt: z.coerce.date(),
    }),
  ),
});

export type DatabaseMark = z.infer<typeof MarkSchema>;
export type RevokedToken = DatabaseMark['revoked'][number];

/** Of several folders, since one of them may have been put back with the database; null when there is none. */
export async function readMark(
  folders: readonly string[],
  database: string,
): Promise<DatabaseMark | null> {
  const marks = await Promise.all(folders.map(markIn));
  return marks
    .filter((mark) => mark?.database === database)
    .reduce((latest, mark) => ((mark?.writes ?? 0) > (latest?.writes ?? -1) ? mark : latest), null);
}

/** Where it can: a folder of keys may be mounted to be read alone. Never goes back. */
export async function writeMark(folders: readonly string[], mark: DatabaseMark): Promise<void> {
  for (const folder of folders) {
    const there = await markIn(folder);
    if (there === null || there.database !== mark.database || there.writes < mark.writes) {
      await replace(folder, `${JSON.stringify(mark)}\n`).catch(() => undefined);
    }
  }
}

async function replace(folder: string, text: string): Promise<void> {
  const draft = join(folder, `${FILE}.${randomUUID()}.tmp`);
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
    await giveTreeToOwnerOf(folder, draft);
    await rename(draft, join(folder, FILE));
  } finally {
    await rm(draft, { force: true });
  }
}

async function markIn(folder: string): Promise<DatabaseMark | null> {
  try {
    return MarkSchema.parse(JSON.parse(await readFile(join(folder, FILE), 'utf8')));
  } catch {
    return null;
  }
}
