import { AppError } from '../../../access/errors.js';
import type { Project } from '../../../access/project.js';
import { pageOfAuditEvents, type AuditQuestion } from '../../../services/audit.js';
import { auditCsv } from '../../../services/audit-export.js';
import { everyPage } from '../../../services/every-page.js';
import { hasErrors } from '../../form-errors.js';
import type { Answer, SignedInVisit, WebDeps } from '../../visit.js';
import { parseFilters } from './filter.js';

/** Everything that the page of the same filters shows, on however many pages. */
export async function projectAuditCsv(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
): Promise<Answer> {
  return await Promise.resolve(download(deps, visit, project));
}

export async function allAuditCsv(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  return await Promise.resolve(download(deps, visit, null));
}

function download(deps: WebDeps, visit: SignedInVisit, project: Project | null): Answer {
  const { limits, errors } = parseFilters(visit.query);
  if (hasErrors(errors)) {
    const problems = Object.values(errors).flatMap((problem) => problem ?? []);
    throw new AppError('invalid_input', problems.join(' '));
  }
  const question: AuditQuestion = { ...limits, trailOf: project };
  const pages = everyPage(
    async (request) => await pageOfAuditEvents(deps, visit.actor, question, request),
  );
  return {
    kind: 'download',
    type: 'text/csv; charset=utf-8',
    fileName: project === null ? 'audit.csv' : `audit-${project.path.replaceAll('/', '-')}.csv`,
    content: auditCsv(pages),
  };
}
