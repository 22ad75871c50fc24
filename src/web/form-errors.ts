import { AppError } from '../access/errors.js';
import type { Answer, Visit } from './visit.js';

/** What is wrong with a form, by the name of the field; `form` for what is about no single one. */
export type Errors = Readonly<Record<string, string | undefined>>;

/** What the person who filled the form in can mend. Anything else is thrown on. */
export function fieldErrors(error: unknown): Errors {
  if (
    error instanceof AppError &&
    (error.code === 'invalid_input' || error.code === 'conflict' || error.field !== null)
  ) {
    return { [error.field ?? 'form']: error.message };
  }
  throw error;
}

/** Does what a form asks; shows its page again, with what is wrong in it, when that cannot be done. */
export async function changeOrShow(
  { method }: Pick<Visit, 'method'>,
  change: () => Promise<Answer>,
  show: (errors: Errors) => Promise<Answer>,
): Promise<Answer> {
  if (method === 'GET') {
    return await show({});
  }
  try {
    return await change();
  } catch (error) {
    return await show(fieldErrors(error));
  }
}

export function hasErrors(errors: Errors): boolean {
  return Object.values(errors).some((text) => text !== undefined);
}
