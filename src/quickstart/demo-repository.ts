import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Credentials } from '../credentials.js';
import { runProgram } from './run-program.js';
import type { Stack } from './stack.js';

export const DEMO_PROJECT = 'tanuki/awesome_project';

const README = `# awesome_project

Cloned with a deploy token, which belongs to this project and to nobody in person.
`;

/** What `git clone` takes. Characters that have a meaning in an address are encoded. */
export function cloneAddress({ config }: Stack, { username, secret }: Credentials): string {
  const address = new URL(`/${DEMO_PROJECT}.git`, config.http.publicUrl);
  address.username = encodeURIComponent(username);
  address.password = encodeURIComponent(secret.reveal());
  return address.href;
}

/** Pushes a first commit, as a person does: over HTTP, with credentials that may push. */
export async function pushDemoRepository(
  { config }: Stack,
  { username, secret }: Credentials,
  path: string,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-demo-'));
  const basic = Buffer.from(`${username}:${secret.reveal()}`).toString('base64');
  const env = {
    PATH: path,
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Tanuki',
    GIT_AUTHOR_EMAIL: 'tanuki@example.com',
    GIT_COMMITTER_NAME: 'Tanuki',
    GIT_COMMITTER_EMAIL: 'tanuki@example.com',
    // Not in the address, which every user of the machine sees among the arguments.
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
  };
  async function git(...args: string[]): Promise<void> {
    await runProgram('git', args, { env, cwd: folder });
  }
  try {
    await writeFile(join(folder, 'README.md'), README);
    await git('init', '--quiet', '--initial-branch=main');
    await git('add', 'README.md');
    await git('commit', '--quiet', '--message=Say hello');
    await git('push', '--quiet', `${config.http.publicUrl}/${DEMO_PROJECT}.git`, 'main');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
