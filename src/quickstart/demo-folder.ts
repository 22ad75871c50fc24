/** The folder of the demo: state, keys, images, log and settings of its own, so that it shares none with production. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { CliContext } from '../cli/context.js';
import { readConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';

export interface DemoFolder {
  readonly path: string;
  /** For `PULLGATE_CONFIG`: with it, commands work on the demo. */
  readonly settingsFile: string;
  readonly logFile: string;
  readonly registryDir: string;
  readonly config: Config;
}

/** Settings that say where the state is: the environment may hold those of production. */
const PLACES =
  /^PULLGATE_(CONFIG|DATABASE_URL(_FILE)?|DATABASE_TLS_CA|CERTS_DIR|GIT_ROOT|REGISTRY_URL)$/;

const FIRST_SETTINGS = `# Settings of the demo, which \`npm start\` reads. It writes the addresses that it used last, so that it
# has the same ones the next time. Remove this folder to begin anew.
database: { url: 'sqlite:./pullgate.db' }
certs: { dir: ./certs }
git: { root: ./git }
`;

/** Makes what is missing; the environment goes before the settings of the folder, as ever. */
export async function openDemoFolder(context: CliContext, folder: string): Promise<DemoFolder> {
  const path = resolve(folder);
  const settingsFile = join(path, 'pullgate.yml');
  await mkdir(path, { recursive: true, mode: 0o700 });
  await writeFile(settingsFile, FIRST_SETTINGS, { flag: 'wx' }).catch(unlessThere);
  const env = Object.entries(context.env).filter(([name]) => !PLACES.test(name));
  const config = await readConfig({
    env: { ...Object.fromEntries(env), PULLGATE_CONFIG: settingsFile },
    writeError: context.writeError,
  });
  return {
    path,
    settingsFile,
    logFile: join(path, 'quickstart.log'),
    registryDir: join(path, 'registry'),
    config,
  };
}

/** What somebody else wrote into the file stays. */
export async function keepAddresses(
  settingsFile: string,
  { http, registry }: Config,
): Promise<void> {
  const settings = parseDocument(await readFile(settingsFile, 'utf8'));
  settings.setIn(['http', 'listen'], `${http.listen.host}:${http.listen.port}`);
  settings.setIn(['http', 'public_url'], http.publicUrl);
  settings.setIn(['registry', 'host'], registry.host);
  settings.setIn(['registry', 'url'], registry.url);
  await writeFile(settingsFile, settings.toString({ lineWidth: 0 }));
}

function unlessThere(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
    throw error;
  }
}
