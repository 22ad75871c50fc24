import type { Command } from 'commander';
import { OPERATOR } from '../access/actor.js';
import type { AuditEvent } from '../access/audit-event.js';
import { pageOfAuditEvents } from '../services/audit.js';
import { findProjectByPath } from '../services/projects.js';
import { withStore, type CliContext } from './context.js';
import { everyPage } from './every-page.js';

export function addAuditCommands(program: Command, context: CliContext): void {
  const audit = program.command('audit').description('who did what, and from where');

  audit
    .command('export')
    .description('all events as JSON lines, the latest first')
    .option('--project <path>', 'of this project alone')
    .action(async ({ project: path }: { readonly project?: string }) => {
      await withStore(context, async (deps) => {
        const project = path === undefined ? null : await findProjectByPath(deps, path);
        const pages = everyPage(
          async (request) => await pageOfAuditEvents(deps, OPERATOR, project, request),
        );
        for await (const events of pages) {
          context.writeOut(
            events.map((event) => `${JSON.stringify(auditFields(event))}\n`).join(''),
          );
        }
      });
    });
}

function auditFields(event: AuditEvent): Record<string, string | number | null> {
  const { origin } = event;
  return {
    id: event.id,
    at: event.at.toISOString(),
    action: event.action,
    actor_id: event.actorId,
    actor: event.actor,
    project_id: event.projectId,
    project_path: event.projectPath,
    subject_id: event.subjectId,
    subject: event.subject,
    detail: event.detail,
    door: origin.door,
    address: origin.address,
    request_id: origin.requestId,
  };
}
