/** A running service with people of every role, projects of every visibility and credentials of every kind. */

import { expect } from 'chai';
import { ACCESS_TOKEN_SCOPES, type AccessTokenScope } from '../../src/access/access-token.js';
import { OPERATOR } from '../../src/access/actor.js';
import { INSTANCE, type DeployTokenScope } from '../../src/access/deploy-token.js';
import { VISIBILITIES, type Project, type Visibility } from '../../src/access/project.js';
import type { User } from '../../src/access/user.js';
import { revokeAccessToken } from '../../src/services/access-tokens.js';
import { revokeDeployToken } from '../../src/services/deploy-tokens.js';
import { removeProject } from '../../src/services/project-removal.js';
import { setArchived } from '../../src/services/project-settings.js';
import { setBlocked } from '../../src/services/users.js';
import {
  giveRole,
  newAccessToken,
  newDeployToken,
  newProject,
  newUser,
  type NewUser,
} from '../doors/app-data.js';
import { searchFor, type SecretSearch } from '../evidence/secret-search.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { send, type Answer, type HttpRequest, type Login } from '../support/token-client.js';
import { PEOPLE, type Identity, type JudgedProject, type Person } from './table.js';
import { accessTokensOf } from '../support/rows.js';

const YESTERDAY = new Date(Date.now() - 24 * 60 * 60 * 1000);
/** Longer than anything here takes on a busy machine: whoever has no answer by then gets none. */
const HANG_MS = 60_000;

export interface Caller {
  readonly title: string;
  /** Null for nobody. */
  readonly login: Login | null;
  readonly identity: Identity;
  /** Revoked, expired, blocked or of a removed project: refused like a wrong secret. */
  readonly isDead: boolean;
}

export interface World {
  readonly app: TestApp;
  readonly projects: readonly JudgedProject[];
  /** Paths that no project has, or none any more. */
  readonly missing: readonly string[];
  readonly callers: readonly Caller[];
  readonly caller: (title: string) => Caller;
  /** By person, with the password. */
  readonly passwords: ReadonlyMap<Person, Login>;
  /** One request, as if it came from an address of its own; the answer is searched for secrets. */
  readonly send: (message: HttpRequest) => Promise<Answer>;
  readonly search: SecretSearch;
  /** Throws when the log tells a secret or a failure of the service. */
  readonly checkLog: () => void;
  readonly stop: () => Promise<void>;
}

export async function startWorld(): Promise<World> {
  const app = await startApp({ env: { PULLGATE_HTTP_TRUSTED_PROXIES: '127.0.0.1' } });
  try {
    return await populate(app);
  } catch (error) {
    await app.stop();
    throw error;
  }
}

async function populate(app: TestApp): Promise<World> {
  const people = new Map<Person, NewUser>();
  for (const person of PEOPLE) {
    people.set(
      person,
      await newUser(app, { username: `the-${person}`, isAdmin: person === 'admin' }),
    );
  }
  const made = await makeProjects(app, people);
  const removed = await newProject(app, { path: 'fuzz/removed' });
  const callers: Caller[] = [
    { title: 'nobody', login: null, identity: { kind: 'anonymous' }, isDead: false },
    ...Array.from(people, ([person, { login }]) => passwordCaller(person, login)),
    ...(await accessTokenCallers(app, people)),
    ...(await blockedCallers(app)),
    ...(await deployTokenCallers(app, made, removed)),
  ];
  const deps = { store: app.service.store, now: () => new Date() };
  await removeProject(deps, OPERATOR, removed);

  const search = searchFor(callers.flatMap(({ login }) => (login === null ? [] : [login.secret])));
  let requests = 0;
  return {
    app,
    projects: made.map(({ judged }) => judged),
    missing: ['fuzz/removed', 'fuzz/never', 'fuzz/private-evil', 'fuzz/privat'],
    callers,
    caller: (title) => callerIn(callers, title),
    passwords: new Map(Array.from(people, ([person, { login }]) => [person, login])),
    search,
    async send(message) {
      // Guessing is slowed down by address: see src/services/credential-limits.ts.
      requests += 1;
      const address = `10.${(requests >> 16) & 255}.${(requests >> 8) & 255}.${requests & 255}`;
      const headers = { ...message.headers, 'x-forwarded-for': address };
      const answer = await withinReason(send(app.origin, { ...message, headers }), message);
      checkAnswer(answer, search);
      return answer;
    },
    checkLog() {
      expect(search.findIn(app.log()), 'secrets in the log').to.deep.equal([]);
      expect(app.log()).not.to.match(/"level":"(?:error|fatal)"/);
    },
    stop: app.stop,
  };
}

