import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { newGitClient, type GitClient } from '../support/git-client.js';
import { freePort } from '../support/run.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { basic, send, type Answer, type HttpRequest, type Login } from '../support/token-client.js';
import type { StoredProject } from './git-data.js';

/** The addresses of objects are made of `http.public_url`, so that has to be where the service is. */
export async function startLfsApp(env: NodeJS.ProcessEnv = {}): Promise<TestApp> {
  const port = await freePort();
  return await startApp({
    env: {
      PULLGATE_HTTP_LISTEN: `127.0.0.1:${port}`,
      PULLGATE_HTTP_PUBLIC_URL: `http://127.0.0.1:${port}`,
      ...env,
    },
  });
}

/** With git-lfs set up as `git lfs install` does. */
export async function newLfsClient(): Promise<GitClient> {
  const client = await newGitClient();
  await client.git(['lfs', 'install', '--skip-repo']);
  return client;
}

export function oidOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

export function fileOf({ repository }: StoredProject, oid: string): string {
  return join(repository, 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid);
}

export function isStored(stored: StoredProject, oid: string): boolean {
  return existsSync(fileOf(stored, oid));
}

/** What git-lfs sends of one object, under a name that need not be its own. */
export function putOf(
  { project }: StoredProject,
  login: Login | null,
  content: Buffer,
  oid = oidOf(content),
): HttpRequest {
  return {
    method: 'PUT',
    target: `/${project.path}.git/info/lfs/objects/${oid}`,
    headers: {
      'content-type': 'application/octet-stream',
      ...(login !== null && { authorization: basic(login) }),
    },
    body: content,
  };
}

export async function batch(
  app: TestApp,
  path: string,
  login: Login | null,
  body: object,
): Promise<Answer> {
  return await send(app.origin, {
    method: 'POST',
    target: `/${path}.git/info/lfs/objects/batch`,
    headers: {
      accept: 'application/vnd.git-lfs+json',
      'content-type': 'application/vnd.git-lfs+json',
      ...(login !== null && { authorization: basic(login) }),
    },
    body: JSON.stringify({ transfers: ['basic'], ...body }),
  });
}
