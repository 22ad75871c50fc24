import { In, IsNull, Like, type EntityManager } from 'typeorm';
import { isVisibility, namespaceOf, type Project, type Visibility } from '../access/project.js';
import { Projects, ReservedPaths, type ProjectRow } from './tables.js';

export interface NewProject {
  readonly path: string;
  readonly visibility: Visibility;
  readonly createdAt: Date;
}

/** Removed projects are never found: only their reserved paths remain. */
export interface ProjectStore {
  add(project: NewProject): Promise<Project>;
  findById(id: number): Promise<Project | null>;
  readonly findByPath: (path: string) => Promise<Project | null>;
  /** The projects whose repository namespace is one of these. */
  findByNamespaces(namespaces: readonly string[]): Promise<Project[]>;
  list(): Promise<Project[]>;
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
    async findByNamespaces(namespaces) {
      if (namespaces.length === 0) {
        return [];
      }
      const found = await rows.findBy({ pathKey: In([...namespaces]) });
      return found.map(toProject);
    },
    async list() {
      const found = await rows.find({ where: { removedAt: IsNull() }, order: { pathKey: 'ASC' } });
      return found.map(toProject);
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

function toProject(row: ProjectRow): Project {
  const { id, path, visibility, archivedAt, createdAt } = row;
  if (!isVisibility(visibility)) {
    throw new Error(`project ${id} has the unknown visibility ${visibility}`);
  }
  return { id, path, visibility, archivedAt, createdAt };
}
