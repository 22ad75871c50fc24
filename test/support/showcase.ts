/** A service with something on every page: for the screenshots, `npm run dev`, and checks that visit all. */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { OPERATOR } from '../../src/access/actor.js';
import { dayOf, INSTANCE, type DeployTokenDay } from '../../src/access/deploy-token.js';
import type { Denial } from '../../src/access/denial.js';
import { formatExpiryDate, parseExpiryDate } from '../../src/access/expiry.js';
import { Secret } from '../../src/credentials.js';
import { createAccessToken } from '../../src/services/access-tokens.js';
import { createDeployToken, revokeDeployToken } from '../../src/services/deploy-tokens.js';
import { prepareSetup } from '../../src/services/first-administrator.js';
import { inviteUsers, revokeInvitation } from '../../src/services/invitations.js';
import { setMember } from '../../src/services/members.js';
import { createNamespace } from '../../src/services/namespaces.js';
import { createProject } from '../../src/services/projects.js';
import type { Service } from '../../src/process/start.js';
import { createUser } from '../../src/services/users.js';
import { passwordVersion } from '../../src/services/passwords.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { startGallery } from '../gallery/server.js';
import { passwords } from './passwords.js';
import { freePort } from './run.js';
import { endWalk } from './registry-inventory.js';
import { answerJson, holding, startStandIn, type Answer, type Holds } from './stand-in-registry.js';
import { startApp, type TestApp } from './start-app.js';

export const PASSWORD = 'correct horse battery';
export const PROJECT = 'tanuki/awesome_project';
/** In every screenshot it is this day, so that they change only when the pages do. */
const NEW_TOKEN = `/${PROJECT}/-/settings/repository/deploy_tokens/new`;
const NOW = new Date('2026-11-22T18:05:00Z');
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** What the registry holds; the last ones are older than Pullgate. */
const IMAGES: Holds = {
  [`${PROJECT}/api`]: {
    latest: daysBefore(1),
    '1.14.2': daysBefore(1),
    '1.14.1': daysBefore(8),
    '1.13.0': daysBefore(60),
    'arm64-nightly-build-of-the-branch-feature-slow-start-0a1b2c3d4e5f': null,
  },
  [`${PROJECT}/worker`]: { '1.14.2': daysBefore(1) },
  [`${PROJECT}/web/assets`]: {},
  'tanuki/backend/billing': { main: daysBefore(0) },
  'finance/secret': { '1': daysBefore(400) },
  'finance/reports/daily': { '2': daysBefore(300) },
  'grace/notes': { '1': daysBefore(30) },
  postgres: { '16': daysBefore(90) },
};

function daysBefore(days: number): Date {
  return new Date(NOW.getTime() - days * DAY_MS - 90 * MINUTE_MS);
}

/** The last uses: one of a deploy token that has expired, too. */
const USED_BEFORE_MINUTES: Readonly<Record<string, number>> = {
  'old build server': 3,
  staging: 12,
  'cluster eu-west': 3.5,
};

export interface Showcase {
  readonly origin: string;
  readonly app: TestApp;
  /** The first administrator's link, of another instance that has nobody yet. */
  readonly setupLink: string;
  /** With which somebody makes an account. */
  readonly invitationLink: string;
  /** Every component, with made-up content. */
  readonly gallery: string;
  readonly stop: () => Promise<void>;
}

export interface ShowcasePage {
  readonly name: string;
  readonly open: (page: Page, showcase: Showcase) => Promise<void>;
}

