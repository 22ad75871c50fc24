/**
 * Pullgate as an operator installs it: everything set up by the command line, `serve` as a process of
 * its own, and a stock registry configured with what `registry-config` printed.
 */

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { AccessTokenScope } from '../../src/access/access-token.js';
import type { DeployTokenScope } from '../../src/access/deploy-token.js';
import type { Visibility } from '../../src/access/project.js';
import type { Role } from '../../src/access/role.js';
import type { SigningAlgorithm } from '../../src/keys/certificate.js';
import { openCurrentStore, type Store } from '../../src/store/open-store.js';
import { availableRegistries, type AvailableRegistry } from './available-registries.js';
import { sqliteSettings } from './database.js';
import { pullgate, startPullgate, type OwnScript } from './pullgate-process.js';
import type { TestRegistry } from './registry.js';
import { freePort, temporaryFolder, type RunOptions, type RunResult } from './run.js';
import { askByGet, type Login } from './token-client.js';

export interface InstallationOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly algorithm?: SigningAlgorithm;
  /** Fills the certs folder before the first start. */
  readonly prepareCerts?: (dir: string) => Promise<void>;
  /** The first that can be had, unless it is said. */
  readonly registry?: AvailableRegistry;
  /** For a database of MySQL, whose schema no plain `serve` touches. */
  readonly migrate?: boolean;
}

export interface CliOptions extends Pick<RunOptions, 'input'> {
  /** Beside the installation's own. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface NewDeployToken extends Login {
  readonly id: number;
  readonly expiresAt: string | null;
}

export interface Installation {
  /** The working folder of every process: certs/ and data/ are in it, and room for more. */
  readonly folder: string;
  /** Of the token server: `http://localhost:PORT`. */
  readonly origin: string;
  /** Of the registry, as in the names of images: `localhost:PORT`. */
  readonly host: string;
  readonly registry: TestRegistry;
  readonly service: () => OwnScript;

  readonly cli: (args: readonly string[], options?: CliOptions) => Promise<RunResult>;
  /** A command that must succeed; returns what it printed. */
  readonly done: (...args: readonly string[]) => Promise<string>;
  /** The same database, opened in this process. */
  readonly withStore: <T>(work: (store: Store) => Promise<T>) => Promise<T>;

  readonly addUser: (name: string, kind?: 'user' | 'admin') => Promise<Login>;
  readonly addProject: (path: string, visibility?: Visibility) => Promise<void>;
  readonly addMember: (project: string, user: Login, role: Role) => Promise<void>;
  readonly addAccessToken: (user: Login, ...scopes: AccessTokenScope[]) => Promise<Login>;
  readonly addDeployToken: (
    /** The path of a project or of a namespace. */
    owner: string,
    options?: {
      readonly scopes?: readonly DeployTokenScope[];
      readonly expiresAt?: string;
      readonly only?: readonly string[];
    },
  ) => Promise<NewDeployToken>;
  /** A user who is a member, and a personal access token of theirs with the scope `api`. */
  readonly addMemberWithToken: (name: string, project: string, role: Role) => Promise<Login>;
  /** What was made here and must not stand in a log. */
  readonly secrets: () => readonly string[];

