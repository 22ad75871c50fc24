/** Several `pullgate serve` over one database, one certs/ and one git root. */

import { join } from 'node:path';
import { OPERATOR } from '../../src/access/actor.js';
import type { Role } from '../../src/access/role.js';
import { Secret } from '../../src/credentials.js';
import { openRepositories } from '../../src/repositories/repositories.js';
import { createAccessToken } from '../../src/services/access-tokens.js';
import { createDeployToken } from '../../src/services/deploy-tokens.js';
import { setMember } from '../../src/services/members.js';
import { createProject } from '../../src/services/projects.js';
import { createUser } from '../../src/services/users.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { openCurrentStore, type Store } from '../../src/store/open-store.js';
import { settingsFor } from './database.js';
import { saysListening } from './installation.js';
import { passwords } from './passwords.js';
import { pullgate, startPullgate, type OwnScript } from './pullgate-process.js';
import { freePort, temporaryFolder, type RunResult } from './run.js';
import { askByGet, basic, type Login } from './token-client.js';
import { webClient, type WebClient } from './web-client.js';
import { deployTokensOf } from './rows.js';

const PASSWORD = 'correct horse battery';
const ADMIN = 'grace';

export interface Replica {
  readonly origin: string;
  readonly process: OwnScript;
}

export interface TestToken extends Login {
  readonly id: number;
  readonly project: string;
}

