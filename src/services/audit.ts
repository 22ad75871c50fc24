import type { Actor } from '../access/actor.js';
import type { AuditAction, AuditEvent, AuditSubjectKind } from '../access/audit-event.js';
import type { Page, PageRequest } from '../access/page.js';
import type { Place } from '../access/namespace.js';
import type { AuditFilter } from '../store/audit-store.js';
import type { Store } from '../store/open-store.js';
import { inBatches } from './in-batches.js';
import { requireOversight, requireSeeSettings } from './requirements.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What somebody wants to know of the trail; null for no such limit. */
export interface AuditQuestion {
  /**
   * Whose trail it is, for its maintainers: that of a namespace has what lies below it; null for everything,
   * for administrators.
   */
  readonly trailOf: Place | null;
  /** Within that: number or path of a project, also of a removed one. */
  readonly project: number | string | null;
  /** Who did it: number or username, or `operator:`. */
  readonly by: number | string | null;
  readonly action: AuditAction | null;
  /** To what it was done: by its number; a user also by the username. */
  readonly subject:
    | { readonly kind: AuditSubjectKind; readonly key: number }
    | { readonly kind: 'user'; readonly key: string }
    | null;
  /** From then on. */
  readonly from: Date | null;
  /** Before then. */
  readonly until: Date | null;
}

export type AuditLimits = Omit<AuditQuestion, 'trailOf'>;

export const EVERY_EVENT: AuditLimits = {
  project: null,
  by: null,
  action: null,
  subject: null,
  from: null,
  until: null,
};

export interface AuditDeps {
  readonly store: Pick<Store, 'auditEvents' | 'projects' | 'users'>;
}

/** The latest first; none where the question names a user or a project that there is not. */
export async function pageOfAuditEvents(
  { store }: AuditDeps,
  actor: Actor,
  question: AuditQuestion,
  page: PageRequest,
): Promise<Page<AuditEvent>> {
  if (question.trailOf === null) {
    requireOversight(actor);
  } else {
    requireSeeSettings(actor, question.trailOf);
  }
  return await store.auditEvents.page(await filterOf(store, question), page);
}

/** No id is 0, and no event has such a name: nothing is found. */
const UNKNOWN_ID = 0;
const UNKNOWN_NAME = 'unknown:';

async function filterOf(
  stores: AuditDeps['store'],
  { trailOf, project, by, action, subject, from, until }: AuditQuestion,
): Promise<AuditFilter> {
  const asked = project === null ? null : await projectIdOf(stores, project);
  return {
    projectId: trailOf?.kind === 'project' ? trailOf.id : asked,
    below: trailOf?.kind === 'namespace' ? trailOf.path : null,
    actor: by === null ? null : await actorNameOf(stores, by),
    action,
    subject: subject && { kind: subject.kind, id: await userIdIn(stores, subject.key) },
    from: trailOf?.kind === 'namespace' ? later(from, trailOf.createdAt) : from,
    until,
  };
}

/** What a namespace of the same path saw before is none of this one's business. */
function later(from: Date | null, createdAt: Date): Date {
  return from !== null && from > createdAt ? from : createdAt;
}

async function projectIdOf(
  { projects }: AuditDeps['store'],
  key: number | string,
): Promise<number> {
  return typeof key === 'number' ? key : ((await projects.findIdByPath(key)) ?? UNKNOWN_ID);
}

/** As events hold it: people write a username in any case. */
async function actorNameOf({ users }: AuditDeps['store'], key: number | string): Promise<string> {
  return typeof key === 'number'
    ? ((await users.findByIds([key]))[0]?.username ?? UNKNOWN_NAME)
    : ((await users.findOnRecord(key))?.username ?? key);
}

async function userIdIn({ users }: AuditDeps['store'], key: number | string): Promise<number> {
  return typeof key === 'number' ? key : ((await users.findOnRecord(key))?.id ?? UNKNOWN_ID);
}

/** Removes what is older than `audit.retention_days`; 0 keeps everything. */
export async function removeOldAuditEvents(
  { store, now }: { readonly store: Pick<Store, 'write'>; readonly now: () => Date },
  retentionDays: number,
  stopping: AbortSignal,
): Promise<void> {
  if (retentionDays === 0) {
    return;
  }
  const instant = new Date(now().getTime() - retentionDays * DAY_MS);
  await inBatches(
    async (limit) =>
      await store.write(async ({ auditEvents }) => await auditEvents.removeBefore(instant, limit)),
    stopping,
  );
}
