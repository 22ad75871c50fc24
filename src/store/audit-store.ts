import { LessThan, type EntityManager } from 'typeorm';
import { DOORS } from '../access/actor.js';
import { isAuditAction, type AuditEvent, type NewAuditEvent } from '../access/audit-event.js';
import type { Page, PageRequest } from '../access/page.js';
import { byId, cutPage } from './cut-page.js';
import { AuditEvents, type AuditEventRow } from './tables.js';

/** Nothing in here changes an event, and only age removes one. */
export interface AuditStore {
  add(event: NewAuditEvent): Promise<void>;
  /** The latest first; for null, of all projects and of none. */
  page(projectId: number | null, page: PageRequest): Promise<Page<AuditEvent>>;
  /** Removes the oldest of those from before that instant, `limit` at most; how many those were. */
  removeBefore(instant: Date, limit: number): Promise<number>;
}

export function auditStore(manager: EntityManager): AuditStore {
  const rows = manager.getRepository(AuditEvents);
  return {
    async add({ origin, ...event }) {
      await rows.insert({ ...event, ...origin });
    },
    async page(projectId, request) {
      const query = rows.createQueryBuilder('event');
      if (projectId !== null) {
        query.where('event.projectId = :projectId', { projectId });
      }
      const page = await cutPage(query, byId('event', 'DESC'), request);
      return { ...page, items: page.items.flatMap(toAuditEvent) };
    },
    async removeBefore(instant, limit) {
      const old = await rows.find({
        select: { id: true },
        where: { at: LessThan(instant) },
        order: { id: 'ASC' },
        take: limit,
      });
      if (old.length > 0) {
        await rows.delete(old.map(({ id }) => id));
      }
      return old.length;
    },
  };
}

/** Empty for an action that a newer version wrote and this one does not know. */
function toAuditEvent({ door, address, requestId, action, ...row }: AuditEventRow): AuditEvent[] {
  const knownDoor = DOORS.find((name) => name === door);
  return isAuditAction(action) && knownDoor !== undefined
    ? [{ ...row, action, origin: { door: knownDoor, address, requestId } }]
    : [];
}