export interface Replicas {
  readonly all: readonly [Replica, Replica];
  readonly folder: string;
  /** The same database, opened in this process. */
  readonly store: Store;
  readonly cli: (...args: readonly string[]) => Promise<RunResult>;
  /** One more, on the same data. */
  readonly start: () => Promise<Replica>;
  readonly addProject: (path: string) => Promise<void>;
  readonly addToken: (project: string) => Promise<TestToken>;
  /** With a personal access token of the scope `api`. */
  readonly addAccount: (username: string, account: { readonly isAdmin: boolean }) => Promise<Login>;
  readonly addMember: (project: string, username: string, role: Role) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** The database is migrated first, as an operator does it, and gets an administrator. */
export async function startReplicas(
  databaseUrl: string,
  ownEnv: NodeJS.ProcessEnv = {},
): Promise<Replicas> {
  const folder = await temporaryFolder('pullgate-replicas');
  const env = { PULLGATE_DATABASE_URL: databaseUrl, ...ownEnv };
  async function cli(...args: readonly string[]): Promise<RunResult> {
    return await pullgate(args, { env, cwd: folder.path });
  }
  const started: (() => Promise<unknown>)[] = [folder.remove];
  async function start(): Promise<Replica> {
    const replica = await startReplica(env, folder.path);
    started.push(replica.process.stop);
    return replica;
  }
  async function stop(): Promise<void> {
    for (const undo of started.toReversed()) {
      await undo();
    }
  }
  try {
    const migrated = await cli('migrate');
    if (migrated.code !== 0) {
      throw new Error(`pullgate migrate: ${migrated.output}`);
    }
    const { store } = await openCurrentStore(settingsFor(databaseUrl), { migrate: false });
    started.push(store.close);
    const all = [await start(), await start()] as const;
    const made = makersOn(store, join(folder.path, 'data', 'git'));
    await made.addAdmin();
    return { all, folder: folder.path, store, cli, start, ...made, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startReplica(env: NodeJS.ProcessEnv, cwd: string): Promise<Replica> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const address = {
    PULLGATE_HTTP_LISTEN: `127.0.0.1:${port}`,
    PULLGATE_HTTP_PUBLIC_URL: origin,
  };
  const process = startPullgate(['serve'], { env: { ...env, ...address }, cwd });
  await process.line(saysListening);
  return { origin, process };
}

function makersOn(
  store: Store,
  gitRoot: string,
): Pick<Replicas, 'addProject' | 'addToken' | 'addAccount' | 'addMember'> & {
  readonly addAdmin: () => Promise<void>;
} {
  const repositories = openRepositories(gitRoot, process.env['PATH'] ?? '');
  const deps = {
    store,
    repositories,
    now: () => new Date(),
    tokenPrefix: 'gldt-',
    passwords,
    quotas: NO_QUOTAS,
  };
  return {
    async addAdmin() {
      const password = new Secret(PASSWORD);
      const admin = { username: ADMIN, displayName: ADMIN, password, isAdmin: true };
      await createUser(deps, OPERATOR, admin);
    },
    async addProject(path) {
      await createProject(deps, OPERATOR, { path, visibility: 'private' });
    },
    async addAccount(username, { isAdmin }) {
      const password = Secret.generate();
      const account = { username, displayName: username, password, isAdmin };
      const user = await createUser(deps, OPERATOR, account);
      const { secret } = await createAccessToken(deps, OPERATOR, user, {
        name: 'api',
        scopes: ['api'],
        expiresAt: null,
      });
      return { username, secret: secret.reveal() };
    },
    async addMember(path, username, role) {
      const project = await store.projects.findByPath(path);
      const user = await store.users.findByUsername(username);
      if (project === null || user === null) {
        throw new Error(`There is no project ${path}, or no user ${username}.`);
      }
      await setMember(deps, OPERATOR, project, { user, role });
    },
    async addToken(path) {
      const project = await store.projects.findByPath(path);
      if (project === null) {
        throw new Error(`There is no project ${path}.`);
      }
      const { token, secret } = await createDeployToken(deps, OPERATOR, project, {
        name: 'cluster',
        scopes: ['read_registry', 'read_repository'],
        expiresAt: null,
        username: null,
      });
      return { id: token.id, username: token.username, secret: secret.reveal(), project: path };
    },
  };
}

/** The status of the token door for a pull of the token's own project; null for no answer at all. */
export async function tokenStatus({ origin }: Replica, token: TestToken): Promise<number | null> {
  const scopes = [`repository:${token.project}:pull`];
  try {
    return (await askByGet(origin, { login: token, scopes })).status;
  } catch {
    return null;
  }
}

/** What a clone begins with. */
export async function gitStatus({ origin }: Replica, token: TestToken): Promise<number> {
  const url = `${origin}/${token.project}.git/info/refs?service=git-upload-pack`;
  const answer = await fetch(url, { headers: { authorization: basic(token) } });
  await answer.body?.cancel();
  return answer.status;
}

/** As the administrator. */
export async function signedInAt({ origin }: Replica): Promise<WebClient> {
  const client = webClient(origin);
  await client.signIn(ADMIN, PASSWORD);
  return client;
}

/** A deploy token, by the form in the browser; throws unless its page shows the secret. */
export async function createByForm(
  client: WebClient,
  project: string,
  name: string,
): Promise<Login> {
  const page = `/${project}/-/settings/repository/deploy_tokens/new`;
  await client.get(page);
  const answer = await client.submit(page, { name, scopes: 'read_registry' });
  const [username, secret] = ['token-username', 'token-secret'].map((id) =>
    new RegExp(`id="${id}"[^>]*>([^<]+)<`).exec(answer.html)?.at(1),
  );
  if (secret === undefined || username === undefined) {
    throw new Error(`No deploy token was shown: ${answer.status}`);
  }
  return { username, secret };
}

export async function namesOfTokens(
  { store }: Pick<Replicas, 'store'>,
  projects: readonly string[],
): Promise<string[]> {
  const names = [];
  for (const path of projects) {
    const project = await store.projects.findByPath(path);
    const tokens = project === null ? [] : await deployTokensOf(store, project.id);
    names.push(...tokens.map(({ name }) => name));
  }
  return names;
}

export interface Load {
  /** How many answers there were of each status; `none` for connections that broke. */
  readonly statuses: () => Readonly<Record<string, number>>;
  /** The longest that anybody waited, in milliseconds. */
  readonly slowestMs: () => number;
  readonly stop: () => Promise<void>;
}

/** So many clients that ask for a JWT without a rest, each of the replicas in turn. */
export function putUnderLoad(replicas: readonly Replica[], token: TestToken, clients = 4): Load {
  const counts: Record<string, number> = {};
  let slowest = 0;
  const over = new AbortController();
  async function client(number: number): Promise<void> {
    for (let turn = number; !over.signal.aborted; turn += 1) {
      const replica = replicas[turn % replicas.length];
      if (replica !== undefined) {
        const since = performance.now();
        const status = String((await tokenStatus(replica, token)) ?? 'none');
        counts[status] = (counts[status] ?? 0) + 1;
        slowest = Math.max(slowest, performance.now() - since);
      }
    }
  }
  const running = Array.from({ length: clients }, async (_, number) => {
    await client(number);
  });
  return {
    statuses: () => counts,
    slowestMs: () => Math.round(slowest),
    async stop() {
      over.abort();
      await Promise.all(running);
    },
  };
}
