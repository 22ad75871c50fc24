/** GitLab: lib/api/audit_events.rb. `details` holds what GitLab has there, and what Pullgate knows besides. */

import { z } from 'zod';
import { DOORS } from '../access/actor.js';
import { AUDIT_ACTIONS, type AuditEvent } from '../access/audit-event.js';
import { pageOfAuditEvents } from '../services/audit.js';
import { list } from './endpoint.js';
import { projectKey } from './parameters.js';
import { requireProject } from './project-of.js';

const ApiAuditEvent = z
  .strictObject({
    id: z.int(),
    author_id: z.int().nullable(),
    entity_id: z.int().nullable().describe('The project; null for what belongs to none.'),
    entity_type: z.literal('Project').nullable(),
    details: z.strictObject({
      author_name: z.string(),
      custom_message: z.enum(Object.keys(AUDIT_ACTIONS)),
      target_id: z.int().nullable(),
      target_type: z.enum(Object.values(AUDIT_ACTIONS)),
      target_details: z.string(),
      entity_path: z.string().nullable(),
      ip_address: z.string().nullable(),
      detail: z.string(),
      door: z.enum(DOORS),
      request_id: z.string().nullable(),
    }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'AuditEvent' });

export const auditEventEndpoints = [
  list({
    path: '/audit_events',
    summary: 'Who did what, everywhere, the latest first: for administrators.',
    parameters: {},
    item: ApiAuditEvent,
    async run(deps, { actor, page }) {
      const found = await pageOfAuditEvents(deps, actor, null, page);
      return { ...found, items: found.items.map(shown) };
    },
  }),
  list({
    path: '/projects/:id/audit_events',
    summary: 'Who did what in a project, the latest first.',
    forAnonymous: true,
    parameters: { id: projectKey },
    item: ApiAuditEvent,
    async run(deps, { actor, parameters, page }) {
      const project = await requireProject(deps, actor, parameters.id);
      const found = await pageOfAuditEvents(deps, actor, project, page);
      return { ...found, items: found.items.map(shown) };
    },
  }),
];

function shown(event: AuditEvent): z.input<typeof ApiAuditEvent> {
  const { origin } = event;
  return {
    id: event.id,
    author_id: event.actorId,
    entity_id: event.projectId,
    entity_type: event.projectId === null ? null : 'Project',
    details: {
      author_name: event.actor,
      custom_message: event.action,
      target_id: event.subjectId,
      target_type: AUDIT_ACTIONS[event.action],
      target_details: event.subject,
      entity_path: event.projectPath,
      ip_address: origin.address,
      detail: event.detail,
      door: origin.door,
      request_id: origin.requestId,
    },
    created_at: event.at.toISOString(),
  };
}
