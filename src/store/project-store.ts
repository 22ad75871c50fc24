import { In, IsNull, type EntityManager, type ObjectLiteral, type Repository } from 'typeorm';
import { z } from 'zod';
import type { Page, PageRequest } from '../access/page.js';
import {
  isVisibility,
  namespaceOf,
  type OwnedPrefix,
  type Project,
  type Visibility,
} from '../access/project.js';
import { prefixesOf } from '../access/repository-name.js';
import { pathsAbove } from '../access/tree.js';
import { cutPage } from './cut-page.js';
import { below } from './paths.js';
import { selectProjects, sortOrder, type ProjectFilter } from './project-selection.js';
import type { Only, Without } from './table.js';
import { ImagePrefixes, Projects, ReservedPaths, type ProjectRow } from './tables.js';

const PrefixRows = z.array(z.object({ prefix: z.string() }));

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
  /** Also of a removed one, for as long as its path is reserved. */
  findIdByPath(path: string): Promise<number | null>;
  /** Those of these that are there, in no order. */
  findByIds(ids: readonly number[]): Promise<Project[]>;
  page(filter: ProjectFilter, page: PageRequest): Promise<Page<Project>>;
  /**
   * An image prefix, of a project or reserved, that equals this one, lies above it or lies under it. A
   * project's own path is one of its prefixes.
   */
  findPrefixInTheWay(prefix: string): Promise<string | null>;
  /** A path or prefix of a removed project that equals this one, lies above it or lies under it. */
  findReserved(path: string): Promise<string | null>;
  /** Sorted; its own path is not among them. */
  imagePrefixesOf(id: number): Promise<readonly string[]>;
  /** Whether an image prefix has more components. */
  hasDeeperThan(components: number): Promise<boolean>;
  addImagePrefix(id: number, prefix: string): Promise<void>;
  /** False when the project had no such prefix. */
  removeImagePrefix(id: number, prefix: string): Promise<boolean>;
  /** Whose prefix each of these names lies in, those left out that nobody owns. */
  ownersOf(names: readonly string[]): Promise<OwnedPrefix[]>;
  /** The same without the projects, which cost more than the question: the prefixes alone. */
  prefixesInUse(names: readonly string[]): Promise<ReadonlySet<string>>;
  /** The reserved paths that these names lie at or below. */
  reservedOf(names: readonly string[]): Promise<ReadonlySet<string>>;
  setVisibility(id: number, visibility: Visibility): Promise<void>;
  setArchivedAt(id: number, archivedAt: Date | null): Promise<void>;
  /** Removes a project and reserves its path and its prefixes. */
  remove(project: Project, removedAt: Date): Promise<void>;
  /** False when the path was not reserved. */
  freePath(path: string): Promise<boolean>;
  /** The path and the prefixes of a removed project. */
  freePathsOf(id: number): Promise<void>;
}

