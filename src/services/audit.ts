import type { Actor } from '../access/actor.js';
import type { AuditEvent } from '../access/audit-event.js';
import type { Page, PageRequest } from '../access/page.js';
import type { Project } from '../access/project.js';
import type { Store } from '../store/open-store.js';
import { requireOversight, requireSeeSettings } from './requirements.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** In one transaction, so that other writers get their turn in between. */
const REMOVED_AT_ONCE = 1000;

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
