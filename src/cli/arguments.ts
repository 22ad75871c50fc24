/** Readers of option values; each throws commander's InvalidArgumentError, which is wrong usage. */

import { InvalidArgumentError } from 'commander';
import {
  ACCESS_TOKEN_SCOPES,
  isAccessTokenScope,
  type AccessTokenScope,
} from '../access/access-token.js';
import { AUDIT_ACTION_NAMES, isAuditAction, type AuditAction } from '../access/audit-event.js';
import {
  DEPLOY_TOKEN_SCOPES,
  isDeployTokenScope,
  type DeployTokenScope,
} from '../access/deploy-token.js';
import { parseExpiryDate } from '../access/expiry.js';
import { isVisibility, VISIBILITIES, type Visibility } from '../access/project.js';
import { parseRole, ROLES, type Role } from '../access/role.js';

export function deployTokenScopes(
  text: string,
  before: readonly DeployTokenScope[] = [],
): readonly DeployTokenScope[] {
  return [...before, ...scopeList(text, isDeployTokenScope, DEPLOY_TOKEN_SCOPES)];
}

export function accessTokenScopes(
  text: string,
  before: readonly AccessTokenScope[] = [],
): readonly AccessTokenScope[] {
  return [...before, ...scopeList(text, isAccessTokenScope, ACCESS_TOKEN_SCOPES)];
}

function scopeList<T extends string>(
  text: string,
  isScope: (word: string) => word is T,
  all: readonly T[],
): T[] {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const scopes = words.filter(isScope);
  if (scopes.length < words.length || scopes.length === 0) {
    throw new InvalidArgumentError(`Choose from ${all.join(', ')}, separated by commas.`);
  }
  return scopes;
}

/** With commas, and what was given by the same option before. */
export function pathList(text: string, before: readonly string[] = []): readonly string[] {
  const paths = text.split(',').map((path) => path.trim());
  if (paths.includes('')) {
    throw new InvalidArgumentError('Give paths, separated by commas.');
  }
  return [...before, ...paths];
}

export function expiryDate(text: string): Date {
  const date = parseExpiryDate(text);
  if (date === null) {
    throw new InvalidArgumentError(
      'Give a date as YYYY-MM-DD; the token ends at 00:00 UTC of that date.',
    );
  }
  return date;
}

const DAYS_A_WEEK = 7;
/** Ten years: whoever wants more wants a token that does not expire. */
const MOST_DAYS = 3660;

/** `90d`, `12w`: in days. */
export function expiryDays(text: string): number {
  const { number, unit } = /^(?<number>\d{1,4})(?<unit>[dw])$/.exec(text)?.groups ?? {};
  const days = Number(number) * (unit === 'w' ? DAYS_A_WEEK : 1);
  if (number === undefined || days < 1 || days > MOST_DAYS) {
    throw new InvalidArgumentError(
      `Give days or weeks, such as 90d or 12w; at most ${MOST_DAYS}d.`,
    );
  }
  return days;
}

export function calendarDate(text: string): Date {
  const parsed = parseExpiryDate(text);
  if (parsed === null) {
    throw new InvalidArgumentError('Give a date as YYYY-MM-DD.');
  }
  return parsed;
}

export function auditAction(text: string): AuditAction {
  if (!isAuditAction(text)) {
    throw new InvalidArgumentError(`Choose one of ${AUDIT_ACTION_NAMES.join(', ')}.`);
  }
  return text;
}

export function role(text: string): Role {
  const parsed = parseRole(text);
  if (parsed === null) {
    throw new InvalidArgumentError(`Choose one of ${ROLES.join(', ')}.`);
  }
  return parsed;
}

export interface RoleAt {
  readonly path: string;
  readonly role: Role;
}

/** `tanuki/backend=developer`, several with commas, and what was given by the same option before. */
export function rolesAt(text: string, before: readonly RoleAt[] = []): readonly RoleAt[] {
  const given = text.split(',').map((part) => {
    const [path = '', name = '', ...rest] = part.trim().split('=');
    if (path === '' || name === '' || rest.length > 0) {
      throw new InvalidArgumentError('Give PATH=ROLE, such as tanuki/backend=developer.');
    }
    return { path, role: role(name) };
  });
  return [...before, ...given];
}

export function visibility(text: string): Visibility {
  if (!isVisibility(text)) {
    throw new InvalidArgumentError(`Choose one of ${VISIBILITIES.join(', ')}.`);
  }
  return text;
}

export function integerId(text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new InvalidArgumentError('Give the number that the command `list` shows.');
  }
  return Number(text);
}

/** Of a project's path. */
export function depth(text: string): number {
  if (!/^([2-9]|1\d|20)$/.test(text)) {
    throw new InvalidArgumentError('Give a number of components from 2 to 20.');
  }
  return Number(text);
}
