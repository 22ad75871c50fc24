/** A `serve` process to be harmed, and a ledger of what it has promised. */

import { join } from 'node:path';
import { OPERATOR } from '../../src/access/actor.js';
import { Secret } from '../../src/credentials.js';
import { createProject } from '../../src/services/projects.js';
import { createUser } from '../../src/services/users.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { openRepositories } from '../../src/repositories/repositories.js';
import type { DatabaseSettings } from '../../src/store/databases.js';
import { openCurrentStore } from '../../src/store/open-store.js';
import { settingsFor } from '../support/database.js';
import { saysListening } from '../support/installation.js';
import { passwords } from '../support/passwords.js';
import { startPullgate, type OwnScript } from '../support/pullgate-process.js';
import { freePort, temporaryFolder } from '../support/run.js';
import { askByGet, type Login } from '../support/token-client.js';
import { webClient, type WebClient } from '../support/web-client.js';

export const PROJECT = 'tanuki/awesome_project';
/** Anybody may clone it. */
export const OPEN_PROJECT = 'tanuki/open';
const SETTINGS = `/${PROJECT}/-/settings/repository`;
const NEW = `${SETTINGS}/deploy_tokens/new`;

export interface Victim {
  readonly folder: string;
  /** Where the database is; another file system may be mounted there before the first start. */
  readonly dataDir: string;
  readonly origin: string;
  readonly pid: () => number;
  readonly log: () => string;
  /** The longest that its event loop was held up, since this was asked before. */
  readonly heldUpSeconds: () => Promise<number>;
  readonly start: (env?: NodeJS.ProcessEnv) => Promise<void>;
  readonly kill: () => Promise<void>;
  /** SIGTERM; the exit code. */
  readonly stop: () => Promise<number | null>;
  /** A maintainer, signed in. */
  readonly signIn: () => Promise<WebClient>;
  readonly end: () => Promise<void>;
}

/** On SQLite in a folder of its own, or on a database that is given by its URL. */
export async function prepareVictim(databaseUrl: string | null = null): Promise<Victim> {
  const { path: folder, remove } = await temporaryFolder('pullgate-chaos');
  const port = await freePort();
  const metricsPort = await freePort();
  const origin = `http://localhost:${port}`;
  const password = Secret.generate('password of ').reveal();
  const dataDir = join(folder, 'data');
  const settings = settingsFor(databaseUrl ?? `sqlite:${join(dataDir, 'pullgate.db')}`);
  let service: OwnScript | null = null;
  const earlier: string[] = [];

  async function stop(): Promise<number | null> {
    const code = (await service?.stop()) ?? null;
    earlier.push(service?.stdout() ?? '', service?.stderr() ?? '');
    service = null;
    return code;
  }

  return {
    folder,
    dataDir,
    origin,
    pid() {
      if (service?.pid === undefined) {
        throw new Error('The service does not run.');
      }
      return service.pid;
    },
    log: () => [...earlier, service?.stdout() ?? ''].join('\n'),
    async heldUpSeconds() {
      const answer = await fetch(`http://127.0.0.1:${metricsPort}/-/metrics`);
      const lag = /^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(await answer.text());
      return Number(lag?.[1]);
    },
    async start(more = {}) {
      await populate(settings, { gitRoot: join(dataDir, 'git'), password });
      service = startPullgate(['serve'], {
        cwd: folder,
        env: {
          PULLGATE_HTTP_LISTEN: `127.0.0.1:${port}`,
          PULLGATE_HTTP_PUBLIC_URL: origin,
          PULLGATE_METRICS_LISTEN: `127.0.0.1:${metricsPort}`,
          ...(databaseUrl === null ? {} : { PULLGATE_DATABASE_URL: databaseUrl }),
          ...more,
        },
      });
      await service.line(saysListening);
    },
    async kill() {
      service?.signal('SIGKILL');
      await service?.exited;
      earlier.push(service?.stdout() ?? '');
      service = null;
    },
    stop,
    async signIn() {
      const client = webClient(origin);
      await client.signIn('maintainer', password);
      await client.get(NEW);
      return client;
    },
    async end() {
      await stop();
      await remove();
    },
  };
}

