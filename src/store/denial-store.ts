import { createHash } from 'node:crypto';
import { In, IsNull, LessThan, type EntityManager, type FindOptionsWhere } from 'typeorm';
import {
  isDenialReason,
  MAX_DENIALS,
  MAX_STRANGERS_DENIALS,
  NOBODYS,
  type Denial,
  type DenialList,
} from '../access/denial.js';
import type { Page, PageRequest } from '../access/page.js';
import { cutPage, type SortOrder } from './cut-page.js';
import { containing, ESCAPE } from './like.js';
import { Denials, type DenialRow } from './tables.js';

/** More rows than that are never in the way of a list, whose surplus is removed with each new one. */
const REMOVED_AT_ONCE = 200;

export interface DenialFilter {
  /** Null for all there are, each once; those of a namespace are the lists of its deploy tokens. */
  readonly list: DenialList | { readonly kind: 'namespace'; readonly id: number } | null;
  /** In the name of the repository; empty for any. */
  readonly text: string;
}

export interface DenialStore {
  /** Adds each to the lists of who asked and of what was asked for, which keep the last ones. */
  add(denials: readonly Denial[]): Promise<void>;
  /** The latest first. */
  page(filter: DenialFilter, page: PageRequest): Promise<Page<Denial>>;
  /** Removes the oldest of those from before that instant, `limit` at most; how many those were. */
  removeBefore(instant: Date, limit: number): Promise<number>;
}

interface NewRow extends Omit<DenialRow, 'id'> {
  readonly listKind: DenialList['kind'];
}

export function denialStore(manager: EntityManager): DenialStore {
  const rows = manager.getRepository(Denials);

  /** Nobody adds in between: one transaction writes at a time (see open-store.ts). */
  async function merge(added: readonly NewRow[]): Promise<NewRow[]> {
    const known = await rows.findBy({ mergeKey: In(added.map(({ mergeKey }) => mergeKey)) });
    const byKey = new Map(known.map((row) => [keyText(row), row]));
    const fresh: NewRow[] = [];
    for (const row of added) {
      const before = byKey.get(keyText(row));
      if (before !== undefined) {
        await rows.update({ id: before.id }, sumOf(before, row));
      } else if (row.count > 0) {
        fresh.push(row);
      }
    }
    return fresh;
  }

  async function cutList(where: FindOptionsWhere<DenialRow>, atMost: number): Promise<void> {
    const surplus = await rows.find({
      select: { id: true },
      where,
      order: { lastAt: 'DESC', id: 'DESC' },
      skip: atMost,
      take: REMOVED_AT_ONCE,
    });
    if (surplus.length > 0) {
      await rows.delete(surplus.map(({ id }) => id));
    }
  }

  return {
    async add(denials) {
      const fresh = await merge(denials.flatMap(rowsOf));
      if (fresh.length === 0) {
        return;
      }
      await rows.insert(fresh);
      for (const { kind, id } of listsIn(fresh)) {
        const where = { listKind: kind, listId: id };
        await cutList(where, MAX_DENIALS);
        await cutList(
          { ...where, deployTokenId: IsNull(), userId: IsNull() },
          MAX_STRANGERS_DENIALS,
        );
      }
    },
    async page({ list, text }, request) {
      const query = rows.createQueryBuilder('denial');
      if (list === null) {
        query.where('denial.isMain = :isMain', { isMain: true });
      } else if (list.kind === 'namespace') {
        const ofNamespace = 'SELECT t.id FROM deploy_tokens t WHERE t.namespace_id = :namespaceId';
        query.where({ listKind: 'deploy-token' });
        query.andWhere(`denial.listId IN (${ofNamespace})`, { namespaceId: list.id });
      } else {
        query.where({ listKind: list.kind, listId: list.id });
      }
      if (text !== '') {
        query.andWhere(`denial.repository LIKE :text ${ESCAPE}`, {
          text: containing(text.toLowerCase()),
        });
      }
      const page = await cutPage(query, LATEST_FIRST, request);
      return { ...page, items: page.items.flatMap(toDenial) };
    },
    async removeBefore(instant, limit) {
      const old = await rows.find({
        select: { id: true },
        where: { lastAt: LessThan(instant) },
        order: { lastAt: 'ASC' },
        take: limit,
      });
      if (old.length > 0) {
        await rows.delete(old.map(({ id }) => id));
      }
      return old.length;
    },
  };
}

const LATEST_FIRST: SortOrder<DenialRow> = {
  columns: [
    { name: 'denial.lastAt', type: 'number', valueOf: ({ lastAt }) => lastAt.getTime() },
    { name: 'denial.id', type: 'number', valueOf: ({ id }) => id },
  ],
  direction: 'DESC',
};

/** Another replica may have seen a later one. */
function sumOf(before: DenialRow, row: NewRow): Partial<NewRow> {
  const { lastAt, address, userAgent } = row.lastAt > before.lastAt ? row : before;
  const count = before.count + row.count;
  const grantedElsewhereAt = row.grantedElsewhereAt ?? before.grantedElsewhereAt;
  return { count, lastAt, address, userAgent, grantedElsewhereAt };
}

/** The first is its main one. */
function listsOf({ deployTokenId, userId, projectId }: Denial): readonly DenialList[] {
  const lists: DenialList[] = [];
  if (deployTokenId !== null) {
    lists.push({ kind: 'deploy-token', id: deployTokenId });
  } else if (userId !== null) {
    lists.push({ kind: 'user', id: userId });
  }
  if (projectId !== null) {
    lists.push({ kind: 'project', id: projectId });
  }
  return lists.length === 0 ? [NOBODYS] : lists;
}

function rowsOf(denial: Denial): NewRow[] {
  return listsOf(denial).map((list, index) => ({
    ...denial,
    actions: [...denial.actions],
    listKind: list.kind,
    listId: list.id,
    isMain: index === 0,
    mergeKey: mergeKeyOf(list, denial),
  }));
}

function mergeKeyOf({ kind, id }: DenialList, denial: Denial): Buffer {
  const { deployTokenId, userId, door, projectId, repository, actions, reason } = denial;
  const alike = [kind, id, deployTokenId, userId, door, projectId, repository, actions, reason];
  return createHash('sha256').update(JSON.stringify(alike)).digest();
}

function keyText({ mergeKey }: Pick<DenialRow, 'mergeKey'>): string {
  return mergeKey.toString('base64');
}

function listsIn(added: readonly NewRow[]): DenialList[] {
  const lists = added.map(
    ({ listKind: kind, listId: id }) => [`${kind} ${id}`, { kind, id }] as const,
  );
  return [...new Map(lists).values()];
}

/** Empty for a reason that a newer version wrote and this one does not know. */
function toDenial(row: DenialRow): Denial[] {
  const { door, reason, actions } = row;
  return isDenialReason(reason)
    ? [
        {
          deployTokenId: row.deployTokenId,
          userId: row.userId,
          door: door === 'git' ? 'git' : 'registry',
          projectId: row.projectId,
          repository: row.repository,
          actions: actions.filter((action) => action !== ''),
          reason,
          count: row.count,
          firstAt: row.firstAt,
          lastAt: row.lastAt,
          address: row.address,
          userAgent: row.userAgent,
          grantedElsewhereAt: row.grantedElsewhereAt,
        },
      ]
    : [];
}
