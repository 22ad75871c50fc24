/** The audit trail for other programs: an event as fields with names, and many as CSV. */

import type { AuditEvent } from '../access/audit-event.js';
import { csvOf } from './csv.js';

const COLUMNS = [
  'id',
  'at',
  'action',
  'actor_id',
  'actor',
  'project_id',
  'project_path',
  'namespace_id',
  'namespace_path',
  'subject_id',
  'subject',
  'detail',
  'door',
  'address',
  'request_id',
] as const;

/** By these names, in JSON and in CSV. */
export type AuditFields = Readonly<Record<(typeof COLUMNS)[number], string | number | null>>;

export function auditFields(event: AuditEvent): AuditFields {
  const { origin } = event;
  return {
    id: event.id,
    at: event.at.toISOString(),
    action: event.action,
    actor_id: event.actorId,
    actor: event.actor,
    project_id: event.projectId,
    project_path: event.projectPath,
    namespace_id: event.namespaceId,
    namespace_path: event.namespacePath,
    subject_id: event.subjectId,
    subject: event.subject,
    detail: event.detail,
    door: origin.door,
    address: origin.address,
    request_id: origin.requestId,
  };
}

/** A table with a heading, in pieces. */
export function auditCsv(pages: AsyncIterable<readonly AuditEvent[]>): AsyncGenerator<string> {
  return csvOf(COLUMNS, fieldsOf(pages));
}

async function* fieldsOf(
  pages: AsyncIterable<readonly AuditEvent[]>,
): AsyncGenerator<readonly AuditFields[]> {
  for await (const events of pages) {
    yield events.map(auditFields);
  }
}
