/** Which projects a list holds, and in which order. */

import type { ObjectLiteral, Repository, SelectQueryBuilder } from 'typeorm';
import type { Direction } from '../access/page.js';
import type { ProjectsInSight } from '../access/permissions.js';
import type { Visibility } from '../access/project.js';
import type { Role } from '../access/role.js';
import { byId, type SortOrder } from './cut-page.js';
import { containing, ESCAPE } from './like.js';
import { below, inNamespaces, rightBelow } from './paths.js';
import { Members, type ProjectRow } from './tables.js';

export interface ProjectFilter {
  readonly sight: ProjectsInSight;
  /** In the path; empty for any. */
  readonly text: string;
  /** Null for any. */
  readonly visibility: Visibility | null;
  /** Null for both. */
  readonly archived: boolean | null;
  /** Only those with a number above, or below; null for any. */
  readonly idAfter?: number | null;
  readonly idBefore?: number | null;
  /** Only where this user has one of these roles; null for all. */
  readonly membership: Membership | null;
  /** Those below this namespace, or right below it; null for all. */
  readonly namespace: { readonly path: string; readonly deep: boolean } | null;
  readonly order: { readonly by: 'id' | 'path'; readonly direction: Direction };
}

export interface Membership {
  readonly userId: number;
  readonly roles: readonly Role[];
  /** Namespaces where the user has one of them, in lower case: it holds for what lies below. */
  readonly below: readonly string[];
}

/** Narrows a query on `project` to those that `sight` tells. */
export function inSight<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
  sight: ProjectsInSight,
): SelectQueryBuilder<Row> {
  if (sight.kind === 'all') {
    return query;
  }
  const ofMember = query
    .subQuery()
    .select('member.projectId')
    .from(Members, 'member')
    .where('member.userId = :memberId')
    .getQuery();
  const ofNamespace = inNamespaces('project.pathKey', sight.below, 'sight');
  return query.andWhere(
    `(project.visibility IN (:...visibilities) OR project.id IN ${ofMember} OR ${ofNamespace.sql})`,
    {
      ...ofNamespace.parameters,
      visibilities: [...sight.visibilities],
      // No id is 0: somebody who is no member of anything.
      memberId: sight.memberId ?? 0,
    },
  );
}

export function selectProjects(
  rows: Repository<ProjectRow>,
  {
    sight,
    text,
    visibility,
    archived,
    idAfter = null,
    idBefore = null,
    membership,
    namespace,
  }: ProjectFilter,
): SelectQueryBuilder<ProjectRow> {
  // Removed ones have none: said so, since an index on it then starts behind them.
  const query = rows.createQueryBuilder('project').where('project.pathKey IS NOT NULL');
  inSight(query, sight);
  if (namespace !== null) {
    const inside = namespace.deep ? below : rightBelow;
    const { sql, parameters } = inside('project.pathKey', namespace.path.toLowerCase());
    query.andWhere(sql, parameters);
  }
  if (text !== '') {
    query.andWhere(`project.pathKey LIKE :text ${ESCAPE}`, { text: containing(text) });
  }
  if (visibility !== null) {
    query.andWhere('project.visibility = :visibility', { visibility });
  }
  if (archived !== null) {
    query.andWhere(`project.archivedAt IS ${archived ? 'NOT ' : ''}NULL`);
  }
  if (idAfter !== null) {
    query.andWhere('project.id > :idAfter', { idAfter });
  }
  if (idBefore !== null) {
    query.andWhere('project.id < :idBefore', { idBefore });
  }
  if (membership !== null) {
    narrowToMembership(query, membership);
  }
  return query;
}

function narrowToMembership(
  query: SelectQueryBuilder<ProjectRow>,
  { userId, roles, below: namespaces }: Membership,
): void {
  if (roles.length === 0) {
    // A list of nothing is no SQL on MySQL.
    query.andWhere('1 = 0');
    return;
  }
  const withRole = query
    .subQuery()
    .select('member.projectId')
    .from(Members, 'member')
    .where('member.userId = :userId AND member.role IN (:...roles)')
    .getQuery();
  const inherited = inNamespaces('project.pathKey', namespaces, 'inherited');
  query.andWhere(`(project.id IN ${withRole} OR ${inherited.sql})`, {
    ...inherited.parameters,
    userId,
    roles: [...roles],
  });
}

export function sortOrder({ order: { by, direction } }: ProjectFilter): SortOrder<ProjectRow> {
  return by === 'id'
    ? byId('project', direction)
    : {
        columns: [
          { name: 'project.pathKey', type: 'string', valueOf: ({ pathKey }) => pathKey ?? '' },
        ],
        direction,
      };
}
