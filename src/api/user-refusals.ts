/** How GitLab words what is refused of accounts. */

import type { AppError } from '../access/errors.js';
import { forbidden, notFound, Refusal, wrongFields } from './errors.js';

export function noSuchUser({ code }: AppError): Refusal | null {
  return code === 'not_found' ? notFound('User') : null;
}

export function wordedForBlocks(error: AppError): Refusal | null {
  return error.code === 'conflict' ? forbidden(error.message) : noSuchUser(error);
}

export function wordedForUsers({ code, problems }: AppError): Refusal | null {
  if (code === 'conflict') {
    return new Refusal(409, { message: 'Username has already been taken' });
  }
  const { display_name: name, ...others } = problems;
  const named = name === undefined ? problems : { ...others, name };
  return Object.keys(named).length === 0 ? null : wrongFields(named);
}

/** Whoever is the last administrator, or changes themselves, hears so. */
export function wordedForChanges(error: AppError): Refusal | null {
  return error.code === 'invalid_input' ? wordedForUsers(error) : wordedForBlocks(error);
}