/** One after the other in one browser context; the first ones need nobody signed in. */
export const PAGES: readonly ShowcasePage[] = [
  {
    name: 'gallery',
    async open(page, { gallery }) {
      await page.goto(gallery);
    },
  },
  {
    name: 'setup',
    async open(page, { setupLink }) {
      await page.goto(setupLink);
    },
  },
  {
    name: 'invitation',
    async open(page, { invitationLink }) {
      await page.goto(invitationLink);
    },
  },
  visit('invitation-unknown', '/-/invitation/mistyped'),
  {
    name: 'sign-in',
    async open(page, { origin }) {
      await page.goto(`${origin}/users/sign_in`);
    },
  },
  {
    name: 'sign-in-refused',
    async open(page) {
      await page.getByLabel('Username').fill('ada');
      await page.getByLabel('Password').fill('a guess of mine');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'not-found',
    async open(page, { origin }) {
      await page.goto(`${origin}/tanuki/secret_project`);
    },
  },
  {
    name: 'home',
    async open(page, { origin }) {
      await signIn(page, origin, 'ada');
    },
  },
  visit('home-search', '/?show=all&q=cluster'),
  visit('home-nothing-found', '/?show=all&q=lyon'),
  visit('new-project', '/projects/new'),
  visit('project', `/${PROJECT}`),
  visit('project-image', `/${PROJECT}?image=${PROJECT}/api`),
  visit('project-without-images', '/tanuki/handbook'),
  visit('deploy-tokens', `/${PROJECT}/-/settings/repository`),
  visit('deploy-tokens-attention', `/${PROJECT}/-/settings/repository?show=attention`),
  visit('deploy-tokens-nothing-found', `/${PROJECT}/-/settings/repository?q=lyon`),
  visit('deploy-tokens-inactive', `/${PROJECT}/-/settings/repository?show=inactive`),
  visit('deploy-token', `/${PROJECT}/-/settings/repository/deploy_tokens/4`),
  visit('deploy-token-still-used', `/${PROJECT}/-/settings/repository/deploy_tokens/1`),
  visit('deploy-token-revoked', `/${PROJECT}/-/settings/repository/deploy_tokens/5`),
  visit('new-deploy-token', `${NEW_TOKEN}?who=kubernetes`),
  {
    name: 'deploy-token-errors',
    async open(page, { origin }) {
      await page.goto(origin + NEW_TOKEN);
      await page.getByLabel('Username').fill('not a username!');
      await page.getByRole('button', { name: 'Create deploy token' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'deploy-token-created',
    async open(page, { origin }) {
      await page.goto(origin + NEW_TOKEN);
      await page.getByLabel('Kubernetes').check();
      await page.locator('#name').fill('production cluster');
      await page.getByLabel('Expiration date').fill('2027-06-30');
      await page.getByLabel('read_registry').check();
      await page.getByLabel('read_repository').check();
      await page.getByRole('button', { name: 'Create deploy token' }).click();
      await page.getByRole('heading', { name: 'Your new deploy token' }).waitFor();
    },
  },
  {
    name: 'revoke-dialog',
    async open(page, { origin }) {
      await page.goto(`${origin}/${PROJECT}/-/settings/repository`);
      await page.getByRole('link', { name: 'Revoke staging' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  visit('revoke', `/${PROJECT}/-/settings/repository/deploy_tokens/2/revoke`),
  visit('settings-members', `/${PROJECT}/-/settings/members`),
  visit('settings-general', `/${PROJECT}/-/settings/general`),
  visit('denied', `/${PROJECT}/-/settings/denied`),
  visit('settings-audit', `/${PROJECT}/-/settings/audit`),
  visit('new-namespace', '/-/namespaces/new?in=tanuki'),
  visit('namespace', '/tanuki'),
  visit('namespace-search', '/tanuki?q=lyon'),
  visit('namespace-deploy-tokens', '/tanuki/-/settings/repository'),
  visit('namespace-new-deploy-token', '/tanuki/-/settings/repository/deploy_tokens/new'),
  visit('namespace-deploy-token', '/tanuki/-/settings/repository/deploy_tokens/6'),
  visit('namespace-members', '/tanuki/backend/-/settings/members'),
  visit('namespace-general', '/tanuki/-/settings/general'),
  visit('namespace-audit', '/tanuki/-/settings/audit'),
  visit('all-deploy-tokens', '/admin/deploy_tokens'),
  visit('all-deploy-tokens-ended', '/admin/deploy_tokens?show=inactive'),
  visit('instance-token', '/admin/deploy_tokens/7'),
  visit('all-denied', '/admin/denied'),
  visit('explain', '/-/explain'),
  visit('explain-granted', `/-/explain?who=1&name=${PROJECT}&door=registry&action=pull`),
  visit('explain-refused', `/-/explain?who=1&name=${PROJECT}&door=registry&action=push`),
  visit('explain-nobody', `/-/explain?who=nobody&name=${PROJECT}`),
  visit('all-denied-nothing-found', '/admin/denied?q=lyon'),
  visit('registry', '/admin/registry'),
  visit('registry-unowned', '/admin/registry?show=unowned'),
  visit('registry-import', '/admin/registry/import'),
  visit('audit', '/admin/audit'),
  visit('audit-filtered', '/admin/audit?by=ada&from=2026-11-01'),
  visit('audit-wrong-filter', '/admin/audit?token=staging'),
  visit('profile', '/-/profile'),
  visit('users', '/admin/users'),
  visit('invitations', '/admin/users/invitations'),
  visit('invitation-revoke', '/admin/users/invitations?revoke=2'),
  {
    name: 'invitation-created',
    async open(page, { origin }) {
      await page.goto(`${origin}/admin/users/invitations`);
      await page.getByLabel('Usernames').fill(`${newUsername()}, ${newUsername()}`);
      await page.getByRole('button', { name: 'Create invitation' }).click();
      await page.getByRole('heading', { name: 'The invitations are created' }).waitFor();
    },
  },
  visit('deploy-tokens-empty', '/tanuki/handbook/-/settings/repository'),
  visit('member-removal', `/${PROJECT}/-/settings/members?remove=2`),
  {
    name: 'member-lower-role',
    async open(page, { origin }) {
      await page.goto(`${origin}/${PROJECT}/-/settings/members`);
      await page.getByLabel('Role of grace').selectOption('guest');
      await page.getByRole('button', { name: 'Change the role of grace' }).click();
      await page.getByRole('heading', { name: 'Lower grace to guest' }).waitFor();
    },
  },
  visit('project-visibility', `/${PROJECT}/-/settings/general?visibility=public`),
  visit('project-archive', `/${PROJECT}/-/settings/general?archive=yes`),
  visit('session-end', '/-/profile?session=1'),
  visit('session-end-all', '/-/profile?session=all'),
  visit('user-block', '/admin/users?block=grace'),
  visit('user-remove', '/admin/users?remove=grace'),
  visit('user-promote', '/admin/users?promote=grace'),
  visit('user-password', '/admin/users?password=grace'),
  visit('access-token-revoke', '/-/profile?revoke=1'),
  {
    name: 'forbidden',
    async open(page, { origin }) {
      await signOut(page);
      await signIn(page, origin, 'grace');
      await page.goto(`${origin}/${PROJECT}/-/settings/repository`);
    },
  },
  visit('project-developer', `/${PROJECT}`),
  {
    name: 'project-guest',
    async open(page, { origin }) {
      await signOut(page);
      await signIn(page, origin, 'gus');
      await page.goto(`${origin}/${PROJECT}`);
    },
  },
  {
    name: 'home-stranger',
    async open(page, { origin }) {
      await signOut(page);
      await page.goto(`${origin}/`);
    },
  },
];

/** The pages are opened more than once, and an invitation reserves its username. */
function newUsername(): string {
  return `new-${randomBytes(4).toString('hex')}`;
}

/** The button is in the account menu. */
export async function signOut(page: Page): Promise<void> {
  await page.locator('.me > summary').click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByText('You are signed out.').waitFor();
}

async function signIn(page: Page, origin: string, username: string): Promise<void> {
  await page.goto(`${origin}/users/sign_in`);
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Projects' }).waitFor();
}

function visit(name: string, path: string): ShowcasePage {
  return {
    name,
    async open(page, { origin }) {
      await page.goto(origin + path);
    },
  };
}

export async function startShowcase(): Promise<Showcase> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  // Nobody can get an account of a name that the registry holds: what it holds comes after the people.
  let answer: Answer = isStarting;
  const registry = await startStandIn(async (request, response) => await answer(request, response));
  const app = await startApp({
    now: () => NOW,
    registryHolds: 'unknown',
    env: {
      PULLGATE_HTTP_LISTEN: `127.0.0.1:${port}`,
      PULLGATE_HTTP_PUBLIC_URL: origin,
      PULLGATE_REGISTRY_HOST: 'registry.example.com',
      PULLGATE_REGISTRY_URL: registry.url,
    },
  });
  await fillShowcase(app.service, NOW);
  const invitation = await invite(app.service);
  answer = holding(IMAGES);
  await endWalk(
    app.service.store,
    Object.keys(IMAGES),
    () => new Date(NOW.getTime() - 4 * MINUTE_MS),
  );
  const fresh = await startApp({ now: () => NOW, certsDir: join(app.folder, 'certs') });
  const gallery = await startGallery(0);
  const setup = await prepareSetup({ store: fresh.service.store, now: () => NOW });
  return {
    origin,
    app,
    setupLink: `${fresh.origin}/-/setup/${setup?.reveal() ?? ''}`,
    invitationLink: `${origin}/-/invitation/${invitation?.reveal() ?? ''}`,
    gallery: gallery.address,
    async stop() {
      await gallery.stop();
      await fresh.stop();
      await app.stop();
      await registry.stop();
    },
  };
}

/** One that was revoked and one that is open, whose secret this is. */
async function invite({ store }: Pick<Service, 'store'>): Promise<Secret | undefined> {
  const deps = { store, now: () => NOW };
  const project = await store.projects.findByPath(PROJECT);
  const roles = project === null ? [] : [{ place: project, role: 'developer' } as const];
  const usernames = [null, 'hedy'];
  const [revoked, open] = await inviteUsers(deps, OPERATOR, { usernames, roles });
  await revokeInvitation(deps, OPERATOR, revoked?.invitation.id ?? 0);
  return open?.secret;
}

function isStarting(...[, response]: Parameters<Answer>): void {
  answerJson(response, {}, 503);
}

/** What the pages of a showcase show, around a moment: people, projects, deploy tokens in each state. */
export async function fillShowcase(
  { store, repositories }: Pick<Service, 'store' | 'repositories'>,
  around: Date,
): Promise<void> {
  let time = around.getTime() - 21 * DAY_MS - 515 * MINUTE_MS;
  function now(): Date {
    time += 7 * 60 * MINUTE_MS;
    return new Date(time);
  }
  function inDays(days: number): Date | null {
    return parseExpiryDate(formatExpiryDate(new Date(around.getTime() + days * DAY_MS)));
  }
  const deps = { store, repositories, now, tokenPrefix: 'gldt-', passwords, quotas: NO_QUOTAS };
  const password = new Secret(PASSWORD);
  const ada = await createUser(deps, OPERATOR, {
    username: 'ada',
    displayName: 'Ada Lovelace',
    password,
    isAdmin: true,
  });
  const grace = await createUser(deps, OPERATOR, {
    username: 'grace',
    displayName: 'Grace Hopper',
    password,
    isAdmin: false,
  });
  const gus = await createUser(deps, OPERATOR, {
    username: 'gus',
    displayName: 'gus',
    password,
    isAdmin: false,
  });
  const project = await createProject(deps, OPERATOR, { path: PROJECT, visibility: 'private' });
  await createProject(deps, OPERATOR, { path: 'tanuki/handbook', visibility: 'internal' });
  await createProject(deps, OPERATOR, { path: 'zoo/animals/otters', visibility: 'public' });
  await setMember(deps, OPERATOR, project, { user: ada, role: 'owner' });
  await setMember(deps, OPERATOR, project, { user: grace, role: 'developer' });
  await setMember(deps, OPERATOR, project, { user: gus, role: 'guest' });
  const actor = {
    kind: 'user',
    user: ada,
    roles: await store.members.rolesOf(ada.id),
    credential: {
      kind: 'password',
      version: passwordVersion((await store.users.findPasswordHash('ada')) ?? ''),
    },
    origin: {
      door: 'web',
      address: '203.0.113.20',
      requestId: '1f0c9a9e-5d1c-4f5e-9d7a-2b8c33aa7f10',
    },
  } as const;
  for (const [name, days, scopes] of [
    ['old build server', -2, ['read_registry']],
    ['staging', 4, ['read_registry']],
    ['docs mirror', null, ['read_repository']],
    ['cluster eu-west', 129, ['read_repository', 'read_registry']],
    ['laptop of a contractor', null, ['read_registry']],
  ] as const) {
    const { token } = await createDeployToken(deps, actor, project, {
      name,
      scopes,
      expiresAt: days === null ? null : inDays(days),
      username: name === 'docs mirror' ? 'gitlab+docs' : null,
    });
    const usedBefore = USED_BEFORE_MINUTES[name];
    if (usedBefore !== undefined) {
      await store.write(async ({ deployTokenUses, deployTokenDays }) => {
        await deployTokenDays.add(countedUntil(around, token.id));
        await deployTokenUses.put([
          {
            deployTokenId: token.id,
            usedAt: new Date(around.getTime() - usedBefore * MINUTE_MS),
            fault: null,
            door: 'registry',
            address: '203.0.113.7',
            userAgent: 'containerd/1.7.22',
            repository: `${PROJECT}/api`,
          },
        ]);
      });
    }
    if (name.startsWith('laptop')) {
      await revokeDeployToken(deps, actor, token.id);
    }
  }
  await fillNamespaces(deps, actor, inDays(200));
  await store.write(async ({ denials }) => {
    await denials.add(denialsUntil(around, project.id));
  });
  await createAccessToken(deps, actor, ada, {
    name: 'laptop',
    scopes: ['read_registry', 'write_registry'],
    expiresAt: inDays(40),
  });
}

/** With deploy tokens 6 and 7: of a namespace, and of the instance. */
async function fillNamespaces(
  deps: Parameters<typeof createDeployToken>[0] & Parameters<typeof createProject>[0],
  actor: Parameters<typeof createDeployToken>[1],
  expiresAt: Date | null,
): Promise<void> {
  const tanuki = await deps.store.namespaces.findByPath('tanuki');
  const lovelace = await deps.store.users.findByUsername('ada');
  const hopper = await deps.store.users.findByUsername('grace');
  if (tanuki === null || lovelace === null || hopper === null) {
    throw new Error('the showcase has lost its people or its namespace');
  }
  const backend = await createNamespace(deps, actor, 'tanuki/backend');
  await createProject(deps, OPERATOR, { path: 'tanuki/backend/billing', visibility: 'private' });
  await setMember(deps, actor, tanuki, { user: lovelace, role: 'maintainer' });
  await setMember(deps, actor, backend, { user: hopper, role: 'developer' });
  const scopes = ['read_registry'] as const;
  await createDeployToken(deps, actor, tanuki, {
    name: 'mirror Lyon',
    scopes,
    only: ['tanuki/backend', 'tanuki/awesome_project/api'],
    expiresAt,
    username: 'mirror-lyon',
  });
  await createDeployToken(deps, actor, INSTANCE, {
    name: 'every cluster',
    scopes,
    expiresAt: null,
    username: null,
  });
}

/** Of deploy token 4, of a kubelet that had another secret too, and of nobody who is known. */
function denialsUntil(around: Date, projectId: number): Denial[] {
  const firstAt = new Date(around.getTime() - 3 * DAY_MS);
  const lastAt = new Date(around.getTime() - 20 * MINUTE_MS);
  const denial: Denial = {
    deployTokenId: 4,
    userId: null,
    door: 'registry',
    projectId: null,
    repository: 'tanuki/backend/billing',
    actions: ['pull'],
    reason: 'other_project',
    count: 10,
    firstAt,
    lastAt,
    address: '203.0.113.7',
    userAgent: 'containerd/1.7.22',
    grantedElsewhereAt: null,
  };
  const harmless = { repository: 'zoo/animals/otters', count: 214, grantedElsewhereAt: lastAt };
  const ofProject = { deployTokenId: null, projectId, repository: `${PROJECT}/api` };
  return [
    denial,
    { ...denial, ...harmless },
    { ...denial, ...ofProject, reason: 'not_signed_in', count: 1 },
    {
      ...denial,
      projectId,
      repository: PROJECT,
      door: 'git',
      actions: [],
      reason: 'revoked',
      deployTokenId: 5,
    },
  ];
}

/** Uses of the three weeks before, more in the middle of them. */
function countedUntil(around: Date, deployTokenId: number): DeployTokenDay[] {
  const today = dayOf(around.getTime());
  return Array.from({ length: 21 }, (_, index) => ({
    deployTokenId,
    day: today - index,
    uses: 4 + ((index * 7 + deployTokenId * 5) % 23),
  }));
}
