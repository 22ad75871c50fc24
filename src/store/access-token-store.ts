import { IsNull, type EntityManager } from 'typeorm';
import { isAccessTokenScope, type AccessToken } from '../access/access-token.js';
import type { Page, PageRequest } from '../access/page.js';
import { byId, cutPage } from './cut-page.js';
import type { Only } from './table.js';
import { AccessTokens, type AccessTokenRow } from './sign-in-tables.js';
import { stateIs, type TokenState } from './token-state.js';

export interface NewAccessToken extends Omit<AccessToken, 'id' | 'revokedAt'> {
  readonly secretDigest: Buffer;
}

export interface AccessTokenFilter {
  /** Null for every user's. */
  readonly userId: number | null;
  /** Null for both. */
  readonly state: TokenState | null;
  readonly now: Date;
}

export interface AccessTokenStore {
  add(token: NewAccessToken): Promise<AccessToken>;
  findById(id: number): Promise<AccessToken | null>;
  findByDigest(secretDigest: Buffer): Promise<AccessToken | null>;
  countActive(userId: number, now: Date): Promise<number>;
  /** Newest first. */
  page(filter: AccessTokenFilter, page: PageRequest): Promise<Page<AccessToken>>;
  /** False when the user has no such token that is not revoked yet. */
  revoke(
    token: { readonly id: number; readonly userId: number },
    revokedAt: Date,
  ): Promise<boolean>;
  /** Those that are not revoked yet. */
  revokeOfUser(userId: number, revokedAt: Date): Promise<void>;
}

export function accessTokenStore(manager: EntityManager): AccessTokenStore {
  const rows = manager.getRepository(AccessTokens);
  return {
    async add(token) {
      const row = { ...token, scopes: [...token.scopes], revokedAt: null };
      const { identifiers } = await rows.insert(row);
      return toAccessToken({ ...row, id: Number(identifiers[0]?.['id']) });
    },
    async findById(id) {
      const row = await rows.findOneBy({ id });
      return row && toAccessToken(row);
    },
    async countActive(userId, now) {
      return await rows
        .createQueryBuilder('token')
        .where('token.userId = :userId', { userId })
        .andWhere(`(${stateIs('token', 'active')})`, { now: now.getTime() })
        .getCount();
    },
    async page({ userId, state, now }, request) {
      const query = rows.createQueryBuilder('token');
      if (userId !== null) {
        query.andWhere('token.userId = :userId', { userId });
      }
      if (state !== null) {
        query.andWhere(stateIs('token', state), { now: now.getTime() });
      }
      const page = await cutPage(query, byId('token', 'DESC'), request);
      return { ...page, items: page.items.map(toAccessToken) };
    },
    async findByDigest(secretDigest) {
      const row = await rows.findOneBy({ secretDigest });
      return row && toAccessToken(row);
    },
    async revoke({ id, userId }, revokedAt) {
      const where = { id, userId, revokedAt: IsNull() };
      const isThere = await rows.existsBy(where);
      await rows.update(where, { revokedAt });
      return isThere;
    },
    async revokeOfUser(userId, revokedAt) {
      await rows.update({ userId, revokedAt: IsNull() }, { revokedAt });
    },
  };
}

function toAccessToken({
  secretDigest: _digest,
  scopes,
  ...token
}: AccessTokenRow): Only<AccessToken, AccessTokenRow> {
  return { ...token, scopes: scopes.filter(isAccessTokenScope) };
}