function callerIn(callers: readonly Caller[], title: string): Caller {
  const caller = callers.find((each) => each.title === title);
  if (caller === undefined) {
    throw new Error(`Nobody is called ${title}.`);
  }
  return caller;
}

/** What holds for every answer of every door. A JWT is what the token door is for. */
export function checkAnswer({ status, headers, text }: Answer, search: SecretSearch): void {
  const told = `${JSON.stringify(headers)}\n${text}`;
  expect(status, text.slice(0, 200)).to.be.within(200, 499);
  expect(
    search.findIn(told).filter((what) => what !== 'a JWT'),
    'secrets in the answer',
  ).to.deep.equal([]);
  expect(told, 'a stack trace').not.to.match(/\bat \w.*\.js:\d+|SQLITE_|QueryFailedError/);
}

async function withinReason<T>(work: Promise<T>, message: HttpRequest): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`No answer to ${message.method} ${message.target}`));
    }, HANG_MS);
  });
  try {
    return await Promise.race([work, hang]);
  } finally {
    clearTimeout(timer);
  }
}

interface MadeProject {
  readonly project: Project;
  readonly judged: JudgedProject;
}

async function makeProjects(
  app: TestApp,
  people: ReadonlyMap<Person, NewUser>,
): Promise<MadeProject[]> {
  const wanted: readonly (readonly [path: string, visibility: Visibility, kind: string])[] = [
    ...VISIBILITIES.map((visibility) => [`fuzz/${visibility}`, visibility, 'members'] as const),
    ['Fuzz/Sub/Capitals', 'private', 'members'],
    ['fuzz/archived', 'private', 'archived'],
    ['fuzz/others', 'private', 'no members'],
  ];
  return await Promise.all(
    wanted.map(async ([path, visibility, kind]) => {
      const hasMembers = kind !== 'no members';
      const isArchived = kind === 'archived';
      const project = await newProject(app, { path, visibility });
      for (const [person, { user }] of people) {
        if (hasMembers && person !== 'stranger' && person !== 'admin') {
          await giveRole(app, project, user, person);
        }
      }
      if (isArchived) {
        const deps = { store: app.service.store, now: () => new Date() };
        await setArchived(deps, OPERATOR, project, 'archived');
      }
      return { project, judged: { path, visibility, isArchived, hasMembers } };
    }),
  );
}

function passwordCaller(person: Person, login: Login): Caller {
  const identity = { kind: 'person', person, scopes: null } as const;
  return { title: `${person}, password`, login, identity, isDead: false };
}

async function accessTokenCallers(
  app: TestApp,
  people: ReadonlyMap<Person, NewUser>,
): Promise<Caller[]> {
  const sets: readonly (readonly AccessTokenScope[])[] = [
    ...ACCESS_TOKEN_SCOPES.map((scope) => [scope]),
    ['read_registry', 'write_registry'],
  ];
  const callers: Caller[] = [];
  for (const [person, { user }] of people) {
    for (const scopes of sets) {
      const login = await newAccessToken(app, user, scopes);
      const identity = { kind: 'person', person, scopes } as const;
      callers.push({ title: `${person}, ${scopes.join('+')}`, login, identity, isDead: false });
    }
  }
  const admin = people.get('admin');
  return admin === undefined ? callers : [...callers, ...(await deadTokens(app, admin.user))];
}

