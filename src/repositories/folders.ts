import { readdir } from 'node:fs/promises';

const REPOSITORY = /^\d+\.git$/;

/** The names of the repositories that are in their place. */
export async function repositoriesIn(root: string): Promise<string[]> {
  return (await namesIn(root)).filter(isRepository);
}

export function isRepository(name: string): boolean {
  return REPOSITORY.test(name);
}

/** None of a folder that is not there, or of what is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}
