import type { Actor } from '../access/actor.js';
import {
  DEPLOY_TOKEN_SCOPES,
  INSTANCE,
  isDeployTokenUsername,
  isSameOwner,
  looksGenerated,
  ownerReaches,
  type DeployToken,
  type DeployTokenOwner,
  type DeployTokenScope,
  type Owner,
} from '../access/deploy-token.js';
import { AppError, type Problems } from '../access/errors.js';
import { expiryText, isExpired } from '../access/expiry.js';
import type { Place } from '../access/namespace.js';
import { decideAt } from '../access/permissions.js';
import type { Page, PageRequest } from '../access/page.js';
import { namespaceOf, type OwnedPrefix } from '../access/project.js';
import { isRepositoryName } from '../access/repository-name.js';
import { liesAtOrBelow, pathsAbove } from '../access/tree.js';
import { Secret } from '../credentials.js';
import type { DeployTokenFilter } from '../store/deploy-token-store.js';
import type { Store, Stores } from '../store/open-store.js';
import { labelProblem, problemsOf, requireNoProblems } from './problems.js';
import { requireManage, requireSeeSettings, userIdOf } from './requirements.js';
import { goingFirst, writeAs, writeTo } from './writing.js';

/** Of one token. */
const MAX_ONLY = 100;

export interface DeployTokenDeps {
  readonly store: Store;
  readonly now: () => Date;
  readonly tokenPrefix: string;
}

export interface DeployTokenInput {
  readonly name: string;
  /** Repository names and project paths that the token is narrowed to; null for all that its owner reaches. */
  readonly only?: readonly string[] | null;
  readonly scopes: readonly DeployTokenScope[];
  readonly expiresAt: Date | null;
  /** Null for the default, `deploy-token-<id>`. */
  readonly username: string | null;
}

/** Everything that is wrong with the input. */
export function deployTokenProblems(
  { name, scopes, expiresAt, username, only }: DeployTokenInput,
  now: Date,
): Problems {
  return problemsOf({
    name: labelProblem('name of a deploy token', name),
    scopes:
      scopes.length === 0
        ? `A deploy token needs at least one scope: ${DEPLOY_TOKEN_SCOPES.join(', ')}.`
        : null,
    expires_at: isExpired(expiresAt, now)
      ? 'The expiry date must lie in the future: a deploy token is dead from 00:00 UTC of that date.'
      : null,
    username: username === null ? null : usernameProblem(username),
    only: only === null || only === undefined ? null : onlyProblem(only),
  });
}

function usernameProblem(username: string): string | null {
  if (!isDeployTokenUsername(username)) {
    return 'The username of a deploy token has 1 to 255 letters, digits, dots, dashes, underscores or plus signs.';
  }
  return looksGenerated(username)
    ? 'Usernames such as deploy-token-7 are given by Pullgate: leave the username empty for one.'
    : null;
}

function onlyProblem(only: readonly string[]): string | null {
  if (only.length === 0 || only.length > MAX_ONLY) {
    return `A deploy token is narrowed to 1 to ${MAX_ONLY} paths, or not at all.`;
  }
  const wrong = only.find((entry) => !isRepositoryName(namespaceOf(entry)));
  return wrong === undefined
    ? null
    : `${JSON.stringify(wrong)} is neither a project's path nor a repository's name.`;
}

/** The entries in lower case; throws for one that the owner does not reach. */
async function requireReached(
  { projects }: Pick<Stores, 'projects'>,
  owner: Owner,
  only: readonly string[] | null,
): Promise<readonly string[] | null> {
  if (only === null) {
    return null;
  }
  const entries = [...new Set(only.map(namespaceOf))];
  const owned = await projects.ownersOf(entries);
  const wrong = entries.find((entry) => !isReached(owner, entry, owned));
  if (wrong !== undefined) {
    throw new AppError('invalid_input', `This deploy token would not reach ${wrong}.`, {
      field: 'only',
    });
  }
  return entries;
}

function isReached(owner: Owner, entry: string, owned: readonly OwnedPrefix[]): boolean {
  if (owner.kind === 'instance' || liesAtOrBelow(entry, namespaceOf(owner.path))) {
    return true;
  }
  const found = owned.find(({ prefix }) => liesAtOrBelow(entry, prefix));
  return found !== undefined && ownerReaches(owner, found.project);
}

