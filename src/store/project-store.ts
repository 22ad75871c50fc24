import {
  In,
  IsNull,
  Like,
  type EntityManager,
  type Repository,
  type SelectQueryBuilder,
} from 'typeorm';
import type { Direction, Page, PageRequest } from '../access/page.js';
import type { ProjectsInSight } from '../access/permissions.js';
import { isVisibility, namespaceOf, type Project, type Visibility } from '../access/project.js';
import type { Role } from '../access/role.js';
import { byId, cutPage, type SortOrder } from './cut-page.js';
import { containing, ESCAPE } from './like.js';
import type { Only, Without } from './table.js';
import { Members, Projects, ReservedPaths, type ProjectRow } from './tables.js';

export interface NewProject {
  readonly path: string;
  readonly visibility: Visibility;
  readonly createdAt: Date;
}

export interface ProjectFilter {
  readonly sight: ProjectsInSight;
  /** In the path; empty for any. */
  readonly text: string;
  /** Null for any. */
  readonly visibility: Visibility | null;
  /** Null for both. */
  readonly archived: boolean | null;
  /** Only where this user has one of these roles; null for all. */
  readonly membership: { readonly userId: number; readonly roles: readonly Role[] } | null;
  readonly order: { readonly by: 'id' | 'path'; readonly direction: Direction };
}

/** Removed projects are never found: only their reserved paths remain. */
export interface ProjectStore {
  add(project: NewProject): Promise<Project>;
  findById(id: number): Promise<Project | null>;
  readonly findByPath: (path: string) => Promise<Project | null>;
  /** Also of a removed one, for as long as its path is reserved. */
  findIdByPath(path: string): Promise<number | null>;
  /** Those of these that are there, in no order. */
  findByIds(ids: readonly number[]): Promise<Project[]>;
  page(filter: ProjectFilter, page: PageRequest): Promise<Page<Project>>;
  /** A path, of a project or reserved, that equals this one, lies above it or lies under it. */
  findPathInTheWay(path: string): Promise<string | null>;
  setVisibility(id: number, visibility: Visibility): Promise<void>;
  setArchivedAt(id: number, archivedAt: Date | null): Promise<void>;
  /** Removes a project and reserves its path. */
  remove(project: Project, removedAt: Date): Promise<void>;
  /** False when the path was not reserved. */
  freePath(path: string): Promise<boolean>;
}

export function projectStore(manager: EntityManager): ProjectStore {
  const rows = manager.getRepository(Projects);
  const reserved = manager.getRepository(ReservedPaths);

  return {
    async add(project) {
      const row = {
        ...project,
        pathKey: namespaceOf(project.path),
        archivedAt: null,
        removedAt: null,
      };
      const { identifiers } = await rows.insert(row);
      return toProject({ ...row, id: Number(identifiers[0]?.['id']) });
    },
    async findById(id) {
      const row = await rows.findOneBy({ id, removedAt: IsNull() });
      return row && toProject(row);
    },
    async findByPath(path) {
      const row = await rows.findOneBy({ pathKey: namespaceOf(path) });
      return row && toProject(row);
    },
    async findIdByPath(path) {
      const pathKey = namespaceOf(path);
      const project = await rows.findOne({ select: { id: true }, where: { pathKey } });
      return project?.id ?? (await reserved.findOneBy({ pathKey }))?.projectId ?? null;
    },
    async findByIds(ids) {
      const found = await rows.findBy({ id: In([...ids]), removedAt: IsNull() });
      return found.map(toProject);
    },
    async page(filter, request) {
      const page = await cutPage(select(rows, filter), sortOrder(filter), request);
      return { ...page, items: page.items.map(toProject) };
    },
    async findPathInTheWay(path) {
      const pathKey = namespaceOf(path);
      const above = pathKey.split('/').map((_, i, all) => all.slice(0, i + 1).join('/'));
      // LIKE's `_` matches any character, so what it finds under the path is checked once more.
      const candidates = [{ pathKey: In(above) }, { pathKey: Like(`${pathKey}/%`) }];
      const found = [
        ...(await rows.find({ where: candidates })),
        ...(await reserved.find({ where: candidates })),
      ];
      const keys = found.map((row) => row.pathKey ?? '');
      return keys.find((key) => above.includes(key) || key.startsWith(`${pathKey}/`)) ?? null;
    },
    async setVisibility(id, visibility) {
      await rows.update({ id }, { visibility });
    },
    async setArchivedAt(id, archivedAt) {
      await rows.update({ id }, { archivedAt });
    },
    async remove({ id, path }, removedAt) {
      await rows.update({ id }, { removedAt, pathKey: null });
      await reserved.insert({ pathKey: namespaceOf(path), projectId: id, reservedAt: removedAt });
    },
    async freePath(path) {
      const pathKey = namespaceOf(path);
      const wasReserved = await reserved.existsBy({ pathKey });
      await reserved.delete({ pathKey });
      return wasReserved;
    },
  };
}

function select(
  rows: Repository<ProjectRow>,
  { sight, text, visibility, archived, membership }: ProjectFilter,
): SelectQueryBuilder<ProjectRow> {
  // Removed ones have none: said so, since an index on it then starts behind them.
  const query = rows.createQueryBuilder('project').where('project.pathKey IS NOT NULL');
  const memberships = query.subQuery().select('member.projectId').from(Members, 'member');
  if (sight.kind === 'some') {
    const ofMember = memberships.clone().where('member.userId = :memberId').getQuery();
    query.andWhere(
      `(project.visibility IN (:...visibilities) OR project.id IN ${ofMember})`,
      // No id is 0: somebody who is no member of anything.
      { visibilities: [...sight.visibilities], memberId: sight.memberId ?? 0 },
    );
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
  if (membership !== null) {
    const withRole = memberships
      .clone()
      .where('member.userId = :userId AND member.role IN (:...roles)')
      .getQuery();
    query.andWhere(`project.id IN ${withRole}`, {
      userId: membership.userId,
      roles: [...membership.roles],
    });
  }
  return query;
}

function sortOrder({ order: { by, direction } }: ProjectFilter): SortOrder<ProjectRow> {
  return by === 'id'
    ? byId('project', direction)
    : {
        columns: [
          { name: 'project.pathKey', type: 'string', valueOf: ({ pathKey }) => pathKey ?? '' },
        ],
        direction,
      };
}

function toProject({ pathKey: _key, removedAt: _removedAt, ...row }: ProjectRow): Project {
  return asProject(row);
}

/** From the columns that leave the store. */
export function asProject(
  row: Without<ProjectRow, 'pathKey' | 'removedAt'>,
): Only<Project, ProjectRow> {
  const { id, visibility } = row;
  if (!isVisibility(visibility)) {
    throw new Error(`project ${id} has the unknown visibility ${visibility}`);
  }
  return { ...row, visibility };
}
