import { AppError } from '../../../access/errors.js';
import type { Place } from '../../../access/namespace.js';
import { pageOfAuditEvents, type AuditQuestion } from '../../../services/audit.js';
import { auditCsv } from '../../../services/audit-export.js';
import { everyPage } from '../../../services/every-page.js';
import { hasErrors } from '../../form-errors.js';
import type { Answer, SignedInVisit, WebDeps } from '../../visit.js';
import { parseFilters } from './filter.js';

/** Everything that the page of the same filters shows, on however many pages. */
export async function placeAuditCsv(
  deps: WebDeps,
  visit: SignedInVisit,
  place: Place,
): Promise<Answer> {
  return await Promise.resolve(download(deps, visit, place));
}

export async function allAuditCsv(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  return await Promise.resolve(download(deps, visit, null));
}

function download(deps: WebDeps, visit: SignedInVisit, place: Place | null): Answer {
  const { limits, errors } = parseFilters(visit.query);
  if (hasErrors(errors)) {
    const problems = Object.values(errors).flatMap((problem) => problem ?? []);
    throw new AppError('invalid_input', problems.join(' '));
  }
  const question: AuditQuestion = { ...limits, trailOf: place };
  const pages = everyPage(
    async (request) => await pageOfAuditEvents(deps, visit.actor, question, request),
  );
  return {
    kind: 'download',
    type: 'text/csv; charset=utf-8',
    fileName: place === null ? 'audit.csv' : `audit-${place.path.replaceAll('/', '-')}.csv`,
    content: auditCsv(pages),
  };
}