/** A name that a token of another owner has, a user or a namespace would be taken for it. */
async function requireFreeUsername(
  stores: Stores,
  owner: Owner,
  username: string | null,
  now: Date,
): Promise<void> {
  if (username === null) {
    return;
  }
  const isTaken =
    (await stores.deployTokens.findUsernameElsewhere(username, owner, now)) !== null ||
    (await stores.users.findOnRecord(username)) !== null ||
    (await stores.namespaces.findByPath(username)) !== null;
  if (isTaken) {
    throw new AppError('conflict', `The username ${username} is taken.`, { field: 'username' });
  }
}

/** The secret is returned here, once, and cannot be read again: only its digest is stored. */
export async function createDeployToken(
  deps: DeployTokenDeps,
  actor: Actor,
  owner: Owner,
  input: DeployTokenInput,
): Promise<{ token: DeployToken; secret: Secret }> {
  requireManage(actor, owner);
  requireNoProblems(deployTokenProblems(input, deps.now()));
  const secret = Secret.generate(deps.tokenPrefix);
  const token = await writeTo(deps, actor, owner, async (writing) => {
    const { stores, at, record } = writing;
    const only = await requireReached(stores, writing.owner, input.only ?? null);
    await requireFreeUsername(stores, writing.owner, input.username, at);
    const added = await stores.deployTokens.add({
      owner: writing.owner,
      only,
      name: input.name.trim(),
      username: input.username,
      scopes: DEPLOY_TOKEN_SCOPES.filter((scope) => input.scopes.includes(scope)),
      expiresAt: input.expiresAt,
      secretDigest: secret.digest(),
      createdAt: at,
      createdBy: userIdOf(writing.actor),
    });
    const detail = [...added.scopes, expiryText(added.expiresAt)].join(', ');
    await record({
      action: 'deploy_token_created',
      on: writing.owner,
      subject: added,
      detail,
    });
    return added;
  });
  return { token, secret };
}

export interface DeployTokenSelection extends Pick<DeployTokenFilter, 'state' | 'direction'> {
  /** Null for those of every owner. */
  readonly owner: Owner | null;
}

export async function pageOfDeployTokens(
  { store, now }: Pick<DeployTokenDeps, 'store' | 'now'>,
  actor: Actor,
  filter: DeployTokenSelection,
  page: PageRequest,
): Promise<Page<DeployToken>> {
  requireSeeSettings(actor, filter.owner ?? INSTANCE);
  return await store.deployTokens.page({ ...filter, now: now() }, page);
}

export interface DeployTokenFromAbove extends DeployToken {
  readonly owner: Exclude<DeployTokenOwner, { readonly kind: 'project' }>;
}

function isFromAbove(token: DeployToken): token is DeployTokenFromAbove {
  return token.owner.kind !== 'project';
}

export interface DeployTokensFromAbove {
  readonly tokens: readonly DeployTokenFromAbove[];
  /** Whether there are more than were looked at. */
  readonly isCut: boolean;
}

/**
 * The active ones of namespaces above the place, and of the instance, that reach into it: of the oldest
 * `atMost`. What else they are narrowed to is left out, since whoever sees the place may not know of it.
 */
export async function deployTokensFromAbove(
  { store, now }: Pick<DeployTokenDeps, 'store' | 'now'>,
  actor: Actor,
  place: Place,
  atMost: number,
): Promise<DeployTokensFromAbove> {
  requireSeeSettings(actor, place);
  const above = await store.namespaces.findByPaths(pathsAbove(place.path));
  const ids = above.map(({ id }) => id);
  const found = await store.deployTokens.findActiveAbove(ids, now(), atMost + 1);
  const prefixes = place.kind === 'project' ? await store.projects.imagePrefixesOf(place.id) : [];
  const places = [namespaceOf(place.path), ...prefixes];
  const tokens = found.slice(0, atMost).filter(isFromAbove);
  return {
    tokens: tokens.flatMap((token) => {
      const only = token.only && token.only.filter((entry) => reachesInto(entry, places));
      return only?.length === 0 ? [] : [{ ...token, only }];
    }),
    isCut: found.length > atMost,
  };
}

function reachesInto(entry: string, places: readonly string[]): boolean {
  return places.some((place) => liesAtOrBelow(place, entry) || liesAtOrBelow(entry, place));
}

