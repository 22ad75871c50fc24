/** Deploy tokens with their last use, as pages list them: what needs somebody first, then by last use. */

import type { EntityManager, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { DeployTokenOwner } from '../access/deploy-token.js';
import type { Cursor, Page } from '../access/page.js';
import type { Role } from '../access/role.js';
import { cutRawPage } from './cut-page.js';
import { containing, ESCAPE } from './like.js';
import { inNamespaces } from './paths.js';
import { DeployTokens, DeployTokenUses, Members, Namespaces, Projects } from './tables.js';
import { stateIs } from './token-state.js';

/** Whose deploy tokens: of one owner, of all places where a user has one of these roles, or of all. */
export type TokenOwners =
  | DeployTokenOwner
  | {
      readonly kind: 'member';
      readonly userId: number;
      readonly roles: readonly Role[];
      /** Namespaces where the user has one of them, which holds for all that lies below. */
      readonly below: readonly string[];
    }
  | { readonly kind: 'all' };

/** The instants that decide what needs somebody. */
export interface Moments {
  readonly now: Date;
  /** What ends by then expires soon. */
  readonly soon: Date;
  /** What was not used since then is unused. */
  readonly idleSince: Date;
  /** What was refused since then is still tried. */
  readonly triedSince: Date;
}

/** `lasting`: active, and never expires; `refused`: not active any more, and presented after its end. */
export const TOKEN_NEEDS = [
  'active',
  'expiring',
  'lasting',
  'unused',
  'refused',
  'ended',
  'any',
] as const;
export type TokenNeed = (typeof TOKEN_NEEDS)[number];
export type TokenCounts = Readonly<Record<TokenNeed, number>>;

export interface TokenOverviewFilter {
  readonly owners: TokenOwners;
  readonly need: TokenNeed;
  /** In the name, the username or the address of the last use; empty for any. */
  readonly text: string;
  readonly moments: Moments;
}

export interface ListedToken {
  readonly id: number;
  readonly owner: ListedOwner;
}

export type ListedOwner =
  { readonly kind: 'project' | 'namespace'; readonly path: string } | { readonly kind: 'instance' };

export interface ProjectTokens {
  readonly active: number;
  readonly usedAt: Date | null;
}

export interface DeployTokenOverviewStore {
  page(
    filter: TokenOverviewFilter,
    request: { readonly limit: number; readonly start: { readonly after: Cursor | null } },
  ): Promise<Pick<Page<ListedToken>, 'items' | 'next'>>;
  count(filter: Omit<TokenOverviewFilter, 'need'>): Promise<TokenCounts>;
  /** By project id; those that have no active deploy token are not in it. */
  ofProjects(projectIds: readonly number[], now: Date): Promise<ReadonlyMap<number, ProjectTokens>>;
}

const USES = DeployTokenUses.options.name;

const CONDITIONS: Readonly<Record<TokenNeed, string>> = {
  active: stateIs('token', 'active'),
  expiring: 'token.revokedAt IS NULL AND token.expiresAt > :now AND token.expiresAt <= :soon',
  lasting: 'token.revokedAt IS NULL AND token.expiresAt IS NULL',
  unused:
    `${stateIs('token', 'active')} AND token.createdAt <= :idleSince ` +
    'AND COALESCE(used.usedAt, 0) <= :idleSince',
  refused:
    'used.usedAt > :triedSince AND (used.usedAt >= token.revokedAt ' +
    'OR (token.expiresAt <= :now AND used.usedAt >= token.expiresAt))',
  ended: stateIs('token', 'inactive'),
  any: 'token.id > 0',
};

/** The path stays when the namespace is removed. */
const OF_INSTANCE = '(token.projectId IS NULL AND token.namespacePath IS NULL)';

type ListedRow = {
  readonly id: number;
  readonly projectPath: string | null;
  readonly namespacePath: string | null;
  readonly urgency: string | number;
  readonly usedAt: string | number;
};

const ORDER = {
  direction: 'DESC',
  columns: [
    {
      name: `CASE WHEN ${CONDITIONS.expiring} THEN 1 ELSE 0 END`,
      as: 'urgency',
      type: 'number',
      valueOf: ({ urgency }: ListedRow) => Number(urgency),
    },
    {
      name: 'COALESCE(used.usedAt, 0)',
      as: 'usedAt',
      type: 'number',
      valueOf: ({ usedAt }: ListedRow) => Number(usedAt),
    },
    { name: 'token.id', as: 'id', type: 'number', valueOf: ({ id }: ListedRow) => id },
  ],
} as const;

export function deployTokenOverviewStore(manager: EntityManager): DeployTokenOverviewStore {
  /** Of owners that were removed, nobody has anything to see. */
  function select({
    owners,
    text,
    moments,
  }: Omit<TokenOverviewFilter, 'need'>): SelectQueryBuilder<ObjectLiteral> {
    const query = manager
      .getRepository<ObjectLiteral>(DeployTokens)
      .createQueryBuilder('token')
      .leftJoin(
        Projects.options.name,
        'project',
        'project.id = token.projectId AND project.removedAt IS NULL',
      )
      .leftJoin(Namespaces.options.name, 'namespace', 'namespace.id = token.namespaceId')
      .leftJoin(USES, 'used', 'used.deployTokenId = token.id')
      .where(`(project.id IS NOT NULL OR namespace.id IS NOT NULL OR ${OF_INSTANCE})`)
      .setParameters({
        now: moments.now.getTime(),
        soon: moments.soon.getTime(),
        idleSince: moments.idleSince.getTime(),
        triedSince: moments.triedSince.getTime(),
      });
    if (text !== '') {
      const found = ['LOWER(token.name)', 'LOWER(token.username)', 'used.address']
        .map((column) => `${column} LIKE :text ${ESCAPE}`)
        .join(' OR ');
      query.andWhere(`(${found})`, { text: containing(text) });
    }
    return ownedBy(query, owners);
  }

  return {
    async page({ need, ...filter }, request) {
      const query = select(filter)
        .select('project.path', 'projectPath')
        .addSelect('namespace.path', 'namespacePath')
        .andWhere(`(${CONDITIONS[need]})`);
      const { items, next } = await cutRawPage<ListedRow>(query, ORDER, request);
      return {
        items: items.map((row) => ({ id: row.id, owner: ownerOf(row) })),
        next,
      };
    },
    async count(filter) {
      const query = select(filter).select('COUNT(*)', 'any');
      for (const need of TOKEN_NEEDS.filter((name) => name !== 'any')) {
        query.addSelect(`SUM(CASE WHEN ${CONDITIONS[need]} THEN 1 ELSE 0 END)`, need);
      }
      const row = (await query.getRawOne<Record<string, string | number | null>>()) ?? {};
      function counted(need: TokenNeed): number {
        return Number(row[need] ?? 0);
      }
      return {
        active: counted('active'),
        expiring: counted('expiring'),
        lasting: counted('lasting'),
        unused: counted('unused'),
        refused: counted('refused'),
        ended: counted('ended'),
        any: counted('any'),
      };
    },
    async ofProjects(projectIds, now) {
      if (projectIds.length === 0) {
        return new Map();
      }
      const rows = await manager
        .getRepository<ObjectLiteral>(DeployTokens)
        .createQueryBuilder('token')
        .leftJoin(USES, 'used', 'used.deployTokenId = token.id')
        .select('token.projectId', 'projectId')
        .addSelect('COUNT(*)', 'active')
        .addSelect('MAX(used.usedAt)', 'usedAt')
        .where('token.projectId IN (:...projectIds)', { projectIds: [...projectIds] })
        .andWhere(stateIs('token', 'active'), { now: now.getTime() })
        .groupBy('token.projectId')
        .getRawMany<Record<'projectId' | 'active' | 'usedAt', string | number | null>>();
      return new Map(
        rows.map(({ projectId, active, usedAt }) => [
          Number(projectId),
          { active: Number(active), usedAt: usedAt === null ? null : new Date(Number(usedAt)) },
        ]),
      );
    },
  };
}

function ownerOf({ projectPath, namespacePath }: ListedRow): ListedOwner {
  if (projectPath !== null) {
    return { kind: 'project', path: projectPath };
  }
  return namespacePath === null ? { kind: 'instance' } : { kind: 'namespace', path: namespacePath };
}

function ownedBy(
  query: SelectQueryBuilder<ObjectLiteral>,
  owners: TokenOwners,
): SelectQueryBuilder<ObjectLiteral> {
  switch (owners.kind) {
    case 'project':
      return query.andWhere('token.projectId = :projectId', { projectId: owners.id });
    case 'namespace':
      return query.andWhere('token.namespaceId = :namespaceId', { namespaceId: owners.id });
    case 'instance':
      return query.andWhere(OF_INSTANCE);
    case 'member': {
      const { userId, roles } = owners;
      const projectsBelow = inNamespaces('project.pathKey', owners.below, 'role');
      const namespacesBelow = inNamespaces('namespace.pathKey', owners.below, 'role');
      const projects = query
        .subQuery()
        .select('member.projectId')
        .from(Members, 'member')
        .where('member.userId = :userId AND member.role IN (:...roles)')
        .getQuery();
      return query.andWhere(
        `(token.projectId IN ${projects} OR ${projectsBelow.sql} OR ${namespacesBelow.sql})`,
        { ...projectsBelow.parameters, userId, roles: [...roles] },
      );
    }
    case 'all':
      return query;
  }
}
