import {
  And,
  In,
  IsNull,
  LessThanOrEqual,
  MoreThan,
  type EntityManager,
  type FindOptionsWhere,
} from 'typeorm';
import {
  defaultDeployTokenUsername,
  isDeployTokenKind,
  isDeployTokenScope,
  type DeployToken,
  type DeployTokenOwner,
} from '../access/deploy-token.js';
import type { Direction, Page, PageRequest } from '../access/page.js';
import { byId, cutPage } from './cut-page.js';
import type { Only, Without } from './table.js';
import { DeployTokens, DeployTokenSecrets, type DeployTokenRow } from './tables.js';
import { stateIs, type TokenState } from './token-state.js';

export interface NewDeployToken extends Omit<
  DeployToken,
  'id' | 'kind' | 'username' | 'suspendedAt' | 'revokedAt' | 'revokedBy'
> {
  /** Null for the default, which the id is part of. */
  readonly username: string | null;
  readonly secretDigest: Buffer;
}

export interface DeployTokenFilter {
  /** Null for those of every owner. */
  readonly owner: DeployTokenOwner | null;
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
  /** Those that somebody made, of whatever owner. */
  countActiveBy(createdBy: number, now: Date): Promise<number>;
  /** False for a token that is revoked already: the first revocation is the one on record. */
  revoke(id: number, revokedAt: Date, revokedBy: number | null): Promise<boolean>;
  revokeByOwner(owner: DeployTokenOwner, revokedAt: Date, revokedBy: number | null): Promise<void>;
  /**
   * Of the tokens with this username that are neither revoked nor expired: one that does not belong to
   * the owner, if any; one of any owner for null.
   */
  findUsernameElsewhere(
    username: string,
    owner: DeployTokenOwner | null,
    now: Date,
  ): Promise<DeployToken | null>;
  /** Those with exactly this username, the newest first. */
  findByUsername(username: string, atMost: number): Promise<DeployToken[]>;
  /** The oldest of these namespaces, and of the instance, that are neither revoked nor expired. */
  findActiveAbove(
    namespaceIds: readonly number[],
    now: Date,
    atMost: number,
  ): Promise<DeployToken[]>;
}

