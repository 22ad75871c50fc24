import {
  ACCESS_TOKEN_PREFIX,
  ACCESS_TOKEN_SCOPES,
  isAccessTokenActive,
  type AccessToken,
  type AccessTokenScope,
} from '../access/access-token.js';
import { accessTokenOf, type Actor } from '../access/actor.js';
import { dayOf } from '../access/deploy-token.js';
import { AppError, type Problems } from '../access/errors.js';
import { expiryText, formatExpiry, isExpired } from '../access/expiry.js';
import type { Page, PageRequest } from '../access/page.js';
import { latestExpiry, mayUseAccessTokens } from '../access/permissions.js';
import type { User } from '../access/user.js';
import { Secret } from '../credentials.js';
import type { AccessTokenFilter } from '../store/access-token-store.js';
import type { Store } from '../store/open-store.js';
import { labelProblem, problemsOf, requireNoProblems } from './problems.js';
import { requireRoomForAccessToken, type Quotas } from './quotas.js';
import { requireAccessTokens, requireOversight } from './requirements.js';
import { requireThere } from './users.js';
import { goingFirst, writeAs, type WritingDeps } from './writing.js';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface AccessTokenInput {
  readonly name: string;
  readonly scopes: readonly AccessTokenScope[];
  readonly expiresAt: Date | null;
}

/** The secret is returned here, once, and cannot be read again: only its digest is stored. */
export async function createAccessToken(
  deps: WritingDeps & { readonly quotas: Quotas },
  actor: Actor,
  user: User,
  input: AccessTokenInput,
): Promise<{ token: AccessToken; secret: Secret }> {
  requireAccessTokens(actor, user.id, 'write');
  const latest = latestExpiry(actor, user.id);
  const expiresAt = input.expiresAt ?? latest;
  requireNoProblems(accessTokenProblems({ ...input, expiresAt }, latest, deps.now()));
  const secret = Secret.generate(ACCESS_TOKEN_PREFIX);
  const token = await writeAs(deps, actor, async ({ stores, actor: present, at, record }) => {
    requireAccessTokens(present, user.id, 'write');
    await requireThere(stores, user);
    await requireRoomForAccessToken(deps.quotas, stores, user.id, at);
    const added = await stores.accessTokens.add({
      userId: user.id,
      name: input.name.trim(),
      scopes: ACCESS_TOKEN_SCOPES.filter((scope) => input.scopes.includes(scope)),
      expiresAt,
      secretDigest: secret.digest(),
      createdAt: at,
    });
    const detail = [`of ${user.username}`, ...added.scopes, expiryText(added.expiresAt)].join(', ');
    await record({ action: 'access_token_created', subject: added, detail });
    return added;
  });
  return { token, secret };
}

/** Everything that is wrong with the input; `latest` is the latest expiry that it may have. */
export function accessTokenProblems(
  { name, scopes, expiresAt }: AccessTokenInput,
  latest: Date | null,
  now: Date,
): Problems {
  return problemsOf({
    name: labelProblem('name of an access token', name),
    scopes:
      scopes.length === 0
        ? `A personal access token needs at least one scope: ${ACCESS_TOKEN_SCOPES.join(', ')}.`
        : null,
    expires_at: expiryProblem(expiresAt, latest, now),
  });
}

function expiryProblem(expiresAt: Date | null, latest: Date | null, now: Date): string | null {
  if (isExpired(expiresAt, now)) {
    return 'The expiry date must lie in the future.';
  }
  return latest !== null && expiresAt !== null && expiresAt > latest
    ? `The expiry date may not be later than that of the token that makes this one: ${formatExpiry(latest)}.`
    : null;
}

/** Newest first; `userId` null for those of every user. */
export async function pageOfAccessTokens(
  { store, now }: { readonly store: Store; readonly now: () => Date },
  actor: Actor,
  filter: Omit<AccessTokenFilter, 'now'>,
  page: PageRequest,
): Promise<Page<AccessToken>> {
  if (filter.userId === null) {
    requireOversight(actor);
  } else {
    requireAccessTokens(actor, filter.userId, 'read');
  }
  return await store.accessTokens.page({ ...filter, now: now() }, page);
}

