/** Makers of what a running app's database holds. Names are new each time, so tests cannot meet. */

import type { AccessTokenScope } from '../../src/access/access-token.js';
import { OPERATOR } from '../../src/access/actor.js';
import type { DeployToken, DeployTokenScope, Owner } from '../../src/access/deploy-token.js';
import type { Namespace } from '../../src/access/namespace.js';
import type { Project, Visibility } from '../../src/access/project.js';
import type { Role } from '../../src/access/role.js';
import type { User } from '../../src/access/user.js';
import { Secret } from '../../src/credentials.js';
import { createAccessToken } from '../../src/services/access-tokens.js';
import { createDeployToken } from '../../src/services/deploy-tokens.js';
import { setMember } from '../../src/services/members.js';
import { createNamespace } from '../../src/services/namespaces.js';
import { createProject } from '../../src/services/projects.js';
import { createUser } from '../../src/services/users.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { LONG_AGO } from '../support/build.js';
import { passwords } from '../support/passwords.js';
import type { TestApp } from '../support/start-app.js';
import type { Login } from '../support/token-client.js';

const TOKEN_PREFIX = 'gldt-';

let lastNumber = 0;

function newNumber(): number {
  lastNumber += 1;
  return lastNumber;
}

/** Everything is made long ago, so that what has expired since can be made too. */
function longAgo(): Date {
  return LONG_AGO;
}

export async function newProject(
  { service }: TestApp,
  { path = `tanuki/project_${newNumber()}`, visibility = 'private' }: Partial<Project> = {},
): Promise<Project> {
  const { store, repositories } = service;
  return await createProject({ store, repositories, now: longAgo, quotas: NO_QUOTAS }, OPERATOR, {
    path,
    visibility,
  });
}

export interface NewUser {
  readonly user: User;
  /** With the password. */
  readonly login: Login;
}

export async function newUser(
  { service }: TestApp,
  { username = `user-${newNumber()}`, isAdmin = false }: Partial<User> = {},
): Promise<NewUser> {
  const password = Secret.generate('password of ');
  const user = await createUser(
    { store: service.store, now: longAgo, tokenPrefix: TOKEN_PREFIX, passwords },
    OPERATOR,
    { username, displayName: username, password, isAdmin },
  );
  return { user, login: { username, secret: password.reveal() } };
}

export async function newMember(app: TestApp, project: Project, role: Role): Promise<NewUser> {
  const made = await newUser(app);
  await giveRole(app, project, made.user, role);
  return made;
}

export async function giveRole(
  { service }: TestApp,
  project: Project,
  user: User,
  role: Role,
): Promise<void> {
  await setMember({ store: service.store, now: longAgo }, OPERATOR, project, { user, role });
}

export async function newNamespace({ service }: TestApp): Promise<Namespace> {
  const deps = { store: service.store, now: longAgo, quotas: NO_QUOTAS };
  return await createNamespace(deps, OPERATOR, `namespace-${newNumber()}`);
}

/** A role in a namespace, which is made if it is not there. */
export async function giveNamespace(
  { service: { store } }: TestApp,
  path: string,
  user: User,
  role: Role,
): Promise<Namespace> {
  const deps = { store, now: longAgo, quotas: NO_QUOTAS };
  const namespace =
    (await store.namespaces.findByPath(path)) ?? (await createNamespace(deps, OPERATOR, path));
  await setMember(deps, OPERATOR, namespace, { user, role });
  return namespace;
}

export interface NewDeployToken {
  readonly token: DeployToken;
  readonly login: Login;
}

export async function newDeployToken(
  { service }: TestApp,
  owner: Owner,
  options: {
    readonly scopes?: readonly DeployTokenScope[];
    readonly expiresAt?: Date | null;
    readonly username?: string | null;
    readonly only?: readonly string[] | null;
  } = {},
): Promise<NewDeployToken> {
  const { scopes = ['read_registry'], expiresAt = null, username = null, only = null } = options;
  const { token, secret } = await createDeployToken(
    { store: service.store, now: longAgo, tokenPrefix: TOKEN_PREFIX },
    OPERATOR,
    owner,
    { name: 'ci', scopes, expiresAt, username, only },
  );
  return { token, login: { username: token.username, secret: secret.reveal() } };
}

export async function newAccessToken(
  { service }: TestApp,
  user: User,
  scopes: readonly AccessTokenScope[],
  expiresAt: Date | null = null,
): Promise<Login> {
  const { secret } = await createAccessToken(
    { store: service.store, now: longAgo, quotas: NO_QUOTAS },
    OPERATOR,
    user,
    { name: 'laptop', scopes, expiresAt },
  );
  return { username: user.username, secret: secret.reveal() };
}

/** A project and a deploy token of it that may pull, which is what most tests begin with. */
export async function newProjectAndToken(
  app: TestApp,
  visibility: Visibility = 'private',
): Promise<{ project: Project } & NewDeployToken> {
  const project = await newProject(app, { visibility });
  return { project, ...(await newDeployToken(app, project)) };
}

/** The lines of a log so far. */
export function linesOf(app: TestApp): Record<string, unknown>[] {
  const lines = app.log().trimEnd().split('\n');
  return lines.map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
}

/** The line of one request, which is written when its answer is out: possibly after it came in. */
export async function requestLine(
  app: TestApp,
  requestId: unknown,
): Promise<Record<string, unknown>> {
  for (;;) {
    const line = linesOf(app).find(
      ({ msg, requestId: id }) => msg === 'request' && id === requestId,
    );
    if (line !== undefined) {
      return line;
    }
    await nextTurn();
  }
}
