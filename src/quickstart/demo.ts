import { OPERATOR } from '../access/actor.js';
import type { DeployToken } from '../access/deploy-token.js';
import type { Project } from '../access/project.js';
import type { User } from '../access/user.js';
import { Secret, type Credentials } from '../credentials.js';
import { createAccessToken, revokeAccessToken } from '../services/access-tokens.js';
import {
  createDeployToken,
  pageOfDeployTokens,
  revokeDeployToken,
} from '../services/deploy-tokens.js';
import { everyPage } from '../services/every-page.js';
import { createPasswords } from '../services/passwords.js';
import { createProject } from '../services/projects.js';
import { createUser } from '../services/users.js';
import { NO_QUOTAS } from '../services/quotas.js';
import {
  buildDemoImage,
  hostArchitecture,
  pullImage,
  pushImage,
  RegistryAnswerError,
  type Image,
} from './demo-image.js';
import { fetchRegistryToken } from './fetch-token.js';
import { DEMO_PROJECT, pushDemoRepository } from './demo-repository.js';
import { greetingProgram } from './greeting.js';
import type { Stack } from './stack.js';

export const DEMO_TAG = 'latest';
const ADMIN = 'admin';
const TOKEN_NAME = 'quickstart';
const GREETING = `Hello from ${DEMO_PROJECT}, pulled with a deploy token.\n`;
const TOKEN_DAYS = 7;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface Demo {
  readonly project: Project;
  readonly token: DeployToken;
  readonly credentials: Credentials;
  readonly administrator: User;
  /** Null when the administrator was there already: a password is shown once. */
  readonly password: Secret | null;
}

export interface DemoDeps {
  readonly stack: Stack;
  readonly now: () => Date;
  /** The PATH to find git on. */
  readonly path: string;
}

/**
 * An administrator, a project with an image and a git repository, and a new deploy token. What is there
 * already is kept, but for the deploy token of the last time.
 */
export async function setUpDemo({ stack, now, path }: DemoDeps): Promise<Demo> {
  const { store, repositories } = stack.service;
  const deps = {
    store,
    repositories,
    now,
    tokenPrefix: stack.config.deployTokens.prefix,
    passwords: createPasswords(),
    quotas: NO_QUOTAS,
  };

  const known = await store.users.findByUsername(ADMIN);
  const password = known === null ? Secret.generate() : null;
  const administrator =
    known ??
    (await createUser(deps, OPERATOR, {
      username: ADMIN,
      displayName: 'Administrator',
      password: password ?? Secret.generate(),
      isAdmin: true,
    }));
  const project =
    (await store.projects.findByPath(DEMO_PROJECT)) ??
    (await createProject(deps, OPERATOR, { path: DEMO_PROJECT, visibility: 'private' }));
  await revokeEarlierTokens(deps, project);
  const { token, secret } = await createDeployToken(deps, OPERATOR, project, {
    name: TOKEN_NAME,
    scopes: ['read_registry', 'read_repository'],
    expiresAt: midnightIn(TOKEN_DAYS, now()),
    username: null,
  });
  const credentials = { username: token.username, secret };
  const hasImage = await hasDemoImage(stack, credentials);
  const hasHistory = !(await repositories.isEmpty(project.id));
  if (!hasImage || !hasHistory) {
    await asWriter({ stack, now, path }, administrator, async (writer) => {
      await pushDemo(stack, { credentials: writer, repository: DEMO_PROJECT, now: now() });
      await pushDemoRepository(stack, writer, path);
    });
  }
  return { project, token, credentials, administrator, password };
}

/** Pulls the image and checks every digest; throws when it may not or cannot be pulled. */
export async function pullDemoImage(
  { config, registry }: Stack,
  credentials: Credentials,
): Promise<void> {
  await pullImage({
    registry: `http://${registry.host}`,
    repository: DEMO_PROJECT,
    reference: DEMO_TAG,
    token: async (scope) => await fetchRegistryToken(config, credentials, scope),
  });
}

async function hasDemoImage(stack: Stack, credentials: Credentials): Promise<boolean> {
  try {
    await pullDemoImage(stack, credentials);
    return true;
  } catch (error) {
    if (error instanceof RegistryAnswerError && error.status === 404) {
      return false;
    }
    throw error;
  }
}

/** Those that an earlier start has shown; one that somebody made on the page stays. */
async function revokeEarlierTokens(
  deps: Pick<Stack['service'], 'store'> & Pick<DemoDeps, 'now'>,
  project: Project,
): Promise<void> {
  const filter = { owner: project, state: 'active', direction: 'ASC' } as const;
  const pages = everyPage(
    async (request) => await pageOfDeployTokens(deps, OPERATOR, filter, request),
  );
  for await (const tokens of pages) {
    for (const { id, name, createdBy } of tokens) {
      if (name === TOKEN_NAME && createdBy === null) {
        await revokeDeployToken(deps, OPERATOR, id);
      }
    }
  }
}

/** As a person pushes: with a personal access token, which ends right after. */
async function asWriter(
  { stack, now }: DemoDeps,
  administrator: User,
  push: (writer: Credentials) => Promise<void>,
): Promise<void> {
  const deps = { store: stack.service.store, now, quotas: NO_QUOTAS };
  const { token, secret } = await createAccessToken(deps, OPERATOR, administrator, {
    name: 'quickstart push',
    scopes: ['read_registry', 'write_registry', 'write_repository'],
    expiresAt: midnightIn(1, now()),
  });
  try {
    await push({ username: administrator.username, secret });
  } finally {
    await revokeAccessToken(deps, OPERATOR, administrator, token.id);
  }
}

/** Throws when the credentials may not push to the repository. */
export async function pushDemo(
  { config, registry }: Stack,
  {
    credentials,
    repository,
    now,
  }: { readonly credentials: Credentials; readonly repository: string; readonly now: Date },
): Promise<void> {
  await pushImage({
    registry: `http://${registry.host}`,
    repository,
    tag: DEMO_TAG,
    image: demoImage(now),
    token: async (scope) => await fetchRegistryToken(config, credentials, scope),
  });
}

/** A program that greets; of the architectures that it is not made for, most run that of amd64. */
function demoImage(created: Date): Image {
  const architecture = hostArchitecture() === 'arm64' ? 'arm64' : 'amd64';
  const program = greetingProgram(GREETING, architecture);
  return buildDemoImage({ files: { '/hello': { program } }, architecture, created });
}

function midnightIn(days: number, now: Date): Date {
  return new Date(Math.ceil(now.getTime() / DAY_MS) * DAY_MS + (days - 1) * DAY_MS);
}