export function projectStore(manager: EntityManager): ProjectStore {
  const rows = manager.getRepository(Projects);
  const prefixes = manager.getRepository(ImagePrefixes);
  const reserved = manager.getRepository(ReservedPaths);

  return {
    async add(project) {
      const row = {
        ...project,
        pathKey: namespaceOf(project.path),
        archivedAt: null,
        removedAt: null,
        ...NO_DETAILS,
      };
      const { identifiers } = await rows.insert(row);
      const id = Number(identifiers[0]?.['id']);
      await prefixes.insert({ prefix: row.pathKey, projectId: id });
      return toProject({ ...row, id });
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
      const page = await cutPage(selectProjects(rows, filter), sortOrder(filter), request);
      return { ...page, items: page.items.map(toProject) };
    },
    async findPrefixInTheWay(prefix) {
      return (
        (await firstInTheWay(prefixes, 'prefix', namespaceOf(prefix))) ??
        (await firstInTheWay(reserved, 'pathKey', namespaceOf(prefix)))
      );
    },
    async findReserved(path) {
      return await firstInTheWay(reserved, 'pathKey', namespaceOf(path));
    },
    async imagePrefixesOf(id) {
      const found = await prefixes.find({ where: { projectId: id }, order: { prefix: 'ASC' } });
      const project = await rows.findOneBy({ id });
      return found.map(({ prefix }) => prefix).filter((prefix) => prefix !== project?.pathKey);
    },
    async hasDeeperThan(components) {
      const slashes = "LENGTH(i.prefix) - LENGTH(REPLACE(i.prefix, '/', ''))";
      return await prefixes
        .createQueryBuilder('i')
        .where(`${slashes} >= :components`, { components })
        .getExists();
    },
    async addImagePrefix(id, prefix) {
      await prefixes.insert({ prefix, projectId: id });
    },
    async removeImagePrefix(id, prefix) {
      const isThere = await prefixes.existsBy({ prefix, projectId: id });
      await prefixes.delete({ prefix, projectId: id });
      return isThere;
    },
    async ownersOf(names) {
      const keys = [...new Set(names.flatMap(prefixesOf))];
      const found = keys.length === 0 ? [] : await prefixes.findBy({ prefix: In(keys) });
      const ids = found.map(({ projectId }) => projectId);
      const projects = new Map(
        (await rows.findBy({ id: In(ids) })).map((row) => [row.id, toProject(row)]),
      );
      return found.flatMap(({ prefix, projectId }) => {
        const project = projects.get(projectId);
        return project === undefined ? [] : [{ prefix, project }];
      });
    },
    async prefixesInUse(names) {
      const keys = [...new Set(names.flatMap(prefixesOf))];
      if (keys.length === 0) {
        return new Set();
      }
      const found: unknown = await prefixes
        .createQueryBuilder('it')
        .select('it.prefix', 'prefix')
        .where({ prefix: In(keys) })
        .getRawMany();
      return new Set(PrefixRows.parse(found).map(({ prefix }) => prefix));
    },
    async reservedOf(names) {
      const keys = [...new Set(names.flatMap(prefixesOf))];
      const found = keys.length === 0 ? [] : await reserved.findBy({ pathKey: In(keys) });
      return new Set(found.map(({ pathKey }) => pathKey));
    },
    async setVisibility(id, visibility) {
      await rows.update({ id }, { visibility });
    },
    async setArchivedAt(id, archivedAt) {
      await rows.update({ id }, { archivedAt });
    },
    async remove({ id }, removedAt) {
      const owned = await prefixes.findBy({ projectId: id });
      await prefixes.delete({ projectId: id });
      await rows.update({ id }, { removedAt, pathKey: null });
      await reserved.insert(
        owned.map(({ prefix }) => ({ pathKey: prefix, projectId: id, reservedAt: removedAt })),
      );
    },
    async freePath(path) {
      const pathKey = namespaceOf(path);
      const wasReserved = await reserved.existsBy({ pathKey });
      await reserved.delete({ pathKey });
      return wasReserved;
    },
    async freePathsOf(id) {
      await reserved.delete({ projectId: id });
    },
  };
}

/** Which of the prefixes equals this one, lies above it or under it. */
async function firstInTheWay<Row extends ObjectLiteral>(
  rows: Repository<Row>,
  column: keyof Row & string,
  prefix: string,
): Promise<string | null> {
  const under = below(`it.${column}`, prefix);
  const found = await rows
    .createQueryBuilder('it')
    .where(`(it.${column} IN (:...above) OR ${under.sql})`, {
      ...under.parameters,
      above: [...pathsAbove(prefix), prefix],
    })
    .getOne();
  return found && String(found[column]);
}

/** As long as nobody gave it any: see details-store.ts. */
const NO_DETAILS = { name: null, description: null, settings: null };

function toProject({
  pathKey: _key,
  removedAt: _removedAt,
  name: _name,
  description: _description,
  settings: _settings,
  ...row
}: ProjectRow): Project {
  return asProject(row);
}

/** From the columns that leave the store. */
export function asProject(
  row: Without<ProjectRow, 'pathKey' | 'removedAt' | keyof typeof NO_DETAILS>,
): Only<Project, ProjectRow> {
  const { id, visibility } = row;
  if (!isVisibility(visibility)) {
    throw new Error(`project ${id} has the unknown visibility ${visibility}`);
  }
  return { kind: 'project', ...row, visibility };
}
