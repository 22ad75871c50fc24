import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Whether every account of this host can read the file, by the modes of it and of all folders above it. */
export async function isReadableByAll(file: string): Promise<boolean> {
  const { mode } = await stat(file);
  return (mode & 0o004) !== 0 && (await isOpenToAll(dirname(file)));
}

async function isOpenToAll(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  const above = dirname(folder);
  return (mode & 0o001) !== 0 && (above === folder || (await isOpenToAll(above)));
}