async function deadTokens(app: TestApp, user: User): Promise<Caller[]> {
  const deps = { store: app.service.store, now: () => new Date() };
  const expired = await newAccessToken(app, user, ['api'], YESTERDAY);
  const revoked = await newAccessToken(app, user, ['api']);
  const newest = (await accessTokensOf(app.service.store, user.id)).map(({ id }) => id);
  await revokeAccessToken(deps, OPERATOR, user, Math.max(...newest));
  const identity = { kind: 'person', person: 'admin', scopes: ['api'] } as const;
  return [
    { title: 'admin, expired token', login: expired, identity, isDead: true },
    { title: 'admin, revoked token', login: revoked, identity, isDead: true },
  ];
}

async function blockedCallers(app: TestApp): Promise<Caller[]> {
  const { user, login } = await newUser(app, { username: 'the-blocked', isAdmin: true });
  const token = await newAccessToken(app, user, ['api']);
  const deps = { store: app.service.store, now: () => new Date() };
  await setBlocked(deps, OPERATOR, user, 'blocked');
  const identity = { kind: 'person', person: 'admin', scopes: null } as const;
  return [
    { title: 'blocked, password', login, identity, isDead: true },
    { title: 'blocked, api', login: token, identity, isDead: true },
  ];
}

async function deployTokenCallers(
  app: TestApp,
  made: readonly MadeProject[],
  removed: Project,
): Promise<Caller[]> {
  const { store } = app.service;
  const sets: readonly (readonly DeployTokenScope[])[] = [
    ['read_registry'],
    ['read_repository'],
    ['read_repository', 'read_registry'],
  ];
  const both = ['read_repository', 'read_registry'] as const;
  const callers: Caller[] = [];
  for (const { project } of made) {
    for (const scopes of sets) {
      const { login } = await newDeployToken(app, project, { scopes });
      const identity = { kind: 'deploy-token', reaches: project.path, only: null, scopes } as const;
      callers.push({
        title: `${project.path}, ${scopes.join('+')}`,
        login,
        identity,
        isDead: false,
      });
    }
    const identity = {
      kind: 'deploy-token',
      reaches: project.path,
      only: null,
      scopes: both,
    } as const;
    const expired = await newDeployToken(app, project, { scopes: both, expiresAt: YESTERDAY });
    const revoked = await newDeployToken(app, project, { scopes: both });
    await revokeDeployToken({ store, now: () => new Date() }, OPERATOR, revoked.token.id);
    callers.push(
      { title: `${project.path}, expired`, login: expired.login, identity, isDead: true },
      { title: `${project.path}, revoked`, login: revoked.login, identity, isDead: true },
    );
  }
  callers.push(...(await wideTokenCallers(app)));
  const { login } = await newDeployToken(app, removed, { scopes: both });
  const identity = {
    kind: 'deploy-token',
    reaches: removed.path,
    only: null,
    scopes: both,
  } as const;
  return [...callers, { title: 'of a removed project', login, identity, isDead: true }];
}

/** Of namespaces and of the instance, some of them narrowed. */
async function wideTokenCallers(app: TestApp): Promise<Caller[]> {
  const scopes = ['read_repository', 'read_registry'] as const;
  const wide: readonly (readonly [reaches: string, only: readonly string[] | null])[] = [
    ['fuzz', null],
    ['fuzz/sub', null],
    ['fuzz', ['fuzz/internal/web', 'fuzz/others']],
    ['', null],
    ['', ['fuzz/private', 'fuzz/sub/capitals/api']],
  ];
  const callers: Caller[] = [];
  for (const [reaches, only] of wide) {
    const owner =
      reaches === '' ? INSTANCE : await app.service.store.namespaces.findByPath(reaches);
    const { login } = await newDeployToken(app, owner ?? INSTANCE, { scopes, only });
    const title = `${reaches || 'instance'}, ${only?.join('+') ?? 'all'}`;
    const identity = { kind: 'deploy-token', reaches, only, scopes } as const;
    callers.push({ title, login, identity, isDead: false });
  }
  return callers;
}