  /** A JWT for the registry; throws when the token endpoint refuses. */
  readonly jwt: (login: Login | null, ...scopes: readonly string[]) => Promise<string>;
  readonly serviceLog: () => string;
  /** The requests that the service has logged, all that were answered before this call included. */
  readonly requests: () => Promise<RequestLine[]>;
  /** A new process on the same data; the settings are added to those before. */
  readonly restartService: (env?: NodeJS.ProcessEnv) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const RequestLineSchema = z.looseObject({
  msg: z.literal('request'),
  method: z.string(),
  path: z.string(),
  status: z.int(),
  userAgent: z.string(),
  refusal: z.string().optional(),
});
export type RequestLine = z.infer<typeof RequestLineSchema>;

const LogLineSchema = z.looseObject({ level: z.string(), msg: z.string() });
const UserSchema = z.object({ id: z.int(), username: z.string(), password: z.string() });
const ProjectSchema = z.object({ id: z.int(), path: z.string() });
const AccessTokenSchema = z.object({ id: z.int(), token: z.string() });
const DeployTokenSchema = z.object({
  id: z.int(),
  username: z.string(),
  token: z.string(),
  expires_at: z.string().nullable(),
});
const TokenAnswerSchema = z.object({ token: z.string() });

const LOG_MARK = 'log-mark';

export async function startInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const folder = await temporaryFolder('pullgate-installation');
  const started: (() => Promise<unknown>)[] = [folder.remove];
  async function stop(): Promise<void> {
    for (const undo of started.toReversed()) {
      await undo();
    }
  }
  try {
    return await startIn(folder.path, options, { stop, started });
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What `serve` says once it listens. */
export function saysListening(line: string): boolean {
  return line.includes('"msg":"listening"');
}

async function startIn(
  folder: string,
  { env: ownEnv, algorithm, prepareCerts, registry: wanted, migrate = false }: InstallationOptions,
  life: { stop: () => Promise<void>; started: (() => Promise<unknown>)[] },
): Promise<Installation> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  let env: NodeJS.ProcessEnv = {
    PULLGATE_HTTP_LISTEN: `127.0.0.1:${port}`,
    PULLGATE_HTTP_PUBLIC_URL: origin,
    ...(algorithm === undefined ? {} : { PULLGATE_SIGNING_ALGORITHM: algorithm }),
    ...ownEnv,
  };
  const earlierLogs: string[] = [];
  await prepareCerts?.(join(folder, 'certs'));
  let service = startPullgate(migrate ? ['serve', '--migrate'] : ['serve'], { env, cwd: folder });
  life.started.push(async () => await service.stop());
  await service.line(saysListening);

  async function cli(args: readonly string[], options: CliOptions = {}): Promise<RunResult> {
    return await pullgate(args, { ...options, env: { ...env, ...options.env }, cwd: folder });
  }
  const commands = commandsOver(cli);

  const { start } = wanted ?? (await availableRegistries())[0];
  const registry = await start({
    authSnippet: await commands.done('registry-config'),
    caFile: join(folder, 'certs', 'ca.crt'),
  });
  life.started.push(registry.stop);

  return {
    folder,
    origin,
    host: registry.host,
    registry,
    service: () => service,
    cli,
    ...commands,
    async withStore(work) {
      const settings = sqliteSettings(join(folder, 'data', 'pullgate.db'));
      const { store } = await openCurrentStore(settings, { migrate: false });
      try {
        return await work(store);
      } finally {
        await store.close();
      }
    },
    async jwt(login, ...scopes) {
      const answer = await askByGet(origin, { login, scopes });
      if (answer.status !== 200) {
        throw new Error(`The token endpoint answered ${answer.status}: ${answer.text}`);
      }
      return TokenAnswerSchema.parse(answer.body).token;
    },
    serviceLog: () => [...earlierLogs, service.stdout()].join('\n'),
    requests: async () => await requestsLoggedBy(service, origin),
    async restartService(more = {}) {
      await service.stop();
      earlierLogs.push(service.stdout());
      env = { ...env, ...more };
      service = startPullgate(['serve'], { env, cwd: folder });
      await service.line(saysListening);
    },
    stop: life.stop,
  };
}

type Commands = Pick<
  Installation,
  | 'done'
  | 'addUser'
  | 'addProject'
  | 'addMember'
  | 'addAccessToken'
  | 'addDeployToken'
  | 'addMemberWithToken'
  | 'secrets'
>;

function commandsOver(cli: Installation['cli']): Commands {
  const secrets: string[] = [];
  const commands: Commands = {
    async done(...args) {
      const { code, stdout, output } = await cli(args);
      if (code !== 0) {
        throw new Error(`pullgate ${args.join(' ')} ended with ${code}: ${output}`);
      }
      return stdout;
    },
    async addUser(name, kind = 'user') {
      const flags = kind === 'admin' ? ['--admin'] : [];
      const printed = await commands.done('user', 'create', name, ...flags, '--json');
      const { username, password } = UserSchema.parse(JSON.parse(printed));
      secrets.push(password);
      return { username, secret: password };
    },
    async addProject(path, visibility = 'private') {
      const flags = ['--visibility', visibility, '--json'];
      ProjectSchema.parse(JSON.parse(await commands.done('project', 'create', path, ...flags)));
    },
    async addMember(project, { username }, role) {
      await commands.done('member', 'add', project, username, '--role', role);
    },
    async addAccessToken({ username }, ...scopes) {
      const flags = ['--name', 'laptop', '--scopes', scopes.join(','), '--json'];
      const printed = await commands.done('access-token', 'create', username, ...flags);
      const { token } = AccessTokenSchema.parse(JSON.parse(printed));
      secrets.push(token);
      return { username, secret: token };
    },
    async addDeployToken(owner, { scopes = ['read_registry'], expiresAt, only } = {}) {
      const expiry = expiresAt === undefined ? [] : ['--expires-at', expiresAt];
      const narrowed = only === undefined ? [] : ['--only', only.join(',')];
      const flags = [
        '--name',
        'cluster',
        '--scopes',
        scopes.join(','),
        ...expiry,
        ...narrowed,
        '--json',
      ];
      const printed = await commands.done('deploy-token', 'create', owner, ...flags);
      const made = DeployTokenSchema.parse(JSON.parse(printed));
      secrets.push(made.token);
      return {
        id: made.id,
        username: made.username,
        secret: made.token,
        expiresAt: made.expires_at,
      };
    },
    async addMemberWithToken(name, project, role) {
      const user = await commands.addUser(name);
      await commands.addMember(project, user, role);
      return await commands.addAccessToken(user, 'api');
    },
    secrets: () => secrets,
  };
  return commands;
}

/** A request of our own is logged after all those before it. */
async function requestsLoggedBy(service: OwnScript, origin: string): Promise<RequestLine[]> {
  const mark = `${LOG_MARK} ${randomUUID()}`;
  await fetch(`${origin}/-/health`, { headers: { 'user-agent': mark, connection: 'close' } });
  await service.line((line) => line.includes(mark));
  return service
    .lines()
    .filter((line) => LogLineSchema.parse(JSON.parse(line)).msg === 'request')
    .map((line) => RequestLineSchema.parse(JSON.parse(line)))
    .filter(({ userAgent }) => !userAgent.startsWith(LOG_MARK));
}
