import { isDeployTokenScope, type DeployTokenScope } from '../../../access/deploy-token.js';
import { dayIn, parseExpiryDate } from '../../../access/expiry.js';
import { deployTokenProblems, type DeployTokenInput } from '../../../services/deploy-tokens.js';
import { fieldText, fieldTexts, type Fields } from '../../fields.js';
import { NO_SUCH_DATE, type Errors } from '../../form-errors.js';
import { kindOf } from './kinds.js';

export const PRESET_DAYS = 90;

/** What the radio buttons of the expiry say; `date` is preset. */
export const EXPIRIES = ['30', '90', '365', 'none', 'date'] as const;
export type Expiry = (typeof EXPIRIES)[number];

export function expiryIn(form: Fields): Expiry {
  const chosen = fieldText(form, 'expires');
  return EXPIRIES.find((expiry) => expiry === chosen) ?? 'date';
}

/** A form without the question, as programs send it, has a date or no expiry. */
function asksForNone(form: Fields): boolean {
  return !form.has('expires') && fieldText(form, 'expires_at').trim() === '';
}

export function parseInput(
  form: Fields,
  now: Date,
): { readonly input: DeployTokenInput; readonly errors: Errors } {
  const expiry = expiryFrom(form, now);
  const scopes = fieldTexts(form, 'scopes').filter(isDeployTokenScope);
  const input = {
    name: fieldText(form, 'name'),
    scopes,
    expiresAt: expiry.expiresAt,
    username: fieldText(form, 'username').trim() || null,
    only: onlyIn(form),
  };
  const errors = {
    ...missingScope(form, scopes),
    ...deployTokenProblems(input, now),
    ...(input.name.trim() === '' && { name: 'Enter a name that says what the token is for.' }),
    ...(expiry.problem !== null && { expires_at: expiry.problem }),
  };
  return { input, errors };
}

/** Null for a form that names none. */
function onlyIn(form: Fields): readonly string[] | null {
  const paths = fieldText(form, 'only')
    .split(/[\s,]+/)
    .filter((path) => path !== '');
  return paths.length === 0 ? null : paths;
}

function expiryFrom(
  form: Fields,
  now: Date,
): { readonly expiresAt: Date | null; readonly problem: string | null } {
  const expiry = expiryIn(form);
  if (expiry === 'none' || asksForNone(form)) {
    return { expiresAt: null, problem: null };
  }
  if (expiry !== 'date') {
    return { expiresAt: dayIn(Number(expiry), now), problem: null };
  }
  const text = fieldText(form, 'expires_at').trim();
  const expiresAt = parseExpiryDate(text);
  if (expiresAt !== null) {
    return { expiresAt, problem: null };
  }
  return {
    expiresAt,
    problem: text === '' ? 'Enter a date, or choose another expiry.' : NO_SUCH_DATE,
  };
}

/** A choice that contradicts the scopes would make a token that is of no use. */
function missingScope(form: Fields, scopes: readonly DeployTokenScope[]): Errors {
  const kind = kindOf(fieldText(form, 'who'));
  const missing = kind?.needs?.filter((scope) => !scopes.includes(scope)) ?? [];
  return missing.length === 0
    ? {}
    : { scopes: `${kind?.label ?? ''} needs ${missing.join(' and ')}: select it too.` };
}