export function deployTokenStore(manager: EntityManager): DeployTokenStore {
  const rows = manager.getRepository(DeployTokens);
  const secrets = manager.getRepository(DeployTokenSecrets);
  return {
    async add({ owner, only, secretDigest, ...token }) {
      const row = {
        ...token,
        ...ownerColumns(owner),
        kind: 'secret',
        secretDigest: null,
        only: only && [...only],
        username: token.username ?? '',
        scopes: [...token.scopes],
        suspendedAt: null,
        revokedAt: null,
        revokedBy: null,
      };
      const { identifiers } = await rows.insert(row);
      const id = Number(identifiers[0]?.['id']);
      const username = token.username ?? defaultDeployTokenUsername(id);
      await rows.update({ id }, { username });
      const { createdAt } = token;
      await secrets.insert({ deployTokenId: id, secretDigest, createdAt, endsAt: null });
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
    async page({ owner, state, now, direction }, request) {
      const query = rows.createQueryBuilder('token');
      if (owner !== null) {
        query.where(whereOwner(owner));
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
    async countActiveBy(createdBy, now) {
      return await rows
        .createQueryBuilder('token')
        .where('token.createdBy = :createdBy', { createdBy })
        .andWhere(`(${stateIs('token', 'active')})`, { now: now.getTime() })
        .getCount();
    },
    async revoke(id, revokedAt, revokedBy) {
      const wasActive = await rows.existsBy({ id, revokedAt: IsNull() });
      await rows.update({ id, revokedAt: IsNull() }, { revokedAt, revokedBy });
      return wasActive;
    },
    async revokeByOwner(owner, revokedAt, revokedBy) {
      await rows.update({ ...whereOwner(owner), revokedAt: IsNull() }, { revokedAt, revokedBy });
    },
    async findUsernameElsewhere(username, owner, now) {
      const query = rows
        .createQueryBuilder('token')
        .where('token.username = :username', { username })
        .andWhere(`(${stateIs('token', 'active')})`, { now: now.getTime() });
      if (owner !== null) {
        query.andWhere(isOfAnother(owner), 'id' in owner ? { id: owner.id } : {});
      }
      const row = await query.limit(1).getOne();
      return row && toDeployToken(row);
    },
    async findByUsername(username, atMost) {
      const found = await rows.find({ where: { username }, order: { id: 'DESC' }, take: atMost });
      return found.map(toDeployToken);
    },
    async findActiveAbove(namespaceIds, now, atMost) {
      const ofNamespace = 'token.namespaceId IN (:...namespaceIds)';
      const ofInstance = 'token.namespacePath IS NULL AND token.projectId IS NULL';
      const found = await rows
        .createQueryBuilder('token')
        // No id is 0: of the instance alone.
        .where(`(${ofNamespace} OR (${ofInstance}))`, { namespaceIds: [...namespaceIds, 0] })
        .andWhere(`(${stateIs('token', 'active')})`, { now: now.getTime() })
        .orderBy('token.id', 'ASC')
        .limit(atMost)
        .getMany();
      return found.map(toDeployToken);
    },
  };
}

function toDeployToken({ secretDigest: _digest, ...row }: DeployTokenRow): DeployToken {
  return asDeployToken(row);
}

/** From the columns that leave the store. */
export function asDeployToken({
  projectId,
  namespaceId,
  namespacePath,
  kind,
  scopes,
  ...row
}: Without<DeployTokenRow, 'secretDigest'>): Only<DeployToken, DeployTokenRow> {
  if (!isDeployTokenKind(kind)) {
    throw new Error(`deploy token ${row.id} is of the unknown kind ${kind}`);
  }
  const owner = ownerOf({ projectId, namespaceId, namespacePath });
  return { ...row, kind, owner, scopes: scopes.filter(isDeployTokenScope) };
}

type OwnerColumns = Pick<DeployTokenRow, 'projectId' | 'namespaceId' | 'namespacePath'>;

const OF_INSTANCE: OwnerColumns = { projectId: null, namespaceId: null, namespacePath: null };

function ownerColumns(owner: DeployTokenOwner): OwnerColumns {
  switch (owner.kind) {
    case 'project':
      return { ...OF_INSTANCE, projectId: owner.id };
    case 'namespace':
      return { ...OF_INSTANCE, namespaceId: owner.id, namespacePath: owner.path.toLowerCase() };
    case 'instance':
      return OF_INSTANCE;
  }
}

/** No id is 0: that of a namespace that was removed, whose path stays. */
const REMOVED = 0;

function ownerOf({ projectId, namespaceId, namespacePath }: OwnerColumns): DeployTokenOwner {
  if (projectId !== null) {
    return { kind: 'project', id: projectId };
  }
  return namespacePath === null
    ? { kind: 'instance' }
    : { kind: 'namespace', id: namespaceId ?? REMOVED, path: namespacePath };
}

function isOfAnother({ kind }: DeployTokenOwner): string {
  switch (kind) {
    case 'project':
      return '(token.projectId IS NULL OR token.projectId <> :id)';
    case 'namespace':
      return '(token.namespaceId IS NULL OR token.namespaceId <> :id)';
    case 'instance':
      return '(token.projectId IS NOT NULL OR token.namespacePath IS NOT NULL)';
  }
}

function whereOwner(owner: DeployTokenOwner): FindOptionsWhere<DeployTokenRow> {
  switch (owner.kind) {
    case 'project':
      return { projectId: owner.id };
    case 'namespace':
      return { namespaceId: owner.id };
    case 'instance':
      return { projectId: IsNull(), namespacePath: IsNull() };
  }
}
