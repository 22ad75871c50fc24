import { LessThan, type EntityManager, type Repository, type SelectQueryBuilder } from 'typeorm';
import { OPERATOR_PREFIX } from '../access/actor.js';
import {
  actionsOn,
  type AuditAction,
  type AuditEvent,
  type AuditSubjectKind,
  type NewAuditEvent,
} from '../access/audit-event.js';
import type { Page, PageRequest } from '../access/page.js';
import { cutPage, type SortOrder } from './cut-page.js';
import { atOrBelowAny } from './paths.js';
import { AuditEvents, type AuditEventRow } from './tables.js';

/** Null for no such limit. */
export interface AuditFilter {
  /** What was done in this project, and to it. */
  readonly projectId: number | null;
  /** What was done in what lies at or below this path. */
  readonly below: string | null;
  /** As an event holds it, or `operator:` for every operator. */
  readonly actor: string | null;
  readonly action: AuditAction | null;
  /** To what it was done. */
  readonly subject: { readonly kind: AuditSubjectKind; readonly id: number } | null;
  /** From then on. */
  readonly from: Date | null;
  /** Before then. */
  readonly until: Date | null;
}

/** Nothing in here changes an event, and only age removes one. */
export interface AuditStore {
  add(event: NewAuditEvent): Promise<void>;
  /** The latest first. */
  page(filter: AuditFilter, page: PageRequest): Promise<Page<AuditEvent>>;
  /** Removes the oldest of those from before that instant, `limit` at most; how many those were. */
  removeBefore(instant: Date, limit: number): Promise<number>;
}

export function auditStore(manager: EntityManager): AuditStore {
  const rows = manager.getRepository(AuditEvents);
  return {
    async add({ origin, ...event }) {
      const path = event.projectPath ?? event.namespacePath;
      await rows.insert({ ...event, ...origin, placeKey: path && path.toLowerCase() });
    },
    async page(filter, request) {
      const page = await cutPage(select(rows, filter), LATEST_FIRST, request);
      return { ...page, items: page.items.map(toAuditEvent) };
    },
    async removeBefore(instant, limit) {
      const old = await rows.find({
        select: { id: true },
        where: { at: LessThan(instant) },
        order: { at: 'ASC', id: 'ASC' },
        take: limit,
      });
      if (old.length > 0) {
        await rows.delete(old.map(({ id }) => id));
      }
      return old.length;
    },
  };
}

/** All operators, whatever their account, are one range of an index: `;` comes after `:`. */
const PAST_OPERATORS = OPERATOR_PREFIX.replace(':', ';');

function select(
  rows: Repository<AuditEventRow>,
  { projectId, below, actor, action, subject, from, until }: AuditFilter,
): SelectQueryBuilder<AuditEventRow> {
  const query = rows.createQueryBuilder('event');
  if (projectId !== null) {
    query.andWhere('event.projectId = :projectId', { projectId });
  }
  if (below !== null) {
    const { sql, parameters } = atOrBelowAny('event.placeKey', [below.toLowerCase()], 'below');
    query.andWhere(sql, parameters);
  }
  if (actor !== null) {
    if (actor === OPERATOR_PREFIX) {
      query.andWhere('event.actor >= :actor AND event.actor < :after', {
        actor,
        after: PAST_OPERATORS,
      });
    } else {
      query.andWhere('event.actor = :actor', { actor });
    }
  }
  if (action !== null) {
    query.andWhere('event.action = :action', { action });
  }
  if (subject !== null) {
    query.andWhere('event.subjectId = :subjectId AND event.action IN (:...actions)', {
      subjectId: subject.id,
      actions: actionsOn(subject.kind),
    });
  }
  if (from !== null) {
    query.andWhere('event.at >= :from', { from: from.getTime() });
  }
  if (until !== null) {
    query.andWhere('event.at < :until', { until: until.getTime() });
  }
  return query;
}

/** By time, so that a range of it is one of an index. */
const LATEST_FIRST: SortOrder<AuditEventRow> = {
  columns: [
    { name: 'event.at', type: 'number', valueOf: ({ at }) => at.getTime() },
    { name: 'event.id', type: 'number', valueOf: ({ id }) => id },
  ],
  direction: 'DESC',
};

function toAuditEvent({
  door,
  address,
  requestId,
  placeKey: _key,
  ...row
}: AuditEventRow): AuditEvent {
  return { ...row, origin: { door, address, requestId } };
}
