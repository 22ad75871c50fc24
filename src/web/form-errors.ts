import { AppError } from '../access/errors.js';
import { fieldText, type Fields } from './fields.js';
import type { Answer, Visit } from './visit.js';

/** What is wrong with a form, by the name of the field; `form` for what is about no single one. */
export type Errors = Readonly<Record<string, string | undefined>>;

/** What the person who filled the form in can fix. Any other error is thrown on. */
export function fieldErrors(error: unknown): Errors {
  if (error instanceof AppError) {
    if (Object.keys(error.problems).length > 0) {
      return error.problems;
    }
    if (error.code === 'invalid_input' || error.code === 'conflict') {
      return { form: error.message };
    }
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

export const NO_SUCH_DATE = 'Enter a date that exists, as YYYY-MM-DD.';

/** For a new password, which is typed twice; null if it is the same both times. */
export function repeatProblem(form: Fields): string | null {
  return fieldText(form, 'password') === fieldText(form, 'password_again')
    ? null
    : 'The two passwords are not the same.';
}

export function hasErrors(errors: Errors): boolean {
  return Object.values(errors).some((text) => text !== undefined);
}
