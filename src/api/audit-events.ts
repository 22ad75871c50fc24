/** GitLab: lib/api/audit_events.rb. `details` holds what GitLab has there, and what Pullgate knows besides. */

import { z } from 'zod';
import { DOORS } from '../access/actor.js';
import {
  AUDIT_ACTION_NAMES,
  AUDIT_SUBJECT_KINDS,
  subjectKindOf,
  type AuditEvent,
} from '../access/audit-event.js';
import { pageOfAuditEvents, type AuditLimits } from '../services/audit.js';
import { list } from './endpoint.js';
import { wrongParameters } from './errors.js';
import { id, instant, projectKey, wordOf } from './parameters.js';
import { requireProject } from './project-of.js';

const ApiAuditEvent = z
  .strictObject({
    id: z.int(),
    author_id: z.int().nullable(),
    entity_id: z
      .int()
      .nullable()
      .describe('The project, or the namespace; null for what belongs to none.'),
    entity_type: z.enum(['Project', 'Group']).nullable(),
    details: z.strictObject({
      author_name: z.string(),
      custom_message: z
        .string()
        .describe(`One of ${AUDIT_ACTION_NAMES.join(', ')}, or what a newer version wrote.`),
      target_id: z.int().nullable(),
      target_type: z.enum(AUDIT_SUBJECT_KINDS).nullable(),
      target_details: z.string(),
      entity_path: z.string().nullable(),
      ip_address: z.string().nullable(),
      detail: z.string(),
      door: z.string().describe(`One of ${DOORS.join(', ')}, or that of a newer version.`),
      request_id: z.string().nullable(),
    }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'AuditEvent' });

/** The times are GitLab's; the others are named like what they look at in an event. */
const ofTrail = {
  created_after: instant.optional().describe('From that moment on.'),
  created_before: instant.optional().describe('Up to that moment.'),
  author_id: id.optional().describe('Number of the user who did it.'),
  custom_message: wordOf(AUDIT_ACTION_NAMES).optional().describe('What was done.'),
  target_type: wordOf(AUDIT_SUBJECT_KINDS).optional().describe('To what; with `target_id`.'),
  target_id: id.optional().describe('Its number; with `target_type`.'),
};

const ofEverything = {
  ...ofTrail,
  entity_type: wordOf(['Project', 'User'])
    .optional()
    .describe('What was done in a project, or to an account; with `entity_id`.'),
  entity_id: id.optional().describe('Its number; with `entity_type`.'),
};

function limitsIn(given: z.output<z.ZodObject<typeof ofEverything>>): AuditLimits {
  const { created_after: after, created_before: before } = given;
  const target = bothOf(given.target_type, given.target_id, 'target_type, target_id');
  const entity = bothOf(given.entity_type, given.entity_id, 'entity_type, entity_id');
  const account = entity?.kind === 'User' ? ({ kind: 'user', key: entity.key } as const) : null;
  if (account !== null && target !== null) {
    throw wrongParameters('entity_type, target_type are mutually exclusive');
  }
  return {
    project: entity?.kind === 'Project' ? entity.key : null,
    by: given.author_id ?? null,
    action: given.custom_message ?? null,
    subject: account ?? target,
    from: after ?? null,
    until: before === undefined ? null : new Date(before.getTime() + 1),
  };
}

/** Null for neither; one without the other means nothing. */
function bothOf<Kind>(
  kind: Kind | undefined,
  key: number | undefined,
  names: string,
): { readonly kind: Kind; readonly key: number } | null {
  if (kind === undefined && key === undefined) {
    return null;
  }
  if (kind === undefined || key === undefined) {
    throw wrongParameters(`${names} provide all or none of parameters`);
  }
  return { kind, key };
}

export const auditEventEndpoints = [
  list({
    path: '/audit_events',
    summary: 'Who did what, everywhere, the latest first: for administrators.',
    parameters: ofEverything,
    item: ApiAuditEvent,
    async run(deps, { actor, parameters, page }) {
      const question = { trailOf: null, ...limitsIn(parameters) };
      const found = await pageOfAuditEvents(deps, actor, question, page);
      return { ...found, items: found.items.map(shown) };
    },
  }),
  list({
    path: '/projects/:id/audit_events',
    summary: 'Who did what in a project, the latest first.',
    forAnonymous: true,
    parameters: { id: projectKey, ...ofTrail },
    item: ApiAuditEvent,
    async run(deps, { actor, parameters, page }) {
      const project = await requireProject(deps, actor, parameters.id);
      const question = { trailOf: project, ...limitsIn(parameters) };
      const found = await pageOfAuditEvents(deps, actor, question, page);
      return { ...found, items: found.items.map(shown) };
    },
  }),
];

function shown(event: AuditEvent): z.input<typeof ApiAuditEvent> {
  const { origin } = event;
  return {
    id: event.id,
    author_id: event.actorId,
    ...entityOf(event),
    details: {
      author_name: event.actor,
      custom_message: event.action,
      target_id: event.subjectId,
      target_type: subjectKindOf(event.action),
      target_details: event.subject,
      entity_path: event.projectPath ?? event.namespacePath,
      ip_address: origin.address,
      detail: event.detail,
      door: origin.door,
      request_id: origin.requestId,
    },
    created_at: event.at.toISOString(),
  };
}

function entityOf({
  projectId,
  namespaceId,
}: AuditEvent): Pick<z.input<typeof ApiAuditEvent>, 'entity_id' | 'entity_type'> {
  if (projectId !== null) {
    return { entity_id: projectId, entity_type: 'Project' };
  }
  return { entity_id: namespaceId, entity_type: namespaceId === null ? null : 'Group' };
}