/** With its user. A token that the actor may not see looks like one that does not exist. */
export async function findAccessToken(
  { store }: { readonly store: Store },
  actor: Actor,
  id: number,
): Promise<{ token: AccessToken; user: User }> {
  const token = await store.accessTokens.findById(id);
  const user = token && (await store.users.findById(token.userId));
  if (token === null || user === null || !mayUseAccessTokens(actor, user.id, 'read')) {
    throw new AppError('not_found', `There is no personal access token ${id}.`);
  }
  return { token, user };
}

/**
 * The same token with another secret and another number; the one before is revoked. It lives from now on
 * for as many days as it was made for, unless something else is `wanted`: for itself, a token gets no
 * more than that, and from another one no more than that one has.
 */
export async function rotateAccessToken(
  deps: WritingDeps,
  actor: Actor,
  { token: { id }, user }: { readonly token: AccessToken; readonly user: User },
  wanted: Date | null,
): Promise<{ token: AccessToken; secret: Secret }> {
  requireAccessTokens(actor, user.id, 'write');
  const secret = Secret.generate(ACCESS_TOKEN_PREFIX);
  const token = await writeAs(deps, actor, async ({ stores, actor: present, at, record }) => {
    requireAccessTokens(present, user.id, 'write');
    const before = await stores.accessTokens.findById(id);
    if (before === null || before.userId !== user.id || !isAccessTokenActive(before, at)) {
      throw new AppError('not_found', 'There is no such active personal access token.');
    }
    const again = expiryAgain(before, at);
    const latest = isItself(present, before) ? again : latestExpiry(present, user.id);
    const expiresAt = wanted ?? earlier(again, latest);
    requireNoProblems(problemsOf({ expires_at: expiryProblem(expiresAt, latest, at) }));
    await stores.accessTokens.revoke(before, at);
    const { userId, name, scopes } = before;
    const secretDigest = secret.digest();
    const added = { userId, name, scopes, expiresAt, secretDigest, createdAt: at };
    const after = await stores.accessTokens.add(added);
    const detail = `of ${user.username}`;
    await record({ action: 'access_token_revoked', subject: before, detail });
    const more = [detail, `in place of ${before.id}`, ...scopes, expiryText(expiresAt)].join(', ');
    await record({ action: 'access_token_created', subject: after, detail: more });
    return after;
  });
  return { token, secret };
}

function isItself(actor: Actor, { id }: AccessToken): boolean {
  return actor.kind === 'user' && accessTokenOf(actor)?.id === id;
}

/** As many days from now on as there were from the beginning. */
function expiryAgain({ createdAt, expiresAt }: AccessToken, now: Date): Date | null {
  return expiresAt && new Date(midnightOf(now) + expiresAt.getTime() - midnightOf(createdAt));
}

/** Null is no end. */
function earlier(a: Date | null, b: Date | null): Date | null {
  return a === null || (b !== null && b < a) ? b : a;
}

/** Whole days, so that a token that is rotated every week lives for as many each time. */
function midnightOf(instant: Date): number {
  return dayOf(instant.getTime()) * DAY_MS;
}

/** In force from the next request on. A token of another user looks like one that does not exist. */
export async function revokeAccessToken(
  deps: WritingDeps,
  actor: Actor,
  user: User,
  id: number,
): Promise<void> {
  requireAccessTokens(actor, user.id, 'write');
  await writeAs(goingFirst(deps), actor, async ({ stores, actor: present, at, record }) => {
    requireAccessTokens(present, user.id, 'write');
    if (!(await stores.accessTokens.revoke({ id, userId: user.id }, at))) {
      throw new AppError('not_found', 'There is no such active personal access token.');
    }
    const detail = `of ${user.username}`;
    const subject = { id, name: '' };
    await record({ action: 'access_token_revoked', subject, detail });
  });
}
