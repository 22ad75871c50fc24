/** `LIKE` for text that people type, in which `%` and `_` are letters like any other. */

/** Follows each LIKE; both databases know it, while a backslash means different things to them. */
export const ESCAPE = "ESCAPE '!'";

/** For columns in lower case. */
export function containing(text: string): string {
  return `%${text.toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`;
}
