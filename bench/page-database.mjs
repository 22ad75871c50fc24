/** Databases of a large instance, for its pages: written past the service, which would take minutes. */

import { createHash } from 'node:crypto';
import { fillTables } from './bulk-writer.mjs';

const PROJECTS = 20_000;
const TOKENS = 5000;
const EVENTS = 400_000;
const TEAM_PROJECTS = 200;
const DAYS = 90;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Of the project that has all the tokens. */
export const PROJECT = projectPath(1);
/** Of a token that is active and used every day. */
export const TOKEN = TOKENS;

/** Who visits, by username: how many projects each is a maintainer of. */
export const VISITORS = {
  nobody: { id: 1, projects: 0, isAdmin: false },
  admin: { id: 2, projects: 0, isAdmin: true },
  team: { id: 3, projects: TEAM_PROJECTS, isAdmin: false },
  everywhere: { id: 4, projects: PROJECTS, isAdmin: false },
};

/** Of a session that lasts as long as the bench. */
export function cookieOf(username) {
  return `pullgate_session=${sessionSecret(username)}`;
}

export function sessionSecret(username) {
  return digestOf(`session of ${username}`).toString('base64url').slice(0, 32);
}

export function digestOf(text) {
  return createHash('sha256').update(text).digest();
}

function projectPath(id) {
  return `bench/project-${String(id).padStart(5, '0')}`;
}

/** Fills the empty tables of a database that `startDatabases` made. */
export async function fillForPages(database) {
  await fillTables(database, tables(Date.now()));
}

function tables(now) {
  const madeAt = now - DAYS * DAY_MS;
  const people = Object.entries(VISITORS);
  const memberships = people.flatMap(([, { id, projects }]) =>
    Array.from({ length: projects }, (_, index) => ({
      project_id: index + 1,
      user_id: id,
      role: 'maintainer',
    })),
  );
  return [
    ['users', people.length, (number) => userRow(people[number - 1], madeAt)],
    ['sessions', people.length, (number) => sessionRow(people[number - 1], now)],
    ['projects', PROJECTS, (id) => projectRow(id, madeAt)],
    ['members', memberships.length, (number) => memberships[number - 1]],
    ['image_prefixes', PROJECTS, (id) => ({ prefix: projectPath(id), project_id: id })],
    ['deploy_tokens', TOKENS, (id) => tokenRow(id, now, madeAt)],
    ['deploy_token_secrets', TOKENS, (id) => secretRow(id, madeAt)],
    ['deploy_token_uses', TOKENS, (id) => useRow(id, now)],
    ['deploy_token_days', TOKENS * DAYS, (number) => dayRow(number, now)],
    ['audit_events', EVENTS, (number) => eventRow(number, now)],
  ];
}

function userRow([name, { id, isAdmin }], created_at) {
  const names = { username: name, username_key: name, display_name: name };
  return { id, ...names, is_admin: Number(isAdmin), created_at };
}

function sessionRow([name, { id }], now) {
  return {
    user_id: id,
    secret_digest: digestOf(sessionSecret(name)),
    created_at: now,
    last_seen_at: now,
    expires_at: now + DAY_MS,
    client: 'bench',
    address: '127.0.0.1',
  };
}

function projectRow(id, created_at) {
  const path = projectPath(id);
  return { id, path, path_key: path, visibility: 'private', created_at };
}

/** Of ten, one has expired, one is revoked, two will expire. */
function tokenRow(id, now, created_at) {
  return {
    id,
    project_id: 1,
    name: `cluster ${id}`,
    username: `deploy-token-${id}`,
    kind: 'secret',
    scopes: 'read_registry',
    created_at,
    created_by: VISITORS.admin.id,
    expires_at: expiryOf(id, now),
    revoked_at: id % 10 === 1 ? now - DAY_MS : null,
  };
}

function secretRow(id, created_at) {
  return { deploy_token_id: id, secret_digest: digestOf(`token ${id}`), created_at };
}

function useRow(id, now) {
  return {
    deploy_token_id: id,
    used_at: now - id * 1000,
    door: 'registry',
    address: '203.0.113.7',
    user_agent: 'containerd/1.7.22',
    repository: PROJECT,
  };
}

function dayRow(number, now) {
  return {
    deploy_token_id: 1 + ((number - 1) % TOKENS),
    day: Math.floor(now / DAY_MS) - Math.floor((number - 1) / TOKENS),
    uses: number % 1000,
  };
}

/** Mostly sign-ins; one of twenty is about a token of the project with many. */
function eventRow(number, now) {
  const at = now - (EVENTS - number) * 60_000;
  const isAboutToken = number % 20 === 0;
  const [actor, { id }] = isAboutToken
    ? ['admin', VISITORS.admin]
    : Object.entries(VISITORS)[number % 4];
  return {
    at,
    action: isAboutToken ? 'deploy_token_created' : 'signed_in',
    actor_id: id,
    actor,
    project_id: isAboutToken ? 1 : null,
    project_path: isAboutToken ? PROJECT : null,
    subject_id: isAboutToken ? 1 + ((number / 20) % TOKENS) : id,
    subject: isAboutToken ? 'cluster' : actor,
    detail: isAboutToken ? 'read_registry, without expiry' : '',
    door: 'web',
  };
}

function expiryOf(id, now) {
  const days = { 0: 5, 2: -2, 3: 200 }[id % 10];
  return days === undefined ? null : now + days * DAY_MS;
}
