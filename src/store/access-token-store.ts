import { IsNull, LessThan, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import { isAccessTokenScope, type AccessToken } from '../access/access-token.js';
import type { Page, PageRequest } from '../access/page.js';
import { byId, cutPage } from './cut-page.js';
import { containing, ESCAPE } from './like.js';
import type { Only } from './table.js';
import { AccessTokens, type AccessTokenRow } from './sign-in-tables.js';
import { stateIs, type TokenState } from './token-state.js';

export interface NewAccessToken extends Omit<AccessToken, 'id' | 'revokedAt' | 'lastUsedAt'> {
  readonly secretDigest: Buffer;
}

/** Null for an open end. */
export interface Between {
  readonly after: Date | null;
  readonly before: Date | null;
}

export interface AccessTokenFilter {
  /** Null for every user's. */
  readonly userId: number | null;
  /** Null for both. */
  readonly state: TokenState | null;
  /** Null for both. */
  readonly revoked?: boolean | null;
  /** In the name; empty for any. */
  readonly text?: string;
  readonly created?: Between;
  /** One that never was is in no such span. */
  readonly lastUsed?: Between;
  readonly now: Date;
}

export interface AccessTokenStore {
  add(token: NewAccessToken): Promise<AccessToken>;
  findById(id: number): Promise<AccessToken | null>;
  findByDigest(secretDigest: Buffer): Promise<AccessToken | null>;
  countActive(userId: number, now: Date): Promise<number>;
  /** Newest first. */
  page(filter: AccessTokenFilter, page: PageRequest): Promise<Page<AccessToken>>;
  /** Later than what is on record, or nothing changes. */
  setLastUsedAt(id: number, usedAt: Date): Promise<void>;
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
      const row = { ...token, scopes: [...token.scopes], revokedAt: null, lastUsedAt: null };
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
    async page(filter, request) {
      const { userId, state, revoked = null, text = '', now } = filter;
      const query = rows.createQueryBuilder('token');
      if (userId !== null) {
        query.andWhere('token.userId = :userId', { userId });
      }
      if (state !== null) {
        query.andWhere(stateIs('token', state), { now: now.getTime() });
      }
      if (revoked !== null) {
        query.andWhere(`token.revokedAt IS ${revoked ? 'NOT ' : ''}NULL`);
      }
      if (text !== '') {
        query.andWhere(`LOWER(token.name) LIKE :text ${ESCAPE}`, { text: containing(text) });
      }
      narrow(query, 'createdAt', filter.created ?? ALWAYS);
      narrow(query, 'lastUsedAt', filter.lastUsed ?? ALWAYS);
      const page = await cutPage(query, byId('token', 'DESC'), request);
      return { ...page, items: page.items.map(toAccessToken) };
    },
    async findByDigest(secretDigest) {
      const row = await rows.findOneBy({ secretDigest });
      return row && toAccessToken(row);
    },
    async setLastUsedAt(id, usedAt) {
      await rows.update({ id, lastUsedAt: IsNull() }, { lastUsedAt: usedAt });
      await rows.update({ id, lastUsedAt: LessThan(usedAt) }, { lastUsedAt: usedAt });
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

const ALWAYS: Between = { after: null, before: null };

function narrow(
  query: SelectQueryBuilder<AccessTokenRow>,
  column: 'createdAt' | 'lastUsedAt',
  { after, before }: Between,
): void {
  if (after !== null) {
    query.andWhere(`token.${column} > :${column}After`, { [`${column}After`]: after.getTime() });
  }
  if (before !== null) {
    query.andWhere(`token.${column} < :${column}Before`, { [`${column}Before`]: before.getTime() });
  }
}

function toAccessToken({
  secretDigest: _digest,
  scopes,
  ...token
}: AccessTokenRow): Only<AccessToken, AccessTokenRow> {
  return { ...token, scopes: scopes.filter(isAccessTokenScope) };
}