/** One that was revoked, or is another owner's, looks like one that does not exist. */
export async function findDeployTokenOf(
  { store }: Pick<DeployTokenDeps, 'store'>,
  actor: Actor,
  owner: Owner,
  id: number,
): Promise<DeployToken> {
  requireSeeSettings(actor, owner);
  const token = await store.deployTokens.findById(id);
  if (token === null || !isSameOwner(token.owner, owner) || token.revokedAt !== null) {
    const name = owner.kind === 'instance' ? 'The instance' : owner.path;
    throw new AppError('not_found', `${name} has no deploy token ${id}.`);
  }
  return token;
}

/** With its owner, null for one that was removed. One that the actor may not see looks like none. */
export async function findDeployToken(
  { store }: { readonly store: Pick<Stores, 'deployTokens' | 'projects' | 'namespaces'> },
  actor: Actor,
  id: number,
): Promise<{ token: DeployToken; owner: Owner | null }> {
  const token = await store.deployTokens.findById(id);
  const owner = token && (await findOwner(store, token.owner));
  const maySee =
    owner === null ? actor.kind === 'operator' : decideAt(actor, 'see_settings', owner) === null;
  if (token === null || !maySee) {
    throw new AppError('not_found', `There is no deploy token ${id}.`);
  }
  return { token, owner };
}

async function findOwner(
  { projects, namespaces }: Pick<Stores, 'projects' | 'namespaces'>,
  owner: DeployTokenOwner,
): Promise<Owner | null> {
  switch (owner.kind) {
    case 'project':
      return await projects.findById(owner.id);
    case 'namespace':
      return await namespaces.findById(owner.id);
    case 'instance':
      return INSTANCE;
  }
}

/** Those of these that the actor may see, in no order. */
export async function findVisibleTokens(
  { store }: { readonly store: Pick<Stores, 'deployTokens' | 'projects' | 'namespaces'> },
  actor: Actor,
  ids: readonly number[],
): Promise<DeployToken[]> {
  const tokens = await store.deployTokens.findByIds(ids);
  const owners: readonly Owner[] = [INSTANCE, ...(await ownersOf(store, tokens))];
  const seen = owners.filter((owner) => decideAt(actor, 'see_settings', owner) === null);
  return tokens.filter((token) => seen.some((owner) => isSameOwner(token.owner, owner)));
}

/** What each of these belongs to, by its id, for whoever may see them; none for the instance and what was removed. */
export async function ownerPathsOf(
  { store }: { readonly store: Pick<Stores, 'projects' | 'namespaces'> },
  tokens: readonly DeployToken[],
): Promise<ReadonlyMap<number, string>> {
  const places = await ownersOf(store, tokens);
  return new Map(
    tokens.flatMap(({ id, owner }) => {
      const place = places.find((each) => isSameOwner(each, owner));
      return place === undefined ? [] : [[id, place.path] as const];
    }),
  );
}

/** The projects and namespaces that these belong to. */
async function ownersOf(
  { projects, namespaces }: Pick<Stores, 'projects' | 'namespaces'>,
  tokens: readonly DeployToken[],
): Promise<readonly Place[]> {
  const owners = tokens.map(({ owner }) => owner);
  const projectIds = owners.flatMap((owner) => (owner.kind === 'project' ? [owner.id] : []));
  const paths = owners.flatMap((owner) => (owner.kind === 'namespace' ? [owner.path] : []));
  return [
    ...(await projects.findByIds([...new Set(projectIds)])),
    ...(await namespaces.findByPaths([...new Set(paths)])),
  ];
}

/** In force from the next request on. Revoking twice changes nothing. */
export async function revokeDeployToken(
  deps: Pick<DeployTokenDeps, 'store' | 'now'>,
  actor: Actor,
  id: number,
): Promise<DeployToken> {
  await findManaged(deps, actor, id);
  return await writeAs(goingFirst(deps), actor, async ({ stores, actor: present, at, record }) => {
    const { token, owner } = await findManaged({ store: stores }, present, id);
    if (await stores.deployTokens.revoke(id, at, userIdOf(present))) {
      await record({ action: 'deploy_token_revoked', on: owner ?? INSTANCE, subject: token });
    }
    return (await stores.deployTokens.findById(id)) ?? token;
  });
}

async function findManaged(
  deps: Parameters<typeof findDeployToken>[0],
  actor: Actor,
  id: number,
): ReturnType<typeof findDeployToken> {
  const found = await findDeployToken(deps, actor, id);
  if (found.owner !== null) {
    requireManage(actor, found.owner);
  }
  return found;
}
