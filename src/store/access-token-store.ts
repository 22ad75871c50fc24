import type { EntityManager, EntitySchema } from 'typeorm';
import { isAccessTokenScope, type AccessToken } from '../access/access-token.js';
import type { AccessTokenRow } from './tables.js';

export interface NewAccessToken extends Omit<AccessToken, 'id' | 'revokedAt'> {
  readonly secretDigest: Buffer;
}

export interface AccessTokenStore {
  add(token: NewAccessToken): Promise<AccessToken>;
  findByDigest(secretDigest: Buffer): Promise<AccessToken | null>;
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
  };
}

function toAccessToken(row: AccessTokenRow): AccessToken {
  const { id, userId, name, expiresAt, createdAt, revokedAt } = row;
  const scopes = row.scopes.filter(isAccessTokenScope);
  return { id, userId, name, scopes, expiresAt, createdAt, revokedAt };
}
