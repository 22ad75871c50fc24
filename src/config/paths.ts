/** Which settings are paths, and where a relative one begins. */

import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { snakeCase } from './names.js';
import type { Config } from './schema.js';

/**
 * Where the paths of a configuration file begin: in its folder, so that a command finds the same files
 * wherever it is run. A file in a folder called `config` belongs to the folder above.
 */
export function folderOfSettings(file: string): string {
  const folder = dirname(resolve(file));
  return basename(folder) === 'config' ? dirname(folder) : folder;
}

/** Those of the environment (`isOwn`, by `section.key`) begin in the working folder, as in any shell. */
export function withPathsFrom(
  folder: string,
  config: Config,
  isOwn: (setting: string) => boolean,
): Config {
  function placed(setting: string, path: string): string {
    // In the folder itself a path stays as it was written, also in messages.
    const isPlaced = isOwn(setting) || isAbsolute(path) || resolve('.') === folder;
    return isPlaced ? path : join(folder, path);
  }
  function placedIn<T extends object>(
    name: string,
    section: T,
    ...keys: readonly (keyof T & string)[]
  ): T {
    const paths = keys.flatMap((key) => {
      const path: unknown = section[key];
      const setting = `${name}.${snakeCase(key)}`;
      return typeof path === 'string' ? [[key, placed(setting, path)] as const] : [];
    });
    return { ...section, ...Object.fromEntries(paths) };
  }
  const { http, database, certs, git } = config;
  const url = databaseFrom(database.url, (path) => placed('database.url', path));
  return {
    ...config,
    http: placedIn('http', http, 'tlsCert', 'tlsKey'),
    database: placedIn('database', { ...database, url }, 'tlsCa'),
    certs: placedIn('certs', certs, 'dir'),
    git: placedIn('git', git, 'root'),
  };
}

function databaseFrom(
  url: Config['database']['url'],
  placed: (path: string) => string,
): Config['database']['url'] {
  return 'file' in url && url.file !== ':memory:' ? { ...url, file: placed(url.file) } : url;
}

/**
 * Why a new database would be a mistake; null when it would not. Paths of a file used to begin in the
 * working folder: an empty database in place of the one there would be silent.
 */
export function databaseLeftBehind(written: Config, { database }: Config): string | null {
  const { url } = written.database;
  if (!('file' in url) || !('file' in database.url)) {
    return null;
  }
  const [before, now] = [resolve(url.file), resolve(database.url.file)];
  return before !== now && existsSync(before) && !existsSync(now)
    ? `database.url: ${url.file} begins in the folder of the configuration file, and there is nothing at ` +
        `${now}. There is a database at ${before}: if it is that one, write the whole path, also those ` +
        'of certs.dir and git.root.'
    : null;
}
