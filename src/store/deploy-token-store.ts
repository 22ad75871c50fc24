import { And, IsNull, LessThanOrEqual, MoreThan, type EntityManager } from 'typeorm';
import {
  defaultDeployTokenUsername,
  isDeployTokenScope,
  type DeployToken,
} from '../access/deploy-token.js';
import type { Page, PageRequest } from '../access/page.js';
import type { Only } from './table.js';
import { DeployTokens, type DeployTokenRow } from './tables.js';

export interface NewDeployToken extends Omit<
  DeployToken,
  'id' | 'username' | 'revokedAt' | 'revokedBy'
> {
  /** Null for the default, which the id is part of. */
  readonly username: string | null;
  readonly secretDigest: Buffer;
}

/** Revoked ones are left out always. */
export interface DeployTokenFilter {
  /** Null for those of every project. */
  readonly projectId: number | null;
  /** Leaves out those that have expired by then; null leaves none out. */
  readonly activeAt: Date | null;
}

export interface DeployTokenCounts {
  readonly active: number;
  readonly expiringSoon: number;
}

export interface DeployTokenStore {
  add(token: NewDeployToken): Promise<DeployToken>;
  findById(id: number): Promise<DeployToken | null>;
  listByProject(projectId: number): Promise<DeployToken[]>;
  /** Oldest first. */
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
    async listByProject(projectId) {
      const found = await rows.find({ where: { projectId }, order: { id: 'ASC' } });
      return found.map(toDeployToken);
    },
    async page({ projectId, activeAt }, { offset, limit }) {
      const where = { revokedAt: IsNull(), ...(projectId === null ? {} : { projectId }) };
      const [found, total] = await rows.findAndCount({
        where:
          activeAt === null
            ? where
            : [
                { ...where, expiresAt: IsNull() },
                { ...where, expiresAt: MoreThan(activeAt) },
              ],
        order: { id: 'ASC' },
        skip: offset,
        take: limit,
      });
      return { items: found.map(toDeployToken), total };
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

export function toDeployToken({
  secretDigest: _digest,
  scopes,
  ...token
}: DeployTokenRow): Only<DeployToken, DeployTokenRow> {
  return { ...token, scopes: scopes.filter(isDeployTokenScope) };
}
