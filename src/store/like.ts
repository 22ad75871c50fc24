/** `LIKE` for text that people type, in which `%` and `_` are letters like any other. */

/** Follows each LIKE. Not a backslash: databases differ in what it means. */
export const ESCAPE = "ESCAPE '!'";

/** For columns in lower case. */
export function containing(text: string): string {
  return `%${text.toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`;
}
