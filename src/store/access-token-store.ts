import {
  IsNull,
  LessThanOrEqual,
  MoreThan,
  Not,
  type EntityManager,
  type FindOptionsWhere,
} from 'typeorm';
import { isAccessTokenScope, type AccessToken } from '../access/access-token.js';
import type { Page, PageRequest } from '../access/page.js';
import type { Only } from './table.js';
import { AccessTokens, type AccessTokenRow } from './tables.js';

export interface NewAccessToken extends Omit<AccessToken, 'id' | 'revokedAt'> {
  readonly secretDigest: Buffer;
}

export interface AccessTokenFilter {
  /** Null for every user's. */
  readonly userId: number | null;
  /** Null for both. */
  readonly state: 'active' | 'inactive' | null;
  readonly now: Date;
}

export interface AccessTokenStore {
  add(token: NewAccessToken): Promise<AccessToken>;
  findById(id: number): Promise<AccessToken | null>;
  findByDigest(secretDigest: Buffer): Promise<AccessToken | null>;
  /** Newest first. */
  page(filter: AccessTokenFilter, page: PageRequest): Promise<Page<AccessToken>>;
  /** Newest first. */
  listByUser(userId: number): Promise<AccessToken[]>;
  /** False when the user has no such token that is not revoked yet. */
  revoke(
    token: { readonly id: number; readonly userId: number },
    revokedAt: Date,
  ): Promise<boolean>;
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
    async page(filter, { offset, limit }) {
      const [found, total] = await rows.findAndCount({
        where: conditions(filter),
        order: { id: 'DESC' },
        skip: offset,
        take: limit,
      });
      return { items: found.map(toAccessToken), total };
    },
    async findByDigest(secretDigest) {
      const row = await rows.findOneBy({ secretDigest });
      return row && toAccessToken(row);
    },
    async listByUser(userId) {
      return (await rows.find({ where: { userId }, order: { id: 'DESC' } })).map(toAccessToken);
    },
    async revoke({ id, userId }, revokedAt) {
      const where = { id, userId, revokedAt: IsNull() };
      const isThere = await rows.existsBy(where);
      await rows.update(where, { revokedAt });
      return isThere;
    },
  };
}

/** One that is inactive was revoked or has expired. */
function conditions({ userId, state, now }: AccessTokenFilter): FindOptionsWhere<AccessTokenRow>[] {
  const owned = userId === null ? {} : { userId };
  if (state === null) {
    return [owned];
  }
  return state === 'active'
    ? [
        { ...owned, revokedAt: IsNull(), expiresAt: IsNull() },
        { ...owned, revokedAt: IsNull(), expiresAt: MoreThan(now) },
      ]
    : [
        { ...owned, revokedAt: Not(IsNull()) },
        { ...owned, expiresAt: LessThanOrEqual(now) },
      ];
}

function toAccessToken({
  secretDigest: _digest,
  scopes,
  ...token
}: AccessTokenRow): Only<AccessToken, AccessTokenRow> {
  return { ...token, scopes: scopes.filter(isAccessTokenScope) };
}
