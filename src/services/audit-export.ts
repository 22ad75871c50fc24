/** The audit trail for other programs: an event as fields with names, and many as CSV. */

import type { AuditEvent } from '../access/audit-event.js';

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

/** A table with a heading, in pieces: no more of it is in memory than a page of events. */
export async function* auditCsv(
  pages: AsyncIterable<readonly AuditEvent[]>,
): AsyncGenerator<string> {
  yield csvLine(COLUMNS);
  for await (const events of pages) {
    yield events
      .map(auditFields)
      .map((fields) => csvLine(COLUMNS.map((column) => fields[column] ?? '')))
      .join('');
  }
}

/**
 * A spreadsheet takes a text that begins like this for a formula, and people choose names: an apostrophe
 * in front keeps it a text.
 */
const FORMULA = /^[=+\-@\t\r\n]/;

/** RFC 4180. */
export function csvLine(values: readonly (string | number)[]): string {
  return `${values.map(csvValue).join(',')}\r\n`;
}

function csvValue(value: string | number): string {
  const text = String(value);
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
