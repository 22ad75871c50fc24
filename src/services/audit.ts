import { subjectOf, type Actor, type OperatorActor, type UserActor } from '../access/actor.js';
import type { AuditAction, AuditEvent } from '../access/audit-event.js';
import { AppError } from '../access/errors.js';
import type { Page, PageRequest } from '../access/page.js';
import type { Project } from '../access/project.js';
import type { Store, Stores } from '../store/open-store.js';
import { requireOversight, requireSeeSettings, userIdOf } from './requirements.js';

const MAX_TEXT = 255;
const DAY_MS = 24 * 60 * 60 * 1000;
/** In one transaction, so that other writers get their turn in between. */
const REMOVED_AT_ONCE = 1000;

export interface Deed {
  readonly at: Date;
  readonly action: AuditAction;
  readonly project?: Project | null;
  readonly subject: { readonly id: number | null; readonly name: string };
  /** What was chosen. */
  readonly detail?: string;
}

/** Within the transaction that does it: there is the deed with its record, or neither. */
export async function record(
  { auditEvents }: Pick<Stores, 'auditEvents'>,
  actor: Actor,
  { at, action, project = null, subject, detail = '' }: Deed,
): Promise<void> {
  await auditEvents.add({
    at,
    action,
    actorId: userIdOf(actor),
    actor: subjectOf(actor),
    projectId: project?.id ?? null,
    projectPath: project?.path ?? null,
    subjectId: subject.id,
    subject: subject.name.slice(0, MAX_TEXT),
    detail: detail.slice(0, MAX_TEXT),
    origin: doer(actor).origin,
  });
}

/** Nobody else changes anything. */
function doer(actor: Actor): UserActor | OperatorActor {
  if (actor.kind === 'user' || actor.kind === 'operator') {
    return actor;
  }
  throw new AppError('forbidden', 'Only people who are signed in may do this.');
}

/** The latest first; of all projects and of none for null. */
export async function pageOfAuditEvents(
  { store }: { readonly store: Pick<Store, 'auditEvents'> },
  actor: Actor,
  project: Project | null,
  page: PageRequest,
): Promise<Page<AuditEvent>> {
  if (project === null) {
    requireOversight(actor);
  } else {
    requireSeeSettings(actor, project);
  }
  return await store.auditEvents.page(project?.id ?? null, page);
}

/** Removes what is older than `audit.retention_days`; 0 keeps everything. */
export async function removeOldAuditEvents(
  { store, now }: { readonly store: Pick<Store, 'write'>; readonly now: () => Date },
  retentionDays: number,
): Promise<void> {
  if (retentionDays === 0) {
    return;
  }
  const instant = new Date(now().getTime() - retentionDays * DAY_MS);
  let removed: number;
  do {
    removed = await store.write(
      async ({ auditEvents }) => await auditEvents.removeBefore(instant, REMOVED_AT_ONCE),
    );
  } while (removed === REMOVED_AT_ONCE);
}
