/** A large instance, for `npm run bench:scale`: 5000 projects and users, 200 000 deploy tokens, 500 000 events. */

import { fillTables } from './bulk-writer.mjs';
import { digestOf, sessionSecret } from './page-database.mjs';
import { tokenOf } from './pullgate-server.mjs';

const PROJECTS = 5000;
const USERS = 5000;
export const TOKENS = 200_000;
const EVENTS = 500_000;
/** What retention removes at 365 days. */
export const OLD_EVENTS = 400_000;
const MEMBERS = 2000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Those of `tokenOf`, ten a project, that the load asks with. */
const ORDERLY_TOKENS = PROJECTS * 10;

export const ADMINISTRATOR = 'user-1';
export const ACCESS_TOKEN = 'glpat-of-the-administrator-of-bench';
/** The one with all the members. */
export const PROJECT = projectPath(1);
/** Of the project with a repository, which everybody may clone. */
export const PUBLIC_PROJECT = projectPath(PROJECTS);

function projectPath(id) {
  return `bench/project-${id - 1}`;
}

export async function fillForScale(database) {
  const now = Date.now();
  const madeAt = now - 90 * DAY_MS;
  await fillTables(database, [
    ['users', USERS, (id) => userRow(id, madeAt)],
    ['sessions', 1, () => sessionRow(now)],
    ['personal_access_tokens', 1, () => accessTokenRow(madeAt)],
    ['projects', PROJECTS, (id) => projectRow(id, madeAt)],
    ['members', MEMBERS, (id) => ({ project_id: 1, user_id: id, role: 'developer' })],
    ['image_prefixes', PROJECTS, (id) => ({ prefix: projectPath(id), project_id: id })],
    ['deploy_tokens', TOKENS, (id) => tokenRow(id, madeAt)],
    ['deploy_token_secrets', TOKENS, (id) => secretRow(id, madeAt)],
    ['audit_events', EVENTS, (number) => eventRow(number, now)],
  ]);
}

function userRow(id, created_at) {
  const name = `user-${id}`;
  const names = { username: name, username_key: name, display_name: name };
  return { id, ...names, is_admin: Number(name === ADMINISTRATOR), created_at };
}

function sessionRow(now) {
  return {
    user_id: 1,
    secret_digest: digestOf(sessionSecret(ADMINISTRATOR)),
    created_at: now,
    last_seen_at: now,
    expires_at: now + DAY_MS,
    client: 'bench',
    address: '127.0.0.1',
  };
}

function accessTokenRow(created_at) {
  return {
    user_id: 1,
    name: 'bench',
    secret_digest: digestOf(ACCESS_TOKEN),
    scopes: 'api',
    created_at,
  };
}

function projectRow(id, created_at) {
  const path = projectPath(id);
  const visibility = path === PUBLIC_PROJECT ? 'public' : 'private';
  return { id, path, path_key: path, visibility, created_at };
}

/** Every tenth is revoked, but for those that are asked with. */
function tokenRow(id, created_at) {
  const index = id - 1;
  const isOrderly = index < ORDERLY_TOKENS;
  return {
    id,
    kind: 'secret',
    project_id: 1 + (isOrderly ? Math.floor(index / 10) : index % PROJECTS),
    name: `cluster ${id}`,
    username: `deploy-token-${id}`,
    scopes: 'read_registry',
    created_at: created_at + id,
    created_by: 1,
    revoked_at: !isOrderly && id % 10 === 0 ? created_at + DAY_MS : null,
  };
}

function secretRow(id, created_at) {
  return { deploy_token_id: id, secret_digest: digestOf(tokenOf(id - 1).secret), created_at };
}

function eventRow(number, now) {
  const days = number <= OLD_EVENTS ? 500 : 100;
  const userId = 1 + (number % USERS);
  return {
    at: now - days * DAY_MS + number * 10,
    action: 'signed_in',
    actor_id: userId,
    actor: `user-${userId}`,
    subject_id: userId,
    subject: `user-${userId}`,
    detail: '',
    door: 'web',
  };
}