/** A project and its maintainer, the first time. */
async function populate(
  settings: DatabaseSettings,
  { gitRoot, password }: { readonly gitRoot: string; readonly password: string },
): Promise<void> {
  const { store } = await openCurrentStore(settings, { migrate: true });
  const repositories = openRepositories(gitRoot, process.env['PATH'] ?? '');
  const deps = {
    store,
    repositories,
    now: () => new Date(),
    tokenPrefix: 'gldt-',
    passwords,
    quotas: NO_QUOTAS,
  };
  try {
    if ((await store.projects.findByPath(PROJECT)) === null) {
      const made = { username: 'maintainer', displayName: 'Maintainer', isAdmin: true };
      await createUser(deps, OPERATOR, { ...made, password: new Secret(password) });
      await createProject(deps, OPERATOR, { path: PROJECT, visibility: 'private' });
      await createProject(deps, OPERATOR, { path: OPEN_PROJECT, visibility: 'public' });
    }
  } finally {
    await store.close();
  }
}

interface Promised {
  readonly login: Login;
  status: 200 | 401 | 'unknown';
}

export interface Ledger {
  /** Acknowledged: whoever sent the form saw the answer. */
  readonly writes: () => number;
  readonly newest: () => Login;
  /** Creates tokens, and revokes every third, until told to stop or until nobody answers. */
  readonly write: (client: WebClient, isOver: () => boolean) => Promise<void>;
  readonly writeOne: (client: WebClient) => Promise<boolean>;
  readonly newToken: (
    client: WebClient,
  ) => Promise<{ readonly login: Login; readonly revoke: () => Promise<void> }>;
  /** Asks for every promise: created ones let in, revoked ones not. Gives the number of those lost. */
  readonly countLost: (origin: string) => Promise<number>;
}

export function newLedger(): Ledger {
  const promised = new Map<string, Promised>();
  let writes = 0;

  async function create(client: WebClient): Promise<string | null> {
    const answer = await client.submit(NEW, { name: 'chaos', scopes: 'read_registry' });
    const secret = /gldt-[\w-]{32}/.exec(answer.html)?.[0];
    const username = /deploy-token-(\d+)/.exec(answer.html);
    if (answer.status >= 400 || secret === undefined || username?.[1] === undefined) {
      return null;
    }
    writes += 1;
    promised.set(username[1], { login: { username: username[0], secret }, status: 200 });
    return username[1];
  }

  async function revoke(client: WebClient, id: string): Promise<void> {
    const promise = promised.get(id);
    if (promise === undefined) {
      return;
    }
    // Cut off in the middle it may have happened or not: both keep the promise.
    promise.status = 'unknown';
    const answer = await client.submit(`${SETTINGS}/deploy_tokens/${id}/revoke`, {});
    if (answer.status === 303) {
      writes += 1;
      promise.status = 401;
    }
  }

  async function writeOne(client: WebClient): Promise<boolean> {
    const id = await create(client);
    await client.get(NEW);
    if (id !== null && Number(id) % 3 === 0) {
      await revoke(client, id);
    }
    return id !== null;
  }

  return {
    writes: () => writes,
    newest() {
      const alive = [...promised.values()].filter(({ status }) => status === 200);
      return (alive.at(-1) ?? noToken()).login;
    },
    writeOne,
    async newToken(client) {
      const id = (await create(client)) ?? noToken();
      await client.get(NEW);
      const { login } = promised.get(id) ?? noToken();
      return { login, revoke: async () => await revoke(client, id) };
    },
    async write(client, isOver) {
      while (!isOver()) {
        try {
          await writeOne(client);
        } catch (error) {
          if (!isOver()) {
            throw error;
          }
        }
      }
    },
    async countLost(origin) {
      let lost = 0;
      for (const { login, status } of promised.values()) {
        const answer = await askByGet(origin, { login });
        lost += status === 'unknown' || answer.status === status ? 0 : 1;
      }
      return lost;
    },
  };
}

function noToken(): never {
  throw new Error('No token was made.');
}
