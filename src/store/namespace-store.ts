import { In, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import { EVERYWHERE, type Namespace, type NamespaceDetails } from '../access/namespace.js';
import type { Page, PageRequest } from '../access/page.js';
import type { ProjectsInSight } from '../access/permissions.js';
import { isVisibility, type Visibility } from '../access/project.js';
import { pathsAbove } from '../access/tree.js';
import { cutPage, type SortColumn, type SortOrder } from './cut-page.js';
import { containing, ESCAPE } from './like.js';
import { inNamespaces, below, belowColumn, rightBelow } from './paths.js';
import { inSight } from './project-selection.js';
import type { Only, Without } from './table.js';
import {
  DeployTokens,
  Members,
  NamespaceMembers,
  Namespaces,
  Projects,
  type NamespaceRow,
} from './tables.js';

export interface NamespaceFilter {
  /** Those of a role, and those below which there is something in sight. */
  readonly sight: ProjectsInSight;
  /** In the path; empty for any. */
  readonly text: string;
  /** Right below this path, at the top level for null, or `EVERYWHERE`. */
  readonly parent: string | null;
  /** Anywhere below this path; null for any. */
  readonly under: string | null;
  /** At or below one of these paths, in lower case; null for any. */
  readonly among: readonly string[] | null;
  /** Whether those of users are in it. */
  readonly personal: 'too' | 'none';
  /** Whose own namespace comes first; null for nobody's. */
  readonly firstOf: number | null;
}

export type NewNamespace = Pick<Namespace, 'path' | 'userId' | 'createdAt'> &
  Partial<NamespaceDetails>;

export interface NamespaceStore {
  add(namespace: NewNamespace): Promise<Namespace>;
  findById(id: number): Promise<Namespace | null>;
  /** In no order. */
  findByIds(ids: readonly number[]): Promise<Namespace[]>;
  findByPath(path: string): Promise<Namespace | null>;
  findByPaths(paths: readonly string[]): Promise<Namespace[]>;
  /** By path, after the one that is to come first. */
  page(filter: NamespaceFilter, page: PageRequest): Promise<Page<Namespace>>;
  /**
   * Whether there is a project below it that has one of these visibilities, or that this user is a member
   * of. Takes as long whatever else lies there.
   */
  hasProject(path: string, visibilities: readonly Visibility[]): Promise<boolean>;
  hasProjectOf(path: string, userId: number): Promise<boolean>;
  /** Whether nothing lies below it: no project and no namespace. Paths may still be reserved there. */
  isEmpty(path: string): Promise<boolean>;
  setDetails(id: number, details: Partial<NamespaceDetails>): Promise<void>;
  /** Whose personal namespace it is from now on. */
  setUser(id: number, userId: number | null): Promise<void>;
  /** One that is empty, with its members. */
  remove(id: number): Promise<void>;
}

export function namespaceStore(manager: EntityManager): NamespaceStore {
  const rows = manager.getRepository(Namespaces);

  return {
    async add({ path, userId, createdAt, name, description, visibility }) {
      const row = {
        path,
        pathKey: path.toLowerCase(),
        userId,
        createdAt,
        name: name ?? null,
        description: description ?? null,
        visibility: visibility ?? null,
      };
      const { identifiers } = await rows.insert(row);
      return toNamespace({ ...row, id: Number(identifiers[0]?.['id']) });
    },
    async findById(id) {
      const row = await rows.findOneBy({ id });
      return row && toNamespace(row);
    },
    async findByIds(ids) {
      return ids.length === 0 ? [] : (await rows.findBy({ id: In([...ids]) })).map(toNamespace);
    },
    async findByPath(path) {
      const row = await rows.findOneBy({ pathKey: path.toLowerCase() });
      return row && toNamespace(row);
    },
    async findByPaths(paths) {
      const keys = paths.map((path) => path.toLowerCase());
      return keys.length === 0 ? [] : (await rows.findBy({ pathKey: In(keys) })).map(toNamespace);
    },
    async page(filter, request) {
      const query = select(rows.createQueryBuilder('namespace'), filter);
      const page = await cutPage(query, sortOrder(filter), request);
      return { ...page, items: page.items.map(toNamespace) };
    },
    async hasProject(path, visibilities) {
      const { sql, parameters } = below('project.pathKey', path.toLowerCase());
      return await manager
        .getRepository(Projects)
        .createQueryBuilder('project')
        .where('project.visibility IN (:...visibilities)', { visibilities: [...visibilities] })
        .andWhere(sql, parameters)
        .getExists();
    },
    async hasProjectOf(path, userId) {
      const { sql, parameters } = below('project.pathKey', path.toLowerCase());
      return await manager
        .getRepository(Members)
        .createQueryBuilder('member')
        .innerJoin(Projects.options.name, 'project', 'project.id = member.projectId')
        .where('member.userId = :userId', { userId })
        .andWhere(sql, parameters)
        .getExists();
    },
    async isEmpty(path) {
      for (const table of [Projects, Namespaces]) {
        const { sql, parameters } = below('it.pathKey', path.toLowerCase());
        const query = manager.createQueryBuilder().from(table, 'it').select('1');
        if (await query.where(sql, parameters).getExists()) {
          return false;
        }
      }
      return true;
    },
    async setDetails(id, details) {
      if (Object.keys(details).length > 0) {
        await rows.update({ id }, details);
      }
    },
    async setUser(id, userId) {
      await rows.update({ id }, { userId });
    },
    async remove(id) {
      await manager.getRepository(NamespaceMembers).delete({ namespaceId: id });
      // They stay on record, by the path.
      await manager.getRepository(DeployTokens).update({ namespaceId: id }, { namespaceId: null });
      await rows.delete({ id });
    },
  };
}

function select(
  query: SelectQueryBuilder<NamespaceRow>,
  { sight, text, parent, under, among, personal }: NamespaceFilter,
): SelectQueryBuilder<NamespaceRow> {
  if (sight.kind === 'some') {
    const projects = query.subQuery().select('1').from(Projects, 'project');
    inSight(projects.where(belowColumn('project.pathKey', 'namespace.pathKey')), sight);
    const ofRole = inNamespaces('namespace.pathKey', sight.below, 'role');
    const above = [...new Set(sight.below.flatMap(pathsAbove)), ''];
    query.andWhere(
      `(namespace.pathKey IN (:...above) OR ${ofRole.sql} OR EXISTS ${projects.getQuery()})`,
      { ...projects.getParameters(), ...ofRole.parameters, above },
    );
  }
  if (text !== '') {
    query.andWhere(`namespace.pathKey LIKE :text ${ESCAPE}`, { text: containing(text) });
  }
  if (parent !== EVERYWHERE) {
    const { sql, parameters } = rightBelow('namespace.pathKey', parent?.toLowerCase() ?? null);
    query.andWhere(sql, parameters);
  }
  if (under !== null) {
    const { sql, parameters } = below('namespace.pathKey', under.toLowerCase(), 'under');
    query.andWhere(sql, parameters);
  }
  if (among !== null) {
    const { sql, parameters } = inNamespaces('namespace.pathKey', among, 'among');
    query.andWhere(sql, parameters);
  }
  if (personal === 'none') {
    query.andWhere('namespace.userId IS NULL');
  }
  return query;
}

function sortOrder({ firstOf }: NamespaceFilter): SortOrder<NamespaceRow> {
  // No id is 0: nobody's.
  const first = firstOf ?? 0;
  const others: SortColumn<NamespaceRow> = {
    name: `CASE WHEN namespace.userId = ${first} THEN 0 ELSE 1 END`,
    type: 'number',
    valueOf: ({ userId }) => (userId === first ? 0 : 1),
  };
  return {
    columns: [
      ...(firstOf === null ? [] : [others]),
      { name: 'namespace.pathKey', type: 'string', valueOf: ({ pathKey }) => pathKey },
    ],
    direction: 'ASC',
  };
}

function toNamespace({ pathKey: _key, ...row }: NamespaceRow): Namespace {
  return asNamespace(row);
}

/** From the columns that leave the store. */
export function asNamespace({
  name,
  description,
  visibility,
  ...row
}: Without<NamespaceRow, 'pathKey'>): Only<Namespace, NamespaceRow> {
  return {
    kind: 'namespace',
    ...row,
    name: name ?? row.path.slice(row.path.lastIndexOf('/') + 1),
    description: description ?? '',
    visibility: visibility !== null && isVisibility(visibility) ? visibility : 'private',
  };
}
