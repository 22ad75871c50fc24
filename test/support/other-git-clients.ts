/** Programs other than git that speak its protocol, each with one function that clones and may push. */

import { mkdtemp, rm } from 'node:fs/promises';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clone, push } from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import { cloneUrl, newGitClient } from './git-client.js';
import { run } from './run.js';
import type { Login } from './token-client.js';

export interface Attempt {
  readonly url: string;
  readonly login: Login;
  readonly action: 'clone' | 'push';
}

/** What a person reads who tries this; `done` when it works. */
export type TryGit = (attempt: Attempt) => Promise<string>;

/** Debian's: the one on the PATH may know other modules. */
const PYTHON = '/usr/bin/python3';
const TOPIC = 'refs/heads/topic';

const DULWICH = `
import io, sys
from dulwich import porcelain
url, username, password, action, folder = sys.argv[1:]
login = dict(username=username, password=password, errstream=io.BytesIO())
if action == 'clone':
    porcelain.clone(url, folder, **login)
else:
    porcelain.push(folder, url, 'refs/heads/main:${TOPIC}', **login)
print('done')
`;

const PYGIT2 = `
import sys, pygit2
url, username, password, action, folder = sys.argv[1:]
login = pygit2.RemoteCallbacks(credentials=pygit2.UserPass(username, password))
if action == 'clone':
    pygit2.clone_repository(url, folder, callbacks=login)
else:
    repository = pygit2.Repository(folder)
    repository.remotes['origin'].push(['refs/heads/main:${TOPIC}'], callbacks=login)
print('done')
`;

export const GIT_CLIENTS: Readonly<Record<string, TryGit>> = {
  git: byGit,
  libgit2: byPython(PYGIT2),
  dulwich: byPython(DULWICH),
  'isomorphic-git': byIsomorphicGit,
};

/** A push clones first: what it prints is of the push. */
async function inFolder(
  { action }: Attempt,
  tryIn: (folder: string, action: Attempt['action']) => Promise<string>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-client-'));
  try {
    const cloned = await tryIn(folder, 'clone');
    return action === 'push' && cloned === 'done' ? await tryIn(folder, 'push') : cloned;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function byGit(attempt: Attempt): Promise<string> {
  const { origin, pathname } = new URL(attempt.url);
  const address = cloneUrl(origin, pathname.slice(1), attempt.login);
  const client = await newGitClient();
  try {
    return await inFolder(attempt, async (folder, action) => {
      const args =
        action === 'clone'
          ? ['clone', '--quiet', address, folder]
          : ['-C', folder, 'push', '--quiet', 'origin', `HEAD:${TOPIC}`];
      const { code, output } = await client.run(args);
      return code === 0 ? 'done' : output;
    });
  } finally {
    await client.remove();
  }
}

function byPython(script: string): TryGit {
  return async (attempt) =>
    await inFolder(attempt, async (folder, action) => {
      const { username, secret } = attempt.login;
      const args = ['-c', script, attempt.url, username, secret, action, folder];
      const { code, stderr } = await run(PYTHON, args);
      // The last line of the trace is the error itself.
      return code === 0 ? 'done' : (stderr.trimEnd().split('\n').at(-1) ?? '');
    });
}

async function byIsomorphicGit(attempt: Attempt): Promise<string> {
  const { username, secret: password } = attempt.login;
  const how = { fs, http, url: attempt.url, onAuth: () => ({ username, password }) };
  return await inFolder(attempt, async (dir, action) => {
    try {
      await (action === 'clone'
        ? clone({ ...how, dir })
        : push({ ...how, dir, ref: 'main', remoteRef: TOPIC }));
      return 'done';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  });
}
