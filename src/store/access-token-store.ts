import { IsNull, type EntityManager, type EntitySchema } from 'typeorm';
import { isAccessTokenScope, type AccessToken } from '../access/access-token.js';
import type { AccessTokenRow } from './tables.js';

export interface NewAccessToken extends Omit<AccessToken, 'id' | 'revokedAt'> {
  readonly secretDigest: Buffer;
}

export interface AccessTokenStore {
  add(token: NewAccessToken): Promise<AccessToken>;
  findByDigest(secretDigest: Buffer): Promise<AccessToken | null>;
  /** Newest first. */
  listByUser(userId: number): Promise<AccessToken[]>;
  /** False when the user has no such token that is not revoked yet. */
  revoke(
    token: { readonly id: number; readonly userId: number },
    revokedAt: Date,
  ): Promise<boolean>;
}

export function accessTokenStore(
  manager: EntityManager,
  table: EntitySchema<AccessTokenRow>,
): AccessTokenStore {
  const rows = manager.getRepository(table);
  return {
    async add(token) {
      const row = { ...token, scopes: [...token.scopes], revokedAt: null };
      const { identifiers } = await rows.insert(row);
      return toAccessToken({ ...row, id: Number(identifiers[0]?.['id']) });
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

function toAccessToken(row: AccessTokenRow): AccessToken {
  const { id, userId, name, expiresAt, createdAt, revokedAt } = row;
  const scopes = row.scopes.filter(isAccessTokenScope);
  return { id, userId, name, scopes, expiresAt, createdAt, revokedAt };
}
