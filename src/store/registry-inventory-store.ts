import { In, IsNull, LessThanOrEqual, Not, type EntityManager } from 'typeorm';
import { z } from 'zod';
import type { Cursor, Page, PageRequest } from '../access/page.js';
import type { RegistryRepository, RegistryWalk } from '../access/registry-inventory.js';
import { cutPage, writeCursor, type SortOrder } from './cut-page.js';
import { containing, ESCAPE } from './like.js';
import { atOrBelowAny } from './paths.js';
import type { Only } from './table.js';
import {
  RegistryRepositories,
  RegistryWalks,
  type RegistryRepositoryRow,
  type RegistryWalkRow,
} from './tables.js';

/** There is one row. */
const ID = 1;
const Names = z.array(z.object({ name: z.string() }));

export interface RegistryRepositoryFilter {
  /** Only what lies at or below one of these names; null for all. */
  readonly within: readonly string[] | null;
  /** In the name; empty for any. */
  readonly text: string;
}

export interface Walker {
  /** Different for each process. */
  readonly id: string;
  /** When others may take over, unless it has said again that it is there. */
  readonly until: Date;
}

/** Times of `walk` are of the one that comes or is under way. */
export interface RegistryInventoryStore {
  walk(): Promise<RegistryWalk>;
  /** False while another process is at it. */
  takeWalk(walker: Walker, now: Date): Promise<boolean>;
  /** Writes what changes. False, and nothing written, when another process has taken over. */
  saveWalk(walker: Walker, changes: Partial<RegistryWalk>): Promise<boolean>;
  leaveWalk(walkerId: string): Promise<void>;
  /** Found by this walk; a name comes once in it. */
  addFound(names: readonly string[], walk: number, at: Date): Promise<void>;
  /** Some of those that this walk has not found. */
  findGone(walk: number, limit: number): Promise<readonly string[]>;
  remove(names: readonly string[]): Promise<void>;
  count(): Promise<number>;
  /** By name. */
  page(filter: RegistryRepositoryFilter, page: PageRequest): Promise<Page<RegistryRepository>>;
  /** To go on with a page behind this name. */
  cursorAfter(name: string): Promise<Cursor>;
  /** Those of these that are there, in no order. */
  findByNames(names: readonly string[]): Promise<RegistryRepository[]>;
  /** Whether there is any with this name, or below it. */
  holds(name: string): Promise<boolean>;
}

export function registryInventoryStore(manager: EntityManager): RegistryInventoryStore {
  const rows = manager.getRepository(RegistryRepositories);
  const walks = manager.getRepository(RegistryWalks);

  return {
    async walk() {
      return toWalk(await walks.findOneByOrFail({ id: ID }));
    },
    async takeWalk({ id, until }, now) {
      const free = [{ walker: IsNull() }, { walker: id }, { walkerUntil: LessThanOrEqual(now) }];
      const isFree = await walks.existsBy(free.map((each) => ({ id: ID, ...each })));
      if (isFree) {
        await walks.update({ id: ID }, { walker: id, walkerUntil: until });
      }
      return isFree;
    },
    async saveWalk({ id, until }, changes) {
      const isOurs = await walks.existsBy({ id: ID, walker: id });
      if (isOurs) {
        await walks.update({ id: ID }, { ...changes, walkerUntil: until });
      }
      return isOurs;
    },
    async leaveWalk(walkerId) {
      await walks.update({ id: ID, walker: walkerId }, { walker: null, walkerUntil: null });
    },
    async addFound(names, walk, at) {
      if (names.length > 0) {
        await rows
          .createQueryBuilder()
          .insert()
          .values(names.map((name) => ({ name, walk, foundAt: at })))
          .orUpdate(['walk'], ['name'])
          .updateEntity(false)
          .execute();
      }
    },
    async findGone(walk, limit) {
      const found: unknown = await rows
        .createQueryBuilder('repository')
        .select('repository.name', 'name')
        .where({ walk: Not(walk) })
        .limit(limit)
        .getRawMany();
      return Names.parse(found).map(({ name }) => name);
    },
    async remove(names) {
      if (names.length > 0) {
        await rows.delete({ name: In([...names]) });
      }
    },
    async count() {
      return await rows.count();
    },
    async page({ within, text }, request) {
      const query = rows.createQueryBuilder('repository').where('1 = 1');
      if (within !== null) {
        const { sql, parameters } = atOrBelowAny('repository.name', within, 'within');
        query.andWhere(sql, parameters);
      }
      if (text !== '') {
        query.andWhere(`repository.name LIKE :text ${ESCAPE}`, { text: containing(text) });
      }
      const page = await cutPage(query, BY_NAME, request);
      return { ...page, items: page.items.map(toRepository) };
    },
    async cursorAfter(name) {
      return await Promise.resolve(writeCursor({ name }, BY_NAME.columns));
    },
    async findByNames(names) {
      return names.length === 0
        ? []
        : (await rows.findBy({ name: In([...names]) })).map(toRepository);
    },
    async holds(name) {
      const { sql, parameters } = atOrBelowAny('repository.name', [name.toLowerCase()], 'held');
      return await rows.createQueryBuilder('repository').where(sql, parameters).getExists();
    },
  };
}

const BY_NAME: SortOrder<Pick<RegistryRepositoryRow, 'name'>> = {
  columns: [{ name: 'repository.name', type: 'string', valueOf: ({ name }) => name }],
  direction: 'ASC',
};

function toRepository({
  walk: _walk,
  ...row
}: RegistryRepositoryRow): Only<RegistryRepository, RegistryRepositoryRow> {
  return row;
}

function toWalk({
  id: _id,
  walker: _walker,
  walkerUntil: _until,
  ...row
}: RegistryWalkRow): Only<RegistryWalk, RegistryWalkRow> {
  return row;
}
