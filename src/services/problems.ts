/** What is wrong with an input, told all at once. */

import { AppError, type Problems } from '../access/errors.js';

const MAX_LABEL_LENGTH = 255;

/** Throws what is wrong with an input, all of it at once, if anything is. */
export function requireNoProblems(problems: Problems): void {
  const sentences = Object.values(problems);
  if (sentences.length > 0) {
    throw new AppError('invalid_input', sentences.join(' '), { problems });
  }
}

/** What is wrong with a name for people, which is kept without the blanks around it; null if nothing is. */
export function labelProblem(what: string, text: string): string | null {
  const label = text.trim();
  return label === '' || charactersIn(label) > MAX_LABEL_LENGTH || /\p{Cc}/u.test(label)
    ? `The ${what} has 1 to ${MAX_LABEL_LENGTH} characters, on one line.`
    : null;
}

/** As JSON schema and databases count them: one beyond the first plane of Unicode is one. */
export function charactersIn(text: string): number {
  return Array.from(text).length;
}

/** Leaves out the fields that nothing is wrong with. */
export function problemsOf(byField: Readonly<Record<string, string | null>>): Problems {
  return Object.fromEntries(
    Object.entries(byField).flatMap(([field, text]) => (text === null ? [] : [[field, text]])),
  );
}
