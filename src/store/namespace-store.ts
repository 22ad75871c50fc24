import { In, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import type { Namespace } from '../access/namespace.js';
import type { Page, PageRequest } from '../access/page.js';
import type { ProjectsInSight } from '../access/permissions.js';
import { pathsAbove } from '../access/tree.js';
import { cutPage, type SortOrder } from './cut-page.js';
import { containing, ESCAPE } from './like.js';
import { atOrBelowAny, below, belowColumn, rightBelow } from './paths.js';
import { inSight } from './project-store.js';
import type { Only } from './table.js';
import {
  NamespaceMembers,
  Namespaces,
  Projects,
  ReservedPaths,
  type NamespaceRow,
} from './tables.js';

/** No path is a lone dot. */
export const EVERYWHERE = '.';

export interface NamespaceFilter {
  /** Those of a role, and those below which there is something in sight. */
  readonly sight: ProjectsInSight;
  /** In the path; empty for any. */
  readonly text: string;
  /** Right below this path, at the top level for null, or `EVERYWHERE`. */
  readonly parent: string | null;
}

export interface NamespaceStore {
  add(namespace: Omit<Namespace, 'id' | 'kind'>): Promise<Namespace>;
  findById(id: number): Promise<Namespace | null>;
  findByPath(path: string): Promise<Namespace | null>;
  findByPaths(paths: readonly string[]): Promise<Namespace[]>;
  /** By path. */
  page(filter: NamespaceFilter, page: PageRequest): Promise<Page<Namespace>>;
  /** Whether there is a project in sight below it. */
  hasInSight(path: string, sight: ProjectsInSight): Promise<boolean>;
  /** Whether nothing lies below it: no project, no namespace, and no path that is reserved. */
  isEmpty(path: string): Promise<boolean>;
  /** Whose personal namespace it is from now on. */
  setUser(id: number, userId: number | null): Promise<void>;
  /** One that is empty, with its members. */
  remove(id: number): Promise<void>;
}

export function namespaceStore(manager: EntityManager): NamespaceStore {
  const rows = manager.getRepository(Namespaces);

  return {
    async add({ path, userId, createdAt }) {
      const row = { path, pathKey: path.toLowerCase(), userId, createdAt };
      const { identifiers } = await rows.insert(row);
      return toNamespace({ ...row, id: Number(identifiers[0]?.['id']) });
    },
    async findById(id) {
      const row = await rows.findOneBy({ id });
      return row && toNamespace(row);
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
      const page = await cutPage(query, BY_PATH, request);
      return { ...page, items: page.items.map(toNamespace) };
    },
    async hasInSight(path, sight) {
      const { sql, parameters } = below('project.pathKey', path.toLowerCase());
      const query = manager.getRepository(Projects).createQueryBuilder('project');
      inSight(query.where(sql, parameters), sight);
      return await query.getExists();
    },
    async isEmpty(path) {
      for (const table of [Projects, Namespaces, ReservedPaths]) {
        const { sql, parameters } = below('it.pathKey', path.toLowerCase());
        const query = manager.createQueryBuilder().from(table, 'it').select('1');
        if (await query.where(sql, parameters).getExists()) {
          return false;
        }
      }
      return true;
    },
    async setUser(id, userId) {
      await rows.update({ id }, { userId });
    },
    async remove(id) {
      await manager.getRepository(NamespaceMembers).delete({ namespaceId: id });
      await rows.delete({ id });
    },
  };
}

function select(
  query: SelectQueryBuilder<NamespaceRow>,
  { sight, text, parent }: NamespaceFilter,
): SelectQueryBuilder<NamespaceRow> {
  if (sight.kind === 'some') {
    const projects = query.subQuery().select('1').from(Projects, 'project');
    inSight(projects.where(belowColumn('project.pathKey', 'namespace.pathKey')), sight);
    const ofRole = atOrBelowAny('namespace.pathKey', sight.below, 'role');
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
  return query;
}

const BY_PATH: SortOrder<NamespaceRow> = {
  columns: [{ name: 'namespace.pathKey', type: 'string', valueOf: ({ pathKey }) => pathKey }],
  direction: 'ASC',
};

function toNamespace({ pathKey: _key, ...row }: NamespaceRow): Only<Namespace, NamespaceRow> {
  return { kind: 'namespace', ...row };
}
