import { isAuditAction } from '../../../access/audit-event.js';
import { parseExpiryDate } from '../../../access/expiry.js';
import type { AuditLimits } from '../../../services/audit.js';
import { fieldNumber, fieldText, type Fields } from '../../fields.js';
import { NO_SUCH_DATE, type Errors } from '../../form-errors.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What an address of the audit pages can hold, in the order of the form. */
export const FILTERS = ['by', 'action', 'from', 'until', 'token', 'user', 'project'] as const;
export type FilterName = (typeof FILTERS)[number];

/** The filters that an address has, for addresses that keep them. */
export function filtersIn(query: Fields): URLSearchParams {
  return new URLSearchParams(
    FILTERS.map((name) => [name, fieldText(query, name).trim()]).filter(([, text]) => text !== ''),
  );
}

type Asked = Readonly<Record<FilterName, string | null>>;

/** What is asked, and what is wrong with it. */
export function parseFilters(query: Fields): {
  readonly limits: AuditLimits;
  readonly errors: Errors;
} {
  const texts = filtersIn(query);
  const asked: Asked = {
    by: texts.get('by'),
    action: texts.get('action'),
    from: texts.get('from'),
    until: texts.get('until'),
    token: texts.get('token'),
    user: texts.get('user'),
    project: texts.get('project'),
  };
  const limits = limitsOf(asked, fieldNumber(query, 'token'));
  return { limits, errors: problemsOf(asked, limits) };
}

function limitsOf(
  { by, action, from, until, user, project }: Asked,
  token: number | null,
): AuditLimits {
  const lastDay = until === null ? null : parseExpiryDate(until);
  const account = user === null ? null : ({ kind: 'user', key: user } as const);
  return {
    project,
    by,
    action: action !== null && isAuditAction(action) ? action : null,
    subject: token === null ? account : { kind: 'deploy_token', key: token },
    from: from === null ? null : parseExpiryDate(from),
    until: lastDay && new Date(lastDay.getTime() + DAY_MS),
  };
}

function problemsOf({ action, from, until, token, user }: Asked, limits: AuditLimits): Errors {
  const problems = {
    action: action !== null && limits.action === null ? 'Choose one of the actions.' : undefined,
    from: from !== null && limits.from === null ? NO_SUCH_DATE : undefined,
    until: until !== null && limits.until === null ? NO_SUCH_DATE : undefined,
  };
  if (token !== null && limits.subject?.kind !== 'deploy_token') {
    return { ...problems, token: 'Enter the number of a deploy token, such as 7.' };
  }
  return token !== null && user !== null
    ? { ...problems, user: 'Enter a deploy token or a user, not both.' }
    : problems;
}
