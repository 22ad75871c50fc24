/** How files of keys are written and read. */

import { randomBytes } from 'node:crypto';
import { chmod, link, open, readdir, readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OperatorError } from '../failure.js';
import { giveToOwnerOf, makeFolder } from '../file-owner.js';

export class KeyError extends OperatorError {
  override readonly name = 'KeyError';
}

/** None in a folder that is not there. */
export async function filesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      ['ENOENT', 'ENOTDIR'].includes(String(error.code))
    ) {
      return [];
    }
    throw new KeyError(`${dir} cannot be read: ${error instanceof Error ? error.message : ''}`);
  }
}

/** A file that is written to its end, under a name that nobody looks for. */
export interface Draft {
  /** Gives it one more name; false when that is taken. */
  readonly publishAs: (file: string) => Promise<boolean>;
  /** Takes the first name away, in any case. */
  readonly end: () => Promise<void>;
}

export async function draftIn(dir: string, content: string, mode: number): Promise<Draft> {
  const draft = join(dir, `key.${randomBytes(6).toString('hex')}.tmp`);
  await writeDraft(draft, content, mode);
  return {
    async publishAs(file) {
      try {
        await link(draft, file);
        return true;
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
          return false;
        }
        throw error;
      }
    },
    end: async () => await unlink(draft),
  };
}

/** Writes a file that is whole from its first moment; false when the name is taken. */
export async function writeOnce(file: string, content: string, mode: number): Promise<boolean> {
  const draft = await draftIn(dirname(file), content, mode);
  try {
    return await draft.publishAs(file);
  } finally {
    await draft.end();
  }
}

async function writeDraft(draft: string, content: string, mode: number): Promise<void> {
  const file = await open(draft, 'wx', mode);
  try {
    await file.writeFile(content);
    await giveToOwnerOf(dirname(draft), file);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** For its owner alone, whatever the umask says; one that is there is left as it is. */
export async function makeKeyFolder(dir: string): Promise<void> {
  if (await makeFolder(dir, 0o700)) {
    await chmod(dir, 0o700);
  }
}

export async function readRequired(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new KeyError(`${file} cannot be read: ${error instanceof Error ? error.message : ''}`);
  }
}

export function cannotWrite(dir: string, error: unknown): KeyError {
  const reason = error instanceof Error ? error.message : String(error);
  return new KeyError(`The certs folder ${dir} cannot be written: ${reason}`);
}
