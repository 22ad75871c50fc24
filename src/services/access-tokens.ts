import {
  ACCESS_TOKEN_PREFIX,
  ACCESS_TOKEN_SCOPES,
  type AccessToken,
  type AccessTokenScope,
} from '../access/access-token.js';
import type { Actor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import { expiryText, isExpired } from '../access/expiry.js';
import type { User } from '../access/user.js';
import { Secret } from '../credentials.js';
import type { Store } from '../store/open-store.js';
import { record } from './audit.js';
import { requireAccount, requireLabel } from './requirements.js';

export interface AccessTokenInput {
  readonly name: string;
  readonly scopes: readonly AccessTokenScope[];
  readonly expiresAt: Date | null;
}

/** The secret is returned here, once, and cannot be read again: only its digest is stored. */
export async function createAccessToken(
  { store, now }: { readonly store: Store; readonly now: () => Date },
  actor: Actor,
  user: User,
  input: AccessTokenInput,
): Promise<{ token: AccessToken; secret: Secret }> {
  requireAccount(actor, user.id);
  const name = requireLabel('name of an access token', input.name);
  if (input.scopes.length === 0) {
    throw new AppError(
      'invalid_input',
      `A personal access token needs at least one scope: ${ACCESS_TOKEN_SCOPES.join(', ')}.`,
      { field: 'scopes' },
    );
  }
  if (isExpired(input.expiresAt, now())) {
    throw new AppError('invalid_input', 'The expiry date must lie in the future.', {
      field: 'expires_at',
    });
  }
  const secret = Secret.generate(ACCESS_TOKEN_PREFIX);
  const at = now();
  const token = await store.write(async (stores) => {
    const added = await stores.accessTokens.add({
      userId: user.id,
      name,
      scopes: ACCESS_TOKEN_SCOPES.filter((scope) => input.scopes.includes(scope)),
      expiresAt: input.expiresAt,
      secretDigest: secret.digest(),
      createdAt: at,
    });
    const detail = [`of ${user.username}`, ...added.scopes, expiryText(added.expiresAt)].join(', ');
    await record(stores, actor, { at, action: 'access_token_created', subject: added, detail });
    return added;
  });
  return { token, secret };
}

/** Revoked and expired ones too, newest first. */
export async function listAccessTokens(
  { store }: { readonly store: Store },
  actor: Actor,
  user: User,
): Promise<AccessToken[]> {
  requireAccount(actor, user.id);
  return await store.accessTokens.listByUser(user.id);
}

/** In force from the next request on. A token of another user looks like one that does not exist. */
export async function revokeAccessToken(
  { store, now }: { readonly store: Store; readonly now: () => Date },
  actor: Actor,
  user: User,
  id: number,
): Promise<void> {
  requireAccount(actor, user.id);
  await store.write(async (stores) => {
    const at = now();
    if (!(await stores.accessTokens.revoke({ id, userId: user.id }, at))) {
      throw new AppError('not_found', 'There is no such active personal access token.');
    }
    const detail = `of ${user.username}`;
    const subject = { id, name: '' };
    await record(stores, actor, { at, action: 'access_token_revoked', subject, detail });
  });
}
