import { And, In, IsNull, LessThanOrEqual, MoreThan, type EntityManager } from 'typeorm';
import {
  defaultDeployTokenUsername,
  isDeployTokenScope,
  type DeployToken,
} from '../access/deploy-token.js';
import type { Direction, Page, PageRequest } from '../access/page.js';
import { byId, cutPage } from './cut-page.js';
import type { Only, Without } from './table.js';
import { DeployTokens, type DeployTokenRow } from './tables.js';
import { stateIs, type TokenState } from './token-state.js';

export interface NewDeployToken extends Omit<
  DeployToken,
  'id' | 'username' | 'revokedAt' | 'revokedBy'
> {
  /** Null for the default, which the id is part of. */
  readonly username: string | null;
  readonly secretDigest: Buffer;
}

export interface DeployTokenFilter {
  /** Null for those of every project. */
  readonly projectId: number | null;
  /** `unrevoked` keeps the expired ones; null leaves none out. */
  readonly state: TokenState | 'unrevoked' | null;
  readonly now: Date;
  /** Of their ids: ascending is oldest first. */
  readonly direction: Direction;
}

export interface DeployTokenCounts {
  readonly active: number;
  readonly expiringSoon: number;
}

export interface DeployTokenStore {
  add(token: NewDeployToken): Promise<DeployToken>;
  findById(id: number): Promise<DeployToken | null>;
  /** In no order. */
  findByIds(ids: readonly number[]): Promise<DeployToken[]>;
  page(filter: DeployTokenFilter, page: PageRequest): Promise<Page<DeployToken>>;
  /** What `deployTokenStatus` calls active at this instant; and of those, what expires by the other one. */
  countActive(now: Date, soon: Date): Promise<DeployTokenCounts>;
  /** False for a token that is revoked already: the first revocation is the one on record. */
  revoke(id: number, revokedAt: Date, revokedBy: number | null): Promise<boolean>;
  revokeByProject(projectId: number, revokedAt: Date, revokedBy: number | null): Promise<void>;
}

export function deployTokenStore(manager: EntityManager): DeployTokenStore {
  const rows = manager.getRepository(DeployTokens);
  return {
    async add(token) {
      const row = {
        ...token,
        username: token.username ?? '',
        scopes: [...token.scopes],
        revokedAt: null,
        revokedBy: null,
      };
      const { identifiers } = await rows.insert(row);
      const id = Number(identifiers[0]?.['id']);
      const username = token.username ?? defaultDeployTokenUsername(id);
      await rows.update({ id }, { username });
      return toDeployToken({ ...row, id, username });
    },
    async findById(id) {
      const row = await rows.findOneBy({ id });
      return row && toDeployToken(row);
    },
    async findByIds(ids) {
      const found = await rows.findBy({ id: In([...ids]) });
      return found.map(toDeployToken);
    },
    async page({ projectId, state, now, direction }, request) {
      const query = rows.createQueryBuilder('token');
      if (projectId !== null) {
        query.andWhere('token.projectId = :projectId', { projectId });
      }
      if (state === 'unrevoked') {
        query.andWhere('token.revokedAt IS NULL');
      } else if (state !== null) {
        query.andWhere(stateIs('token', state), { now: now.getTime() });
      }
      const page = await cutPage(query, byId('token', direction), request);
      return { ...page, items: page.items.map(toDeployToken) };
    },
    async countActive(now, soon) {
      const revokedAt = IsNull();
      // One after the other, each a range of the index: together they would be a scan of it.
      const lasting = await rows.countBy({ revokedAt, expiresAt: IsNull() });
      const expiring = await rows.countBy({ revokedAt, expiresAt: MoreThan(now) });
      const expiringSoon = await rows.countBy({
        revokedAt,
        expiresAt: And(MoreThan(now), LessThanOrEqual(soon)),
      });
      return { active: lasting + expiring, expiringSoon };
    },
    async revoke(id, revokedAt, revokedBy) {
      const wasActive = await rows.existsBy({ id, revokedAt: IsNull() });
      await rows.update({ id, revokedAt: IsNull() }, { revokedAt, revokedBy });
      return wasActive;
    },
    async revokeByProject(projectId, revokedAt, revokedBy) {
      await rows.update({ projectId, revokedAt: IsNull() }, { revokedAt, revokedBy });
    },
  };
}

function toDeployToken({ secretDigest: _digest, ...row }: DeployTokenRow): DeployToken {
  return asDeployToken(row);
}

/** From the columns that leave the store. */
export function asDeployToken(
  row: Without<DeployTokenRow, 'secretDigest'>,
): Only<DeployToken, DeployTokenRow> {
  return { ...row, scopes: row.scopes.filter(isDeployTokenScope) };
}
